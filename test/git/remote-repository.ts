import { execFile } from 'node:child_process';
import { chmod, lstat, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Text of files by path; `null` deletes; `{ link }` and `{ script }` are a symlink and an executable file. */
export type Files = Record<string, string | null | { link: string } | { script: string }>;

/** The environment of git in tests: nothing of the user's or the machine's configuration. */
export const TEST_GIT_ENV: NodeJS.ProcessEnv = {
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('GIT_'))),
  LC_ALL: 'C',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_AUTHOR_NAME: 'Ada Moreno',
  GIT_AUTHOR_EMAIL: 'ada@example.com',
  GIT_COMMITTER_NAME: 'Ada Moreno',
  GIT_COMMITTER_EMAIL: 'ada@example.com',
};

/** Runs git and gives its output without the line break at its end. */
export async function git(cwd: string, ...args: string[]): Promise<string> {
  const { stdout } = await run('git', args, { cwd, env: TEST_GIT_ENV, maxBuffer: 1 << 28 });
  return stdout.replace(/\n$/, '');
}

/** A bare repository that plays the remote, and a work tree of somebody who pushes to it. Remove it when done. */
export class RemoteRepository {
  /** Everything is below; free to use by the test. */
  readonly directory: string;
  readonly path: string;
  readonly work: string;

  private constructor(directory: string) {
    this.directory = directory;
    this.path = join(directory, 'remote.git');
    this.work = join(directory, 'work');
  }

  /** With a first commit of `files` on `main`. */
  static async create(files: Files = { 'README.md': 'hello\n' }): Promise<RemoteRepository> {
    const remote = new RemoteRepository(await mkdtemp(join(tmpdir(), 'git-remote-')));
    await git(remote.directory, 'init', '--bare', '--quiet', '--initial-branch=main', remote.path);
    await git(remote.path, 'config', 'http.receivepack', 'true');
    await git(remote.path, 'config', 'gc.auto', '0');
    await git(remote.directory, 'init', '--quiet', '--initial-branch=main', remote.work);
    await git(remote.work, 'remote', 'add', 'origin', remote.path);
    await remote.commit(files, 'first');
    return remote;
  }

  /** Commits and pushes; the new commit. */
  async commit(files: Files, message = 'change'): Promise<string> {
    for (const [path, content] of Object.entries(files)) await place(join(this.work, path), content);
    await git(this.work, 'add', '--all');
    await git(this.work, 'commit', '--quiet', '--allow-empty', '--allow-empty-message', '-m', message);
    return this.publish();
  }

  /** Pushes the current branch of the work tree; its commit. */
  async publish(): Promise<string> {
    await git(this.work, 'push', '--quiet', '--force', 'origin', 'HEAD');
    return git(this.work, 'rev-parse', 'HEAD');
  }

  head(branch = 'main'): Promise<string> {
    return git(this.path, 'rev-parse', `refs/heads/${branch}`);
  }

  /** A server-side hook, as a shell script. */
  async hook(name: string, script: string): Promise<void> {
    await mkdir(join(this.path, 'hooks'), { recursive: true });
    await writeFile(join(this.path, 'hooks', name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  }

  async remove(): Promise<void> {
    await rm(this.directory, { recursive: true, force: true });
  }
}

async function place(path: string, content: Files[string]): Promise<void> {
  if (content === null) return rm(path, { recursive: true, force: true });
  await makeDirectory(dirname(path));
  if (typeof content === 'string') {
    const there = await lstat(path).catch(() => undefined);
    if (there?.isDirectory() || there?.isSymbolicLink()) await rm(path, { recursive: true });
    return writeFile(path, content);
  }
  await rm(path, { recursive: true, force: true });
  if ('link' in content) return symlink(content.link, path);
  await writeFile(path, content.script);
  await chmod(path, 0o755);
}

async function makeDirectory(path: string): Promise<void> {
  const there = await lstat(path).catch(() => undefined);
  if (there?.isFile()) await rm(path);
  await mkdir(path, { recursive: true });
}
