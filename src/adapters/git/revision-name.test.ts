import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isRefName, readRevisionName } from './revision-name.ts';

describe('the name of a revision', () => {
  it('keeps its steps apart', () => {
    expect(readRevisionName('HEAD~2^2')).toEqual({ kind: 'head', steps: '~2^2' });
    expect(readRevisionName('release/1.0^{commit}')).toEqual({ kind: 'ref', name: 'release/1.0', steps: '^{commit}' });
    expect(readRevisionName('main@sha1:ABCDEF0123')).toEqual({ kind: 'object', hex: 'abcdef0123', steps: '' });
  });

  it('never lets an option, a line break or a pattern through', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const name = readRevisionName(text);
        if (name?.kind !== 'ref') return;
        expect(name.name).not.toMatch(/^-|[\s\0:*?[\\]|\.\./);
      }),
    );
    for (const bad of ['-x', 'a..b', 'a b', 'a\nb', 'a~', 'a.lock', '.a', 'a/.b', 'a//b', 'a/', '@', 'a@{1}'])
      expect(isRefName(bad)).toBe(false);
    for (const good of ['main', 'feature/x-1', 'v1.0', 'ünï', 'a@b']) expect(isRefName(good)).toBe(true);
  });
});
