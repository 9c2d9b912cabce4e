/** Deletes pods of the bad version that never got ready and that a StatefulSet would wait for for ever: one at a time, by uid. */
import { isTrue } from '../api/conditions.ts';
import { formatRef, type KubeObject, type ObjectRef } from '../api/kube.ts';
import { formatTarget } from '../api/target.ts';
import type { Pod, Workload } from '../api/workloads.ts';
import { brokenPods, claimsOf } from '../core/broken-pods/broken-pods.ts';
import { Failure } from '../core/failure.ts';
import { untilApplied } from './applied.ts';
import type { StepContext, StepHandler, StepOutcome } from './step.ts';

/** Between two looks, in milliseconds. */
const LOOK_EVERY = 300;

export const replaceBrokenPodsStep: StepHandler<'replace-broken-pods'> = {
  kind: 'replace-broken-pods',
  describe: (step) =>
    `delete pods of the bad version that never got ready, one at a time: ${step.sets.map(formatRef).join(', ')} would wait for them for ever`,
  run: async (step, context) => {
    const awaited = await untilApplied(context, step.target, step.revision);
    if (awaited.kind === 'timed-out')
      return {
        kind: 'timed-out',
        message: 'Flux did not apply the good version in time, so no pod was touched',
        next: [`ebb status ${formatTarget(step.target)}`],
      };
    const deleted: string[] = [];
    for (const ref of step.sets) {
      const stopped = await replaceIn(context, ref, deleted);
      if (stopped) return stopped;
    }
    if (deleted.length === 0) return { kind: 'done', found: true, message: 'no pod stands in the way' };
    return { kind: 'done', found: false, message: `deleted ${deleted.map((name) => `pod ${name}`).join(', ')}` };
  },
};

/** @returns an outcome where the step must stop. */
async function replaceIn(context: StepContext, ref: ObjectRef, deleted: string[]): Promise<StepOutcome | undefined> {
  const { clock, signal, deadline } = context;
  for (;;) {
    signal.throwIfAborted();
    const look = await lookAt(context, ref);
    if (look === 'clear') return undefined;
    if (clock.now() >= deadline)
      return {
        kind: 'timed-out',
        message: `the controller of ${formatRef(ref)} did not look at it in time`,
        next: [`kubectl describe statefulset ${ref.name} -n ${ref.namespace}`],
      };
    if (look === 'unseen') {
      await clock.sleep(LOOK_EVERY, signal);
      continue;
    }
    const stopped = (await remove(context, look, deleted)) ?? (await untilReplaced(context, look));
    if (stopped) return stopped;
  }
}

/** The next pod to delete; `unseen` while the controller has not looked at the good template yet. */
async function lookAt({ cluster }: StepContext, ref: ObjectRef): Promise<Pod | 'clear' | 'unseen'> {
  const set = await cluster.get<Workload>(ref);
  if (!set) return 'clear';
  if (set.status?.observedGeneration !== set.metadata.generation) return 'unseen';
  const pods = await cluster.list<Pod>({ apiVersion: 'v1', kind: 'Pod' }, { namespace: ref.namespace as string });
  return brokenPods(set, pods)[0] ?? 'clear';
}

async function remove(context: StepContext, pod: Pod, deleted: string[]): Promise<StepOutcome | undefined> {
  const { namespace, name, uid } = pod.metadata;
  const unsafe = await unsafeClaim(context, pod);
  if (unsafe) return { kind: 'failed', reason: 'VolumeNotSafe', message: unsafe, next: [`kubectl describe pod ${name} -n ${namespace}`] };
  context.progress(`deleting pod ${name}, which never got ready`);
  try {
    const gone = await context.cluster.delete({ apiVersion: 'v1', kind: 'Pod', namespace, name }, uid === undefined ? {} : { uid });
    if (gone) deleted.push(name);
    return undefined;
  } catch (error) {
    if (!(error instanceof Failure) || error.code !== 'Forbidden') throw error;
    const message = `pod ${name} of the bad version stands in the way: ${error.message}`;
    return { kind: 'failed', reason: 'Forbidden', message, next: [`kubectl delete pod ${name} -n ${namespace}`] };
  }
}

/** The next one is touched only once this one's successor is ready. */
async function untilReplaced(context: StepContext, { metadata }: Pod): Promise<StepOutcome | undefined> {
  const { cluster, clock, signal, deadline, progress } = context;
  const { namespace, name, uid } = metadata;
  progress(`waiting for the new pod ${name} to be ready`);
  for (;;) {
    // By a list, which looking at the set needs anyway.
    const [pod] = await cluster.list<Pod>({ apiVersion: 'v1', kind: 'Pod' }, { namespace, fieldSelector: `metadata.name=${name}` });
    if (pod !== undefined && pod.metadata.uid !== uid && isTrue(pod.status?.conditions, 'Ready')) return undefined;
    if (clock.now() >= deadline)
      return {
        kind: 'timed-out',
        message: `the new pod ${name} is not ready in time`,
        next: [`kubectl describe pod ${name} -n ${namespace}`],
      };
    await clock.sleep(LOOK_EVERY, signal);
  }
}

/** A claim that is lost or about to be deleted would be gone with the pod that still holds it. */
async function unsafeClaim({ cluster }: StepContext, pod: Pod): Promise<string | undefined> {
  for (const name of claimsOf(pod)) {
    const claim = await cluster.get<KubeObject>({
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      namespace: pod.metadata.namespace,
      name,
    });
    const phase = (claim?.status as { phase?: string } | undefined)?.phase;
    if (claim?.metadata.deletionTimestamp !== undefined)
      return `PersistentVolumeClaim ${name} is being deleted: it would be gone for good with pod ${pod.metadata.name}`;
    if (phase === 'Lost') return `PersistentVolumeClaim ${name} has lost its volume: pod ${pod.metadata.name} would not come back`;
  }
  return undefined;
}
