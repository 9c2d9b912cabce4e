import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { git, RemoteRepository } from '../../../test/git/remote-repository.ts';
import { findClone } from './clone.ts';
import { openRepository } from './repository.ts';

let remote: RemoteRepository;
beforeEach(async () => {
  remote = await RemoteRepository.create({ 'app/a.yaml': 'tag: 1\n' });
});
afterEach(() => remote.remove());

describe('the clone that one stands in', () => {
  it('is found from a directory inside, with its remotes and branch', async () => {
    await git(remote.work, 'remote', 'add', 'up.stream', 'https://example.com/x.git');
    expect(await findClone(join(remote.work, 'app'))).toEqual({
      root: remote.work,
      remotes: [
        { name: 'origin', url: remote.path },
        { name: 'up.stream', url: 'https://example.com/x.git' },
      ],
      branch: 'main',
      dirty: false,
      shallow: false,
    });
  });

  it('is dirty when tracked files differ, and has no branch on a detached HEAD', async () => {
    await writeFile(join(remote.work, 'untracked'), 'x');
    expect(await findClone(remote.work)).toMatchObject({ dirty: false });
    await writeFile(join(remote.work, 'app/a.yaml'), 'tag: 2\n');
    await git(remote.work, 'checkout', '--quiet', '--detach');
    const clone = await findClone(remote.work);
    expect(clone).toMatchObject({ dirty: true });
    expect(clone).not.toHaveProperty('branch');
  });

  it('tells that it is shallow, and that there is none', async () => {
    await remote.commit({ b: 'b' });
    await git(remote.directory, 'clone', '--quiet', '--depth', '1', `file://${remote.path}`, 'shallow');
    expect(await findClone(join(remote.directory, 'shallow'))).toMatchObject({ shallow: true });
    const outside = await mkdtemp(join(tmpdir(), 'no-clone-'));
    expect(await findClone(outside)).toBeUndefined();
    expect(await findClone(join(outside, 'none'))).toBeUndefined();
    expect(await findClone(remote.path)).toBeUndefined();
    await rm(outside, { recursive: true });
  });

  it('is not mistaken for another by GIT_DIR in the environment', async () => {
    process.env.GIT_DIR = remote.path;
    try {
      expect(await findClone(remote.work)).toMatchObject({ root: remote.work });
    } finally {
      delete process.env.GIT_DIR;
    }
  });
});

describe('a mirror that starts from a clone', () => {
  const log: string[] = [];
  const open = (clone: string) =>
    openRepository({ url: remote.path, branch: 'main', cacheDir: join(remote.directory, 'cache'), clone, log: (line) => log.push(line) });
  beforeEach(() => void log.splice(0));

  it('takes its objects, and neither its branches nor its tags', async () => {
    await git(remote.work, 'branch', 'mine');
    await git(remote.work, 'tag', 'my-tag');
    await git(remote.work, 'fetch', '--quiet');
    const later = await RemoteRepository.create();
    await later.remove();
    const repo = await open(remote.work);
    expect(await repo.fetch()).toBe(await remote.head());
    expect(log.join('\n')).toContain('Starting from the objects');
    expect(await repo.resolve('my-tag')).toBeUndefined();
    expect(await repo.resolve('mine')).toBeUndefined();
    await rm(remote.work, { recursive: true });
    expect(await repo.commits({ from: await remote.head() })).toHaveLength(1);
    await repo.close();
  });

  it('does without a clone that is shallow, partial or of something else', async () => {
    const head = await remote.commit({ b: 'b' });
    await git(remote.path, 'config', 'uploadpack.allowFilter', 'true');
    await git(remote.directory, 'clone', '--quiet', '--depth', '1', `file://${remote.path}`, 'shallow');
    await git(remote.directory, 'clone', '--quiet', '--filter=blob:none', '--no-checkout', `file://${remote.path}`, 'partial');
    await git(remote.directory, 'init', '--quiet', 'other');
    for (const name of ['shallow', 'partial', 'other', 'none']) {
      const repo = await open(join(remote.directory, name));
      expect(await repo.commits({ from: await repo.fetch() })).toHaveLength(2);
      expect(await repo.resolve('HEAD')).toBe(head);
      await repo.close();
      await rm(join(remote.directory, 'cache'), { recursive: true });
    }
    expect(log.join('\n')).not.toContain('Starting from the objects');
  });

  it('commits as the person whom the clone is configured for', async () => {
    await git(remote.work, 'config', 'user.name', 'Work Me');
    await git(remote.work, 'config', 'user.email', 'me@work.example');
    const repo = await open(remote.work);
    expect(await repo.identity()).toEqual({ name: 'Work Me', email: 'me@work.example' });
    await repo.close();
  });
});
