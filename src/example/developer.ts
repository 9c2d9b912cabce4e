/** A developer with a clone of the example repository: releases are commits, as the example's README shows them. */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { Person, Sha } from '../core/commit.ts';

const run = promisify(execFile);

export interface Developer {
  /** The clone. */
  readonly folder: string;
  git(...args: string[]): Promise<string>;
  read(path: string): Promise<string>;
  /** Writes files (`null` deletes), commits and pushes to main. @returns the commit. */
  push(subject: string, files: Record<string, string | null>): Promise<Sha>;
  /** Releases a version of the sample application: the image's tag in an overlay. */
  release(version: string, options?: { app?: string; overlay?: string; subject?: string }): Promise<Sha>;
  /** Sets one value of the sample application's configuration, in the dev overlay's ConfigMap. */
  configure(name: string, value: string, subject: string): Promise<Sha>;
  /** Commits without pushing. */
  commit(subject: string, files: Record<string, string | null>): Promise<Sha>;
  leave(): Promise<void>;
}

const ANN: Person = { name: 'Ann Lee', email: 'ann@example.com' };

/** Clones into a temporary folder. */
export async function developerAt(url: string, person: Person = ANN): Promise<Developer> {
  const folder = await mkdtemp(join(tmpdir(), 'ebb-clone-'));
  const identity = {
    GIT_AUTHOR_NAME: person.name,
    GIT_AUTHOR_EMAIL: person.email,
    GIT_COMMITTER_NAME: person.name,
    GIT_COMMITTER_EMAIL: person.email,
  };
  const env = { ...process.env, ...identity, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1', GIT_TERMINAL_PROMPT: '0' };
  const git = async (...args: string[]) => (await run('git', args, { cwd: folder, env, maxBuffer: 64 * 1024 * 1024 })).stdout.trim();
  await git('clone', '--quiet', url, '.');
  await git('config', 'user.name', person.name);
  await git('config', 'user.email', person.email);
  const commit: Developer['commit'] = async (subject, files) => {
    for (const [path, content] of Object.entries(files)) {
      const file = join(folder, path);
      if (content === null) await rm(file);
      else {
        await mkdir(dirname(file), { recursive: true });
        await writeFile(file, content);
      }
    }
    await git('add', '--all');
    await git('commit', '--quiet', '--message', subject);
    return git('rev-parse', 'HEAD');
  };
  const push: Developer['push'] = async (subject, files) => {
    await git('pull', '--quiet', '--rebase', 'origin', 'main');
    const sha = await commit(subject, files);
    await git('push', '--quiet', 'origin', 'HEAD:main');
    return sha;
  };
  const read = (path: string) => readFile(join(folder, path), 'utf8');
  return {
    folder,
    git,
    read,
    commit,
    push,
    release: async (version, { app = 'sample-saas-app', overlay = 'dev', subject } = {}) => {
      await git('pull', '--quiet', '--rebase', 'origin', 'main');
      const path = `apps/${app}/overlays/${overlay}/kustomization.yaml`;
      const text = await read(path);
      return push(subject ?? `${app}: release ${version} to ${overlay}`, { [path]: text.replace(/newTag: .*/, `newTag: ${version}`) });
    },
    configure: async (name, value, subject) => {
      await git('pull', '--quiet', '--rebase', 'origin', 'main');
      const path = 'apps/sample-saas-app/overlays/dev/config.env';
      const others = (await read(path)).split('\n').filter((line) => line !== '' && !line.startsWith(`${name}=`));
      return push(subject, { [path]: `${others.join('\n')}\n${name}=${value}\n` });
    },
    leave: () => rm(folder, { recursive: true, force: true }),
  };
}
