/**
 * Which targets may read a file that changes, without rendering any of them: by following what kustomization files mention.
 * Every word of such a file counts as a path, so a target too many may be named and none is missed.
 */
import type { Sha, TreeId } from '../core/commit.ts';
import type { GitRepo } from '../ports.ts';

const KUSTOMIZATION_FILES = ['kustomization.yaml', 'kustomization.yml', 'Kustomization'];
/** Lines that may hold a path: items of lists, and whatever has a slash, a dot or a bracket. */
const PATH_LINES = '(^[[:space:]]*-|[][/.])';
/** What separates words in YAML, and the two sides of `name=path` in a generator's list. */
const BETWEEN_WORDS = /[\s,[\]{}"'=]+/;

/** Of every kustomization file in a tree: its path, and the lines that may hold a path. */
export function readMentions(repo: GitRepo, at: Sha | TreeId): Promise<Map<string, string[]>> {
  return repo.lines(at, { names: KUSTOMIZATION_FILES, pattern: PATH_LINES });
}

/** What a folder's kustomization file says about the touched files, and which other folders it mentions. */
interface Folder {
  reads: boolean;
  mentions: string[];
}

/** Follows kustomization files of one tree; what it learnt about a folder serves every target. */
export class ReaderSearch {
  /** Folder → the lines of its kustomization file. */
  readonly #kustomizations: ReadonlyMap<string, readonly string[]>;
  readonly #touched: ReadonlySet<string>;
  readonly #folders = new Map<string, Folder>();

  /**
   * @param lines path of a kustomization file → its lines.
   * @param touched files that are added, changed or removed; paths from the root.
   */
  constructor(lines: ReadonlyMap<string, readonly string[]>, touched: ReadonlySet<string>) {
    this.#kustomizations = new Map([...lines].map(([path, text]) => [folderOf(path), text]));
    this.#touched = touched;
  }

  /** May a build of this folder read a touched file? @param path as in a Kustomization's `spec.path`. */
  mayRead(path: string, components: readonly string[] = []): boolean {
    const folder = resolve('', path);
    if (folder === undefined) return true;
    const open = [folder, ...components.map((component) => resolve(folder, component) ?? folder)];
    const seen = new Set<string>();
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      if (seen.has(next)) continue;
      seen.add(next);
      const { reads, mentions } = this.#folder(next);
      if (reads) return true;
      open.push(...mentions);
    }
    return false;
  }

  #folder(folder: string): Folder {
    const known = this.#folders.get(folder) ?? this.#look(folder);
    this.#folders.set(folder, known);
    return known;
  }

  #look(folder: string): Folder {
    const lines = this.#kustomizations.get(folder);
    // Without a kustomization file everything below is built.
    if (lines === undefined) return { reads: this.#isAbove(folder), mentions: [] };
    if (KUSTOMIZATION_FILES.some((name) => this.#touched.has(join(folder, name)))) return { reads: true, mentions: [] };
    const mentions: string[] = [];
    for (const word of new Set(lines.flatMap((line) => line.split(BETWEEN_WORDS)))) {
      const path = word === '' ? undefined : resolve(folder, word);
      if (path === undefined || path === folder) continue;
      if (this.#touched.has(path)) return { reads: true, mentions: [] };
      if (this.#kustomizations.has(path)) mentions.push(path);
      else if (this.#isAbove(path)) return { reads: true, mentions: [] };
    }
    return { reads: false, mentions };
  }

  #isAbove(folder: string): boolean {
    const prefix = folder === '' ? '' : `${folder}/`;
    for (const path of this.#touched) if (path.startsWith(prefix)) return true;
    return false;
  }
}

function folderOf(path: string): string {
  return path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '';
}

function join(folder: string, name: string): string {
  return folder === '' ? name : `${folder}/${name}`;
}

/** A path from a folder, as a path from the root; undefined where it leaves the repository. */
function resolve(folder: string, path: string): string | undefined {
  const parts = folder === '' ? [] : folder.split('/');
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..') parts.push(part);
    else if (parts.pop() === undefined) return undefined;
  }
  return parts.join('/');
}
