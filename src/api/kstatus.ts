/**
 * Is an object what its spec asks for? The rules by which Flux judges health.
 * Source: fluxcd/cli-utils pkg/kstatus/status (generic.go, core.go, status.go).
 */
import { findCondition } from './conditions.ts';
import { type Condition, groupOf, type KubeObject } from './kube.ts';

export type KStatus = 'Current' | 'InProgress' | 'Failed' | 'Terminating' | 'Unknown';

export interface StatusResult {
  status: KStatus;
  message: string;
}

type Rule = (view: StatusView) => StatusResult;

/** What the rules read of an object, with the defaults that kstatus gives to absent fields. */
interface StatusView {
  object: KubeObject;
  spec: Record<string, unknown>;
  status: Record<string, unknown>;
  conditions: readonly Condition[];
  now: Date | undefined;
}

/** Kubernetes leaves the progress deadline out by this value, and sets no condition `Progressing` then. */
const NO_DEADLINE = 2 ** 31 - 1;
/** How long a pod may wait for a node before it counts as unschedulable. */
const SCHEDULE_WINDOW_MS = 15_000;

/**
 * The status of an object as it stands. A missing object (`NotFound`) is the caller's to tell.
 * @param now decides alone whether an unscheduled pod has waited long enough to count as failed; without it none has.
 */
export function computeStatus(object: KubeObject, now?: Date): StatusResult {
  const view = viewOf(object, now);
  if (!view) return { status: 'Unknown', message: 'status.conditions is not a list of conditions' };
  return genericStatus(view) ?? kindStatus(view) ?? readyStatus(view) ?? current('Resource is current');
}

function viewOf(object: KubeObject, now: Date | undefined): StatusView | undefined {
  const status = record(object.status);
  const conditions = status.conditions ?? [];
  if (!Array.isArray(conditions)) return undefined;
  return { object, spec: record(object.spec), status, conditions, now };
}

function genericStatus(view: StatusView): StatusResult | undefined {
  const { generation, deletionTimestamp } = view.object.metadata;
  if (deletionTimestamp) return { status: 'Terminating', message: 'Resource scheduled for deletion' };
  const observed = view.status.observedGeneration;
  if (generation !== undefined && typeof observed === 'number' && observed !== generation) {
    return progressing(`${view.object.kind} generation is ${generation}, but latest observed generation is ${observed}`);
  }
  for (const condition of view.conditions) {
    if (condition.status !== 'True') continue;
    if (condition.type === 'Reconciling') return progressing(condition.message ?? '');
    if (condition.type === 'Stalled') return failed(condition.message ?? '');
  }
  return undefined;
}

function kindStatus(view: StatusView): StatusResult | undefined {
  const group = groupOf(view.object.apiVersion);
  const rule = RULES[group ? `${group}/${view.object.kind}` : view.object.kind];
  return rule?.(view);
}

function readyStatus(view: StatusView): StatusResult | undefined {
  const ready = findCondition(view.conditions, 'Ready');
  if (ready?.status === 'True') return current('Resource is Ready');
  if (ready?.status === 'False' || ready?.status === 'Unknown') return progressing(ready.message ?? '');
  return undefined;
}

function deploymentStatus(view: StatusView): StatusResult {
  const { spec, status, conditions } = view;
  const progress = findCondition(conditions, 'Progressing');
  if (progress?.reason === 'ProgressDeadlineExceeded') return failed('Progress deadline exceeded');
  const wanted = integer(spec.replicas, 1);
  const replicas = integer(status.replicas, 0);
  const updated = integer(status.updatedReplicas, 0);
  const ready = integer(status.readyReplicas, 0);
  const available = integer(status.availableReplicas, 0);
  if (wanted > replicas) return progressing(`Replicas: ${replicas}/${wanted}`);
  if (wanted > updated) return progressing(`Updated: ${updated}/${wanted}`);
  if (replicas > wanted) return progressing(`Pending termination: ${replicas - wanted}`);
  if (updated > available) return progressing(`Available: ${available}/${updated}`);
  if (wanted > ready) return progressing(`Ready: ${ready}/${wanted}`);
  const rolledOut =
    integer(spec.progressDeadlineSeconds, NO_DEADLINE) === NO_DEADLINE ||
    (progress?.status === 'True' && progress.reason === 'NewReplicaSetAvailable');
  if (!rolledOut) return progressing('ReplicaSet not Available');
  if (findCondition(conditions, 'Available')?.status !== 'True') return progressing('Deployment not Available');
  return current(`Deployment is available. Replicas: ${replicas}`);
}

function replicaSetStatus({ spec, status, conditions }: StatusView): StatusResult {
  if (findCondition(conditions, 'ReplicaFailure')?.status === 'True') return progressing('Replica Failure condition. Check Pods');
  const wanted = integer(spec.replicas, 1);
  const replicas = integer(status.replicas, 0);
  const labelled = integer(status.fullyLabeledReplicas, 0);
  const available = integer(status.availableReplicas, 0);
  const ready = integer(status.readyReplicas, 0);
  if (wanted > labelled) return progressing(`Labelled: ${labelled}/${wanted}`);
  if (wanted > available) return progressing(`Available: ${available}/${wanted}`);
  if (wanted > ready) return progressing(`Ready: ${ready}/${wanted}`);
  if (replicas > wanted) return progressing(`Pending termination: ${replicas - wanted}`);
  return current(`ReplicaSet is available. Replicas: ${replicas}`);
}

function statefulSetStatus({ spec, status }: StatusView): StatusResult {
  const strategy = record(spec.updateStrategy);
  if (strategy.type === 'OnDelete') return current('StatefulSet is using the ondelete update strategy');
  const wanted = integer(spec.replicas, 1);
  const replicas = integer(status.replicas, 0);
  const ready = integer(status.readyReplicas, 0);
  const updated = integer(status.updatedReplicas, 0);
  const presently = integer(status.currentReplicas, 0);
  if (wanted > replicas) return progressing(`Replicas: ${replicas}/${wanted}`);
  if (wanted > ready) return progressing(`Ready: ${ready}/${wanted}`);
  if (replicas > wanted) return progressing(`Pending termination: ${replicas - wanted}`);
  const partition = integer(record(strategy.rollingUpdate).partition, -1);
  if (partition !== -1) {
    if (updated < wanted - partition) return progressing(`updated: ${updated}/${wanted - partition}`);
    return current(`Partition rollout complete. updated: ${updated}`);
  }
  if (wanted > presently) return progressing(`current: ${presently}/${wanted}`);
  if ((status.currentRevision ?? '') !== (status.updateRevision ?? '')) {
    return progressing('Waiting for updated revision to match current');
  }
  return current(`All replicas scheduled as expected. Replicas: ${replicas}`);
}

function daemonSetStatus({ object, status }: StatusView): StatusResult {
  if (object.metadata.generation === undefined) return progressing(`${object.kind} metadata.generation not found`);
  if (typeof status.observedGeneration !== 'number') return progressing(`${object.kind} status.observedGeneration not found`);
  const wanted = integer(status.desiredNumberScheduled, -1);
  if (wanted === -1) return progressing('Missing .status.desiredNumberScheduled');
  const scheduled = integer(status.currentNumberScheduled, 0);
  const updated = integer(status.updatedNumberScheduled, 0);
  const available = integer(status.numberAvailable, 0);
  const ready = integer(status.numberReady, 0);
  if (wanted > scheduled) return progressing(`Current: ${scheduled}/${wanted}`);
  if (wanted > updated) return progressing(`Updated: ${updated}/${wanted}`);
  if (wanted > available) return progressing(`Available: ${available}/${wanted}`);
  if (wanted > ready) return progressing(`Ready: ${ready}/${wanted}`);
  return current(`All replicas scheduled as expected. Replicas: ${wanted}`);
}

function jobStatus({ spec, status, conditions }: StatusView): StatusResult {
  const completions = integer(spec.completions, integer(spec.parallelism, 1));
  const succeeded = integer(status.succeeded, 0);
  const failures = integer(status.failed, 0);
  for (const condition of conditions) {
    if (condition.status !== 'True') continue;
    if (condition.type === 'Complete') return current(`Job Completed. succeeded: ${succeeded}/${completions}`);
    if (condition.type === 'Failed') return failed(`Job Failed. failed: ${failures}/${completions}`);
  }
  if (!status.startTime) return progressing('Job not started');
  return current(`Job in progress. success:${succeeded}, active: ${integer(status.active, 0)}, failed: ${failures}`);
}

function podStatus(view: StatusView): StatusResult {
  switch (view.status.phase) {
    case 'Succeeded':
      return current('Pod has completed successfully');
    case 'Failed':
      return current('Pod has completed, but not successfully');
    case 'Running':
      return runningPodStatus(view);
    case 'Pending':
      return pendingPodStatus(view);
    case undefined:
    case '':
      return progressing('Pod phase not available');
    default:
      return { status: 'Unknown', message: `unknown phase ${String(view.status.phase)}` };
  }
}

function runningPodStatus({ status, conditions }: StatusView): StatusResult {
  if (findCondition(conditions, 'Ready')?.status === 'True') return current('Pod is Ready');
  const looping = list(status.containerStatuses)
    .filter((container) => record(record(record(container).state).waiting).reason === 'CrashLoopBackOff')
    .map((container) => String(record(container).name));
  if (looping.length > 0) return failed(`Containers in CrashLoop state: ${looping.join(',')}`);
  return progressing('Pod is running but is not Ready');
}

function pendingPodStatus({ object, conditions, now }: StatusView): StatusResult {
  const scheduled = findCondition(conditions, 'PodScheduled');
  if (scheduled?.status !== 'False' || scheduled.reason !== 'Unschedulable') return progressing('Pod is in the Pending phase');
  const created = Date.parse(object.metadata.creationTimestamp ?? '');
  if (!now || now.getTime() - created < SCHEDULE_WINDOW_MS) return progressing('Pod has not been scheduled');
  return failed('Pod could not be scheduled');
}

function claimStatus({ status }: StatusView): StatusResult {
  const phase = typeof status.phase === 'string' ? status.phase : 'unknown';
  return phase === 'Bound' ? current('PVC is Bound') : progressing(`PVC is not Bound. phase: ${phase}`);
}

function serviceStatus({ spec }: StatusView): StatusResult {
  if (spec.type === 'LoadBalancer' && !spec.clusterIP) return progressing('ClusterIP not set. Service type: LoadBalancer');
  return current('Service is ready');
}

function definitionStatus({ conditions }: StatusView): StatusResult {
  for (const { type, status, reason, message = '' } of conditions) {
    if (type === 'NamesAccepted' && status === 'False') return failed(message);
    if (type !== 'Established') continue;
    if (status === 'False' && reason !== 'Installing') return failed(message);
    if (status === 'True') return current('CRD is established');
  }
  return progressing('Install in progress');
}

const alwaysReady: Rule = () => current('Resource is always ready');

/** By `group/Kind`, the core group without its name. */
const RULES: Readonly<Record<string, Rule>> = {
  Service: serviceStatus,
  Pod: podStatus,
  Secret: alwaysReady,
  ConfigMap: alwaysReady,
  PersistentVolumeClaim: claimStatus,
  'apps/Deployment': deploymentStatus,
  'apps/ReplicaSet': replicaSetStatus,
  'apps/StatefulSet': statefulSetStatus,
  'apps/DaemonSet': daemonSetStatus,
  'batch/CronJob': alwaysReady,
  'batch/Job': jobStatus,
  'policy/PodDisruptionBudget': () => current('AllowedDisruptions has been computed.'),
  'apiextensions.k8s.io/CustomResourceDefinition': definitionStatus,
};

function current(message: string): StatusResult {
  return { status: 'Current', message };
}

function progressing(message: string): StatusResult {
  return { status: 'InProgress', message };
}

function failed(message: string): StatusResult {
  return { status: 'Failed', message };
}

function integer(value: unknown, absent: number): number {
  return typeof value === 'number' ? value : absent;
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
