/** The status of a rollout. Source: pkg/controller/deployment/progress.go and sync.go (calculateStatus). */
import { withoutCondition } from '../../../api/conditions.ts';
import type { Condition } from '../../../api/kube.ts';
import type { Workload } from '../../../api/workloads.ts';
import type { SandboxClock } from '../../clock.ts';
import type { Controller } from '../controller.ts';
import { keyOf } from '../controller.ts';
import { replicasOf } from '../kinds.ts';
import { writeStatus } from '../status-writer.ts';
import { elapsed } from '../timestamps.ts';
import { hasProgressDeadline, progressDeadline, progressingOf, replaceCondition, setCondition } from './conditions.ts';
import { maxUnavailable } from './fenceposts.ts';
import { specReplicas, statusReplicas, terminatingReplicas } from './replica-sets.ts';
import { newSet, type Rollout } from './rollout.ts';

type Status = NonNullable<Workload['status']>;

/** Writes counts and availability, without judging progress: for paused Deployments and changes of size. */
export function syncStatus(rollout: Rollout): void {
  rollout.deployment = writeStatus(rollout.context.api, rollout.deployment, observedStatus(rollout));
}

/** Writes counts, availability and progress, and comes back when the progress deadline may have passed. */
export function syncRolloutStatus(rollout: Rollout, controller: Controller): void {
  const { deployment, context } = rollout;
  const status = observedStatus(rollout);
  const conditions = withReplicaFailure(rollout, progressConditions(rollout, status));
  rollout.deployment = writeStatus(context.api, deployment, { ...status, conditions });
  watchDeadline(rollout.deployment, context.clock, controller);
}

function observedStatus({ deployment, sets, context, ...rest }: Rollout): Status {
  const available = statusReplicas(sets, 'availableReplicas');
  const current = newSet({ deployment, sets, context, ...rest });
  const before = deployment.status ?? {};
  const enough = available >= replicasOf(deployment) - maxUnavailable(deployment);
  const availability: Condition = enough
    ? { type: 'Available', status: 'True', reason: 'MinimumReplicasAvailable', message: 'Deployment has minimum availability.' }
    : {
        type: 'Available',
        status: 'False',
        reason: 'MinimumReplicasUnavailable',
        message: 'Deployment does not have minimum availability.',
      };
  return compact({
    observedGeneration: deployment.metadata.generation,
    replicas: statusReplicas(sets, 'replicas'),
    updatedReplicas: current ? statusReplicas([current], 'replicas') : 0,
    readyReplicas: statusReplicas(sets, 'readyReplicas'),
    availableReplicas: available,
    unavailableReplicas: Math.max(0, specReplicas(sets) - available),
    terminatingReplicas: terminatingReplicas(sets),
    collisionCount: before.collisionCount,
    conditions: setCondition(before.conditions, availability, context.clock),
  });
}

/** The API leaves out counts of zero (`omitempty`), except `terminatingReplicas`. */
function compact(status: Status): Status {
  return Object.fromEntries(
    Object.entries(status).filter(([field, value]) => value !== undefined && (value !== 0 || field === 'terminatingReplicas')),
  );
}

export function isComplete(deployment: Workload, status: Status = deployment.status ?? {}): boolean {
  const replicas = replicasOf(deployment);
  const counts = [status.updatedReplicas ?? 0, status.replicas ?? 0, status.availableReplicas ?? 0];
  return counts.every((count) => count === replicas) && (status.observedGeneration ?? 0) >= (deployment.metadata.generation ?? 0);
}

function madeProgress(before: Status, now: Status): boolean {
  const old = (status: Status) => (status.replicas ?? 0) - (status.updatedReplicas ?? 0);
  return (
    (now.updatedReplicas ?? 0) > (before.updatedReplicas ?? 0) ||
    old(now) < old(before) ||
    (now.readyReplicas ?? 0) > (before.readyReplicas ?? 0) ||
    (now.availableReplicas ?? 0) > (before.availableReplicas ?? 0)
  );
}

function progressConditions(rollout: Rollout, status: Status): Condition[] {
  const { deployment, context } = rollout;
  if (!hasProgressDeadline(deployment)) return withoutCondition(status.conditions, 'Progressing');
  const before = progressingOf(deployment.status?.conditions);
  const settled = (status.replicas ?? 0) === (status.updatedReplicas ?? 0) && before?.reason === 'NewReplicaSetAvailable';
  if (settled) return status.conditions ?? [];
  const current = newSet(rollout);
  const subject = current ? `ReplicaSet "${current.metadata.name}"` : `Deployment "${deployment.metadata.name}"`;
  const next = (state: 'True' | 'False', reason: string, what: string): Condition => ({
    type: 'Progressing',
    status: state,
    reason,
    message: `${subject} ${what}`,
  });
  if (isComplete(deployment, status)) {
    return setCondition(status.conditions, next('True', 'NewReplicaSetAvailable', 'has successfully progressed.'), context.clock);
  }
  if (madeProgress(deployment.status ?? {}, status)) {
    return replaceCondition(status.conditions, next('True', 'ReplicaSetUpdated', 'is progressing.'), context.clock);
  }
  if (timedOut(deployment, status, context.clock)) {
    return setCondition(status.conditions, next('False', 'ProgressDeadlineExceeded', 'has timed out progressing.'), context.clock);
  }
  return status.conditions ?? [];
}

function timedOut(deployment: Workload, status: Status, clock: SandboxClock): boolean {
  const condition = progressingOf(status.conditions);
  if (!condition || condition.reason === 'NewReplicaSetAvailable') return false;
  if (condition.reason === 'ProgressDeadlineExceeded') return true;
  return elapsed(clock, condition.lastUpdateTime) > progressDeadline(deployment) * 1_000;
}

/** The failure of the new ReplicaSet, else of any, becomes the Deployment's. */
function withReplicaFailure(rollout: Rollout, conditions: Condition[]): Condition[] {
  const current = newSet(rollout);
  const candidates = current ? [current, ...rollout.sets] : rollout.sets;
  const failures = candidates.flatMap((set) => (set.status?.conditions ?? []).filter((condition) => condition.type === 'ReplicaFailure'));
  const failure = failures[0];
  if (!failure) return withoutCondition(conditions, 'ReplicaFailure');
  return setCondition(conditions, failure, rollout.context.clock);
}

function watchDeadline(deployment: Workload, clock: SandboxClock, controller: Controller): void {
  const condition = progressingOf(deployment.status?.conditions);
  if (!hasProgressDeadline(deployment) || !condition) return;
  if (isComplete(deployment) || condition.reason === 'ProgressDeadlineExceeded') return;
  const left = progressDeadline(deployment) * 1_000 - elapsed(clock, condition.lastUpdateTime);
  controller.enqueueAfter(keyOf(deployment), Math.max(0, left) + 1_000);
}
