/** The StatefulSet controller. Source: pkg/controller/statefulset. */
import type { Pod, Workload } from '../../../api/workloads.ts';
import { type Controller, type ControllerContext, keyOf, parseKey, startController } from '../controller.ts';
import { type ControllerRevision, POD, replicasOf, STATEFUL_SET } from '../kinds.ts';
import { claim, controllerOf, ownerKeys } from '../ownership.ts';
import { availableIn, isPodAvailable, isPodReady } from '../pods.ts';
import { createRecorder, type EventRecorder } from '../recorder.ts';
import { type History, podRevision, syncHistory, truncateHistory } from '../revisions.ts';
import { selects } from '../selectors.ts';
import { writeStatus } from '../status-writer.ts';
import { isMemberName } from './identity.ts';
import { updateMembers } from './rollout.ts';

export function startStatefulSets(context: ControllerContext): Controller {
  const recorder = createRecorder(context, { component: 'statefulset-controller' });
  return startController(context, {
    name: 'statefulset',
    watches: [
      { kind: STATEFUL_SET, keys: (object) => [keyOf(object)] },
      { kind: POD, keys: (object) => interested(context, object as Pod) },
    ],
    sync: (key, controller) => sync(context, recorder, key, controller),
  });
}

function interested({ api }: ControllerContext, pod: Pod): string[] {
  if (controllerOf(pod)) return ownerKeys(STATEFUL_SET, pod);
  const sets = api.list<Workload>(STATEFUL_SET, { namespace: pod.metadata.namespace });
  return sets.filter((set) => selects(set.spec.selector, pod.metadata.labels)).map(keyOf);
}

function sync(context: ControllerContext, recorder: EventRecorder, key: string, controller: Controller): void {
  const { api, clock } = context;
  const set = api.get<Workload>({ ...STATEFUL_SET, ...parseKey(key) });
  if (!set) return;
  const history = syncHistory(api, set);
  const current = history.revisions.find((revision) => revision.metadata.name === set.status?.currentRevision) ?? history.update;
  const before = memberPods(context, set);
  let failure: unknown;
  if (!set.metadata.deletionTimestamp) {
    try {
      updateMembers({ api, clock, recorder, set, current, update: history.update, pods: before });
    } catch (error) {
      failure = error;
    }
  }
  const pods = memberPods(context, set);
  writeStatus(api, set, nextStatus(context, { set, pods, current, history }));
  truncateHistory(api, set, history, new Set([current.metadata.name, ...pods.map(podRevision)]));
  const waits = pods.map((pod) => availableIn(pod, set.spec.minReadySeconds ?? 0, clock) ?? 0).filter((ms) => ms > 0);
  if (waits.length > 0) controller.enqueueAfter(key, Math.min(...waits) + 1);
  if (failure) throw failure;
}

function memberPods({ api }: ControllerContext, set: Workload): Pod[] {
  const candidates = api.list<Pod>(POD, { namespace: set.metadata.namespace }).filter((pod) => isMemberName(set, pod));
  return claim(api, { owner: set, selector: set.spec.selector, candidates });
}

interface Observed {
  set: Workload;
  pods: Pod[];
  current: ControllerRevision;
  history: History;
}

function nextStatus({ clock }: ControllerContext, { set, pods, current, history }: Observed): Workload['status'] {
  const ready = pods.filter((pod) => pod.status?.phase === 'Running' && isPodReady(pod));
  const staying = pods.filter((pod) => !pod.metadata.deletionTimestamp);
  const of = (revision: ControllerRevision) => staying.filter((pod) => podRevision(pod) === revision.metadata.name).length;
  const counts = {
    replicas: pods.length,
    readyReplicas: ready.length,
    availableReplicas: ready.filter((pod) => isPodAvailable(pod, set.spec.minReadySeconds ?? 0, clock)).length,
    currentReplicas: of(current),
    updatedReplicas: of(history.update),
  };
  const rolling = (set.spec.updateStrategy?.type ?? 'RollingUpdate') === 'RollingUpdate';
  const wanted = replicasOf(set);
  const complete = rolling && [counts.updatedReplicas, counts.readyReplicas, counts.replicas].every((count) => count === wanted);
  return {
    ...(set.status?.conditions ? { conditions: set.status.conditions } : {}),
    observedGeneration: set.metadata.generation,
    ...counts,
    ...(complete ? { currentReplicas: counts.updatedReplicas } : {}),
    currentRevision: complete ? history.update.metadata.name : current.metadata.name,
    updateRevision: history.update.metadata.name,
    collisionCount: history.collisionCount,
  };
}
