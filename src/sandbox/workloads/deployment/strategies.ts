/** RollingUpdate and Recreate. Source: pkg/controller/deployment/rolling.go and recreate.go. */
import type { Pod, Workload } from '../../../api/workloads.ts';
import type { Controller } from '../controller.ts';
import { POD, replicasOf } from '../kinds.ts';
import { controllerOf } from '../ownership.ts';
import { isPodTerminal } from '../pods.ts';
import { maxUnavailable } from './fenceposts.ts';
import { isComplete, syncRolloutStatus } from './progress.ts';
import { active, specReplicas, statusReplicas } from './replica-sets.ts';
import { ensureNewSet, newSet, newSetSize, oldSets, type Rollout, scaleSet, syncRevision } from './rollout.ts';
import { cleanUp } from './scaling.ts';

export function rollingUpdate(rollout: Rollout, controller: Controller): void {
  const current = ensureNewSet(rollout);
  const moved = growNewSet(rollout, current) || shrinkOldSets(rollout);
  if (!moved && isComplete(rollout.deployment)) cleanUp(rollout);
  syncRolloutStatus(rollout, controller);
}

function growNewSet(rollout: Rollout, current: Workload): boolean {
  const replicas = replicasOf(rollout.deployment);
  if (replicasOf(current) === replicas) return false;
  if (replicasOf(current) > replicas) return scaleSet(rollout, current, replicas);
  return scaleSet(rollout, current, newSetSize(rollout.deployment, rollout.sets, current));
}

function shrinkOldSets(rollout: Rollout): boolean {
  const { deployment, sets } = rollout;
  const current = newSet(rollout);
  if (!current || active(oldSets(rollout)).length === 0) return false;
  const minAvailable = replicasOf(deployment) - maxUnavailable(deployment);
  const unavailableNew = replicasOf(current) - (current.status?.availableReplicas ?? 0);
  const spare = specReplicas(sets) - minAvailable - unavailableNew;
  if (spare <= 0) return false;
  const cleaned = dropUnhealthy(rollout, spare);
  const shrunk = dropHealthy(rollout, minAvailable);
  return cleaned || shrunk;
}

/** Pods of old sets that are not available go first: they serve nobody. */
function dropUnhealthy(rollout: Rollout, spare: number): boolean {
  let left = spare;
  for (const set of active(oldSets(rollout))) {
    const unhealthy = replicasOf(set) - (set.status?.availableReplicas ?? 0);
    const count = Math.min(left, unhealthy);
    if (count <= 0) continue;
    scaleSet(rollout, set, replicasOf(set) - count);
    left -= count;
  }
  return left < spare;
}

function dropHealthy(rollout: Rollout, minAvailable: number): boolean {
  let left = statusReplicas(rollout.sets, 'availableReplicas') - minAvailable;
  let moved = false;
  for (const set of active(oldSets(rollout))) {
    if (left <= 0) break;
    const count = Math.min(replicasOf(set), left);
    moved = scaleSet(rollout, set, replicasOf(set) - count) || moved;
    left -= count;
  }
  return moved;
}

export function recreate(rollout: Rollout, controller: Controller): void {
  syncRevision(rollout);
  const running = active(oldSets(rollout));
  for (const set of running) scaleSet(rollout, set, 0);
  if (running.length > 0 || oldPodsRun(rollout)) {
    syncRolloutStatus(rollout, controller);
    return;
  }
  const current = ensureNewSet(rollout);
  if (replicasOf(current) !== replicasOf(rollout.deployment)) scaleSet(rollout, current, replicasOf(rollout.deployment));
  if (isComplete(rollout.deployment)) cleanUp(rollout);
  syncRolloutStatus(rollout, controller);
}

/** A pod that is still terminating counts: two versions must never run at once. */
function oldPodsRun(rollout: Rollout): boolean {
  const old = new Set(oldSets(rollout).map((set) => set.metadata.uid));
  const pods = rollout.context.api.list<Pod>(POD, { namespace: rollout.deployment.metadata.namespace });
  return pods.some((pod) => old.has(controllerOf(pod)?.uid) && !isPodTerminal(pod));
}
