/** The scheduler, for one node. Source: pkg/scheduler (plugins NodeResourcesFit, NodeAffinity, NodeUnschedulable, TaintToleration). */
import { withCondition } from '../../../api/conditions.ts';
import type { Condition, KubeObject } from '../../../api/kube.ts';
import type { Pod } from '../../../api/workloads.ts';
import { type Controller, type ControllerContext, keyOf, parseKey, startController } from '../controller.ts';
import { NODE, NODE_NAME, POD } from '../kinds.ts';
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
  if (fit?.reasons.length === 0) {
    bind(context, recorder, pod);
    return;
  }

  const message = fit ? unschedulable(fit) : 'no nodes available to schedule pods';
  const now = timestamp(clock);
  const condition: Condition = { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message };
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
