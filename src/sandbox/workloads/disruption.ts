/** Status of PodDisruptionBudgets. Source: pkg/controller/disruption/disruption.go. */
import { withCondition } from '../../api/conditions.ts';
import type { Condition, KubeObject } from '../../api/kube.ts';
import type { Pod, Workload } from '../../api/workloads.ts';
import { type Controller, type ControllerContext, keyOf, parseKey, startController } from './controller.ts';
import { DISRUPTION_BUDGET, type DisruptionBudget, POD, REPLICA_SET, replicasOf } from './kinds.ts';
import { controllerOf } from './ownership.ts';
import { scaledValue } from './percentages.ts';
import { isPodReady, isPodTerminal } from './pods.ts';
import { selects } from './selectors.ts';
import { writeStatus } from './status-writer.ts';
import { timestamp } from './timestamps.ts';

export function startDisruptionBudgets(context: ControllerContext): Controller {
  return startController(context, {
    name: 'disruption',
    watches: [
      { kind: DISRUPTION_BUDGET, keys: (object) => [keyOf(object)] },
      { kind: POD, keys: (object) => budgetsOf(context, object) },
    ],
    sync: (key) => sync(context, key),
  });
}

function budgetsOf({ api }: ControllerContext, pod: KubeObject): string[] {
  const budgets = api.list<DisruptionBudget>(DISRUPTION_BUDGET, { namespace: pod.metadata.namespace ?? '' });
  return budgets.filter((budget) => selects(budget.spec.selector, pod.metadata.labels)).map(keyOf);
}

function sync(context: ControllerContext, key: string): void {
  const { api, clock } = context;
  const budget = api.get<DisruptionBudget>({ ...DISRUPTION_BUDGET, ...parseKey(key) });
  if (!budget) return;
  const pods = api
    .list<Pod>(POD, { namespace: budget.metadata.namespace })
    .filter((pod) => selects(budget.spec.selector, pod.metadata.labels) && !isPodTerminal(pod));
  const { expectedPods, desiredHealthy } = expectation(context, budget, pods);
  const currentHealthy = pods.filter((pod) => !pod.metadata.deletionTimestamp && isPodReady(pod)).length;
  const disruptionsAllowed = expectedPods > 0 ? Math.max(0, currentHealthy - desiredHealthy) : 0;
  const condition: Condition = {
    type: 'DisruptionAllowed',
    status: disruptionsAllowed > 0 ? 'True' : 'False',
    reason: disruptionsAllowed > 0 ? 'SufficientPods' : 'InsufficientPods',
    message: '',
    observedGeneration: budget.metadata.generation ?? 1,
  };
  const before = budget.status?.conditions as Condition[] | undefined;
  writeStatus(api, budget, {
    observedGeneration: budget.metadata.generation,
    currentHealthy,
    desiredHealthy,
    expectedPods,
    disruptionsAllowed,
    conditions: withCondition(before, condition, timestamp(clock)),
  });
}

/** A fraction is one of what the pods' controllers are sized for, not of the pods there happen to be. */
function expectation(
  context: ControllerContext,
  { spec }: DisruptionBudget,
  pods: Pod[],
): { expectedPods: number; desiredHealthy: number } {
  if (spec.maxUnavailable !== undefined) {
    const expectedPods = expectedScale(context, pods);
    return { expectedPods, desiredHealthy: Math.max(0, expectedPods - scaledValue(spec.maxUnavailable, expectedPods, 'up')) };
  }
  if (typeof spec.minAvailable === 'number') return { expectedPods: pods.length, desiredHealthy: spec.minAvailable };
  if (spec.minAvailable === undefined) return { expectedPods: 0, desiredHealthy: 0 };
  const expectedPods = expectedScale(context, pods);
  return { expectedPods, desiredHealthy: scaledValue(spec.minAvailable, expectedPods, 'up') };
}

function expectedScale({ api }: ControllerContext, pods: Pod[]): number {
  const scales = new Map<string, number>();
  for (const pod of pods) {
    const workload = scaledOwner(api, pod);
    if (workload?.metadata.uid) scales.set(workload.metadata.uid, replicasOf(workload));
  }
  return [...scales.values()].reduce((total, scale) => total + scale, 0);
}

/** The Deployment of a ReplicaSet's pod, else the pod's own controller. */
function scaledOwner(api: ControllerContext['api'], object: KubeObject): Workload | undefined {
  const owner = controllerOf(object);
  if (!owner || !api.describe(owner)) return undefined;
  const workload = api.get<Workload>({ ...owner, namespace: object.metadata.namespace ?? '' });
  if (owner.kind !== REPLICA_SET.kind || !workload) return workload;
  return scaledOwner(api, workload) ?? workload;
}
