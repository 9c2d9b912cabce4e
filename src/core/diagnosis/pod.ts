/** What is wrong with a pod, told once for all the pods of a workload that fail alike. */
import type { ObjectRef } from '../../api/kube.ts';
import type { ContainerState, EventState, PodState, WorkloadState } from '../world.ts';
import type { Finding } from './finding.ts';

/** Waiting reasons that the kubelet also shows while all is well. */
const STARTING = new Set(['ContainerCreating', 'PodInitializing']);
/** Warnings about a pod none of whose containers can start (kubelet and scheduler, k8s.io/kubernetes pkg/kubelet/events). */
const STUCK = new Set(['FailedScheduling', 'FailedMount', 'FailedAttachVolume', 'FailedCreatePodSandBox']);
/** Kubernetes calls a container unready after so many failures of a probe in a row, where nothing else is set. */
const PROBE_FAILURES = 3;

/** A finding, and what makes two of them the same trouble: names of pods and counters left out. */
interface PodFinding {
  cause: string;
  finding: Finding;
}

/** Findings about the pods of a workload that are not on their way out; pods that fail alike are one finding. */
export function diagnosePods(workload: WorkloadState): Finding[] {
  const found = workload.pods.filter((pod) => !pod.terminating).flatMap((pod) => diagnosePod(pod, workload.ref));
  const groups = new Map<string, Finding[]>();
  for (const { cause, finding } of found) groups.set(cause, [...(groups.get(cause) ?? []), finding]);
  return [...groups.values()].map(merged);
}

function merged(group: Finding[]): Finding {
  const first = group[0] as Finding;
  if (group.length === 1) return first;
  return { ...first, details: [...(first.details ?? []), `the same on ${group.length} pods`] };
}

function diagnosePod(pod: PodState, workload: ObjectRef): PodFinding[] {
  const { namespace } = workload;
  const object = { kind: 'Pod', ...(namespace === undefined ? {} : { namespace }), name: pod.name };
  const containers = pod.containers.flatMap((container) => diagnoseContainer(pod, container) ?? []);
  const found = containers.length > 0 ? containers : notStarting(pod);
  const template = pod.current ? undefined : oldTemplate(workload, pod);
  return found.map((trouble) => ({
    cause: `${trouble.cause}|${pod.current}`,
    finding: {
      severity: isReplaced(pod, workload) ? 'warning' : trouble.severity,
      reason: trouble.reason,
      object,
      message: trouble.message,
      ...(trouble.details?.length || template ? { details: [...(trouble.details ?? []), ...(template ? [template] : [])] } : {}),
      ...(trouble.log?.length ? { log: trouble.log } : {}),
    },
  }));
}

/** An evicted pod stays to be looked at; its controller has made another one. The pods of a Job are its outcome. */
function isReplaced(pod: PodState, workload: ObjectRef): boolean {
  return pod.phase === 'Failed' && workload.kind !== 'Job';
}

function oldTemplate({ kind, namespace }: ObjectRef, pod: PodState): string {
  if (kind !== 'StatefulSet') return 'it still runs the old template';
  // Kubernetes, "Forced rollback": https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#forced-rollback
  return `it still runs the old template, and a StatefulSet may never replace a pod that does not get ready: kubectl delete pod ${pod.name} -n ${namespace}`;
}

interface Trouble extends Pick<Finding, 'severity' | 'reason' | 'message' | 'details' | 'log'> {
  cause: string;
}

function diagnoseContainer(pod: PodState, container: ContainerState): Trouble | undefined {
  if (container.waiting) return STARTING.has(container.waiting.reason) ? undefined : waitingTrouble(pod, container, container.waiting);
  if (container.ready) return undefined;
  const probes = probeFailures(pod);
  if (probes.length > 0) return unreadyTrouble(container, probes);
  if (container.terminated && container.terminated.exitCode !== 0) return endedTrouble(container, container.terminated);
  return undefined;
}

function waitingTrouble(pod: PodState, container: ContainerState, waiting: NonNullable<ContainerState['waiting']>): Trouble {
  // The kubelet shows one and the same trouble under two names in turn: while it pulls, and while it waits to pull again.
  const reason = waiting.reason === 'ErrImagePull' ? 'ImagePullBackOff' : waiting.reason;
  const crashing = reason === 'CrashLoopBackOff';
  return {
    severity: 'error',
    reason,
    cause: `${reason}|${container.name}|${container.image}`,
    message: `${title(container)} ${crashing ? crashText(container) : waitText(waiting)}`,
    details: [...(crashing ? [] : endedBefore(container)), ...probeFailures(pod).map(probeText)],
    log: container.log,
  };
}

function crashText(container: ContainerState): string {
  const { terminated, restarts } = container;
  return ['keeps ending', ...(terminated ? [endText(terminated)] : []), ...(restarts > 0 ? [restartText(container)] : [])].join(', ');
}

function waitText({ reason, message }: NonNullable<ContainerState['waiting']>): string {
  return `does not start: ${message || reason}`;
}

function unreadyTrouble(container: ContainerState, probes: EventState[]): Trouble {
  const failures = probes.reduce((sum, event) => sum + event.count, 0);
  return {
    severity: failures < PROBE_FAILURES ? 'warning' : 'error',
    reason: 'Unhealthy',
    cause: `Unhealthy|${container.name}|${container.image}`,
    message: `${title(container)} runs and is not ready`,
    details: [...probes.map(probeText), ...endedBefore(container)],
    log: container.log,
  };
}

function endedTrouble(container: ContainerState, terminated: NonNullable<ContainerState['terminated']>): Trouble {
  const reason = terminated.reason || 'Error';
  return {
    severity: 'error',
    reason,
    cause: `${reason}|${container.name}|${container.image}`,
    message: `${title(container)} is not ready, and ended before: ${endText(terminated)}`,
    details: container.restarts > 0 ? [restartText(container)] : [],
    log: container.log,
  };
}

/** Nothing of it runs: the newest warning says why. One failed mount alone is what a volume looks like that is a second late. */
function notStarting(pod: PodState): Trouble[] {
  if (pod.phase !== 'Pending' || pod.containers.some((container) => container.ready)) return [];
  const scheduled = pod.containers.length > 0;
  const event = pod.warnings.find(({ reason }) => STUCK.has(reason) && !(scheduled && reason === 'FailedScheduling'));
  if (!event) return [];
  const passing = event.reason !== 'FailedScheduling' && event.count < 2;
  return [
    {
      severity: passing ? 'warning' : 'error',
      reason: event.reason,
      cause: `${event.reason}|${event.message.replaceAll(pod.name, '')}`,
      message: event.message,
    },
  ];
}

function probeFailures(pod: PodState): EventState[] {
  return pod.warnings.filter((event) => event.reason === 'Unhealthy');
}

function probeText({ message, count }: EventState): string {
  return `${message} (${count}x)`;
}

function endedBefore(container: ContainerState): string[] {
  const { terminated, restarts } = container;
  return [...(terminated ? [`last exit: ${endText(terminated)}`] : []), ...(restarts > 0 ? [restartText(container)] : [])];
}

function restartText({ restarts }: ContainerState): string {
  return restarts === 1 ? 'restarted once' : `restarted ${restarts} times`;
}

/** `exit code 1`, `OOMKilled (exit code 137)`, `exit code 2, signal 6`. */
function endText({ exitCode, reason, signal }: NonNullable<ContainerState['terminated']>): string {
  const code = `exit code ${exitCode}${signal ? `, signal ${signal}` : ''}`;
  return !reason || reason === 'Error' || reason === 'Completed' ? code : `${reason} (${code})`;
}

function title(container: ContainerState): string {
  return `container ${container.name} (${container.image})`;
}
