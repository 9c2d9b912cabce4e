/** What is in the way of the version's pods, as checks: named at once, and certain only where nobody unseen can clear it. */
import { findCondition } from '../../api/conditions.ts';
import { FluxReason, READY, RECONCILING } from '../../api/flux.ts';
import type { Obstacle } from '../diagnosis/obstacle.ts';
import { obstaclesOf } from '../diagnosis/obstacles.ts';
import type { TargetState } from '../world.ts';
import type { JudgeInput } from './judge.ts';
import type { Check } from './verdict.ts';

/** A kubelet asks a registry for the second time after ten seconds: pkg/kubelet/kubelet.go imageBackOffPeriod. */
const ASKED_TWICE_MS = 12_000;

/** None before Flux attempted the revision: what keeps another version from coming up is no obstacle to this one. */
export function obstacleChecks({
  target,
  workloads,
  revision,
  steady,
}: Pick<JudgeInput, 'target' | 'workloads' | 'revision' | 'steady'>): Check[] {
  if (!revision.reached) return [];
  const applied = hasApplied(target);
  const twice = applied && steady.forMs >= ASKED_TWICE_MS;
  const obstacles = workloads.workloads.flatMap((workload) => obstaclesOf(workload, target));
  return obstacles.map((obstacle) => checkOf(obstacle, obstacle.sure ? applied : twice));
}

function checkOf({ final, message, details, next }: Obstacle, certain: boolean): Check {
  return {
    name: 'Obstacle',
    status: final && certain ? 'fail' : 'wait',
    message: [message, ...details].join('; '),
    ...(next.length ? { next } : {}),
  };
}

/** Not only attempted: the templates are those of the revision. Source: kustomization_controller.go, the messages of reconcile(). */
function hasApplied({ conditions, lastAppliedRevision, lastAttemptedRevision = '' }: TargetState): boolean {
  const ready = findCondition(conditions, READY);
  if (ready?.status === 'True') return lastAppliedRevision === lastAttemptedRevision;
  if (ready?.reason === FluxReason.HealthCheckFailed) return true;
  return findCondition(conditions, RECONCILING)?.message?.includes(`health checks for revision ${lastAttemptedRevision}`) === true;
}
