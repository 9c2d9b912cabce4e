import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { branchOf, commitOf, formatRevision, parseRevision, type Revision, shortRevision } from './revision.ts';

const SHA = '0123456789abcdef0123456789abcdef01234567';
const hex = (length: number) => fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: length, maxLength: length });

describe('parseRevision', () => {
  it.each([
    [`main@sha1:${SHA}`, { pointer: 'main', algorithm: 'sha1', digest: SHA }],
    [`refs/heads/main@sha1:${SHA}`, { pointer: 'refs/heads/main', algorithm: 'sha1', digest: SHA }],
    [`v1.0@sha1:${SHA}`, { pointer: 'v1.0', algorithm: 'sha1', digest: SHA }],
    [`sha1:${SHA}`, { algorithm: 'sha1', digest: SHA }],
    [`latest@sha256:${SHA}`, { pointer: 'latest', algorithm: 'sha256', digest: SHA }],
    [`user@host@sha1:${SHA}`, { pointer: 'user@host', algorithm: 'sha1', digest: SHA }],
  ])('reads %s', (text, revision) => {
    expect(parseRevision(text)).toEqual(revision);
  });

  it.each([
    undefined,
    '',
    'main',
    'main/0123456',
    `@sha1:${SHA}`,
    'main@sha1:',
    'main@sha1:xyz',
    `main@md5:${SHA}`,
    `main@sha1:${SHA}\n`,
    `main@sha1:${SHA.toUpperCase()}`,
  ])('does not take %j', (text) => {
    expect(parseRevision(text)).toBeUndefined();
  });

  it('reads what formatRevision writes', () => {
    const pointer = fc.option(fc.stringMatching(/^[A-Za-z0-9@._/-]{1,40}$/), { nil: undefined });
    const revision = fc.oneof(
      fc.record({ pointer, algorithm: fc.constant<'sha1'>('sha1'), digest: hex(40) }),
      fc.record({ pointer, algorithm: fc.constant<'sha256'>('sha256'), digest: hex(64) }),
    );
    fc.assert(
      fc.property(revision, ({ pointer: name, ...rest }) => {
        const wanted: Revision = name === undefined ? rest : { pointer: name, ...rest };
        expect(parseRevision(formatRevision(wanted))).toEqual(wanted);
      }),
    );
  });
});

describe('what a revision says', () => {
  it('has a commit where it comes from Git alone', () => {
    expect(commitOf(`main@sha1:${SHA}`)).toBe(SHA);
    expect(commitOf(`latest@sha256:${SHA}`)).toBeUndefined();
    expect(commitOf('6.5.1')).toBeUndefined();
    expect(commitOf(undefined)).toBeUndefined();
  });

  it('names its branch with and without the reference prefix, and no tag as a branch', () => {
    const of = (pointer?: string) => branchOf({ ...(pointer === undefined ? {} : { pointer }), algorithm: 'sha1', digest: SHA });
    expect([of('main'), of('refs/heads/feature/x'), of('refs/tags/v1'), of()]).toEqual(['main', 'feature/x', undefined, undefined]);
  });

  it('is shortened to eight digits, and left alone where it is something else', () => {
    expect(shortRevision(`refs/heads/main@sha1:${SHA}`)).toBe('refs/heads/main@sha1:01234567');
    expect(shortRevision('6.5.1')).toBe('6.5.1');
  });
});
