/**
 * What the engine and the steps need from the world. Adapters implement these; nothing inside imports an adapter.
 * Every method that fails for a reason of its own (network, permission, broken data) throws `Failure`.
 */

import type { KustomizationBuildSpec, SubstituteReference } from './api/flux.ts';
import type { GroupVersionKind, KubeObject, ObjectRef } from './api/kube.ts';
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
} from './core/commit.ts';
import type { Failure } from './core/failure.ts';
import type { JournalEntry } from './core/journal.ts';

/** Time. Durations are milliseconds. */
export interface Clock {
  now(): Date;
  /** Resolves after `ms`; rejects with the signal's reason when aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

export interface CommitQuery {
  from: Sha;
  /** Leave out what is reachable from these. */
  exclude?: Sha[];
  /** Only commits that touch one of these paths (files or directories). */
  paths?: string[];
  /** Which parents are followed; default: the first ones. With `every`, what merged branches brought comes too. */
  parents?: 'first' | 'every';
  /** Only commits whose message has a line that matches this POSIX extended expression. */
  saying?: string;
  limit?: number;
}

export interface NewCommit {
  tree: TreeId;
  parents: Sha[];
  message: string;
  author: Person;
}

/** A Git repository, through a bare mirror in the cache. No work tree is ever made. */
export interface GitRepo {
  /** The URL without credentials, for people. */
  readonly url: string;
  readonly branch: string;
  /** Brings the mirror up to date; resolves to the branch's head. */
  fetch(): Promise<Sha>;
  /** The commit that a revision names (full or short sha, tag, branch, `HEAD~2`, `main@sha1:…`); undefined where none does. */
  resolve(revision: string): Promise<Sha | undefined>;
  commit(sha: Sha): Promise<Commit>;
  /** First-parent order, newest first, each with the paths changed against its first parent. */
  commits(query: CommitQuery): Promise<CommitWithPaths[]>;
  /** Paths that differ between two commits; `from: null` is the empty tree. */
  changes(from: Sha | null, to: Sha | TreeId): Promise<PathChange[]>;
  isAncestor(ancestor: Sha, descendant: Sha): Promise<boolean>;
  files(at: Sha | TreeId): FileTree;
  /** Path → the lines that match, of every file with one of these names. */
  lines(at: Sha | TreeId, query: LineQuery): Promise<Map<string, string[]>>;
  /**
   * Reverts `commits` (newest first) one after another on top of `onto`, in memory, by git's own three-way merge.
   * @param mainline parent number (from 1) for merges, as `git revert -m`.
   */
  revert(onto: Sha, commits: Sha[], mainline?: number): Promise<RevertOutcome>;
  /** Writes a tree: that of `onto` with `edits`. */
  writeTree(onto: Sha | TreeId, edits: FileEdit[]): Promise<TreeId>;
  /** Writes a tree: that of `onto` with exactly `paths` as they are in `source` (absent there: deleted). */
  restoreTree(onto: Sha | TreeId, source: Sha, paths: string[]): Promise<TreeId>;
  createCommit(commit: NewCommit): Promise<Sha>;
  /** Pushes `sha` to `branch` as a fast-forward of `expected` (`null`: the branch must not exist), else says what is there. */
  push(sha: Sha, branch: string, expected: Sha | null): Promise<PushOutcome>;
  /** The name and email that new commits carry: configured, or from git's own configuration; undefined where neither is. */
  identity(): Promise<Person | undefined>;
  /** Ends what the adapter keeps running; the repository cannot be used afterwards. */
  close?(): Promise<void>;
}

export interface RenderRequest {
  files: FileTree;
  spec: KustomizationBuildSpec;
  /** Values of `substituteFrom`, read live by the caller; `spec.postBuild.substitute` wins over them. */
  variables?: Record<string, string>;
  /** `variables` lacks some that may not be read: what has no value stays as it is written. */
  incomplete?: true;
  /** The first of `substituteFrom` that is not there and has to be: Flux refuses to substitute anything. */
  absent?: SubstituteReference;
  /** `spec.ignore` of the GitRepository: what it leaves out of the artifact, in place of Flux's defaults. */
  sourceIgnore?: string;
}

export type RenderOutcome =
  | {
      kind: 'rendered';
      objects: KubeObject[];
      /** Every file that the build read, sorted. */
      inputs: string[];
      /** Directories in which the build looked for files, sorted: one that appears there may change the outcome. */
      directories?: string[];
    }
  | { kind: 'failed'; message: string; inputs: string[]; directories?: string[] };

export interface Renderer {
  /** For people: what builds, for example `kustomize v5.8.1 (Go)` or `kubectl kustomize v5.5.0`. */
  readonly engine: string;
  render(request: RenderRequest): Promise<RenderOutcome>;
}

export interface ListOptions {
  namespace?: string;
  labelSelector?: string;
  fieldSelector?: string;
}

export interface PatchOptions {
  type: 'merge' | 'json' | 'apply';
  subresource?: 'status';
  /** Server-side apply alone: take over fields of other managers. */
  force?: boolean;
  dryRun?: boolean;
}

export interface LogOptions {
  container?: string;
  previous?: boolean;
  tailLines?: number;
}

export interface WatchEvent<T extends KubeObject = KubeObject> {
  type: 'ADDED' | 'MODIFIED' | 'DELETED';
  object: T;
}

export interface HttpAnswer {
  status: number;
  body: string;
}

/** Something that one may be allowed to do. */
export interface Access extends GroupVersionKind {
  verb: 'get' | 'list' | 'watch' | 'create' | 'patch' | 'delete';
  subresource?: string;
  /** Absent: in all namespaces, or of a cluster-scoped kind. */
  namespace?: string;
  name?: string;
}

/** A Kubernetes API server. Every write carries field manager `ebb`. */
export interface Cluster {
  /** For people: the context and server, `kind-dev (https://127.0.0.1:6443)`. */
  readonly name: string;
  /** The namespace of the context, or `flux-system` where it has none. */
  readonly namespace: string;
  get<T extends KubeObject>(ref: ObjectRef): Promise<T | undefined>;
  list<T extends KubeObject>(kind: GroupVersionKind, options?: ListOptions): Promise<T[]>;
  /** Lists, then follows; ends when `signal` aborts; reconnects on its own and after `410 Gone` lists again. */
  watch<T extends KubeObject>(kind: GroupVersionKind, options: ListOptions, signal: AbortSignal): AsyncIterable<WatchEvent<T>>;
  create<T extends KubeObject>(object: T): Promise<T>;
  patch<T extends KubeObject>(ref: ObjectRef, body: unknown, options: PatchOptions): Promise<T>;
  /** Resolves to false where it was not there, or is another one by now than the one with this `uid`. */
  delete(ref: ObjectRef, only?: { uid?: string }): Promise<boolean>;
  logs(pod: { namespace: string; name: string }, options?: LogOptions): Promise<string>;
  /** HTTP GET of a Service's port through the API server's proxy. */
  serviceGet(service: { namespace: string; name: string; port: string }, path: string): Promise<HttpAnswer>;
  /** Asks whether one may do this. @returns what it would fail with; undefined where it is allowed, or where that cannot be told. */
  refusal(access: Access): Promise<Failure | undefined>;
  /** Does the API server serve this kind? */
  serves(kind: GroupVersionKind): Promise<boolean>;
}

/** Rollback journals: append-only, each entry on disk before the next thing happens. */
export interface Journal {
  append(rollbackId: string, entry: JournalEntry): Promise<void>;
  read(rollbackId: string): Promise<JournalEntry[]>;
  /** Ids, newest first. */
  list(): Promise<string[]>;
}
