/** Conditions of Deployments. Source: pkg/controller/deployment/util/deployment_util.go. */
import type { Condition } from '../../../api/kube.ts';
import type { Workload } from '../../../api/workloads.ts';
import type { SandboxClock } from '../../clock.ts';
import type { TimedCondition } from '../kinds.ts';
import { timestamp } from '../timestamps.ts';

/** `int32` maximum: the API's way to say "no deadline", "no limit". */
const UNLIMITED = 2_147_483_647;
const DEFAULT_DEADLINE_SECONDS = 600;
const DEFAULT_HISTORY_LIMIT = 10;

/** Seconds without progress after which a rollout counts as failed. */
export function progressDeadline(deployment: Workload): number {
  return deployment.spec.progressDeadlineSeconds ?? DEFAULT_DEADLINE_SECONDS;
}

export function hasProgressDeadline(deployment: Workload): boolean {
  return progressDeadline(deployment) !== UNLIMITED;
}

/** How many old ReplicaSets are kept; undefined where all are. */
export function historyLimit(deployment: Workload): number | undefined {
  const limit = deployment.spec.revisionHistoryLimit ?? DEFAULT_HISTORY_LIMIT;
  return limit === UNLIMITED ? undefined : limit;
}

export function progressingOf(conditions: Condition[] | undefined): TimedCondition | undefined {
  return conditions?.find((condition) => condition.type === 'Progressing');
}

/**
 * Sets a condition: unchanged where status and reason are the same (its message and times then stay), the transition time kept
 * where the status is.
 */
export function setCondition(conditions: Condition[] | undefined, next: Condition, clock: SandboxClock): TimedCondition[] {
  const before = conditions?.find((condition) => condition.type === next.type);
  if (before && before.status === next.status && before.reason === next.reason) return conditions ?? [];
  return replaceCondition(conditions, next, clock);
}

/** As `setCondition`, but the update time moves even where nothing else changes: how progress is noted. */
export function replaceCondition(conditions: Condition[] | undefined, next: Condition, clock: SandboxClock): TimedCondition[] {
  const before = conditions?.find((condition) => condition.type === next.type);
  const now = timestamp(clock);
  const lastTransitionTime = before?.status === next.status ? before.lastTransitionTime : now;
  const others = (conditions ?? []).filter((condition) => condition.type !== next.type);
  return [...others, { ...next, lastUpdateTime: now, lastTransitionTime: lastTransitionTime ?? now }];
}
