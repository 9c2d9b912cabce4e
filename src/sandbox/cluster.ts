/**
 * What the sandbox's own controllers see of its API server: the same storage, admission and field management as over
 * HTTP, called in-process and synchronously. `apiserver/` implements it.
 */
import type { GroupVersionKind, KubeObject, ObjectRef } from '../api/kube.ts';

/** The API's own error body (`kind: Status`). */
export interface ApiStatus {
  kind: 'Status';
  apiVersion: 'v1';
  metadata: Record<string, unknown>;
  status: 'Failure' | 'Success';
  message: string;
  reason: string;
  details?: {
    name?: string;
    group?: string;
    kind?: string;
    uid?: string;
    causes?: { reason: string; message: string; field?: string }[];
    retryAfterSeconds?: number;
  };
  code: number;
}

/** Thrown by every verb for what the API server refuses. */
export class ApiStatusError extends Error {
  override readonly name = 'ApiStatusError';
  readonly status: ApiStatus;

  constructor(status: ApiStatus) {
    super(status.message);
    this.status = status;
  }

  get code(): number {
    return this.status.code;
  }

  get reason(): string {
    return this.status.reason;
  }
}

export interface WriteOptions {
  /** Field manager. */
  manager: string;
  subresource?: 'status' | 'scale' | 'binding';
  dryRun?: boolean;
}

export interface ListOptions {
  namespace?: string;
  labelSelector?: string;
  fieldSelector?: string;
}

export interface DeleteOptions {
  propagationPolicy?: 'Background' | 'Foreground' | 'Orphan';
  gracePeriodSeconds?: number;
  preconditions?: { uid?: string; resourceVersion?: string };
}

export interface ClusterEvent<T extends KubeObject = KubeObject> {
  type: 'ADDED' | 'MODIFIED' | 'DELETED';
  object: T;
  /** The object before a MODIFIED. */
  before?: T;
}

/** Objects handed out are frozen copies or must be treated as such: change a clone, then write it. */
export interface ClusterApi {
  get<T extends KubeObject>(ref: ObjectRef): T | undefined;
  list<T extends KubeObject>(kind: GroupVersionKind, options?: ListOptions): T[];
  /** `metadata.generateName` is honoured. @throws ApiStatusError 409 AlreadyExists, 422 Invalid, 404 (namespace, kind) */
  create<T extends KubeObject>(object: T, options: WriteOptions): T;
  /** Replaces; with `metadata.resourceVersion` set only where it is still current. @throws ApiStatusError 404, 409, 422 */
  update<T extends KubeObject>(object: T, options: WriteOptions): T;
  patch<T extends KubeObject>(ref: ObjectRef, patch: unknown, options: WriteOptions & { type: 'merge' | 'json' | 'strategic' }): T;
  /** Server-side apply. @throws ApiStatusError 409 Conflict with one cause a field, 422, 404 */
  apply<T extends KubeObject>(object: KubeObject, options: WriteOptions & { force?: boolean }): T;
  /** @throws ApiStatusError 404, 409 (preconditions) */
  delete(ref: ObjectRef, options?: DeleteOptions): void;
  /** Calls `listener` after every committed change of the kind, in order, never from within the write itself (next microtask). */
  watch<T extends KubeObject>(kind: GroupVersionKind, listener: (event: ClusterEvent<T>) => void): () => void;
  /** Is this kind served, and is it namespaced? */
  describe(kind: GroupVersionKind): { namespaced: boolean; plural: string } | undefined;
  /** Every kind that is served. */
  kinds(): GroupVersionKind[];
}

export interface LogRequest {
  container?: string;
  previous?: boolean;
  follow?: boolean;
  tailLines?: number;
  sinceSeconds?: number;
  timestamps?: boolean;
}

/** Logs of pods, as the kubelet serves them; `apiserver/` hands them on. */
export interface PodLogs {
  /** @throws ApiStatusError 400 where the container is not yet running or has no previous run, 404 unknown. */
  read(pod: { namespace: string; name: string }, request: LogRequest, signal: AbortSignal): AsyncIterable<string>;
}

/** Where Services and Pods really listen; `apiserver/` proxies to it (`…/services/NAME:PORT/proxy/…`). */
export interface Routes {
  /** A ready endpoint of the Service's port (name or number); undefined where none is ready. */
  service(namespace: string, name: string, port: string): { host: string; port: number } | undefined;
  pod(namespace: string, name: string, port: number): { host: string; port: number } | undefined;
}
