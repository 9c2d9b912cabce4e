import type { GroupVersionKind, KubeObject } from '../../api/kube.ts';
import type { SandboxClock } from '../clock.ts';
import { ApiStatusError, type ClusterApi, type ClusterEvent } from '../cluster.ts';
import { createWorkQueue } from './work-queue.ts';

/** What every controller works with. */
export interface ControllerContext {
  api: ClusterApi;
  clock: SandboxClock;
  log(message: string): void;
}

interface Watch {
  kind: GroupVersionKind;
  /** The keys that a change of `object` concerns; asked for the object before a change as well. */
  keys(object: KubeObject): string[];
}

interface ControllerSpec {
  name: string;
  watches: Watch[];
  /** Brings the world of one key closer to what it should be; reads everything from the API; may throw to be tried again. */
  sync(key: string, controller: Controller): void;
}

export interface Controller {
  enqueue(key: string): void;
  enqueueAfter(key: string, ms: number): void;
  stop(): void;
}

/** Starts one level-triggered controller: every object that exists and every later change puts its keys into the queue. */
export function startController(context: ControllerContext, spec: ControllerSpec): Controller {
  const { api, clock } = context;
  const queue = createWorkQueue({
    clock,
    work: (key) => spec.sync(key, controller),
    failed: (key, error) => reportFailure(context, spec.name, key, error),
  });
  const stops = spec.watches.filter((watch) => api.describe(watch.kind)).map((watch) => follow(api, watch, queue.add));
  const controller: Controller = {
    enqueue: queue.add,
    enqueueAfter: queue.addAfter,
    stop: () => {
      for (const stop of stops) stop();
      queue.stop();
    },
  };
  return controller;
}

function follow(api: ClusterApi, watch: Watch, add: (key: string) => void): () => void {
  const enqueue = (object: KubeObject) => watch.keys(object).forEach(add);
  const stop = api.watch(watch.kind, (event: ClusterEvent) => {
    enqueue(event.object);
    if (event.before) enqueue(event.before);
  });
  api.list(watch.kind).forEach(enqueue);
  return stop;
}

function reportFailure(context: ControllerContext, name: string, key: string, error: unknown): void {
  // A lost race is the normal way in which two writers meet; the next attempt reads again.
  if (error instanceof ApiStatusError && error.reason === 'Conflict') return;
  context.log(`${name}: ${key}: ${error instanceof Error ? error.message : String(error)}`);
}

/** `namespace/name`, or `/name` for cluster-scoped objects. */
export function keyOf(object: KubeObject): string {
  return `${object.metadata.namespace ?? ''}/${object.metadata.name}`;
}

export function parseKey(key: string): { namespace: string; name: string } {
  const slash = key.indexOf('/');
  return { namespace: key.slice(0, slash), name: key.slice(slash + 1) };
}
