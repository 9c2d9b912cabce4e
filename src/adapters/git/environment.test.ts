import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RemoteRepository } from '../../../test/git/remote-repository.ts';
import { gitEnvironment } from './environment.ts';
import { openRepository } from './repository.ts';

const SET = [
  'GIT_DIR',
  'GIT_INDEX_FILE',
  'GIT_OBJECT_DIRECTORY',
  'GIT_CONFIG_PARAMETERS',
  'GIT_CONFIG_GLOBAL',
  'GIT_ASKPASS',
  'GIT_TRACE_CURL',
];
const before = Object.fromEntries(SET.map((name) => [name, process.env[name]]));

let remote: RemoteRepository;
beforeEach(async () => {
  remote = await RemoteRepository.create();
});
afterEach(async () => {
  for (const [name, value] of Object.entries(before)) {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
  await remote.remove();
});

describe('the environment of git', () => {
  it('is free of what the caller set for a repository of their own', () => {
    process.env.GIT_DIR = '/elsewhere';
    process.env.GIT_ASKPASS = '/bin/ask';
    process.env.GIT_TRACE_CURL = '1';
    const environment = gitEnvironment([['a.b', 'c']], { EXTRA: '1' });
    expect(environment).toMatchObject({ LC_ALL: 'C', GIT_TERMINAL_PROMPT: '0', GIT_PAGER: 'cat', EXTRA: '1' });
    for (const name of ['GIT_DIR', 'GIT_ASKPASS', 'GIT_TRACE_CURL', 'SSH_ASKPASS']) expect(environment).not.toHaveProperty(name);
    const last = Number(environment.GIT_CONFIG_COUNT) - 1;
    expect([environment[`GIT_CONFIG_KEY_${last}`], environment[`GIT_CONFIG_VALUE_${last}`]]).toEqual(['a.b', 'c']);
  });

  it('lets neither variables, hooks nor strange settings of the user change what happens', async () => {
    const hooks = join(remote.directory, 'hooks');
    const ran = join(remote.directory, 'ran');
    await mkdir(hooks);
    for (const name of ['pre-push', 'reference-transaction', 'post-checkout']) {
      await writeFile(join(hooks, name), `#!/bin/sh\necho "${name} in $(git rev-parse --absolute-git-dir)" >> '${ran}'\n`, { mode: 0o755 });
    }
    const settings = `[core]\n hooksPath = ${hooks}\n quotePath = true\n[remote "origin"]\n url = /nowhere\n fetch = +refs/*:refs/x/*\n[log]\n showSignature = true\n[color]\n ui = always\n[diff]\n renames = false\n noprefix = true\n[merge]\n renames = false\n[push]\n gpgSign = true\n[fetch]\n prune = true\n[i18n]\n logOutputEncoding = ISO-8859-1\n commitEncoding = ISO-8859-1\n`;
    await writeFile(join(remote.directory, 'gitconfig'), settings);
    process.env.GIT_CONFIG_GLOBAL = join(remote.directory, 'gitconfig');
    process.env.GIT_DIR = '/elsewhere';
    process.env.GIT_INDEX_FILE = '/elsewhere/index';
    process.env.GIT_OBJECT_DIRECTORY = '/elsewhere/objects';
    process.env.GIT_CONFIG_PARAMETERS = "'core.bare'='false'";
    const identity = { name: 'Jürgen', email: 'j@example.com' };
    const repo = await openRepository({ url: remote.path, branch: 'main', cacheDir: join(remote.directory, 'cache'), identity });
    const head = await repo.fetch();
    const tree = await repo.writeTree(head, [
      { path: 'README.md', content: null },
      { path: 'dir/ü', content: new TextEncoder().encode('hello\n') },
    ]);
    const sha = await repo.createCommit({ tree, parents: [head], message: 'Grüße\n', author: identity });
    expect(await repo.push(sha, 'main', head)).toEqual({ kind: 'pushed' });
    const [commit] = await repo.commits({ from: await repo.fetch(), limit: 1 });
    await repo.close();
    expect(commit).toMatchObject({
      sha,
      subject: 'Grüße',
      author: identity,
      changes: [{ status: 'renamed', from: 'README.md', path: 'dir/ü' }],
    });
    expect(await remote.head()).toBe(sha);
    // The other end of a local path is the user's own repository, where their hooks are meant to run.
    const hooksRun = await readFile(ran, 'utf8');
    expect(hooksRun).toContain(remote.path);
    expect(hooksRun).not.toMatch(/cache|pre-push/);
  });
});
