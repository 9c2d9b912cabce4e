import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { generateRepository } from './repository.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'generated-'));
});
afterEach(() => rm(directory, { recursive: true }));

const git = (dir: string, ...args: string[]) => execFileSync('git', args, { cwd: dir, encoding: 'utf8' }).trim();

describe('the generated repository', () => {
  it('is the same each time, and has as many commits and applications as asked for', async () => {
    const options = { commits: 300, apps: 7, overlays: ['dev', 'prod'] };
    const one = await generateRepository({ dir: join(directory, 'one.git'), ...options });
    const two = await generateRepository({ dir: join(directory, 'two.git'), ...options });
    expect(two.head).toBe(one.head);
    expect(git(one.dir, 'rev-list', '--count', 'main')).toBe('300');
    expect(git(one.dir, 'ls-tree', '--name-only', 'main:apps').split('\n')).toEqual(one.apps);
    expect(git(one.dir, 'ls-tree', '-r', '--name-only', `main:apps/${one.apps[0]}`).split('\n')).toEqual([
      'base/deployment.yaml',
      'base/hpa.yaml',
      'base/kustomization.yaml',
      'base/pdb.yaml',
      'base/service.yaml',
      ...['dev', 'prod'].flatMap((overlay) =>
        ['kustomization.yaml', 'replicas.yaml', 'settings.env'].map((file) => `overlays/${overlay}/${file}`),
      ),
    ]);
    expect(() => git(one.dir, 'fsck', '--strict', '--no-progress')).not.toThrow();
  });

  it('has a history of mostly image bumps, and changes something in nearly every commit', async () => {
    const { dir } = await generateRepository({ dir: join(directory, 'r.git'), commits: 500, apps: 10 });
    const bumps = git(dir, 'log', '--format=%h', '-E', '--grep=: (dev|staging|prod) to 1\\.').split('\n').length;
    expect(bumps).toBeGreaterThan(400);
    const changing = git(dir, 'log', '--format=%h', '--', '.').split('\n').length;
    expect(changing).toBeGreaterThan(490);
  });
});
