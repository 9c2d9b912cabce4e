import type { Sha, TreeId } from '../../core/commit.ts';
import { Failure } from '../../core/failure.ts';
import { BatchEnded, BatchProcess, type Parsed } from './batch-process.ts';
import { type ParsedCommit, parseCommitObject } from './commit-object.ts';
import { localFailure, troubleIn } from './diagnosis.ts';
import type { GitConfig } from './environment.ts';
import { type GitResult, runGit } from './git-process.ts';
import { decodePath, encodePath } from './path-bytes.ts';

export const EMPTY_TREE = '4b825dc642cb6eb9a060e54bf8d69288fbee4904';

export interface GitObject {
  id: string;
  type: 'commit' | 'tree' | 'blob' | 'tag';
  content: Buffer;
}

/** An entry of a tree: `mode` is git's (`100644`, `100755`, `120000`, `160000`, `40000`). */
export interface TreeItem {
  mode: string;
  id: string;
}

export interface LocalCall {
  input?: Buffer | string;
  config?: GitConfig;
  env?: Record<string, string>;
  /** Exit codes besides 0 that are answers. */
  accept?: number[];
}

/** Thrown when the mirror itself is damaged; caught where it can be made anew. */
export class CorruptMirror extends Error {
  override readonly name = 'CorruptMirror';
}

const TREES_KEPT = 2_000;
const COMMITS_KEPT = 5_000;

type Answer = GitObject | 'missing' | 'ambiguous';

/** The objects of one mirror: reads through one long-lived `git cat-file`, writes through plumbing commands. */
export class ObjectDatabase {
  readonly directory: string;
  readonly #signal: AbortSignal | undefined;
  readonly #reader: BatchProcess<Answer>;
  readonly #treeMaker: BatchProcess<string>;
  readonly #trees = new Map<TreeId, Map<string, TreeItem>>();
  readonly #commits = new Map<Sha, ParsedCommit>();

  constructor(directory: string, signal?: AbortSignal) {
    this.directory = directory;
    this.#signal = signal;
    this.#reader = new BatchProcess(directory, ['cat-file', '--batch-command'], parseAnswer);
    this.#treeMaker = new BatchProcess(directory, ['mktree', '--batch', '-z'], parseLine);
  }

  /** Ends the processes and forgets what was read; the next use starts anew. */
  async close(): Promise<void> {
    this.#trees.clear();
    this.#commits.clear();
    await Promise.all([this.#reader.close(), this.#treeMaker.close()]);
  }

  /**
   * Runs one plumbing command on the mirror.
   * @throws CorruptMirror; Failure DiskFull, CacheUnusable, GitFailed, GitMissing, Interrupted.
   */
  async run(args: string[], call: LocalCall = {}): Promise<GitResult> {
    const result = await runGit({ args, gitDir: this.directory, signal: this.#signal, ...call });
    if (result.code === 0 || call.accept?.includes(result.code)) return result;
    throw this.#broken(args[0] ?? '', result.stderr);
  }

  /** The object that an expression without line breaks names, or why there is none. */
  async lookUp(expression: string): Promise<Answer> {
    try {
      return await this.#reader.ask(`contents ${expression}\n`);
    } catch (error) {
      throw error instanceof BatchEnded ? this.#broken('cat-file', error.stderr) : error;
    }
  }

  /** @throws CorruptMirror where an object that must be there is not. */
  async blob(id: string): Promise<Buffer> {
    return (await this.#expect(id, 'blob')).content;
  }

  /** @throws Failure NoSuchCommit. */
  async commit(sha: Sha): Promise<ParsedCommit> {
    const known = this.#commits.get(sha);
    if (known) return known;
    const found = isObjectId(sha) ? await this.lookUp(sha) : 'missing';
    if (typeof found === 'string' || found.type !== 'commit') throw noSuchCommit(sha);
    return remember(this.#commits, sha, parseCommitObject(sha, found.content), COMMITS_KEPT);
  }

  async has(sha: Sha): Promise<boolean> {
    return this.#commits.has(sha) || (isObjectId(sha) && typeof (await this.lookUp(sha)) !== 'string');
  }

  /** The tree of a commit, or the tree itself. @throws Failure NoSuchCommit. */
  async treeOf(id: Sha | TreeId): Promise<TreeId> {
    if (id === EMPTY_TREE || this.#trees.has(id)) return id;
    const known = this.#commits.get(id);
    if (known) return known.tree;
    const found = isObjectId(id) ? await this.lookUp(id) : 'missing';
    if (typeof found !== 'string' && found.type === 'tree') return id;
    return (await this.commit(id)).tree;
  }

  async tree(id: TreeId): Promise<Map<string, TreeItem>> {
    const known = this.#trees.get(id);
    if (known) return known;
    const content = id === EMPTY_TREE ? Buffer.alloc(0) : (await this.#expect(id, 'tree')).content;
    return remember(this.#trees, id, parseTree(content, id.length / 2), TREES_KEPT);
  }

  /** The entry at a path (`a/b/c`), whatever it is; the root for `''`. */
  async find(tree: TreeId, path: string): Promise<TreeItem | undefined> {
    let item: TreeItem | undefined = { mode: '40000', id: tree };
    for (const name of path === '' ? [] : path.split('/')) {
      if (item === undefined || !isDirectory(item)) return undefined;
      item = (await this.tree(item.id)).get(name);
    }
    return item;
  }

  async writeTree(items: Map<string, TreeItem>): Promise<TreeId> {
    if (items.size === 0) return EMPTY_TREE;
    const parts: Buffer[] = [];
    for (const [name, item] of items) {
      parts.push(Buffer.from(`${item.mode.padStart(6, '0')} ${typeOfMode(item.mode)} ${item.id}\t`), encodePath(name), Buffer.from([0]));
    }
    parts.push(Buffer.from([0]));
    try {
      const id = await this.#treeMaker.ask(Buffer.concat(parts));
      remember(this.#trees, id, new Map(items), TREES_KEPT);
      return id;
    } catch (error) {
      throw error instanceof BatchEnded ? this.#broken('mktree', error.stderr) : error;
    }
  }

  async writeBlob(content: Uint8Array): Promise<string> {
    const { stdout } = await this.run(['hash-object', '-w', '--stdin'], { input: Buffer.from(content) });
    return stdout.toString('latin1').trim();
  }

  async #expect(id: string, type: GitObject['type']): Promise<GitObject> {
    const found = await this.lookUp(id);
    if (typeof found === 'string') throw new CorruptMirror(`${type} ${id} is missing`);
    if (found.type !== type) throw new CorruptMirror(`${id} is a ${found.type}, not a ${type}`);
    return found;
  }

  #broken(command: string, stderr: string): Error {
    const trouble = troubleIn(stderr);
    if (trouble === 'corrupt' || trouble === 'not-a-repository') return new CorruptMirror(stderr.trim());
    return localFailure(trouble, command, stderr, this.directory);
  }
}

export function isObjectId(text: string): boolean {
  return /^[0-9a-f]{40}$|^[0-9a-f]{64}$/.test(text);
}

export function isDirectory(item: TreeItem): boolean {
  return item.mode === '40000';
}

export function isRegularFile(item: TreeItem): boolean {
  return item.mode.startsWith('100');
}

export function noSuchCommit(name: string): Failure {
  return new Failure('NoSuchCommit', `There is no commit ${JSON.stringify(name)} in the repository.`, {
    causes: ['it was never pushed', 'it was removed from the branch by a forced push', 'it belongs to another repository'],
    next: ['git log --oneline', 'Give a commit, branch or tag that the remote has'],
  });
}

/** `<id> <type> <size>\n<content>\n`, or `<question> missing\n` and `<question> ambiguous\n`: git-cat-file(1), "BATCH OUTPUT". */
function parseAnswer(bytes: Buffer): Parsed<Answer> {
  const newline = bytes.indexOf('\n');
  if (newline < 0) return { atLeast: bytes.length + 1 };
  const line = bytes.toString('latin1', 0, newline);
  const problem = / (missing|ambiguous)$/.exec(line)?.[1];
  if (problem) return { value: problem as 'missing' | 'ambiguous', length: newline + 1 };
  const [id = '', type = '', size = '0'] = line.split(' ');
  const end = newline + 1 + Number(size);
  if (bytes.length < end + 1) return { atLeast: end + 1 };
  return { value: { id, type: type as GitObject['type'], content: Buffer.from(bytes.subarray(newline + 1, end)) }, length: end + 1 };
}

function parseLine(bytes: Buffer): Parsed<string> {
  const newline = bytes.indexOf('\n');
  return newline < 0 ? { atLeast: bytes.length + 1 } : { value: bytes.toString('latin1', 0, newline), length: newline + 1 };
}

function parseTree(content: Buffer, idLength: number): Map<string, TreeItem> {
  const items = new Map<string, TreeItem>();
  for (let at = 0; at < content.length; ) {
    const space = content.indexOf(0x20, at);
    const end = content.indexOf(0, space);
    const id = content.toString('hex', end + 1, end + 1 + idLength);
    items.set(decodePath(content.subarray(space + 1, end)), { mode: content.toString('latin1', at, space), id });
    at = end + 1 + idLength;
  }
  return items;
}

function typeOfMode(mode: string): string {
  if (mode === '40000') return 'tree';
  return mode === '160000' ? 'commit' : 'blob';
}

function remember<K, V>(cache: Map<K, V>, key: K, value: V, limit: number): V {
  cache.set(key, value);
  if (cache.size > limit) for (const oldest of [...cache.keys()].slice(0, limit / 2)) cache.delete(oldest);
  return value;
}
