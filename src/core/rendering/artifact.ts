/**
 * A commit's files as a GitRepository's artifact has them: regular files and directories, without what is ignored.
 * Symbolic links are left out; a submodule is an empty directory. Each file is judged by its own path, also below a
 * directory that is left out, and the default patterns count only where no ignore file in the repository has any.
 * Source of the rules: fluxcd/pkg artifact/storage archive.go Archive and SourceIgnoreFilter, sourceignore LoadIgnorePatterns.
 */
import type { FileTree, TreeEntry } from '../commit.ts';
import { joinPath, nameOf, parentOf } from './paths.ts';
import { DEFAULT_PATTERNS, type IgnorePattern, isIgnored, readIgnorePatterns, SOURCE_IGNORE } from './source-ignore.ts';

export type ArtifactEntry = TreeEntry['type'] | 'absent';

export interface Artifact {
  /** What is at a path. A path through a link or a submodule answers with those. */
  at(path: string): Promise<ArtifactEntry>;
  read(path: string): Promise<Uint8Array | undefined>;
  /** Entries that the repository has in a directory, by name, those left out among them; undefined where there is none. */
  list(directory: string): Promise<readonly TreeEntry[] | undefined>;
  /** The ignore files that were read so far, sorted. */
  ignoreFiles(): string[];
}

/** @param ignore `spec.ignore` of the GitRepository */
export function artifactOf(files: FileTree, ignore?: string): Artifact {
  return new FilteredTree(files, ignore === undefined ? [] : readIgnorePatterns(ignore, []));
}

interface Directory {
  entries: TreeEntry[];
  /** Patterns of the ignore files down to here. */
  patterns: IgnorePattern[];
}

interface Found {
  path: string;
  type: TreeEntry['type'];
}

class FilteredTree implements Artifact {
  readonly #files: FileTree;
  readonly #own: IgnorePattern[];
  readonly #directories = new Map<string, Promise<Directory | undefined>>();
  readonly #ignoreFiles = new Set<string>();
  #patternsAnywhere: Promise<boolean> | undefined;

  constructor(files: FileTree, own: IgnorePattern[]) {
    this.#files = files;
    this.#own = own;
  }

  async at(path: string): Promise<ArtifactEntry> {
    if (path === '') return 'directory';
    const found = await this.#find(path);
    return found && (await this.#isIn(found)) ? found.type : 'absent';
  }

  read(path: string): Promise<Uint8Array | undefined> {
    return this.#files.read(path);
  }

  async list(directory: string): Promise<readonly TreeEntry[] | undefined> {
    return (await this.#directory(directory))?.entries;
  }

  ignoreFiles(): string[] {
    return [...this.#ignoreFiles].sort();
  }

  /** What the repository has at a path, or the link or submodule that the path leads through. */
  async #find(path: string): Promise<Found | undefined> {
    const above = parentOf(path) === '' ? undefined : await this.#find(parentOf(path));
    if (above && above.type !== 'directory') return above.type === 'file' ? undefined : above;
    const directory = await this.#directory(parentOf(path));
    const type = directory?.entries.find(({ name }) => name === nameOf(path))?.type;
    return type === undefined ? undefined : { path, type };
  }

  /** A directory that is left out is there all the same where something below it is not. */
  async #isIn(found: Found): Promise<boolean> {
    if (!(await this.#isIgnored(found))) return true;
    if (found.type !== 'directory') return false;
    for (const { name, type } of (await this.#directory(found.path))?.entries ?? []) {
      if (type !== 'symlink' && (await this.#isIn({ path: joinPath(found.path, name), type }))) return true;
    }
    return false;
  }

  async #isIgnored({ path, type }: Found): Promise<boolean> {
    const above = await this.#directory(parentOf(path));
    const patterns = [...(above?.patterns ?? []), ...this.#own];
    const kind = type === 'directory' || type === 'submodule' ? 'directory' : 'file';
    if (patterns.length > 0 || isIgnored(path.split('/'), kind, [])) return isIgnored(path.split('/'), kind, patterns);
    // The whole repository is looked through only where the answer depends on it.
    return isIgnored(path.split('/'), kind, DEFAULT_PATTERNS) && !(await this.#hasPatterns());
  }

  #hasPatterns(): Promise<boolean> {
    this.#patternsAnywhere ??= this.#anyPatterns('');
    return this.#patternsAnywhere;
  }

  async #anyPatterns(path: string): Promise<boolean> {
    const directory = await this.#directory(path);
    if (!directory || directory.patterns.length > 0) return directory !== undefined;
    for (const { name, type } of directory.entries) {
      if (type === 'directory' && (await this.#anyPatterns(joinPath(path, name)))) return true;
    }
    return false;
  }

  #directory(path: string): Promise<Directory | undefined> {
    const known = this.#directories.get(path);
    if (known) return known;
    const loading = this.#load(path);
    this.#directories.set(path, loading);
    return loading;
  }

  async #load(path: string): Promise<Directory | undefined> {
    const above = path === '' ? undefined : await this.#directory(parentOf(path));
    const entries = await this.#files.list(path);
    if (!entries) return undefined;
    const patterns = [...(above?.patterns ?? []), ...(await this.#ignoreFile(path, entries))];
    return { entries: [...entries].sort(byName), patterns };
  }

  async #ignoreFile(directory: string, listed: TreeEntry[]): Promise<IgnorePattern[]> {
    if (!listed.some(({ name, type }) => name === SOURCE_IGNORE && type === 'file')) return [];
    const path = joinPath(directory, SOURCE_IGNORE);
    this.#ignoreFiles.add(path);
    return readIgnorePatterns(new TextDecoder().decode(await this.#files.read(path)), directory === '' ? [] : directory.split('/'));
  }
}

/** The order of a directory on disk as Go reads it: by bytes. */
function byName(a: TreeEntry, b: TreeEntry): number {
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
}
