/** What controllers ask of pods. Source: pkg/api/v1/pod/util.go, pkg/controller/controller_utils.go. */
import { findCondition, isTrue } from '../../api/conditions.ts';
import type { KubeObject } from '../../api/kube.ts';
import type { Pod, PodTemplate } from '../../api/workloads.ts';
import type { SandboxClock } from '../clock.ts';
import { POD } from './kinds.ts';
import { controllerRef } from './ownership.ts';
import { elapsed } from './timestamps.ts';

export function isPodReady(pod: Pod): boolean {
  return isTrue(pod.status?.conditions, 'Ready');
}

/** Ended for good. */
export function isPodTerminal(pod: Pod): boolean {
  return pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed';
}

/** Neither ended nor being deleted. */
export function isPodActive(pod: Pod): boolean {
  return !isPodTerminal(pod) && !pod.metadata.deletionTimestamp;
}

/** Milliseconds until a ready pod has been ready for `minReadySeconds`; 0 where it has, undefined where it is not ready. */
export function availableIn(pod: Pod, minReadySeconds: number, clock: SandboxClock): number | undefined {
  const ready = findCondition(pod.status?.conditions, 'Ready');
  if (ready?.status !== 'True') return undefined;
  return Math.max(0, minReadySeconds * 1_000 - elapsed(clock, ready.lastTransitionTime));
}

export function isPodAvailable(pod: Pod, minReadySeconds: number, clock: SandboxClock): boolean {
  return availableIn(pod, minReadySeconds, clock) === 0;
}

/** A new pod of `owner`, not yet written; the API server completes the name. */
export function podFromTemplate(template: PodTemplate, owner: KubeObject): Pod {
  const { labels, annotations, finalizers } = template.metadata ?? {};
  const metadata = {
    generateName: `${owner.metadata.name}-`,
    namespace: owner.metadata.namespace ?? 'default',
    ownerReferences: [controllerRef(owner)],
    ...(labels ? { labels: { ...labels } } : {}),
    ...(annotations ? { annotations: { ...annotations } } : {}),
    ...(finalizers ? { finalizers: [...finalizers] } : {}),
  };
  return { ...POD, metadata: metadata as Pod['metadata'], spec: structuredClone(template.spec) };
}

function phaseRank(pod: Pod): number {
  return { Pending: 0, Unknown: 1, Running: 2 }[pod.status?.phase as 'Pending' | 'Unknown' | 'Running'] ?? 0;
}

function deletionCost(pod: Pod): number {
  return Number(pod.metadata.annotations?.['controller.kubernetes.io/pod-deletion-cost'] ?? 0) || 0;
}

function restarts(pod: Pod): number {
  return Math.max(0, ...(pod.status?.containerStatuses ?? []).map((status) => status.restartCount));
}

function readySince(pod: Pod): number {
  return Date.parse(findCondition(pod.status?.conditions, 'Ready')?.lastTransitionTime ?? '') || 0;
}

/**
 * Orders pods by how dispensable they are: unassigned, pending, unready, cheap, freshly ready, often restarted, young ones first.
 * Source: ActivePodsWithRanks.Less.
 */
export function byDispensability(a: Pod, b: Pod): number {
  return (
    Number(Boolean(a.spec.nodeName)) - Number(Boolean(b.spec.nodeName)) ||
    phaseRank(a) - phaseRank(b) ||
    Number(isPodReady(a)) - Number(isPodReady(b)) ||
    deletionCost(a) - deletionCost(b) ||
    (isPodReady(a) ? readySince(b) - readySince(a) : 0) ||
    restarts(b) - restarts(a) ||
    Date.parse(b.metadata.creationTimestamp ?? '') - Date.parse(a.metadata.creationTimestamp ?? '') ||
    0
  );
}
