/** Waiting for an object of the cluster to be as wanted: by watch, never by sleeping. */
import type { KubeObject, ObjectRef } from '../api/kube.ts';
import type { Clock } from '../ports.ts';
import type { StepContext } from './step.ts';

export type Awaited<T> = { kind: 'met'; object: T } | { kind: 'timed-out'; last: T | undefined };

/**
 * Follows one object until `met` says yes. `met` may be asynchronous; it sees each state in order.
 * @throws the signal's reason when interrupted; Failure of the cluster.
 */
export async function awaitObject<T extends KubeObject>(
  context: StepContext,
  ref: ObjectRef,
  met: (object: T) => boolean | Promise<boolean>,
): Promise<Awaited<T>> {
  const { cluster, signal } = context;
  const end = deadlineSignal(context);
  let last: T | undefined;
  try {
    const options = { ...(ref.namespace === undefined ? {} : { namespace: ref.namespace }), fieldSelector: `metadata.name=${ref.name}` };
    for await (const event of cluster.watch<T>({ apiVersion: ref.apiVersion, kind: ref.kind }, options, end.signal)) {
      if (event.type === 'DELETED' || event.object.metadata.name !== ref.name) continue;
      last = event.object;
      if (await met(last)) return { kind: 'met', object: last };
    }
  } finally {
    end.release();
  }
  signal.throwIfAborted();
  return { kind: 'timed-out', last };
}

/** Aborts at the deadline or with the context's signal. */
function deadlineSignal({ clock, deadline, signal }: { clock: Clock; deadline: Date; signal: AbortSignal }): {
  signal: AbortSignal;
  release(): void;
} {
  const controller = new AbortController();
  const stop = () => controller.abort(signal.reason);
  if (signal.aborted) stop();
  signal.addEventListener('abort', stop, { once: true });
  const left = deadline.getTime() - clock.now().getTime();
  clock.sleep(Math.max(0, left), controller.signal).then(
    () => controller.abort(new Error('deadline')),
    () => undefined,
  );
  return {
    signal: controller.signal,
    release: () => {
      signal.removeEventListener('abort', stop);
      controller.abort(new Error('no longer needed'));
    },
  };
}
