/**
 * A commit's files as a GitRepository's artifact has them: regular files and directories, without what is ignored.
 * Symbolic links are left out (fluxcd/pkg artifact/storage archive.go Archive); a submodule is an empty directory.
 */
import type { FileTree, TreeEntry } from '../commit.ts';
import { joinPath, nameOf, parentOf } from './paths.ts';
import { type IgnorePattern, isIgnored, readIgnorePatterns, SOURCE_IGNORE } from './source-ignore.ts';

export type ArtifactEntry = TreeEntry['type'] | 'absent';

export interface Artifact {
  /** What is at a path. A path through a link or a submodule answers with those. */
  at(path: string): Promise<ArtifactEntry>;
  read(path: string): Promise<Uint8Array | undefined>;
  /** Entries of a directory by name, those left out not among them; undefined where there is no such directory. */
  list(directory: string): Promise<TreeEntry[] | undefined>;
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

class FilteredTree implements Artifact {
  readonly #files: FileTree;
  readonly #own: IgnorePattern[];
  readonly #directories = new Map<string, Promise<Directory | undefined>>();
  readonly #ignoreFiles = new Set<string>();

  constructor(files: FileTree, own: IgnorePattern[]) {
    this.#files = files;
    this.#own = own;
  }

  async at(path: string): Promise<ArtifactEntry> {
    if (path === '') return 'directory';
    const above = await this.at(parentOf(path));
    if (above === 'file') return 'absent';
    if (above !== 'directory') return above;
    const directory = await this.#directory(parentOf(path));
    return directory?.entries.find(({ name }) => name === nameOf(path))?.type ?? 'absent';
  }

  read(path: string): Promise<Uint8Array | undefined> {
    return this.#files.read(path);
  }

  async list(directory: string): Promise<TreeEntry[] | undefined> {
    return (await this.#directory(directory))?.entries;
  }

  ignoreFiles(): string[] {
    return [...this.#ignoreFiles].sort();
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
    const listed = await this.#files.list(path);
    if (!listed) return undefined;
    const patterns = [...(above?.patterns ?? []), ...(await this.#ignoreFile(path, listed))];
    const effective = [...patterns, ...this.#own];
    const entries = listed.filter(({ name, type }) => !isIgnored(partsOf(joinPath(path, name)), kindOf(type), effective));
    return { entries: entries.sort(byName), patterns };
  }

  async #ignoreFile(directory: string, listed: TreeEntry[]): Promise<IgnorePattern[]> {
    if (!listed.some(({ name, type }) => name === SOURCE_IGNORE && type === 'file')) return [];
    const path = joinPath(directory, SOURCE_IGNORE);
    this.#ignoreFiles.add(path);
    return readIgnorePatterns(new TextDecoder().decode(await this.#files.read(path)), directory === '' ? [] : partsOf(directory));
  }
}

function partsOf(path: string): string[] {
  return path.split('/');
}

function kindOf(type: TreeEntry['type']): 'file' | 'directory' {
  return type === 'directory' || type === 'submodule' ? 'directory' : 'file';
}

/** The order of a directory on disk as Go reads it: by bytes. */
function byName(a: TreeEntry, b: TreeEntry): number {
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
}
