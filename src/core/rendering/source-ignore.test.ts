import { describe, expect, it } from 'vitest';
import { DEFAULT_PATTERNS, isIgnored, readIgnorePatterns } from './source-ignore.ts';

function ignored(lines: string, path: string, domain: string[] = []): boolean {
  const directory = path.endsWith('/');
  const patterns = lines === '' ? DEFAULT_PATTERNS : readIgnorePatterns(lines, domain);
  return isIgnored(path.replace(/\/$/, '').split('/'), directory ? 'directory' : 'file', patterns);
}

describe('what a source leaves out', () => {
  it.each([
    ['*.yaml', 'a.yaml', true],
    ['*.yaml', 'deep/down/a.yaml', true],
    ['*.yaml', 'a.yml', false],
    ['docs', 'docs/a.yaml', true],
    ['docs/', 'docs', false],
    ['docs/', 'docs/', true],
    ['docs/', 'docs/a.yaml', true],
    ['/docs', 'docs/a.yaml', true],
    ['/docs', 'apps/docs/a.yaml', false],
    ['apps/*/draft.yaml', 'apps/web/draft.yaml', true],
    ['apps/*/draft.yaml', 'apps/web/deep/draft.yaml', false],
    ['**/draft.yaml', 'apps/web/deep/draft.yaml', true],
    ['**/draft.yaml', 'apps/web/deep/a.yaml', false],
    ['apps/**', 'apps/a.yaml', true],
    ['a?c.yaml', 'abc.yaml', true],
    ['[a-c].yaml', 'b.yaml', true],
    ['[^a-c].yaml', 'b.yaml', false],
    ['[', '[', false],
    ['# a.yaml', 'a.yaml', false],
    ['*.yaml\n!keep.yaml', 'keep.yaml', false],
    ['!keep.yaml\n*.yaml', 'keep.yaml', true],
    ['a.yaml  ', 'a.yaml', true],
  ])('with %j: %s is left out: %s', (lines, path, expected) => {
    expect(ignored(lines, path)).toBe(expected);
  });

  it('is about the directory of the ignore file alone', () => {
    expect(ignored('/a.yaml', 'apps/a.yaml', ['apps'])).toBe(true);
    expect(ignored('/a.yaml', 'a.yaml', ['apps'])).toBe(false);
    expect(ignored('/a.yaml', 'other/a.yaml', ['apps'])).toBe(false);
  });

  it('holds version control whatever is configured, and other defaults only where nothing is', () => {
    expect(ignored('x', '.gitattributes')).toBe(true);
    expect(ignored('', 'deep/.github/a.yaml')).toBe(true);
    expect(ignored('x', '.github/a.yaml')).toBe(false);
    expect(ignored('', 'deep/.sops.yaml')).toBe(true);
    expect(ignored('', 'logo.png')).toBe(true);
    expect(ignored('', 'a.yaml')).toBe(false);
  });
});
