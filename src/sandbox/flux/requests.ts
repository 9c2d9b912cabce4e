/** Which changes of an object start a run of its controller. */
import { REQUESTED_AT } from '../../api/flux.ts';
import type { KubeObject } from '../../api/kube.ts';
import type { ClusterEvent } from '../cluster.ts';

/**
 * Creation, a new generation, the begin of a deletion, and a new value of `reconcile.fluxcd.io/requestedAt`; a change of
 * status or of other metadata alone does not.
 * Source: controller-runtime GenerationChangedPredicate, fluxcd/pkg runtime/predicates/reconcile_requested.go.
 */
export function startsRun(event: ClusterEvent): boolean {
  if (event.type !== 'MODIFIED' || !event.before) return true;
  const { before, object } = event;
  if (before.metadata.generation !== object.metadata.generation) return true;
  if (!before.metadata.deletionTimestamp && object.metadata.deletionTimestamp) return true;
  const requested = requestOf(object);
  return requested !== undefined && requested !== requestOf(before);
}

/** The value of `reconcile.fluxcd.io/requestedAt`. */
export function requestOf(object: KubeObject): string | undefined {
  return object.metadata.annotations?.[REQUESTED_AT];
}
