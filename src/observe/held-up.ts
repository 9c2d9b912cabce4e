/** Reads from workloads and their pods what may keep new pods from coming up. */
import { findCondition } from '../api/conditions.ts';
import { computeStatus } from '../api/kstatus.ts';
import type { Container, Pod, Workload } from '../api/workloads.ts';
import { autoscaledBy } from '../core/diagnosis/autoscaler.ts';
import { needsOf } from '../core/diagnosis/needs.ts';
import { pausedBy } from '../core/diagnosis/paused.ts';
import type { EventState, PodState, WorkloadState } from '../core/world.ts';

/** What a workload's template needs, and what its controller says; only of one that is not as it should be. */
export function heldUp(
  object: Workload,
  warnings: readonly EventState[],
  pods: readonly PodState[],
): Pick<WorkloadState, 'needs' | 'asks' | 'refused' | 'maxUnavailable' | 'autoscaled' | 'paused'> {
  const autoscaled = autoscaledBy(object.metadata.managedFields);
  const paused = pausedBy(object);
  const always = { ...(autoscaled ? { autoscaled } : {}), ...(paused ? { paused } : {}) };
  if (computeStatus(object).status === 'Current') return always;
  const refused = refusedBecause(object, warnings, pods);
  return {
    ...always,
    needs: needsOf(object.spec.template.spec),
    asks: asksOf(object.spec.template.spec.containers),
    ...(refused === undefined ? {} : { refused }),
    ...(mayBeAway(object) ? {} : { maxUnavailable: 0 as const }),
  };
}

/**
 * A Deployment has a condition for it (deployment_util.go), taken back when it is over. It keeps the words of the first refusal
 * where another one follows; the Events of the ReplicaSet have the newest. Of the others there is the Event alone, which stays:
 * it counts where no pod was made since.
 */
function refusedBecause({ kind, status }: Workload, warnings: readonly EventState[], pods: readonly PodState[]): string | undefined {
  if (kind === 'Deployment') {
    const condition = findCondition(status?.conditions, 'ReplicaFailure');
    if (condition?.status !== 'True' || condition.reason !== 'FailedCreate') return undefined;
    return said(warnings) ?? condition.message;
  }
  const event = warnings.find(({ reason }) => reason === 'FailedCreate');
  if (!event || pods.some(({ createdAt }) => createdAt >= event.last)) return undefined;
  return said([event]);
}

/** `Create Pod db-0 in StatefulSet db failed error: …`, `(combined from similar events): Error creating: …`. */
function said(warnings: readonly EventState[]): string | undefined {
  return warnings
    .find(({ reason }) => reason === 'FailedCreate')
    ?.message.replace(/^.*? failed error: /, '')
    .replace(/^(?:\(combined from similar events\): )?Error creating: /, '');
}

function asksOf(containers: readonly Container[]): Record<string, string[]> {
  const asks: Record<string, string[]> = {};
  for (const { resources } of containers) {
    const { requests = {} } = (resources ?? {}) as { requests?: Record<string, string> };
    for (const [resource, quantity] of Object.entries(requests)) asks[resource] = [...(asks[resource] ?? []), String(quantity)];
  }
  return asks;
}

/** May a rolling update take a pod away before another is ready? Source: ResolveFenceposts() of pkg/controller/deployment/util. */
function mayBeAway({ kind, spec }: Workload): boolean {
  if (kind !== 'Deployment' || spec.strategy?.type === 'Recreate') return true;
  const { maxSurge = '25%', maxUnavailable = '25%' } = spec.strategy?.rollingUpdate ?? {};
  const replicas = spec.replicas ?? 1;
  const surge = Math.ceil(share(maxSurge, replicas));
  return Math.floor(share(maxUnavailable, replicas)) > 0 || surge === 0;
}

function share(value: number | string, of: number): number {
  return typeof value === 'number' ? value : (Number.parseFloat(value) / 100) * of;
}

/** Where a pod is, why it is nowhere, and whether anybody there still reports it. */
export function placeOf(pod: Pod, warnings: readonly EventState[]): Pick<PodState, 'node' | 'unschedulable' | 'lost'> {
  const { nodeName } = pod.spec;
  const placed = findCondition(pod.status?.conditions, 'PodScheduled');
  const lost = lostBecause(pod, warnings);
  return {
    ...(nodeName ? { node: nodeName } : {}),
    ...(!nodeName && placed?.status === 'False' && placed.message ? { unschedulable: placed.message } : {}),
    ...(lost === undefined ? {} : { lost }),
  };
}

/**
 * The node controller says that a pod is not ready while its containers were when they were last heard of (MarkPodsNotReady of
 * pkg/controller/util/node), and deletes it later (DeletionByTaintManager of pkg/controller/tainteviction).
 */
function lostBecause({ metadata, spec, status = {} }: Pod, warnings: readonly EventState[]): string | undefined {
  if (!spec.nodeName) return undefined;
  if (status.phase === 'Unknown' || status.reason === 'NodeLost') return status.message || 'its pods are in no known state';
  const given = findCondition(status.conditions, 'DisruptionTarget');
  if (metadata.deletionTimestamp && given?.reason === 'DeletionByTaintManager') return 'its pods were given up';
  const event = warnings.find(({ reason }) => reason === 'NodeNotReady');
  const isUnready = findCondition(status.conditions, 'Ready')?.status === 'False';
  const wasWell = (status.containerStatuses ?? []).length > 0 && (status.containerStatuses ?? []).every(({ ready }) => ready);
  return event && isUnready && wasWell ? event.message : undefined;
}
