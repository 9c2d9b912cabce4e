/**
 * Pods of a StatefulSet that keep a good template out. With OrderedReady a pod that never gets ready is not replaced
 * although its template is good again: somebody has to delete it.
 * Source: https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#forced-rollback
 */
import { findCondition } from '../../api/conditions.ts';
import type { Pod, Workload } from '../../api/workloads.ts';

/** Conditions are written in whole seconds, not all at once: a pod's first `Ready: False` may be this much later than its start. In milliseconds. */
const FIRST_WRITE = 5_000;

/**
 * The pods to delete, the highest ordinal first: those of another revision than the one that the set goes to, that are not
 * ready and never were. Empty where the set replaces them by itself (`Parallel`), where it is told not to (`OnDelete`),
 * and before its controller has seen the template.
 */
export function brokenPods(set: Workload, pods: readonly Pod[]): Pod[] {
  const { podManagementPolicy = 'OrderedReady', updateStrategy } = set.spec;
  if (podManagementPolicy !== 'OrderedReady' || updateStrategy?.type === 'OnDelete') return [];
  const updateRevision = set.status?.updateRevision;
  if (updateRevision === undefined || set.status?.observedGeneration !== set.metadata.generation) return [];
  const partition = updateStrategy?.rollingUpdate?.partition ?? 0;
  return pods
    .filter((pod) => isOwned(set, pod) && pod.metadata.deletionTimestamp === undefined)
    .filter((pod) => pod.metadata.labels?.['controller-revision-hash'] !== updateRevision && ordinalOf(pod) >= partition && neverReady(pod))
    .sort((a, b) => ordinalOf(b) - ordinalOf(a));
}

function isOwned(set: Workload, pod: Pod): boolean {
  return pod.metadata.ownerReferences?.some((owner) => owner.controller === true && owner.uid === set.metadata.uid) === true;
}

/** `db-12` → 12. */
export function ordinalOf(pod: Pod): number {
  return Number(/-(\d+)$/.exec(pod.metadata.name)?.[1] ?? 0);
}

/** A pod that was ready once has changed its condition since it started. */
function neverReady(pod: Pod): boolean {
  const ready = findCondition(pod.status?.conditions, 'Ready');
  if (ready?.status === 'True') return false;
  const began = Date.parse(pod.status?.startTime ?? pod.metadata.creationTimestamp ?? '');
  const since = Date.parse(ready?.lastTransitionTime ?? '');
  return Number.isNaN(began) || Number.isNaN(since) || since - began <= FIRST_WRITE;
}

/** Claims that a pod mounts. */
export function claimsOf(pod: Pod): string[] {
  return (pod.spec.volumes ?? []).flatMap((volume) => {
    const claim = (volume.persistentVolumeClaim as { claimName?: string } | undefined)?.claimName;
    return claim === undefined ? [] : [claim];
  });
}
