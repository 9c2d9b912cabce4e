/** The storage of the embedded API server: what the sandbox's controllers call in-process and the HTTP server serves. */
import type { GroupVersionKind, KubeObject, ObjectRef } from '../../api/kube.ts';
import type { SandboxClock } from '../clock.ts';
import type { ClusterApi, ClusterEvent, DeleteOptions, ListOptions, WriteOptions } from '../cluster.ts';
import { startQuotaStatus } from './admission/gates/resource-quota.ts';
import { firstObjects } from './first-objects.ts';
import { asObject } from './json.ts';
import { apiVersionOf, type Resource } from './kinds/resource.ts';
import { toVersion } from './kinds/views.ts';
import { startLifecycle } from './lifecycle.ts';
import { noSuchResource } from './refusals.ts';
import { select } from './selectors/select.ts';
import type { Change } from './storage/history.ts';
import { State } from './storage/state.ts';
import { create } from './writes/create.ts';
import { apply, patch } from './writes/patch.ts';
import { remove } from './writes/remove.ts';
import { update } from './writes/replace.ts';
import type { Place, Written } from './writes/request.ts';
import { patchScale, updateScale } from './writes/scale.ts';

export interface StoreOptions {
  clock: SandboxClock;
  /** How many changes watches can be served from; older ones answer 410 Expired. */
  historySize?: number;
}

/** The in-process API, and what the HTTP layer needs beside it. */
export interface Store extends ClusterApi {
  readonly state: State;
  /** Forgets the history up to now, as a compaction of etcd does: watches and pages that go on from before get 410. */
  compact(): void;
}

/** An empty cluster with the namespaces `default`, `kube-system`, `kube-public` and the default cluster roles. */
export function createStore({ clock, historySize = 20_000 }: StoreOptions): Store {
  const state = new State({ clock, historySize });
  startLifecycle(state);
  startQuotaStatus(state);
  const store = new InProcessStore(state);
  for (const object of firstObjects()) store.create(object, { manager: 'kube-apiserver' });
  return store;
}

class InProcessStore implements Store {
  readonly state: State;

  constructor(state: State) {
    this.state = state;
  }

  get<T extends KubeObject>(ref: ObjectRef): T | undefined {
    const { resource } = this.#place(ref);
    const found = this.state.get(resource, ref.namespace, ref.name);
    return found && (toVersion(found, resource) as T);
  }

  list<T extends KubeObject>(kind: GroupVersionKind, options: ListOptions = {}): T[] {
    const { resource } = this.#place(kind);
    const { namespace, ...selectors } = options;
    const objects = this.state.objects.list(resource.storageKey, namespace).map((object) => toVersion(object, resource));
    const matches = select(resource, selectors);
    return objects.filter(matches) as T[];
  }

  create<T extends KubeObject>(object: T, options: WriteOptions): T {
    return create(this.#place(object), object, options).object as T;
  }

  update<T extends KubeObject>(object: T, options: WriteOptions): T {
    const place = this.#place(object);
    if (options.subresource !== 'scale') return update(place, object, options).object as T;
    const replicas = asObject(object.spec).replicas;
    return this.#whole<T>(place, updateScale(place, { ...object, spec: { replicas } }, options));
  }

  patch<T extends KubeObject>(ref: ObjectRef, body: unknown, options: WriteOptions & { type: 'merge' | 'json' | 'strategic' }): T {
    const place = this.#place(ref);
    const change = { namespace: ref.namespace, name: ref.name, type: options.type, patch: body };
    if (options.subresource !== 'scale') return patch(place, change, options).object as T;
    return this.#whole<T>(place, patchScale(place, change, options));
  }

  apply<T extends KubeObject>(object: KubeObject, options: WriteOptions & { force?: boolean }): T {
    return apply(this.#place(object), object, options).object as T;
  }

  delete(ref: ObjectRef, options: DeleteOptions = {}): void {
    remove(this.#place(ref), { namespace: ref.namespace, name: ref.name, options });
  }

  watch<T extends KubeObject>(kind: GroupVersionKind, listener: (event: ClusterEvent<T>) => void): () => void {
    const { resource } = this.#place(kind);
    return this.state.subscribe(resource.storageKey, (change) => listener(eventOf<T>(change, resource)));
  }

  describe(kind: GroupVersionKind): { namespaced: boolean; plural: string } | undefined {
    const resource = this.state.registry.byKind(kind);
    return resource && { namespaced: resource.namespaced, plural: resource.plural };
  }

  kinds(): GroupVersionKind[] {
    return this.state.registry.all().map((resource) => ({ apiVersion: apiVersionOf(resource), kind: resource.kind }));
  }

  compact(): void {
    this.state.history.compact(this.state.history.revision);
  }

  #place({ apiVersion, kind }: GroupVersionKind): Place {
    const resource = this.state.registry.byKind({ apiVersion, kind });
    if (!resource) throw noSuchResource();
    return { state: this.state, resource };
  }

  /** The scaled object itself, where the write answers with its Scale. */
  #whole<T extends KubeObject>({ resource }: Place, { object }: Written): T {
    const { namespace, name } = object.metadata;
    return toVersion(this.state.get(resource, namespace, name) as KubeObject, resource) as T;
  }
}

function eventOf<T extends KubeObject>({ type, object, before }: Change, resource: Resource): ClusterEvent<T> {
  const event: ClusterEvent<T> = { type, object: toVersion(object, resource) as T };
  if (type === 'MODIFIED' && before) event.before = toVersion(before, resource) as T;
  return event;
}
