/** The row of a Pod. Source of the rules: pkg/printers/internalversion/printers.go printPod of kubernetes. */

import { isTrue } from '../../../api/conditions.ts';
import type { KubeObject } from '../../../api/kube.ts';
import type { ContainerStatus, Pod } from '../../../api/workloads.ts';
import { asArray, asObjects, asString, at, type Json } from '../json.ts';
import { since } from './age.ts';
import { AGE, ageOf, column, type KindTable, NAME, wide } from './column.ts';

export const podTable: KindTable = {
  columns: [
    NAME,
    column('Ready', 'The aggregate readiness state of this pod for accepting traffic.'),
    column('Status', 'The aggregate status of the containers in this pod.'),
    column(
      'Restarts',
      'The number of times the containers in this pod have been restarted and when the last container in this pod has restarted.',
    ),
    AGE,
    wide('IP', 'podIP address allocated to the pod.'),
    wide('Node', 'NodeName indicates in which node this pod is scheduled.'),
    wide('Nominated Node', 'nominatedNodeName is set only when this pod preempts other pods on the node.'),
    wide('Readiness Gates', 'Conditions beyond its containers that the readiness of this pod depends on.'),
  ],
  cells: (object, now) => {
    const pod = object as Pod;
    const { ready, total, status, restarts, lastRestart } = summarize(pod);
    const restartText = restarts > 0 && lastRestart ? `${restarts} (${since(lastRestart, now)} ago)` : String(restarts);
    const podIp = asString(at(asObjects(at(object, 'status', 'podIPs'))[0], 'ip')) || pod.status?.podIP;
    return [
      pod.metadata.name,
      `${ready}/${total}`,
      status,
      restartText,
      ageOf(object, now),
      podIp || '<none>',
      pod.spec.nodeName || '<none>',
      asString(at(object, 'status', 'nominatedNodeName')) || '<none>',
      readinessGates(object),
    ];
  },
};

interface Summary {
  ready: number;
  total: number;
  status: string;
  restarts: number;
  lastRestart: string;
}

function summarize(pod: Pod): Summary {
  const summary = startOf(pod);
  const sidecars = new Set(
    (pod.spec.initContainers ?? []).filter((container) => container.restartPolicy === 'Always').map(({ name }) => name),
  );
  summary.total += sidecars.size;
  const initializing = countInit(summary, pod, sidecars);
  if (!initializing || isTrue(pod.status?.conditions, 'Initialized')) countContainers(summary, pod, sidecars);
  summary.status = afterDeletion(pod, summary.status);
  return summary;
}

function startOf({ spec, status }: Pod): Summary {
  const gated = status?.conditions?.some((condition) => condition.type === 'PodScheduled' && condition.reason === 'SchedulingGated');
  const reason = gated ? 'SchedulingGated' : status?.reason || status?.phase || '';
  return { ready: 0, total: spec.containers.length, status: reason, restarts: 0, lastRestart: '' };
}

/** Walks the init containers up to the first that is not through; true where there is one. */
function countInit(summary: Summary, { spec, status }: Pod, sidecars: ReadonlySet<string>): boolean {
  for (const [index, container] of (status?.initContainerStatuses ?? []).entries()) {
    countRestarts(summary, container);
    if (container.state?.terminated?.exitCode === 0) continue;
    if (sidecars.has(container.name) && container.started) {
      if (container.ready) summary.ready += 1;
      continue;
    }
    summary.status = initReason(container) ?? `Init:${index}/${spec.initContainers?.length ?? 0}`;
    return true;
  }
  return false;
}

function initReason({ state }: ContainerStatus): string | undefined {
  if (state?.terminated) return `Init:${terminatedReason(state.terminated)}`;
  const waiting = state?.waiting?.reason;
  return waiting && waiting !== 'PodInitializing' ? `Init:${waiting}` : undefined;
}

function terminatedReason({ reason, signal, exitCode }: { reason?: string; signal?: number; exitCode: number }): string {
  return reason || (signal ? `Signal:${signal}` : `ExitCode:${exitCode}`);
}

function countRestarts(summary: Summary, container: ContainerStatus): void {
  summary.restarts += container.restartCount;
  const finished = container.lastState?.terminated?.finishedAt ?? '';
  if (finished > summary.lastRestart) summary.lastRestart = finished;
}

/** Restarts of init containers no longer count once the main containers run; those of sidecars do. */
function countContainers(summary: Summary, { status }: Pod, sidecars: ReadonlySet<string>): void {
  summary.restarts = 0;
  summary.lastRestart = '';
  for (const container of status?.initContainerStatuses ?? []) if (sidecars.has(container.name)) countRestarts(summary, container);
  let running = false;
  let errorReason = '';
  for (const container of (status?.containerStatuses ?? []).toReversed()) {
    countRestarts(summary, container);
    const { waiting, terminated } = container.state ?? {};
    if (waiting?.reason) summary.status = waiting.reason;
    else if (terminated) {
      summary.status = terminatedReason(terminated);
      if (terminated.exitCode !== 0) errorReason = summary.status;
    } else if (container.ready && container.state?.running) {
      running = true;
      summary.ready += 1;
    }
  }
  if (summary.status !== 'Completed') return;
  if (running && isTrue(status?.conditions, 'Ready')) summary.status = 'Running';
  else if (errorReason) summary.status = errorReason;
  else if (running) summary.status = 'NotReady';
}

function afterDeletion({ metadata, status }: Pod, reason: string): string {
  if (!metadata.deletionTimestamp) return reason;
  if (status?.reason === 'NodeLost') return 'Unknown';
  return status?.phase === 'Succeeded' || status?.phase === 'Failed' ? reason : 'Terminating';
}

function readinessGates(pod: KubeObject): string {
  const gates = asObjects(at(pod, 'spec', 'readinessGates'));
  if (gates.length === 0) return '<none>';
  const conditions = asArray(at(pod, 'status', 'conditions')) as Json[];
  const met = gates.filter((gate) => conditions.some((condition) => condition.type === gate.conditionType && condition.status === 'True'));
  return `${met.length}/${gates.length}`;
}
