/** Changes of `spec.replicas`, and paused Deployments. Source: pkg/controller/deployment/sync.go (scale, cleanupDeployment). */
import { refOf } from '../../../api/kube.ts';
import type { Workload } from '../../../api/workloads.ts';
import { replicasOf } from '../kinds.ts';
import { hasProgressDeadline, historyLimit, progressingOf } from './conditions.ts';
import { isRollingUpdate, maxSurge } from './fenceposts.ts';
import { active, byCreation, DESIRED_REPLICAS, MAX_REPLICAS, revisionOf, specReplicas } from './replica-sets.ts';
import { newSet, oldSets, progressing, type Rollout, scaleSet } from './rollout.ts';

/** Has the Deployment's size changed since its active sets were sized? */
export function isScalingEvent({ deployment, sets }: Rollout): boolean {
  return active(sets).some((set) => {
    const desired = set.metadata.annotations?.[DESIRED_REPLICAS];
    return desired !== undefined && Number(desired) !== replicasOf(deployment);
  });
}

/** Spreads the new size over the sets in proportion to theirs, so that a rollout under way does not move on by it. */
export function scale(rollout: Rollout): void {
  const { deployment } = rollout;
  const [current, old] = [newSet(rollout), oldSets(rollout)];
  const only = activeOrLatest(current, old);
  if (only) {
    scaleSet(rollout, only, replicasOf(deployment));
    return;
  }
  if (current && isSaturated(deployment, current)) {
    for (const set of active(old)) scaleSet(rollout, set, 0);
    return;
  }
  if (isRollingUpdate(deployment)) scaleInProportion(rollout);
}

function activeOrLatest(current: Workload | undefined, old: Workload[]): Workload | undefined {
  const running = active(current ? [...old, current] : old);
  if (running.length === 1) return running[0];
  if (running.length > 1) return undefined;
  return current ?? old.at(-1);
}

function isSaturated(deployment: Workload, set: Workload): boolean {
  const replicas = replicasOf(deployment);
  const desired = Number(set.metadata.annotations?.[DESIRED_REPLICAS]);
  return replicasOf(set) === replicas && desired === replicas && set.status?.availableReplicas === replicas;
}

function scaleInProportion(rollout: Rollout): void {
  const { deployment } = rollout;
  const running = active(rollout.sets);
  const allowed = replicasOf(deployment) > 0 ? replicasOf(deployment) + maxSurge(deployment) : 0;
  const toAdd = allowed - specReplicas(running);
  const youngestFirst = toAdd > 0;
  running.sort((a, b) => replicasOf(b) - replicasOf(a) || (youngestFirst ? byCreation(b, a) : byCreation(a, b)));
  let added = 0;
  const sizes = running.map((set) => {
    const share = proportion(deployment, set, toAdd, added);
    added += share;
    return replicasOf(set) + share;
  });
  running.forEach((set, index) => {
    const leftover = index === 0 ? toAdd - added : 0;
    scaleSet(rollout, set, Math.max(0, (sizes[index] ?? 0) + leftover));
  });
}

function proportion(deployment: Workload, set: Workload, toAdd: number, added: number): number {
  if (toAdd === 0 || toAdd === added) return 0;
  const fraction = fractionOf(deployment, set);
  return toAdd > 0 ? Math.min(fraction, toAdd - added) : Math.max(fraction, toAdd - added);
}

function fractionOf(deployment: Workload, set: Workload): number {
  const size = replicasOf(set);
  if (replicasOf(deployment) === 0) return -size;
  const before = Number(set.metadata.annotations?.[MAX_REPLICAS]) || deployment.status?.replicas || 0;
  if (before === 0) return 0;
  return Math.round((size * (replicasOf(deployment) + maxSurge(deployment))) / before) - size;
}

/** Deletes the oldest sets beyond `spec.revisionHistoryLimit`; never one that has or should have pods. */
export function cleanUp(rollout: Rollout): void {
  const limit = historyLimit(rollout.deployment);
  if (limit === undefined) return;
  const candidates = oldSets(rollout).filter((set) => !set.metadata.deletionTimestamp);
  candidates.sort((a, b) => revisionOf(a) - revisionOf(b) || byCreation(a, b));
  for (const set of candidates.slice(0, Math.max(0, candidates.length - limit))) {
    const settled = (set.metadata.generation ?? 0) <= (set.status?.observedGeneration ?? 0);
    if (replicasOf(set) === 0 && (set.status?.replicas ?? 0) === 0 && settled) rollout.context.api.delete(refOf(set));
  }
}

/** Notes pause and resumption, so that the time between does not count as lack of progress. */
export function checkPaused(rollout: Rollout): void {
  const { deployment } = rollout;
  if (!hasProgressDeadline(deployment)) return;
  const reason = progressingOf(deployment.status?.conditions)?.reason;
  if (reason === 'ProgressDeadlineExceeded') return;
  if (deployment.spec.paused && reason !== 'DeploymentPaused') {
    progressing(rollout, 'Unknown', 'DeploymentPaused', 'Deployment is paused');
  } else if (!deployment.spec.paused && reason === 'DeploymentPaused') {
    progressing(rollout, 'Unknown', 'DeploymentResumed', 'Deployment is resumed');
  }
}
