import { describe, expect, it } from 'vitest';
import { ignoreFilter } from './ignore-rules.ts';

const PATHS = [
  'apps/web.yaml',
  'apps/logo.png',
  'docs/a/b.md',
  'docs/index.md',
  '.github/workflows/ci.yaml',
  '.gitignore',
  'apps/.sops.yaml',
  'x/docs/y.md',
];

function kept(...sources: { directory?: string; text: string }[]): string[] {
  const ignored = ignoreFilter(sources.map(({ directory = '', text }) => ({ directory, text })));
  return PATHS.filter((path) => !ignored(path));
}

describe('what stays in an artifact', () => {
  it('is by default everything but version control, media and CI', () => {
    expect(kept()).toEqual(['apps/web.yaml', 'docs/a/b.md', 'docs/index.md', 'x/docs/y.md']);
  });

  it('is decided by own rules alone where there are any', () => {
    expect(kept({ text: '/docs/\n# a comment\n' })).toEqual([
      'apps/web.yaml',
      'apps/logo.png',
      '.github/workflows/ci.yaml',
      'apps/.sops.yaml',
      'x/docs/y.md',
    ]);
  });

  it('can be only one directory: everything else excluded, that one taken back', () => {
    expect(kept({ text: '/*\n!/apps\n' })).toEqual(['apps/web.yaml', 'apps/logo.png', 'apps/.sops.yaml']);
  });

  it('matches a name without a slash anywhere', () => {
    expect(kept({ text: 'docs/\n.github\n' })).toEqual(['apps/web.yaml', 'apps/logo.png', 'apps/.sops.yaml']);
  });

  it('knows ** and ? and sets of characters', () => {
    expect(kept({ text: '**/?.md\n.github/**\nlogo.[jp]ng\n' })).toEqual(['apps/web.yaml', 'docs/index.md', 'apps/.sops.yaml']);
  });

  it('takes rules of a directory relative to it', () => {
    expect(kept({ directory: 'x', text: '/docs' })).toContain('docs/index.md');
    expect(kept({ directory: 'x', text: '/docs' })).not.toContain('x/docs/y.md');
  });
});
