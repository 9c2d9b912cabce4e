/** New pods of a workload that the API server does not take, although it took the workload. */
import { formatRef, type ObjectRef } from '../../api/kube.ts';
import type { Obstacle } from './obstacle.ts';
import { type Refusal, refusalIn, remediesFor } from './refusal.ts';

/** @param refused what the API server said of the last pod that it did not take */
export function refusedPods(ref: ObjectRef, refused: string): Obstacle {
  const refusal = refusalIn(refused);
  return {
    reason: refusal?.reason ?? 'FailedCreate',
    object: ref,
    message: `${formatRef(ref)} gets no new pods: ${refusal?.message ?? refused}`,
    details: refusal ? [again(ref)] : [],
    next: refusal ? remediesFor(refusal, ref.namespace) : [],
    pods: [],
    // What a template does not have it will not get. A quota is freed as other pods go, the old ones of this very rollout among
    // them; a webhook gets reachable, and one that denies may look at more than the pod: a signature that is yet to come.
    ...(refusal && NEVER.has(refusal.reason) ? { final: true as const } : {}),
  };
}

const NEVER: ReadonlySet<Refusal['reason']> = new Set(['QuotaAsksForMore', 'LimitRange', 'PodSecurity', 'PolicyDenied']);

/** Source: client-go workqueue DefaultTypedControllerRateLimiter: the wait between two tries doubles, up to 1000 s. */
function again({ kind, name, namespace }: ObjectRef): string {
  return `once it is mended, this has new pods made at once, rather than after up to 17 minutes: kubectl annotate ${kind.toLowerCase()} ${name} -n ${namespace} looked-at="$(date)" --overwrite`;
}
