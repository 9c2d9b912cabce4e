/** How many pods a rolling update may add and take away. Source: pkg/controller/deployment/util/deployment_util.go. */
import type { Workload } from '../../../api/workloads.ts';
import { replicasOf } from '../kinds.ts';
import { scaledValue } from '../percentages.ts';

const DEFAULT_SHARE = '25%';

export function isRollingUpdate(deployment: Workload): boolean {
  return (deployment.spec.strategy?.type ?? 'RollingUpdate') === 'RollingUpdate';
}

/** Pods above `spec.replicas`: rounded up. */
export function maxSurge(deployment: Workload): number {
  return isRollingUpdate(deployment) ? resolve(deployment).surge : 0;
}

/** Pods below `spec.replicas`: rounded down, at least one where there is no surge either. */
export function maxUnavailable(deployment: Workload): number {
  const replicas = replicasOf(deployment);
  if (!isRollingUpdate(deployment) || replicas === 0) return 0;
  return Math.min(resolve(deployment).unavailable, replicas);
}

function resolve(deployment: Workload): { surge: number; unavailable: number } {
  const replicas = replicasOf(deployment);
  const rolling = deployment.spec.strategy?.rollingUpdate;
  const surge = scaledValue(rolling?.maxSurge, replicas, 'up', DEFAULT_SHARE);
  const unavailable = scaledValue(rolling?.maxUnavailable, replicas, 'down', DEFAULT_SHARE);
  return { surge, unavailable: surge === 0 && unavailable === 0 ? 1 : unavailable };
}
