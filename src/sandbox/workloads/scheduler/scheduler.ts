/** The scheduler, for one node. Source: pkg/scheduler (plugins NodeResourcesFit, NodeAffinity, NodeUnschedulable, TaintToleration). */
import { withCondition } from '../../../api/conditions.ts';
import type { Condition, KubeObject } from '../../../api/kube.ts';
import type { Pod } from '../../../api/workloads.ts';
import { type Controller, type ControllerContext, keyOf, parseKey, startController } from '../controller.ts';
import { NODE, NODE_NAME, POD, VOLUME_CLAIM } from '../kinds.ts';
import { claimNames } from '../kubelet/volumes.ts';
import { isPodTerminal } from '../pods.ts';
import { createRecorder, type EventRecorder } from '../recorder.ts';
import { writeStatus } from '../status-writer.ts';
import { timestamp } from '../timestamps.ts';
import { type Fit, fitOf } from './fit.ts';

const SCHEDULER = 'kube-scheduler';
const PROFILE = 'default-scheduler';
/** A pod that found no place is tried again after so long even where nothing changed. */
const RETRY_MS = 60_000;

export function startScheduler(context: ControllerContext): Controller {
  const recorder = createRecorder(context, { component: PROFILE, manager: SCHEDULER });
  const pending = () => context.api.list<Pod>(POD).filter(isPending).map(keyOf);
  return startController(context, {
    name: 'scheduler',
    watches: [
      // Whatever leaves may make room, so an assigned pod that changes brings back those that wait.
      { kind: POD, keys: (object) => (isPending(object as Pod) ? [keyOf(object)] : leaves(object as Pod) ? pending() : []) },
      { kind: NODE, keys: pending },
      { kind: VOLUME_CLAIM, keys: pending },
    ],
    sync: (key, controller) => sync(context, recorder, key, controller),
  });
}

function isPending(pod: Pod): boolean {
  const { schedulerName } = pod.spec;
  const ours = schedulerName === undefined || schedulerName === PROFILE;
  return ours && !pod.spec.nodeName && !pod.metadata.deletionTimestamp && !isPodTerminal(pod);
}

function leaves(pod: Pod): boolean {
  return isPodTerminal(pod) || Boolean(pod.metadata.deletionTimestamp);
}

function sync(context: ControllerContext, recorder: EventRecorder, key: string, controller: Controller): void {
  const { api, clock } = context;
  const pod = api.get<Pod>({ ...POD, ...parseKey(key) });
  if (!pod || !isPending(pod)) return;
  const node = api.get<KubeObject>({ ...NODE, name: NODE_NAME });
  const others = api.list<Pod>(POD).filter((other) => other.spec.nodeName === NODE_NAME && !isPodTerminal(other));
  const fit = node && fitOf(pod, node, others);
  const claim = claimTrouble(api, pod);
  if (fit?.reasons.length === 0 && claim === undefined) {
    bind(context, recorder, pod);
    return;
  }

  const message = node && claim ? withClaim(claim) : fit ? unschedulable(fit) : 'no nodes available to schedule pods';
  const now = timestamp(clock);
  const { generation = 1 } = pod.metadata;
  const condition = { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message, observedGeneration: generation } as const;
  const before = pod.status?.conditions?.find(({ type }) => type === 'PodScheduled');
  recorder.record(pod, { type: 'Warning', reason: 'FailedScheduling', message });
  controller.enqueueAfter(key, RETRY_MS);
  if (before?.message === message) return;
  const conditions = withCondition(pod.status?.conditions, condition, now);
  writeStatus(api, pod, { phase: 'Pending', ...pod.status, conditions }, SCHEDULER);
}

function unschedulable({ reasons, crowdedOut }: Fit): string {
  const filtered = reasons.map((reason) => `1 ${reason}`).join(', ');
  const preemption = crowdedOut ? 'No preemption victims found for incoming pod' : 'Preemption is not helpful for scheduling';
  return `0/1 nodes are available: ${filtered}. no new claims to deallocate, preemption: 0/1 nodes are available: 1 ${preemption}.`;
}

/** Looked at before any node is. Source: pkg/scheduler/framework/plugins/volumebinding (PreFilter). */
function claimTrouble(api: ControllerContext['api'], pod: Pod): string | undefined {
  for (const name of claimNames(pod)) {
    const claim = api.get<KubeObject>({ ...VOLUME_CLAIM, namespace: pod.metadata.namespace, name });
    if (!claim) return `persistentvolumeclaim "${name}" not found`;
    if (claim.metadata.deletionTimestamp) return `persistentvolumeclaim "${name}" is being deleted`;
  }
  return undefined;
}

/** No node was asked, so nobody could say what preemption would help: `not found`. */
function withClaim(trouble: string): string {
  return `0/1 nodes are available: ${trouble}. not found`;
}

/** The binding sets the node and the condition at once. */
function bind({ api, clock }: ControllerContext, recorder: EventRecorder, pod: Pod): void {
  const condition: Condition = { type: 'PodScheduled', status: 'True' };
  const conditions = withCondition(pod.status?.conditions, condition, timestamp(clock));
  const assigned = structuredClone({ ...pod, spec: { ...pod.spec, nodeName: NODE_NAME } });
  const bound = api.update<Pod>(
    { ...assigned, status: { phase: 'Pending', ...assigned.status, conditions } },
    { manager: SCHEDULER, subresource: 'binding' },
  );
  const message = `Successfully assigned ${pod.metadata.namespace}/${pod.metadata.name} to ${NODE_NAME}`;
  recorder.record(bound, { type: 'Normal', reason: 'Scheduled', message });
}
