/** The garbage collector. Source: pkg/controller/garbagecollector (garbagecollector.go, graph_builder.go). */
import type { GroupVersionKind, KubeObject, OwnerReference } from '../../../api/kube.ts';
import { refOf } from '../../../api/kube.ts';
import { ApiStatusError, type ClusterApi, type ClusterEvent } from '../../cluster.ts';
import type { Controller, ControllerContext } from '../controller.ts';
import { CONTROLLER_MANAGER, CUSTOM_RESOURCE, EVENT } from '../kinds.ts';
import { createWorkQueue } from '../work-queue.ts';
import { createOwnerGraph, type OwnerGraph } from './graph.ts';

const FOREGROUND = 'foregroundDeletion';
const ORPHAN = 'orphan';
/** Kinds may appear and vanish without an event of their own (a CRD that gets established): looked at again after so long. */
const DISCOVERY_MS = 30_000;

interface Collector {
  context: ControllerContext;
  graph: OwnerGraph;
  enqueue(uid: string): void;
}

export function startGarbageCollector(context: ControllerContext): Controller {
  const { api, clock } = context;
  const graph = createOwnerGraph();
  const queue = createWorkQueue({
    clock,
    work: (uid) => collect({ context, graph, enqueue: queue.add }, uid),
    failed: (uid, error) => context.log(`garbage-collector: ${uid}: ${(error as Error).message}`),
  });
  const followed = new Map<string, () => void>();
  const see = (event: ClusterEvent) => observe({ context, graph, enqueue: queue.add }, event);

  const discover = () => {
    for (const kind of api.kinds()) {
      const key = `${kind.apiVersion}/${kind.kind}`;
      if (followed.has(key) || kind.kind === EVENT.kind) continue;
      followed.set(key, follow(api, kind, see));
    }
  };

  let timer = clock.after(DISCOVERY_MS, function again() {
    discover();
    timer = clock.after(DISCOVERY_MS, again);
  });
  discover();
  const stopCustom = api.describe(CUSTOM_RESOURCE) ? api.watch(CUSTOM_RESOURCE, discover) : () => undefined;

  return {
    enqueue: queue.add,
    enqueueAfter: queue.addAfter,
    stop: () => {
      timer.cancel();
      stopCustom();
      for (const stop of followed.values()) stop();
      queue.stop();
    },
  };
}

function follow(api: ClusterApi, kind: GroupVersionKind, see: (event: ClusterEvent) => void): () => void {
  try {
    const stop = api.watch(kind, see);
    for (const object of api.list(kind)) see({ type: 'ADDED', object });
    return stop;
  } catch (error) {
    // Kinds without a list (reviews, scale) own nothing.
    if (error instanceof ApiStatusError) return () => undefined;
    throw error;
  }
}

function observe({ graph, enqueue }: Collector, { type, object }: ClusterEvent): void {
  const uid = object.metadata.uid ?? '';
  if (type === 'DELETED') {
    const { dependents, owners } = graph.drop(uid);
    dependents.forEach(enqueue);
    owners.forEach(enqueue);
    return;
  }
  graph.put(object);
  if (object.metadata.deletionTimestamp) {
    if (hasFinalizer(object, FOREGROUND)) graph.dependentsOf(uid).forEach(enqueue);
    if (hasFinalizer(object, FOREGROUND) || hasFinalizer(object, ORPHAN)) enqueue(uid);
  }
  if ((object.metadata.ownerReferences ?? []).length > 0) enqueue(uid);
}

function hasFinalizer(object: KubeObject, finalizer: string): boolean {
  return (object.metadata.finalizers ?? []).includes(finalizer);
}

function isForeground(object: KubeObject): boolean {
  return Boolean(object.metadata.deletionTimestamp) && hasFinalizer(object, FOREGROUND);
}

function current({ context, graph }: Collector, uid: string): KubeObject | undefined {
  const ref = graph.find(uid);
  if (!ref || !context.api.describe(ref)) return undefined;
  const object = context.api.get<KubeObject>(ref);
  return object?.metadata.uid === uid ? object : undefined;
}

function collect(collector: Collector, uid: string): void {
  const object = current(collector, uid);
  if (!object) return;
  if (object.metadata.deletionTimestamp) {
    if (hasFinalizer(object, ORPHAN)) {
      orphanDependents(collector, object);
      return;
    }
    if (hasFinalizer(object, FOREGROUND)) {
      awaitDependents(collector, object);
      return;
    }
    return;
  }
  judgeOwners(collector, object);
}

function orphanDependents(collector: Collector, owner: KubeObject): void {
  const uid = owner.metadata.uid ?? '';
  for (const dependent of liveDependents(collector, uid)) dropOwners(collector, dependent, new Set([uid]));
  removeFinalizer(collector, owner, ORPHAN);
}

/** The owner goes once nothing that blocks it is left. */
function awaitDependents(collector: Collector, owner: KubeObject): void {
  const uid = owner.metadata.uid ?? '';
  const blocking = liveDependents(collector, uid).filter((dependent) =>
    dependent.metadata.ownerReferences?.some((reference) => reference.uid === uid && reference.blockOwnerDeletion),
  );
  if (blocking.length === 0) {
    removeFinalizer(collector, owner, FOREGROUND);
    return;
  }
  for (const dependent of blocking) {
    if (!dependent.metadata.deletionTimestamp) collector.enqueue(dependent.metadata.uid ?? '');
  }
}

function liveDependents(collector: Collector, uid: string): KubeObject[] {
  const dependents = collector.graph.dependentsOf(uid).map((dependent) => current(collector, dependent));
  return dependents.filter((dependent) => dependent !== undefined);
}

/** Deletes an object whose owners are all gone or going; drops references to those that are where another still stands. */
function judgeOwners(collector: Collector, object: KubeObject): void {
  const { context, graph } = collector;
  const owners = object.metadata.ownerReferences ?? [];
  if (owners.length === 0) return;
  const states = owners.map((owner) => ({ owner, state: stateOf(collector, object, owner) }));
  if (states.some(({ state }) => state === 'unknown')) return;
  const gone = states.filter(({ state }) => state !== 'solid').map(({ owner }) => owner.uid);
  if (gone.length === 0) return;
  if (gone.length < owners.length) {
    dropOwners(collector, object, new Set(gone));
    return;
  }
  const waiting = states.some(({ state }) => state === 'waiting');
  const hasDependents = graph.dependentsOf(object.metadata.uid ?? '').length > 0;
  const uid = object.metadata.uid ?? '';
  const propagationPolicy = waiting && hasDependents ? 'Foreground' : policyOf(object);
  try {
    context.api.delete(refOf(object), { propagationPolicy, preconditions: { uid } });
  } catch (error) {
    if (!(error instanceof ApiStatusError) || (error.code !== 404 && error.code !== 409)) throw error;
  }
}

function policyOf(object: KubeObject): 'Orphan' | 'Foreground' | 'Background' {
  if (hasFinalizer(object, ORPHAN)) return 'Orphan';
  return hasFinalizer(object, FOREGROUND) ? 'Foreground' : 'Background';
}

/** `waiting`: the owner is being deleted in the foreground and waits for this one. */
function stateOf(
  { context: { api } }: Collector,
  object: KubeObject,
  reference: OwnerReference,
): 'solid' | 'dangling' | 'waiting' | 'unknown' {
  const { apiVersion, kind, name, uid } = reference;
  const served = api.describe({ apiVersion, kind });
  if (!served) return 'unknown';
  const { namespace } = object.metadata;
  if (served.namespaced && !namespace) return 'unknown';
  const owner = api.get<KubeObject>({ apiVersion, kind, name, ...(served.namespaced ? { namespace } : {}) });
  if (owner?.metadata.uid !== uid) return 'dangling';
  return isForeground(owner) ? 'waiting' : 'solid';
}

function dropOwners({ context }: Collector, object: KubeObject, uids: Set<string>): void {
  const clone = structuredClone(object);
  const ownerReferences = (clone.metadata.ownerReferences ?? []).filter((owner) => !uids.has(owner.uid));
  context.api.update({ ...clone, metadata: { ...clone.metadata, ownerReferences } }, { manager: CONTROLLER_MANAGER });
}

function removeFinalizer({ context }: Collector, object: KubeObject, finalizer: string): void {
  const clone = structuredClone(object);
  const finalizers = (clone.metadata.finalizers ?? []).filter((other) => other !== finalizer);
  context.api.update({ ...clone, metadata: { ...clone.metadata, finalizers } }, { manager: CONTROLLER_MANAGER });
}
