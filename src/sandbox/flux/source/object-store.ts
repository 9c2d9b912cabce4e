/**
 * One bare repository that holds the objects of every source, so that includes need no copying. Each source has refs of
 * its own below `refs/sources/`.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { type GitRun, gitEnvironment, gitText, runGit } from '../../git/git-program.ts';
import { readTree, type TreeFile } from './tree-listing.ts';

/** Whoever and whenever it was made, the same tree gives the same artifact. */
const ARCHIVIST = {
  GIT_AUTHOR_NAME: 'source-controller',
  GIT_AUTHOR_EMAIL: 'source-controller@ebb.invalid',
  GIT_AUTHOR_DATE: '2020-01-01T00:00:00Z',
  GIT_COMMITTER_NAME: 'source-controller',
  GIT_COMMITTER_EMAIL: 'source-controller@ebb.invalid',
  GIT_COMMITTER_DATE: '2020-01-01T00:00:00Z',
};

/** Where to fetch from, and how. */
export interface Remote {
  /** Without credentials. */
  url: string;
  /** Variables of `credentialVariables`. */
  env: Record<string, string>;
  /** Wall-clock milliseconds: a real server is waited for, however fast the sandbox's clock runs. */
  timeoutMs: number;
  signal: AbortSignal;
}

export interface StoredCommit {
  sha: string;
  /** Seconds since 1970, of the committer. */
  time: number;
  /** The first line of the message. */
  subject: string;
}

export class ObjectStore {
  readonly #gitDir: string;
  readonly #children = new Set<ChildProcess>();
  #serial = 0;

  private constructor(gitDir: string) {
    this.#gitDir = gitDir;
  }

  static async open(directory: string): Promise<ObjectStore> {
    await mkdir(directory, { recursive: true });
    const gitDir = path.join(directory, 'objects.git');
    await runGit(['init', '--quiet', '--bare', '--', gitDir]);
    return new ObjectStore(gitDir);
  }

  /** Every ref of the remote, annotated tags with their commit as `NAME^{}`. @throws GitError */
  async remoteRefs(remote: Remote): Promise<Map<string, string>> {
    const text = await gitText(['ls-remote', '--quiet', '--', remote.url], remote);
    const lines = text.split('\n').filter((line) => line.includes('\t'));
    return new Map(
      lines.map((line) => {
        const [sha = '', name = ''] = line.split('\t');
        return [name, sha];
      }),
    );
  }

  /** Brings `refspecs` (`from:to`) over and drops local refs that the remote no longer has. @throws GitError */
  async fetch(remote: Remote, refspecs: readonly string[]): Promise<void> {
    const forced = refspecs.map((refspec) => `+${refspec}`);
    await this.#run(
      ['fetch', '--quiet', '--no-tags', '--no-auto-maintenance', '--prune', '--no-write-fetch-head', '--', remote.url, ...forced],
      remote,
    );
  }

  /** The commit that a local ref or a SHA names. */
  async commit(name: string): Promise<StoredCommit | undefined> {
    const format = '--format=%H%x00%ct%x00%B';
    const run = gitText(['log', '-1', '--no-show-signature', format, '--end-of-options', name, '--'], { gitDir: this.#gitDir });
    const text = await run.catch(() => '');
    const [sha = '', time, message = ''] = text.split('\0');
    return sha === '' ? undefined : { sha, time: Number(time), subject: message.split('\n')[0] ?? '' };
  }

  /** Is `sha` an ancestor of, or one of, the heads below `prefix`? */
  async isReachable(sha: string, prefix: string): Promise<boolean> {
    const found = await gitText(['for-each-ref', '--count=1', '--format=%(refname)', `--contains=${sha}`, prefix], {
      gitDir: this.#gitDir,
    });
    return found !== '';
  }

  /** Names of the refs below `prefix`, without it. */
  async namesBelow(prefix: string): Promise<string[]> {
    const text = await gitText(['for-each-ref', '--format=%(refname)', prefix], { gitDir: this.#gitDir });
    return text
      .split('\n')
      .filter(Boolean)
      .map((name) => name.slice(prefix.length));
  }

  async treeOf(commit: string): Promise<string> {
    return gitText(['rev-parse', '--verify', `${commit}^{tree}`], { gitDir: this.#gitDir });
  }

  /** Every file of a tree, in git's order. */
  async files(tree: string): Promise<TreeFile[]> {
    return readTree(await runGit(['ls-tree', '-r', '-z', '--full-tree', tree], { gitDir: this.#gitDir }));
  }

  /** Writes a tree of exactly these files. */
  async writeTree(files: readonly TreeFile[]): Promise<string> {
    const index = path.join(this.#gitDir, `index-${this.#serial++}`);
    const env = { GIT_INDEX_FILE: index };
    try {
      const lines = files.map(({ mode, sha, path: name }) => `${mode} ${sha}\t${name}\0`).join('');
      await this.#run(['update-index', '-z', '--index-info'], { env, stdin: lines });
      return (await this.#run(['write-tree'], { env })).toString('utf8').trim();
    } finally {
      await rm(index, { force: true });
    }
  }

  /** The tree as an uncompressed tar archive. */
  async archive(tree: string): Promise<Readable> {
    const commit = await gitText(['commit-tree', tree, '-m', 'artifact'], { gitDir: this.#gitDir, env: ARCHIVIST });
    const child = this.#spawn(['archive', '--format=tar', commit]);
    return child.stdout as Readable;
  }

  /** A `git cat-file --batch` that answers until it is killed. */
  reader(): ChildProcess {
    return this.#spawn(['cat-file', '--batch']);
  }

  async read(sha: string): Promise<Buffer> {
    return this.#run(['cat-file', 'blob', sha], {});
  }

  async deleteRefsBelow(prefix: string): Promise<void> {
    const names = await this.namesBelow(prefix);
    if (names.length > 0) await this.#run(['update-ref', '--stdin'], { stdin: names.map((name) => `delete ${prefix}${name}\n`).join('') });
  }

  /** Ends every git process that still runs. */
  async close(): Promise<void> {
    const ended = [...this.#children].map((child) => new Promise((resolve) => child.once('close', resolve)));
    for (const child of this.#children) child.kill('SIGKILL');
    await Promise.all(ended);
  }

  #run(args: readonly string[], run: Omit<GitRun, 'gitDir'>): Promise<Buffer> {
    return runGit(args, { ...run, gitDir: this.#gitDir });
  }

  #spawn(args: readonly string[]): ChildProcess {
    const child = spawn('git', ['--git-dir', this.#gitDir, ...args], { env: gitEnvironment(), stdio: ['pipe', 'pipe', 'ignore'] });
    this.#children.add(child);
    child.once('close', () => this.#children.delete(child));
    child.once('error', () => this.#children.delete(child));
    return child;
  }
}
