/** Runs a reconcile function over a work queue, as sigs.k8s.io/controller-runtime does. */
import type { GroupVersionKind, KubeObject } from '../../api/kube.ts';
import type { SandboxClock } from '../clock.ts';
import type { ClusterApi } from '../cluster.ts';
import { startsRun } from './requests.ts';
import { WorkQueue } from './work-queue.ts';

/** What a reconcile asks for next. Nothing: wait for the next event. */
export interface Result {
  /** Milliseconds until the next run. */
  requeueAfter?: number;
  /** Run again soon, with back-off: the run failed, or did only the first half. */
  retry?: boolean;
}

export interface ControllerOptions {
  api: ClusterApi;
  clock: SandboxClock;
  /** The kind that is reconciled: what there is of it at the start, and whatever `startsRun` says of its changes. */
  kind: GroupVersionKind;
  concurrency: number;
  /** @param signal aborts when the controller stops. */
  reconcile: (key: string, signal: AbortSignal) => Promise<Result>;
  /** Hears of every request before the key is queued. */
  onRequest?: (key: string, trigger: KubeObject) => void;
  log: (line: string) => void;
}

export interface Controller {
  /** `trigger` is the object whose change asks for the run. */
  enqueue(key: string, trigger: KubeObject): void;
  /** Resolves when nothing runs any more. */
  stop(): Promise<void>;
}

/** `namespace/name`. */
export function keyOf(object: KubeObject): string {
  return `${object.metadata.namespace ?? ''}/${object.metadata.name}`;
}

export function splitKey(key: string): { namespace: string; name: string } {
  const slash = key.indexOf('/');
  return { namespace: key.slice(0, slash), name: key.slice(slash + 1) };
}

export function startController(options: ControllerOptions): Controller {
  const stopping = new AbortController();
  const queue: WorkQueue = new WorkQueue({
    clock: options.clock,
    concurrency: options.concurrency,
    handle: async (key) => {
      const result = await runOnce(options, key, stopping.signal);
      if (result.retry) {
        queue.addRateLimited(key);
        return;
      }
      queue.forget(key);
      if (result.requeueAfter !== undefined) queue.addAfter(key, result.requeueAfter);
    },
  });
  const enqueue = (key: string, trigger: KubeObject) => {
    options.onRequest?.(key, trigger);
    queue.add(key);
  };
  const unwatch = options.api.watch(options.kind, (event) => {
    if (startsRun(event)) enqueue(keyOf(event.object), event.object);
  });
  for (const object of options.api.list(options.kind)) enqueue(keyOf(object), object);
  return {
    enqueue,
    async stop() {
      unwatch();
      stopping.abort(new Error('the controller is stopping'));
      await queue.stop();
    },
  };
}

async function runOnce(options: ControllerOptions, key: string, signal: AbortSignal): Promise<Result> {
  try {
    return await options.reconcile(key, signal);
  } catch (error) {
    if (signal.aborted) return {};
    options.log(`${key}: ${error instanceof Error ? error.message : String(error)}`);
    return { retry: true };
  }
}
