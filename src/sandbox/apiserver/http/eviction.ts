/** `pods/eviction`: deletes a Pod where its budget allows. Source: k8s.io/kubernetes pkg/registry/core/pod/storage/eviction.go. */
import type { KubeObject } from '../../../api/kube.ts';
import type { LabelSelector, Pod } from '../../../api/workloads.ts';
import { budgetExceeded, severalBudgets } from '../refusals.ts';
import { matchesLabels, requirementsOf } from '../selectors/labels.ts';
import { update } from '../writes/replace.ts';
import type { Place } from '../writes/request.ts';

interface Budget extends KubeObject {
  spec: { selector?: LabelSelector; unhealthyPodEvictionPolicy?: 'IfHealthyBudget' | 'AlwaysAllow' };
  status?: { currentHealthy?: number; desiredHealthy?: number; disruptionsAllowed?: number };
}

/** @throws ApiStatusError 429 where the budget has no disruption left, 500 where the Pod has several */
export function requireBudget({ state }: Place, pod: KubeObject, { manager, dryRun }: { manager: string; dryRun: boolean }): void {
  const resource = state.registry.byPath('policy/v1', 'poddisruptionbudgets');
  if (!resource || needsNoBudget(pod as Pod)) return;
  const budgets = state.objects.list(resource.storageKey, pod.metadata.namespace) as Budget[];
  const [budget, another] = budgets.filter(
    ({ spec }) => spec.selector !== undefined && matchesLabels(pod.metadata.labels, requirementsOf(spec.selector)),
  );
  if (!budget) return;
  if (another) throw severalBudgets();
  const { currentHealthy = 0, desiredHealthy = 0, disruptionsAllowed = 0 } = budget.status ?? {};
  if (!isReady(pod as Pod) && isAllowedUnhealthy(budget, currentHealthy, desiredHealthy)) return;
  if (disruptionsAllowed <= 0) throw budgetExceeded(budget.metadata.name, desiredHealthy, currentHealthy);
  // The next eviction may come before the controller has counted this one.
  const status = { ...budget.status, disruptionsAllowed: disruptionsAllowed - 1 };
  if (!dryRun) update({ state, resource }, { ...structuredClone(budget), status }, { manager, subresource: 'status' });
}

/** canIgnorePDB(): what does not run yet or any more, or goes already. */
function needsNoBudget({ metadata, status }: Pod): boolean {
  return metadata.deletionTimestamp !== undefined || status?.phase !== 'Running';
}

/** A Pod that is not ready disrupts nothing, as long as enough others are well. */
function isAllowedUnhealthy({ spec }: Budget, healthy: number, desired: number): boolean {
  if (spec.unhealthyPodEvictionPolicy === 'AlwaysAllow') return true;
  return healthy >= desired && desired > 0;
}

function isReady({ status }: Pod): boolean {
  return (status?.conditions ?? []).some(({ type, status: is }) => type === 'Ready' && is === 'True');
}
