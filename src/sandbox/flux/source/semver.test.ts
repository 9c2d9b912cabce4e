import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareVersions, parseRange, parseVersion, type Version } from './semver.ts';

function matching(range: string, versions: string[]): string[] {
  const check = parseRange(range);
  if (!check) throw new Error(`not a range: ${range}`);
  return versions.filter((text) => check(parseVersion(text) as Version));
}

describe('a range', () => {
  const all = ['v0.9.9', '1.0.0', '1.2.3', '1.2.9', '1.3.0', '2.0.0', '2.0.0-rc.1', '10.0.0'];

  it.each([
    ['1.2.3', ['1.2.3']],
    ['=1.2.3', ['1.2.3']],
    ['!=1.2.3', ['v0.9.9', '1.0.0', '1.2.9', '1.3.0', '2.0.0', '10.0.0']],
    ['>=1.0.0 <2.0.0', ['1.0.0', '1.2.3', '1.2.9', '1.3.0']],
    ['>=1.0.0, <2.0.0', ['1.0.0', '1.2.3', '1.2.9', '1.3.0']],
    ['>1.2', ['1.3.0', '2.0.0', '10.0.0']],
    ['<=1.2', ['v0.9.9', '1.0.0', '1.2.3', '1.2.9']],
    ['~1.2.3', ['1.2.3', '1.2.9']],
    ['~1', ['1.0.0', '1.2.3', '1.2.9', '1.3.0']],
    ['^1.2.3', ['1.2.3', '1.2.9', '1.3.0']],
    ['^0.9', ['v0.9.9']],
    ['1.x', ['1.0.0', '1.2.3', '1.2.9', '1.3.0']],
    ['1.2.*', ['1.2.3', '1.2.9']],
    ['*', ['v0.9.9', '1.0.0', '1.2.3', '1.2.9', '1.3.0', '2.0.0', '10.0.0']],
    ['1.2.3 - 1.3.0', ['1.2.3', '1.2.9', '1.3.0']],
    ['<1.0.0 || >=10', ['v0.9.9', '10.0.0']],
    ['>=2.0.0-0', ['2.0.0', '2.0.0-rc.1', '10.0.0']],
  ])('%s matches %j', (range, expected) => {
    expect(matching(range, all)).toEqual(expected);
  });

  it.each(['', 'latest', '>=', '1.0.0 ||', '>>1'])('is not %j', (text) => {
    expect(parseRange(text)).toBeUndefined();
  });
});

describe('versions', () => {
  it('are ordered as semver.org says', () => {
    const order = [
      '1.0.0-alpha',
      '1.0.0-alpha.1',
      '1.0.0-alpha.beta',
      '1.0.0-beta',
      '1.0.0-beta.2',
      '1.0.0-beta.11',
      '1.0.0-rc.1',
      '1.0.0',
      '1.0.1',
    ];
    const shuffled = [...order].reverse();
    expect(shuffled.sort((a, b) => compareVersions(parseVersion(a) as Version, parseVersion(b) as Version))).toEqual(order);
  });

  it('must be complete', () => {
    expect(parseVersion('v1.2.3')?.numbers).toEqual([1, 2, 3]);
    expect(parseVersion('1.2')).toBeUndefined();
    expect(parseVersion('main')).toBeUndefined();
  });

  it('always match the range that names them, and never one below', () => {
    fc.assert(
      fc.property(fc.nat(20), fc.nat(20), fc.nat(20), (major, minor, patch) => {
        const version = parseVersion(`${major}.${minor}.${patch}`) as Version;
        for (const operator of ['', '=', '>=', '<=', '~', '^']) expect(parseRange(`${operator}${version.original}`)?.(version)).toBe(true);
        for (const operator of ['<', '>', '!=']) expect(parseRange(`${operator}${version.original}`)?.(version)).toBe(false);
      }),
    );
  });
});
