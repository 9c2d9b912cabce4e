import type { Condition } from './kube.ts';

/** The condition of `type`, or undefined. */
export function findCondition(conditions: readonly Condition[] | undefined, type: string): Condition | undefined {
  return conditions?.find((condition) => condition.type === type);
}

/** True where the condition of `type` has status `True`. */
export function isTrue(conditions: readonly Condition[] | undefined, type: string): boolean {
  return findCondition(conditions, type)?.status === 'True';
}

/**
 * Sets one condition and keeps its `lastTransitionTime` where the status did not change, as
 * `meta.SetStatusCondition` of k8s.io/apimachinery does.
 * @param now RFC 3339, seconds.
 */
export function withCondition(conditions: readonly Condition[] | undefined, next: Condition, now: string): Condition[] {
  const before = findCondition(conditions, next.type);
  const lastTransitionTime = before?.status === next.status && before.lastTransitionTime ? before.lastTransitionTime : now;
  const merged = { ...next, lastTransitionTime };
  if (!before) return [...(conditions ?? []), merged];
  return (conditions ?? []).map((condition) => (condition.type === next.type ? merged : condition));
}

/** Drops the condition of `type`. */
export function withoutCondition(conditions: readonly Condition[] | undefined, type: string): Condition[] {
  return (conditions ?? []).filter((condition) => condition.type !== type);
}
