/** Git's data, plain. */

/** 40 lower-case hex digits (SHA-1) of a commit. */
export type Sha = string;
/** Object id of a tree. */
export type TreeId = string;

export interface Person {
  name: string;
  email: string;
}

export interface Commit {
  sha: Sha;
  parents: Sha[];
  author: Person;
  /** RFC 3339. */
  authoredAt: string;
  committer: Person;
  /** RFC 3339. */
  committedAt: string;
  subject: string;
  /** Everything after the subject, trailers included. */
  body: string;
}

export interface PathChange {
  status: 'added' | 'deleted' | 'modified' | 'renamed' | 'type-changed';
  path: string;
  /** The path before a rename. */
  from?: string;
}

/** A commit with the paths that it changed against its first parent. */
export interface CommitWithPaths extends Commit {
  changes: PathChange[];
  /** Of a merge: those commits that it brought in which take others back. Present where they were looked for. */
  merged?: Pick<Commit, 'sha' | 'body'>[];
}

/** Files of one commit, read on demand; paths are relative to the root of the repository, with `/`. */
export interface FileTree {
  /** The bytes of a regular file; undefined where there is none. Symlinks are not followed: `link` tells. */
  read(path: string): Promise<Uint8Array | undefined>;
  /** Names in a directory; undefined where there is no such directory. `''` is the root. */
  list(path: string): Promise<TreeEntry[] | undefined>;
  /** What a symlink points to; undefined where there is none. */
  link?(path: string): Promise<string | undefined>;
}

export interface TreeEntry {
  name: string;
  type: 'file' | 'directory' | 'symlink' | 'submodule';
}

/** Which lines of which files. */
export interface LineQuery {
  /** Names of files, in any folder. */
  names: string[];
  /** POSIX extended regular expression. */
  pattern: string;
}

/** A change of one file on top of a tree; `content: null` deletes. */
export interface FileEdit {
  path: string;
  content: Uint8Array | null;
}

/** A file on which a three-way revert conflicts: the three sides, undefined where a side lacks the file. */
export interface ConflictFile {
  path: string;
  /** The file as the reverted commit left it. */
  base: Uint8Array | undefined;
  /** The file now. */
  ours: Uint8Array | undefined;
  /** The file as it was before the reverted commit. */
  theirs: Uint8Array | undefined;
  /** Where the file is now, when the revert also renames it to `path`; a resolution writes `path` and deletes this one. */
  oursPath?: string;
}

export type RevertOutcome =
  | { kind: 'clean'; tree: TreeId }
  /** The tree is already as if the commit had been reverted. */
  | { kind: 'unchanged' }
  /** `tree` holds every file that merged; the conflicted ones are left as in `ours`. `sha` is the commit that conflicts. */
  | { kind: 'conflict'; sha: Sha; tree: TreeId; files: ConflictFile[] }
  /** A merge needs to be told which parent is the mainline. */
  | { kind: 'merge'; sha: Sha; parents: Sha[] };

export type PushOutcome =
  | { kind: 'pushed' }
  /** The branch is no longer where it was expected. */
  | { kind: 'moved'; head: Sha | undefined }
  /** The remote refused: branch protection, a hook, no write access. `message` is what it said. */
  | { kind: 'refused'; reason: 'protected' | 'hook' | 'permission' | 'unknown'; message: string };
