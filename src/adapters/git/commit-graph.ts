import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Sha } from '../../core/commit.ts';
import { Failure } from '../../core/failure.ts';
import { type GitResult, runGit } from './git-process.ts';

export interface CommitGraphOptions {
  log: (line: string) => void;
  signal?: AbortSignal;
}

/** The commit up to which the graph was written. */
const WRITTEN = 'ebb-graphed';
/** So many commits without a graph are walked about as fast as a graph would be written. */
const WORTH_WRITING = 500;
/** No graph takes so long; a lock of git's that is older was left by a killed process. */
const LOCK_LEFT_BEHIND_MS = 10 * 60_000;

/**
 * Keeps the mirror's commit graph with changed-path filters (one path's history is 16 times faster to walk with it) up with what was
 * fetched, in the background: nobody waits for it but `settled`. A history without a graph is only slower, so that no failure ends anything.
 */
export class CommitGraph {
  readonly #options: CommitGraphOptions;
  #work: Promise<void> = Promise.resolve();

  constructor(options: CommitGraphOptions) {
    this.#options = options;
  }

  /** Called after a fetch that moved a branch to `head`. */
  refresh(directory: string, head: Sha): void {
    this.#work = this.#work
      .then(() => this.#write(directory, head))
      .catch((error: unknown) => {
        if (!(error instanceof Failure && error.code === 'Interrupted'))
          this.#options.log(`The commit graph could not be written: ${error}`);
      });
  }

  /** Resolves when nothing is being written any more. */
  settled(): Promise<void> {
    return this.#work;
  }

  async #write(directory: string, head: Sha): Promise<void> {
    const file = join(directory, WRITTEN);
    const written = await readFile(file, 'latin1').catch(() => undefined);
    if (!(await this.#isWorthIt(directory, head, written))) return;
    await removeOldLock(join(directory, 'objects', 'info', 'commit-graphs', 'commit-graph-chain.lock'));
    const { code, stderr } = await this.#git(directory, [
      'commit-graph',
      'write',
      '--reachable',
      '--changed-paths',
      '--split',
      '--no-progress',
    ]);
    if (code === 0) await writeFile(file, head);
    // Another process is writing it, or has replaced the mirror.
    else if (!/\.lock': File exists|not a git repository/.test(stderr))
      this.#options.log(`The commit graph could not be written: ${stderr.trim()}`);
  }

  async #isWorthIt(directory: string, head: Sha, written: string | undefined): Promise<boolean> {
    const known = written === undefined ? [] : [`^${written}`];
    const { code, stdout } = await this.#git(directory, ['rev-list', '--count', `--max-count=${WORTH_WRITING}`, head, ...known]);
    return code !== 0 || Number(stdout.toString('latin1')) >= WORTH_WRITING;
  }

  #git(directory: string, args: string[]): Promise<GitResult> {
    return runGit({ args, gitDir: directory, ...(this.#options.signal ? { signal: this.#options.signal } : {}) });
  }
}

async function removeOldLock(path: string): Promise<void> {
  try {
    if (Date.now() - (await stat(path)).mtimeMs > LOCK_LEFT_BEHIND_MS) await rm(path, { force: true });
  } catch {
    // There is none.
  }
}
