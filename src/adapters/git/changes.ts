import type { PathChange, Sha, TreeId } from '../../core/commit.ts';
import { EMPTY_TREE, type ObjectDatabase } from './object-database.ts';
import { decodePath } from './path-bytes.ts';

/** Renames are found in changes of up to so many added and deleted files; git's own default for merges. */
export const RENAME_LIMIT = '-l7000';

/** The paths that differ between two commits or trees, renames followed; `from: null` is the empty tree. */
export async function changedPaths(objects: ObjectDatabase, from: Sha | TreeId | null, to: Sha | TreeId): Promise<PathChange[]> {
  const [before, after] = [from === null ? EMPTY_TREE : await objects.treeOf(from), await objects.treeOf(to)];
  if (before === after) return [];
  const { stdout } = await objects.run(['diff-tree', '-r', '-z', '-M', RENAME_LIMIT, '--raw', '--no-abbrev', before, after]);
  const tokens = new NulTokens(stdout);
  const changes: PathChange[] = [];
  while (!tokens.done) changes.push(readChange(tokens));
  return changes;
}

/** Reads one entry of raw output (git-diff-tree(1), "RAW OUTPUT FORMAT"): `:modes ids status` and one or two paths. */
export function readChange(tokens: NulTokens): PathChange {
  const status = tokens.text().trimEnd().split(' ').at(-1)?.[0];
  const path = decodePath(tokens.bytes());
  if (status === 'R' || status === 'C') {
    const target = decodePath(tokens.bytes());
    return status === 'R' ? { status: 'renamed', path: target, from: path } : { status: 'added', path: target };
  }
  return { status: status === 'A' ? 'added' : status === 'D' ? 'deleted' : status === 'T' ? 'type-changed' : 'modified', path };
}

/** Walks over fields that end with NUL. */
export class NulTokens {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get done(): boolean {
    return this.#at >= this.#bytes.length;
  }

  /** The first byte of the next field that is not a line break. */
  peek(): number | undefined {
    return this.#bytes[this.#bytes[this.#at] === 0x0a ? this.#at + 1 : this.#at];
  }

  bytes(): Buffer {
    const found = this.#bytes.indexOf(0, this.#at);
    const end = found < 0 ? this.#bytes.length : found;
    const field = this.#bytes.subarray(this.#at, end);
    this.#at = end + 1;
    return field;
  }

  text(): string {
    return this.bytes().toString('utf8');
  }
}
