import { createHash, randomBytes } from 'node:crypto';
import { chmod, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Sha } from '../../core/commit.ts';
import type { Clock } from '../../ports.ts';
import { CommitGraph } from './commit-graph.ts';
import { cacheFailure, localFailure, type Trouble, troubleIn } from './diagnosis.ts';
import { runGit } from './git-process.ts';
import { withLock } from './mirror-lock.ts';
import { REMOTE, type Remote } from './remote.ts';
import { seedFromClone } from './seed.ts';

export interface MirrorOptions {
  cacheDir: string;
  remote: Remote;
  branch: string;
  /** The user's clone, for the first fetch. */
  clone?: string;
  clock: Clock;
  log: (line: string) => void;
  signal?: AbortSignal;
}

/** One state of the mirror on disk; making it anew gives another id. */
interface Marker {
  version: number;
  id: string;
  url: string;
}

const MARKER = 'ebb-mirror.json';
const VERSION = 1;
/**
 * The bare mirror of one remote in the cache directory: `<hash of the URL>.git`, shared by every process and branch. It appears under its name
 * only when it is whole, with a marker in it; whatever else is found there is thrown away.
 */
export class Mirror {
  readonly directory: string;
  readonly #options: MirrorOptions;
  readonly #graph: CommitGraph;
  readonly #heads = new Map<string, Sha>();
  #id: string | undefined;

  constructor(options: MirrorOptions) {
    this.#options = options;
    const hash = createHash('sha256').update(options.remote.url.label).digest('hex').slice(0, 32);
    this.directory = join(options.cacheDir, `${hash}.git`);
    this.#graph = new CommitGraph({ log: options.log, ...(options.signal ? { signal: options.signal } : {}) });
  }

  /** Makes the mirror where there is none. @throws Failure CacheUnusable, DiskFull and those of the first fetch. */
  async ensure(): Promise<void> {
    await this.#inCache(async () => {
      await mkdir(this.#options.cacheDir, { recursive: true, mode: 0o700 });
      this.#id = (await this.#readMarker())?.id;
      if (this.#id !== undefined) return;
      await this.#locked(async () => {
        this.#id = (await this.#readMarker())?.id ?? (await this.#build({ seed: true }));
      });
    });
  }

  /** Replaces a damaged mirror, unless another process has already done so. */
  async rebuild(why: string): Promise<void> {
    await this.#inCache(() =>
      this.#locked(async () => {
        const now = (await this.#readMarker())?.id;
        if (now !== undefined && now !== this.#id) {
          this.#id = now;
          return;
        }
        this.#options.log(`The cached copy of ${this.#options.remote.url.label} is damaged (${why.split('\n')[0]}); fetching it anew`);
        this.#id = await this.#build({ seed: false });
      }),
    );
  }

  /** Fetches branches and every tag; the head of the first one. */
  async fetch(branches: string[]): Promise<Sha> {
    const head = await this.#inCache(() => this.#locked(() => this.#fetchInto(this.directory, branches)));
    this.#arrived(branches[0] ?? '', head);
    return head;
  }

  /** Fetches another branch; false where the remote has none of that name, and then the mirror has none either. */
  async fetchBranch(name: string): Promise<boolean> {
    const ref = `refs/heads/${name}`;
    const trouble = await this.#tryFetch(`+${ref}:${ref}`, ['missing-ref']);
    if (trouble !== undefined) await this.#git(this.directory, ['update-ref', '-d', ref]);
    return trouble === undefined;
  }

  /** Fetches a commit that no branch of ours has; false where the remote does not give it out. */
  async fetchCommit(sha: Sha): Promise<boolean> {
    return (await this.#tryFetch(sha, ['missing-ref', 'unknown', 'corrupt'])) === undefined;
  }

  #tryFetch(refspec: string, accept: Trouble[]): Promise<Trouble | undefined> {
    return this.#inCache(() =>
      this.#locked(async () => {
        const answer = await this.#options.remote.run({ gitDir: this.directory, args: [...FETCH, REMOTE, refspec], accept });
        return answer.trouble;
      }),
    );
  }

  /** Resolves when nothing works on the mirror any more. */
  settled(): Promise<void> {
    return this.#graph.settled();
  }

  #arrived(branch: string, head: Sha): void {
    if (this.#heads.get(branch) === head) return;
    this.#heads.set(branch, head);
    this.#graph.refresh(this.directory, head);
  }

  async #build({ seed }: { seed: boolean }): Promise<string> {
    const { remote, cacheDir, branch, log } = this.#options;
    const fresh = `${this.directory}.new-${process.pid}-${randomBytes(4).toString('hex')}`;
    await this.#sweep();
    try {
      if (!(seed && (await this.#seed(fresh)))) await this.#local(fresh, ['init', '--bare', '--quiet', '--template=', fresh]);
      await chmod(fresh, 0o700);
      log(`Fetching ${remote.url.label}`);
      const head = await this.#fetchInto(fresh, [branch]);
      const marker: Marker = { version: VERSION, id: randomBytes(8).toString('hex'), url: remote.url.label };
      await writeFile(join(fresh, MARKER), `${JSON.stringify(marker)}\n`);
      const old = `${this.directory}.old-${process.pid}-${randomBytes(4).toString('hex')}`;
      await rename(this.directory, old).catch(ignoreMissing);
      await rename(fresh, this.directory);
      await rm(old, { recursive: true, force: true });
      this.#arrived(branch, head);
      return marker.id;
    } catch (error) {
      await rm(fresh, { recursive: true, force: true });
      throw cacheFailure(error, cacheDir);
    }
  }

  async #seed(directory: string): Promise<boolean> {
    const { clone, remote, branch, log } = this.#options;
    if (clone === undefined) return false;
    const seeded = await seedFromClone({ clone, url: remote.url.address, branch, directory });
    if (seeded) log(`Starting from the objects of ${clone}`);
    return seeded;
  }

  async #fetchInto(directory: string, branches: string[]): Promise<Sha> {
    const { remote, log } = this.#options;
    const [first = this.#options.branch] = branches;
    const refspecs = [...branches.map((branch) => `+refs/heads/${branch}:refs/heads/${branch}`), '+refs/tags/*:refs/tags/*'];
    const progress = new ProgressLog(log);
    await remote.run({
      gitDir: directory,
      args: [...FETCH, '--prune', '--progress', REMOTE, ...refspecs],
      branch: first,
      onLine: (line) => progress.take(line),
    });
    const head = await this.#head(directory, first);
    if (head === undefined) throw new Error(`no head for ${first} after a fetch`);
    return head;
  }

  async #head(directory: string, branch: string): Promise<Sha | undefined> {
    const { code, stdout } = await this.#git(directory, ['rev-parse', '--verify', '--quiet', '--end-of-options', `refs/heads/${branch}`]);
    return code === 0 ? stdout.toString('latin1').trim() : undefined;
  }

  async #local(directory: string, args: string[]): Promise<void> {
    const { code, stderr } = await runGit({ args });
    if (code !== 0) throw localFailure(troubleIn(stderr), args[0] ?? '', stderr, directory);
  }

  #git(directory: string, args: string[]) {
    const { signal } = this.#options;
    return runGit({ args, gitDir: directory, ...(signal ? { signal } : {}) });
  }

  async #readMarker(): Promise<Marker | undefined> {
    try {
      const marker = JSON.parse(await readFile(join(this.directory, MARKER), 'utf8')) as Partial<Marker>;
      return marker.version === VERSION && typeof marker.id === 'string' ? (marker as Marker) : undefined;
    } catch {
      return undefined;
    }
  }

  /** Removes what killed processes left of mirrors that were being made or thrown away; the lock is held. */
  async #sweep(): Promise<void> {
    const prefix = basename(this.directory);
    for (const name of await readdir(this.#options.cacheDir)) {
      if (name.startsWith(`${prefix}.new-`) || name.startsWith(`${prefix}.old-`)) {
        await rm(join(this.#options.cacheDir, name), { recursive: true, force: true });
      }
    }
  }

  #locked<T>(work: () => Promise<T>): Promise<T> {
    const { clock, log, signal } = this.#options;
    return withLock(`${this.directory}.lock`, { clock, log, ...(signal ? { signal } : {}) }, work);
  }

  async #inCache<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw cacheFailure(error, this.#options.cacheDir);
    }
  }
}

const FETCH = ['fetch', '--no-tags', '--force', '--no-write-fetch-head', '--no-auto-maintenance', '--no-recurse-submodules'];

/** Passes on git's progress: the end of each phase, and one line in between at most every two seconds. */
class ProgressLog {
  readonly #log: (line: string) => void;
  #last = Date.now();

  constructor(log: (line: string) => void) {
    this.#log = log;
  }

  take(line: string): void {
    if (!/^(?:remote: )?(?:Enumerating|Counting|Compressing|Receiving|Resolving|Checking)/.test(line)) return;
    if (Date.now() - this.#last < 2_000) return;
    this.#last = Date.now();
    this.#log(line.replace(/^remote: /, ''));
  }
}

function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error;
}
