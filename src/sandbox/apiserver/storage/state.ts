import type { KubeObject } from '../../../api/kube.ts';
import type { SandboxClock } from '../../clock.ts';
import { deepFreeze } from '../json.ts';
import { Registry } from '../kinds/registry.ts';
import type { Resource } from '../kinds/resource.ts';
import { type Change, History } from './history.ts';
import { keyOf, Objects } from './objects.ts';

const DEFINITIONS = 'customresourcedefinitions.apiextensions.k8s.io';

type Listener = (change: Change) => void;

interface Subscription {
  /** Absent: every resource. */
  storageKey: string | undefined;
  after: number;
  listener: Listener;
}

/** Objects, their history and who follows it. The only place where anything is committed. */
export class State {
  readonly clock: SandboxClock;
  readonly registry = new Registry();
  readonly objects = new Objects();
  readonly history: History;
  readonly #subscriptions = new Set<Subscription>();
  #undelivered: Change[] = [];

  constructor(options: { clock: SandboxClock; historySize: number }) {
    this.clock = options.clock;
    this.history = new History(options.historySize);
  }

  /** RFC 3339, seconds: how the API writes times. */
  now(): string {
    return this.clock
      .now()
      .toISOString()
      .replace(/\.\d+Z$/, 'Z');
  }

  get(resource: Resource, namespace: string | undefined, name: string): KubeObject | undefined {
    return this.objects.get(resource.storageKey, keyOf(resource.namespaced ? namespace : undefined, name));
  }

  /** Stores an object (in its storage version) under the next resourceVersion and tells who follows. */
  put(storageKey: string, object: KubeObject): KubeObject {
    const key = keyOf(object.metadata.namespace, object.metadata.name);
    const before = this.objects.get(storageKey, key);
    const revision = this.history.nextRevision();
    const stored = deepFreeze({ ...object, metadata: { ...object.metadata, resourceVersion: String(revision) } });
    this.objects.put(storageKey, key, stored);
    this.#publish({ revision, storageKey, type: before ? 'MODIFIED' : 'ADDED', object: stored, ...(before ? { before } : {}) });
    return stored;
  }

  /** Takes an object out; watchers see its last state with the revision of the deletion. */
  remove(storageKey: string, object: KubeObject): KubeObject {
    const key = keyOf(object.metadata.namespace, object.metadata.name);
    const before = this.objects.get(storageKey, key) ?? object;
    const revision = this.history.nextRevision();
    const last = deepFreeze({ ...object, metadata: { ...object.metadata, resourceVersion: String(revision) } });
    this.objects.remove(storageKey, key);
    this.#publish({ revision, storageKey, type: 'DELETED', object: last, before });
    return last;
  }

  /** Follows changes committed from now on, in order, each in a microtask after its commit. Returns how to stop. */
  subscribe(storageKey: string | undefined, listener: Listener): () => void {
    const subscription = { storageKey, after: this.history.revision, listener };
    this.#subscriptions.add(subscription);
    return () => void this.#subscriptions.delete(subscription);
  }

  #publish(change: Change): void {
    this.history.record(change);
    if (change.storageKey === DEFINITIONS) this.#follow(change);
    if (this.#undelivered.length === 0) queueMicrotask(() => this.#deliver());
    this.#undelivered.push(change);
  }

  #follow({ type, object }: Change): void {
    if (type === 'DELETED') this.registry.undefine(object.metadata.name);
    else this.registry.define(object);
  }

  #deliver(): void {
    const changes = this.#undelivered;
    this.#undelivered = [];
    for (const change of changes) {
      for (const { storageKey, after, listener } of [...this.#subscriptions]) {
        if (change.revision > after && (storageKey === undefined || storageKey === change.storageKey)) notify(listener, change);
      }
    }
  }
}

/** One listener's exception must not keep the others from the change; it is thrown where it can be seen. */
function notify(listener: Listener, change: Change): void {
  try {
    listener(change);
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}
