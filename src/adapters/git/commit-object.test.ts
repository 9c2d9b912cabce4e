import { describe, expect, it } from 'vitest';
import { parseCommitObject, splitMessage } from './commit-object.ts';

const SHA = '1'.repeat(40);
const object = (head: string, message: string, encoding: BufferEncoding = 'utf8') =>
  parseCommitObject(SHA, Buffer.from(`tree ${'2'.repeat(40)}\n${head}\n\n${message}`, encoding));

describe('a commit object', () => {
  it('gives its people and times in UTC', () => {
    const { tree, commit } = object(
      'parent aa\nparent bb\nauthor Ada M <a@x> 1700000000 +0530\ncommitter Bot <> 1700000001 -0800',
      'subject\n',
    );
    expect(tree).toBe('2'.repeat(40));
    expect(commit).toMatchObject({
      parents: ['aa', 'bb'],
      author: { name: 'Ada M', email: 'a@x' },
      authoredAt: '2023-11-14T22:13:20Z',
      committer: { name: 'Bot', email: '' },
      committedAt: '2023-11-14T22:13:21Z',
    });
  });

  it('is read in the encoding that it names', () => {
    expect(
      object('author J\xfcrgen <j@x> 1 +0000\ncommitter J <j@x> 1 +0000\nencoding ISO-8859-1', 'gr\xfcn', 'latin1').commit,
    ).toMatchObject({
      author: { name: 'Jürgen' },
      subject: 'grün',
    });
  });

  it('tolerates signatures, strange dates, bytes that are no UTF-8 and no message', () => {
    const signed = object(
      'author A <a@x> 99999999999999 +0000\ncommitter <c@x>\ngpgsig -----BEGIN\n parent not-one\n -----END',
      '\xff\n',
      'latin1',
    ).commit;
    expect(signed).toMatchObject({ parents: [], authoredAt: '1970-01-01T00:00:00Z', subject: '\ufffd' });
    expect(parseCommitObject(SHA, Buffer.from('tree 2\n')).commit).toMatchObject({ subject: '', body: '' });
  });

  it('has the first paragraph as its subject', () => {
    expect(splitMessage('\n\n one\ntwo \n \n\nbody\n\nTrailer: x\n\n')).toEqual({ subject: 'one two', body: 'body\n\nTrailer: x' });
    expect(splitMessage('only')).toEqual({ subject: 'only', body: '' });
  });
});
