/** Git's listing of a tree, as data. */
import type { ArtifactEntry } from '../build.ts';

export interface TreeFile {
  /** `100644`, `100755`; `120000` for symlinks, `160000` for submodules. */
  mode: string;
  sha: string;
  path: string;
}

/** Reads the output of `git ls-tree -r -z`. */
export function readTree(output: Buffer): TreeFile[] {
  return output
    .toString('utf8')
    .split('\0')
    .filter(Boolean)
    .map((line) => {
      const tab = line.indexOf('\t');
      const [mode = '', , sha = ''] = line.slice(0, tab).split(' ');
      return { mode, sha, path: line.slice(tab + 1) };
    });
}

/** A regular file: what Flux takes into an artifact; symlinks and submodules it leaves out. */
export function isRegular(file: TreeFile): boolean {
  return file.mode === '100644' || file.mode === '100755';
}

/** Directories of a tree with what each holds; `''` is the root. */
export function directoriesOf(files: readonly TreeFile[]): Map<string, ArtifactEntry[]> {
  const directories = new Map<string, ArtifactEntry[]>([['', []]]);
  for (const file of files) {
    const parent = ensureDirectory(directories, parentOf(file.path));
    parent.push({ name: nameOf(file.path), type: typeOf(file.mode) });
  }
  return directories;
}

function ensureDirectory(directories: Map<string, ArtifactEntry[]>, directory: string): ArtifactEntry[] {
  const known = directories.get(directory);
  if (known) return known;
  const entries: ArtifactEntry[] = [];
  directories.set(directory, entries);
  ensureDirectory(directories, parentOf(directory)).push({ name: nameOf(directory), type: 'directory' });
  return entries;
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

function typeOf(mode: string): ArtifactEntry['type'] {
  if (mode === '120000') return 'symlink';
  return mode === '160000' ? 'submodule' : 'file';
}
