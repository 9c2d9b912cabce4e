import { setTimeout as sleep } from 'node:timers/promises';
import type {
  Commit,
  CommitWithPaths,
  FileEdit,
  FileTree,
  LineQuery,
  PathChange,
  Person,
  PushOutcome,
  RevertOutcome,
  Sha,
  TreeId,
} from '../../core/commit.ts';
import { Failure } from '../../core/failure.ts';
import type { Clock, CommitQuery, GitRepo, NewCommit } from '../../ports.ts';
import { authenticationFor } from './authentication.ts';
import { changedPaths } from './changes.ts';
import { cloneConfig } from './clone.ts';
import type { GitCredentials } from './credentials.ts';
import { fileTree } from './file-tree.ts';
import { runGit } from './git-process.ts';
import { queryCommits } from './history.ts';
import { configuredIdentity } from './identity.ts';
import { matchingLines } from './matching-lines.ts';
import { Mirror } from './mirror.ts';
import { writeCommit } from './new-commit.ts';
import { CorruptMirror, isObjectId, noSuchCommit, ObjectDatabase } from './object-database.ts';
import { pushCommit } from './push.ts';
import { DamagedMirror, Remote } from './remote.ts';
import { parseRemoteUrl } from './remote-url.ts';
import { resolveRevision } from './resolve.ts';
import { revertCommits } from './revert.ts';
import { isRefName } from './revision-name.ts';
import type { Signing } from './signing.ts';
import { editFiles, restorePaths } from './tree-edit.ts';

export { credentialsFromSecret, type GitCredentials } from './credentials.ts';
export type { Signing } from './signing.ts';

export interface RepositoryOptions {
  url: string;
  branch: string;
  /** Where mirrors are kept, for all repositories; may be thrown away at any time. */
  cacheDir: string;
  credentials?: GitCredentials;
  /** Where the credentials were taken from, for messages: `Secret/flux-system/flux-system`. */
  credentialsFrom?: string;
  /** Who new commits are by; else git's own configuration tells. */
  identity?: Person;
  signing?: Signing;
  /** Work tree of the user whose git configuration, credential helpers and objects are used. */
  clone?: string;
  clock?: Clock;
  log?: (line: string) => void;
  signal?: AbortSignal;
  /** A network command that says nothing for so long is ended, in milliseconds; 120,000 by default. */
  quietLimitMs?: number;
}

/**
 * Opens a repository through its mirror in the cache; the first time fetches all of the branch. Close it when done.
 * @throws Failure GitMissing, SourceUnsupported, UsageError (branch), CacheUnusable, DiskFull, GitUnreachable, GitAuthFailed, GitNotARepository,
 *   NoSuchCommit (no such branch), GitFailed, Interrupted.
 */
export async function openRepository(options: RepositoryOptions): Promise<GitRepo & { close(): Promise<void> }> {
  if (!isRefName(options.branch)) throw new Failure('UsageError', `${JSON.stringify(options.branch)} is not the name of a branch.`);
  const url = parseRemoteUrl(options.url);
  const clock = options.clock ?? WALL_CLOCK;
  const log = options.log ?? (() => undefined);
  const [userConfig] = await Promise.all([options.clone === undefined ? [] : cloneConfig(options.clone), checkVersion()]);
  const authentication = authenticationFor(url, options.credentials, userConfig);
  const signal = options.signal ? { signal: options.signal } : {};
  const remote = new Remote({
    url,
    branch: options.branch,
    authentication,
    clock,
    log,
    quietLimitMs: options.quietLimitMs ?? 120_000,
    ...(options.credentialsFrom ? { credentialsFrom: options.credentialsFrom } : {}),
    ...signal,
  });
  const clone = options.clone === undefined ? {} : { clone: options.clone };
  const mirror = new Mirror({ cacheDir: options.cacheDir, remote, branch: options.branch, clock, log, ...clone, ...signal });
  await mirror.ensure();
  return new MirroredRepository({ options, remote, mirror, clock });
}

const WALL_CLOCK: Clock = {
  now: () => new Date(),
  sleep: async (ms, signal) => {
    await sleep(ms, undefined, signal ? { signal } : {});
  },
};

/** `git merge-tree --write-tree` came with 2.38. */
async function checkVersion(): Promise<void> {
  const { stdout } = await runGit({ args: ['version'] });
  const [, major, minor] = /(\d+)\.(\d+)/.exec(stdout.toString('latin1')) ?? [];
  if (Number(major) > 2 || (Number(major) === 2 && Number(minor) >= 38)) return;
  throw new Failure('GitMissing', 'This git is too old.', {
    seen: stdout.toString('latin1').trim(),
    next: ['Install git 2.38 or newer and try again'],
  });
}

interface Parts {
  options: RepositoryOptions;
  remote: Remote;
  mirror: Mirror;
  clock: Clock;
}

class MirroredRepository implements GitRepo {
  readonly url: string;
  readonly branch: string;
  readonly #parts: Parts;
  readonly #objects: ObjectDatabase;
  #rebuilds = 0;
  #rebuilding: Promise<void> | undefined;
  /** Branches besides our own that were fetched since the last `fetch()`. */
  readonly #fresh = new Set<string>();

  constructor(parts: Parts) {
    this.#parts = parts;
    this.url = parts.remote.url.label;
    this.branch = parts.options.branch;
    this.#objects = new ObjectDatabase(parts.mirror.directory, parts.options.signal);
  }

  fetch(): Promise<Sha> {
    return this.#sound(async () => {
      this.#fresh.clear();
      const head = await this.#parts.mirror.fetch([this.branch]);
      // A fetch checks only what is new; the head itself must be readable.
      await this.#objects.commit(head);
      return head;
    });
  }

  resolve(revision: string): Promise<Sha | undefined> {
    return this.#sound(async (objects) => {
      const found = await resolveRevision(revision, {
        objects,
        branch: this.branch,
        fetchBranch: (name) => this.#fetchBranch(name),
        fetchCommit: (sha) => this.#parts.mirror.fetchCommit(sha),
      });
      if (found === undefined && (await this.#headIsLost())) throw new CorruptMirror(`the head of ${this.branch} is missing`);
      return found;
    });
  }

  commit(sha: Sha): Promise<Commit> {
    return this.#sound(async (objects) => (await objects.commit(sha)).commit);
  }

  commits(query: CommitQuery): Promise<CommitWithPaths[]> {
    return this.#sound((objects) => queryCommits(objects, query));
  }

  changes(from: Sha | null, to: Sha | TreeId): Promise<PathChange[]> {
    return this.#sound((objects) => changedPaths(objects, from, to));
  }

  isAncestor(ancestor: Sha, descendant: Sha): Promise<boolean> {
    return this.#sound((objects) => isAncestor(objects, ancestor, descendant));
  }

  files(at: Sha | TreeId): FileTree {
    return fileTree(at, (work) => this.#sound(work));
  }

  lines(at: Sha | TreeId, query: LineQuery): Promise<Map<string, string[]>> {
    return this.#sound((objects) => matchingLines(objects, at, query));
  }

  revert(onto: Sha, commits: Sha[], mainline?: number): Promise<RevertOutcome> {
    return this.#sound((objects) => revertCommits(objects, onto, commits, mainline));
  }

  writeTree(onto: Sha | TreeId, edits: FileEdit[]): Promise<TreeId> {
    return this.#sound((objects) => editFiles(objects, onto, edits));
  }

  restoreTree(onto: Sha | TreeId, source: Sha, paths: string[]): Promise<TreeId> {
    return this.#sound((objects) => restorePaths(objects, onto, source, paths));
  }

  createCommit(commit: NewCommit): Promise<Sha> {
    const { signing, signal } = this.#parts.options;
    return this.#sound(async (objects) =>
      writeCommit(objects, commit, {
        committer: (await this.identity()) ?? commit.author,
        now: this.#parts.clock.now(),
        ...(signing ? { signing } : {}),
        ...(signal ? { signal } : {}),
      }),
    );
  }

  push(sha: Sha, branch: string, expected: Sha | null): Promise<PushOutcome> {
    return this.#sound(async (objects) => {
      if (!isRefName(branch)) throw new Failure('UsageError', `${JSON.stringify(branch)} is not the name of a branch.`);
      await objects.commit(sha);
      if (expected !== null) await this.#requireFastForward(objects, expected, sha);
      const contains = async (head: Sha, part: Sha) => (await this.#fetchBranch(branch, true)) && isAncestor(objects, part, head);
      return pushCommit(this.#parts.remote, { gitDir: objects.directory, sha, branch, expected, contains });
    });
  }

  async identity(): Promise<Person | undefined> {
    const { identity, clone } = this.#parts.options;
    return identity ?? configuredIdentity(clone);
  }

  async close(): Promise<void> {
    await Promise.all([this.#objects.close(), this.#parts.mirror.settled()]);
  }

  /** Runs `work`; when the mirror turns out to be damaged, makes it anew and runs `work` once more. */
  async #sound<T>(work: (objects: ObjectDatabase) => Promise<T>): Promise<T> {
    const rebuilds = this.#rebuilds;
    try {
      return await work(this.#objects);
    } catch (error) {
      if (!isDamage(error) && !(isNoSuchCommit(error) && (await this.#headIsLost()))) throw error;
      if (rebuilds === this.#rebuilds) await this.#rebuild((error as Error).message);
    }
    try {
      return await work(this.#objects);
    } catch (error) {
      throw isDamage(error) ? damagedAgain(error) : error;
    }
  }

  /** A reference whose commit is not there: what seems an unknown commit is a lost one. */
  async #headIsLost(): Promise<boolean> {
    const ref = `refs/heads/${this.branch}`;
    try {
      if ((await this.#objects.lookUp(ref)) !== 'missing') return false;
      const { code } = await this.#objects.run(['rev-parse', '--verify', '--quiet', '--end-of-options', ref], { accept: [1] });
      return code === 0;
    } catch (error) {
      if (isDamage(error)) return true;
      throw error;
    }
  }

  /** One at a time, shared by every call that met the damage. */
  #rebuild(why: string): Promise<void> {
    this.#rebuilding ??= (async () => {
      try {
        await this.#objects.close();
        await this.#parts.mirror.rebuild(why);
        await this.#objects.close();
      } finally {
        this.#rebuilds += 1;
        this.#rebuilding = undefined;
      }
    })();
    return this.#rebuilding;
  }

  async #fetchBranch(name: string, again = false): Promise<boolean> {
    if (!isRefName(name)) return false;
    if (this.#fresh.has(name) && !again) return true;
    const fetched = await this.#parts.mirror.fetchBranch(name);
    if (fetched) this.#fresh.add(name);
    return fetched;
  }

  async #requireFastForward(objects: ObjectDatabase, expected: Sha, sha: Sha): Promise<void> {
    if (!isObjectId(expected)) throw noSuchCommit(expected);
    if (await isAncestor(objects, expected, sha)) return;
    throw new Failure('GitFailed', `${sha.slice(0, 8)} does not descend from ${expected.slice(0, 8)}: pushing it would drop commits.`, {
      next: ['Plan again on the head of the branch'],
    });
  }
}

async function isAncestor(objects: ObjectDatabase, ancestor: Sha, descendant: Sha): Promise<boolean> {
  const [, of] = await Promise.all([objects.commit(ancestor), objects.commit(descendant)]);
  if (ancestor === descendant || of.commit.parents.includes(ancestor)) return true;
  const { code } = await objects.run(['merge-base', '--is-ancestor', ancestor, descendant], { accept: [1] });
  return code === 0;
}

function isDamage(error: unknown): error is Error {
  return error instanceof CorruptMirror || error instanceof DamagedMirror;
}

function isNoSuchCommit(error: unknown): boolean {
  return error instanceof Failure && error.code === 'NoSuchCommit';
}

function damagedAgain(cause: Error): Failure {
  return new Failure('GitFailed', 'The copy of the repository is damaged, also after it was fetched anew.', {
    seen: cause.message,
    causes: ['the disk has errors', 'the remote itself is damaged'],
    next: ['git fsck in a fresh clone'],
    cause,
  });
}
