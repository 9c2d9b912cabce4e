/** Step 1 of every rollback: what is wrong with this target, from what the cluster shows. */
import { findCondition, isTrue } from '../../api/conditions.ts';
import { FluxReason, READY, STALLED } from '../../api/flux.ts';
import { formatRef } from '../../api/kube.ts';
import { targetRef } from '../../api/target.ts';
import {
  expectsPods,
  type ObjectState,
  type ServiceState,
  type SourceState,
  type TargetState,
  type WorkloadState,
  type WorkloadsState,
} from '../world.ts';
import type { Finding, Symptom } from './finding.ts';
import { diagnosePods } from './pod.ts';

/** Reasons of Flux that mean "not yet" rather than "wrong". */
const UNDER_WAY = new Set<string>([
  FluxReason.Progressing,
  FluxReason.ProgressingWithRetry,
  FluxReason.DependencyNotReady,
  FluxReason.HealthCheckCanceled,
]);

/** Everything that is wrong, the gravest first; empty where all is well. */
export function diagnose(target: TargetState, source: SourceState | undefined, state: WorkloadsState): Finding[] {
  const findings = [
    ...state.workloads.flatMap(diagnoseWorkload),
    ...state.others.flatMap(diagnoseOther),
    ...fluxFindings(target),
    ...sourceFindings(source),
    ...(expectsPods(state) ? state.services.flatMap(diagnoseService) : []),
  ];
  const rank = { error: 0, warning: 1, info: 2 };
  return findings.sort((a, b) => rank[a.severity] - rank[b.severity]);
}

/** The findings that must be gone after a rollback: errors of workloads, each with its workload. */
export function symptomsOf(findings: readonly Finding[], workloads: readonly WorkloadState[]): Symptom[] {
  return findings
    .filter((finding) => finding.severity === 'error')
    .flatMap((finding) => {
      const workload = workloads.find((candidate) => owns(candidate, finding.object));
      return workload ? [{ reason: finding.reason, object: workload.ref, message: finding.message }] : [];
    });
}

function owns(workload: WorkloadState, object: Finding['object']): boolean {
  if (workload.ref.namespace !== object.namespace) return false;
  if (workload.ref.kind === object.kind && workload.ref.name === object.name) return true;
  return object.kind === 'Pod' && workload.pods.some((pod) => pod.name === object.name);
}

function diagnoseWorkload(workload: WorkloadState): Finding[] {
  const { ref: object, health } = workload;
  const pods = diagnosePods(workload);
  const explained = pods.some((finding) => finding.severity === 'error');
  if (health.status === 'NotFound') return [...pods, missing(workload)];
  if (health.status === 'Failed') return [...pods, { severity: 'error', reason: 'RolloutFailed', object, message: health.message }];
  if (health.status === 'InProgress' && !explained)
    return [...pods, { severity: 'warning', reason: 'RolloutInProgress', object, message: health.message, ...events(workload) }];
  return pods;
}

function missing({ ref }: WorkloadState): Finding {
  return { severity: 'error', reason: 'NotFound', object: ref, message: `${formatRef(ref)} is in Flux's inventory and not in the cluster` };
}

function events(workload: WorkloadState): { details?: string[] } {
  return workload.warnings.length ? { details: workload.warnings.slice(0, 3).map((event) => `${event.reason}: ${event.message}`) } : {};
}

function diagnoseOther({ ref, health }: ObjectState): Finding[] {
  return health.status === 'Failed' ? [{ severity: 'error', reason: 'Failed', object: ref, message: health.message }] : [];
}

function diagnoseService(service: ServiceState): Finding[] {
  if (service.unmanaged || service.ready > 0) return [];
  const message = service.notReady > 0 ? `no ready endpoint (${service.notReady} not ready)` : 'no endpoints';
  return [{ severity: 'error', reason: 'NoReadyEndpoints', object: service.ref, message: `${formatRef(service.ref)}: ${message}` }];
}

function fluxFindings({ target, conditions }: TargetState): Finding[] {
  const object = targetRef(target);
  const ready = findCondition(conditions, READY);
  if (ready?.status === 'Unknown')
    return [{ severity: 'info', reason: ready.reason ?? 'Progressing', object, message: ready.message || 'Flux is working on it' }];
  if (ready?.status !== 'False') return [];
  // Stalled: Flux itself does not expect to get on by trying again.
  const severity = UNDER_WAY.has(ready.reason ?? '') && !isTrue(conditions, STALLED) ? 'warning' : 'error';
  return [{ severity, reason: ready.reason ?? 'NotReady', object, message: ready.message || 'not ready' }];
}

function sourceFindings(source: SourceState | undefined): Finding[] {
  const ready = findCondition(source?.conditions, READY);
  if (!source || ready?.status !== 'False') return [];
  return [{ severity: 'error', reason: ready.reason ?? 'NotReady', object: source.name, message: ready.message || 'not ready' }];
}
