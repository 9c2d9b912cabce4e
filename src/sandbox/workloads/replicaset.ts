/** The ReplicaSet controller. Source: pkg/controller/replicaset. */
import type { Condition } from '../../api/kube.ts';
import type { Pod, Workload } from '../../api/workloads.ts';
import { type Controller, type ControllerContext, keyOf, parseKey, startController } from './controller.ts';
import { POD, REPLICA_SET, replicasOf } from './kinds.ts';
import { claim, controllerOf, ownerKeys } from './ownership.ts';
import { createPodControl, type PodControl } from './pod-control.ts';
import { availableIn, byDispensability, isPodActive, isPodAvailable, isPodReady, isPodTerminal, podFromTemplate } from './pods.ts';
import { createRecorder } from './recorder.ts';
import { includes, selects } from './selectors.ts';
import { writeStatus } from './status-writer.ts';
import { timestamp } from './timestamps.ts';

/** So many pods are created or deleted in one go, at most. */
const BURST_REPLICAS = 500;

export function startReplicaSets(context: ControllerContext): Controller {
  const pods = createPodControl(context.api, createRecorder(context, { component: 'replicaset-controller' }));
  return startController(context, {
    name: 'replicaset',
    watches: [
      { kind: REPLICA_SET, keys: (object) => [keyOf(object)] },
      { kind: POD, keys: (object) => interested(context, object as Pod) },
    ],
    sync: (key, controller) => sync(context, pods, key, controller),
  });
}

/** The owner of a pod; of an orphan every ReplicaSet that could adopt it. */
function interested({ api }: ControllerContext, pod: Pod): string[] {
  if (controllerOf(pod)) return ownerKeys(REPLICA_SET, pod);
  if (!pod.metadata.labels) return [];
  const sets = api.list<Workload>(REPLICA_SET, { namespace: pod.metadata.namespace });
  return sets.filter((set) => selects(set.spec.selector, pod.metadata.labels)).map(keyOf);
}

function sync(context: ControllerContext, control: PodControl, key: string, controller: Controller): void {
  const { api, clock } = context;
  const set = api.get<Workload>({ ...REPLICA_SET, ...parseKey(key) });
  if (!set) return;
  const candidates = api.list<Pod>(POD, { namespace: set.metadata.namespace }).filter((pod) => !isPodTerminal(pod));
  const claimed = claim(api, { owner: set, selector: set.spec.selector, candidates });
  const active = claimed.filter(isPodActive);
  const failure = set.metadata.deletionTimestamp ? undefined : manageReplicas(control, set, active);

  writeStatus(api, set, nextStatus(context, { set, active, terminating: claimed.length - active.length, failure }));
  const waits = active.map((pod) => availableIn(pod, set.spec.minReadySeconds ?? 0, clock) ?? 0).filter((ms) => ms > 0);
  if (waits.length > 0) controller.enqueueAfter(key, Math.min(...waits) + 1);
  if (failure) throw failure;
}

/** Creates what lacks, deletes what is too much; the error of the first refusal, after which the rest is left for the next attempt. */
function manageReplicas(control: PodControl, set: Workload, active: Pod[]): Error | undefined {
  const missing = replicasOf(set) - active.length;
  try {
    for (let count = 0; count < Math.min(missing, BURST_REPLICAS); count++) control.create(set, podFromTemplate(set.spec.template, set));
    if (missing < 0) {
      const victims = [...active].sort(byDispensability).slice(0, Math.min(-missing, BURST_REPLICAS));
      for (const pod of victims) control.remove(set, pod);
    }
    return undefined;
  } catch (error) {
    return error as Error;
  }
}

interface Observed {
  set: Workload;
  active: Pod[];
  terminating: number;
  failure: Error | undefined;
}

function nextStatus({ clock }: ControllerContext, { set, active, terminating, failure }: Observed): Workload['status'] {
  const labels = set.spec.template.metadata?.labels ?? {};
  const conditions = failureConditions(set, active.length, failure, timestamp(clock));
  // The API leaves out counts of zero (`omitempty`), except these two.
  const counts = {
    fullyLabeledReplicas: active.filter((pod) => includes(pod.metadata.labels, labels)).length,
    readyReplicas: active.filter(isPodReady).length,
    availableReplicas: active.filter((pod) => isPodAvailable(pod, set.spec.minReadySeconds ?? 0, clock)).length,
  };
  return {
    replicas: active.length,
    ...Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0)),
    terminatingReplicas: terminating,
    observedGeneration: set.metadata.generation,
    ...(conditions.length > 0 ? { conditions } : {}),
  };
}

function failureConditions(set: Workload, active: number, failure: Error | undefined, now: string): Condition[] {
  const others = (set.status?.conditions ?? []).filter((condition) => condition.type !== 'ReplicaFailure');
  if (!failure) return others;
  const before = set.status?.conditions?.find((condition) => condition.type === 'ReplicaFailure');
  if (before) return set.status?.conditions ?? [];
  const reason = active < replicasOf(set) ? 'FailedCreate' : 'FailedDelete';
  return [...others, { type: 'ReplicaFailure', status: 'True', reason, message: failure.message, lastTransitionTime: now }];
}
