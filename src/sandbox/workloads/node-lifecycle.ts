/**
 * What becomes of pods on a node that is not ready. Sources: pkg/controller/nodelifecycle/node_lifecycle_controller.go,
 * pkg/controller/util/node/controller_utils.go (MarkPodsNotReady), pkg/controller/tainteviction/taint_eviction.go.
 */
import { findCondition, withCondition } from '../../api/conditions.ts';
import type { Condition, KubeObject } from '../../api/kube.ts';
import type { Pod } from '../../api/workloads.ts';
import { type Controller, type ControllerContext, keyOf, parseKey, startController } from './controller.ts';
import { CONTROLLER_MANAGER, NODE, NODE_NAME, POD } from './kinds.ts';
import { deletePod } from './pod-control.ts';
import { isPodTerminal } from './pods.ts';
import { createRecorder, type EventRecorder } from './recorder.ts';
import { writeStatus } from './status-writer.ts';
import { elapsed, timestamp } from './timestamps.ts';

const UNREACHABLE = 'node.kubernetes.io/unreachable';
const NOT_READY = 'node.kubernetes.io/not-ready';
/** Where a pod tolerates nothing: admission plugin DefaultTolerationSeconds. */
const TOLERATED_SECONDS = 300;

interface Taint {
  key: string;
  effect: string;
  timeAdded?: string;
}

interface Toleration {
  key?: string;
  operator?: string;
  effect?: string;
  tolerationSeconds?: number;
}

export function startNodeLifecycle(context: ControllerContext): Controller {
  const recorder = createRecorder(context, { component: 'node-controller' });
  return startController(context, {
    name: 'node-lifecycle',
    watches: [
      { kind: NODE, keys: (object) => [NODE_NAME, ...(readyOf(object) ? podsHere(context) : [])] },
      { kind: POD, keys: (object) => [keyOf(object)] },
    ],
    sync: (key, controller) => {
      const node = context.api.get<KubeObject>({ ...NODE, name: NODE_NAME });
      if (!node) return;
      if (key === NODE_NAME) syncTaints(context, node);
      else syncPod({ context, recorder, node, controller }, key);
    },
  });
}

function podsHere({ api }: ControllerContext): string[] {
  return api
    .list<Pod>(POD)
    .filter(({ spec }) => spec.nodeName === NODE_NAME)
    .map(keyOf);
}

function readyOf(node: KubeObject): Condition | undefined {
  return findCondition((node.status as { conditions?: Condition[] } | undefined)?.conditions, 'Ready');
}

/** The taint that says how a node is not ready; undefined where it is. */
function taintOf(node: KubeObject): string | undefined {
  const status = readyOf(node)?.status ?? 'True';
  return status === 'True' ? undefined : status === 'Unknown' ? UNREACHABLE : NOT_READY;
}

function syncTaints({ api, clock }: ControllerContext, node: KubeObject): void {
  const spec = (node.spec ?? {}) as { taints?: Taint[] };
  const before = spec.taints ?? [];
  const key = taintOf(node);
  const others = before.filter((taint) => taint.key !== UNREACHABLE && taint.key !== NOT_READY);
  const own = key === undefined ? [] : ['NoSchedule', 'NoExecute'].map((effect) => ({ key, effect, timeAdded: timestamp(clock) }));
  const named = (taints: readonly Taint[]) =>
    taints
      .map((taint) => `${taint.key}:${taint.effect}`)
      .sort()
      .join();
  if (named(before) === named([...others, ...own])) return;
  const clone = structuredClone(node);
  api.update({ ...clone, spec: { ...spec, taints: [...others, ...own] } }, { manager: CONTROLLER_MANAGER });
}

interface Place {
  context: ControllerContext;
  recorder: EventRecorder;
  node: KubeObject;
  controller: Controller;
}

function syncPod({ context, recorder, node, controller }: Place, key: string): void {
  const { api, clock } = context;
  const taint = taintOf(node);
  const pod = api.get<Pod>({ ...POD, ...parseKey(key) });
  if (!pod || taint === undefined || pod.spec.nodeName !== NODE_NAME || isPodTerminal(pod)) return;
  const ready = findCondition(pod.status?.conditions, 'Ready');
  if (ready?.status === 'True') {
    const conditions = withCondition(pod.status?.conditions, { ...ready, status: 'False' }, timestamp(clock));
    writeStatus(api, pod, { ...pod.status, conditions }, CONTROLLER_MANAGER);
    recorder.record(pod, { type: 'Warning', reason: 'NodeNotReady', message: 'Node is not ready' });
    return;
  }
  if (pod.metadata.deletionTimestamp) return;
  const left = toleratedMs(pod, taint) - elapsed(clock, readyOf(node)?.lastTransitionTime);
  if (left > 0) controller.enqueueAfter(key, left);
  else giveUp(context, pod);
}

function toleratedMs({ spec }: Pod, taint: string): number {
  const tolerations = (spec.tolerations as Toleration[] | undefined) ?? [];
  const own = tolerations.filter(({ key, effect }) => (key === undefined || key === taint) && (!effect || effect === 'NoExecute'));
  const seconds =
    own.length === 0 ? TOLERATED_SECONDS : Math.min(...own.map(({ tolerationSeconds }) => tolerationSeconds ?? Number.POSITIVE_INFINITY));
  return seconds * 1_000;
}

/** Nobody is there to confirm it: the pod stays in deletion for as long as the node is lost. */
function giveUp({ api, clock }: ControllerContext, pod: Pod): void {
  const condition: Condition = {
    type: 'DisruptionTarget',
    status: 'True',
    reason: 'DeletionByTaintManager',
    message: 'Taint manager: deleting due to NoExecute taint',
  };
  const conditions = withCondition(pod.status?.conditions, condition, timestamp(clock));
  writeStatus(api, pod, { ...pod.status, conditions }, CONTROLLER_MANAGER);
  deletePod(api, pod);
}
