/** Step 1 of every rollback: what is wrong with this target, from what the cluster shows. */
import { findCondition, isTrue } from '../../api/conditions.ts';
import { READY, STALLED } from '../../api/flux.ts';
import { formatRef } from '../../api/kube.ts';
import { formatTarget, targetRef } from '../../api/target.ts';
import { MARK_REASON, type Mark } from '../abandon/mark.ts';
import { undoneText } from '../holds/undone.ts';
import {
  expectsPods,
  type ObjectState,
  type ServiceState,
  type SourceState,
  type TargetState,
  type WorkloadState,
  type WorkloadsState,
} from '../world.ts';
import { configFindings } from './config-age.ts';
import type { Finding, Symptom } from './finding.ts';
import { imageFindings } from './image-id.ts';
import { nextTry, reconcileCommand, sourceText } from './next-try.ts';
import { autoscaled, withObstacles } from './obstacle-findings.ts';
import { ownedFindings } from './owned.ts';
import { diagnosePods } from './pod.ts';
import { shortened } from './refusal.ts';
import { refusedFindings } from './refused-apply.ts';
import { UNDER_WAY } from './under-way.ts';

/** Everything that is wrong, the gravest first; empty where all is well. */
export function diagnose(target: TargetState, source: SourceState | undefined, state: WorkloadsState): Finding[] {
  const findings = [
    ...state.workloads.flatMap((workload) => withObstacles(diagnoseWorkload(workload), workload, target)),
    ...state.workloads.flatMap(autoscaled),
    ...state.others.flatMap(diagnoseOther),
    ...configFindings(state),
    ...state.workloads.flatMap(imageFindings),
    ...undoneFindings(target, source),
    ...blockerFindings(target),
    ...refusedFindings(target),
    ...ownedFindings(target, state.owned),
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
  if (workload.mark) return [...pods, marked(workload, workload.mark)];
  if (health.status === 'Failed') return [...pods, { severity: 'error', reason: 'RolloutFailed', object, message: health.message }];
  if (health.status === 'InProgress' && !explained)
    return [...pods, { severity: 'warning', reason: 'RolloutInProgress', object, message: health.message, ...events(workload) }];
  return pods;
}

function missing({ ref }: WorkloadState): Finding {
  return { severity: 'error', reason: 'NotFound', object: ref, message: `${formatRef(ref)} is in Flux's inventory and not in the cluster` };
}

/** No fault of the workload: it stands there for seconds, unless whoever put it there was killed. */
function marked({ ref }: WorkloadState, { rollbackId, since }: Mark): Finding {
  return {
    severity: 'warning',
    reason: MARK_REASON,
    object: ref,
    message: `rollback ${rollbackId} marked it as failed at ${since} to end Flux's run; where that rollback is no longer at work, ebb resume-rollback ${rollbackId} or ebb verify takes it out`,
  };
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

/** What somebody decided is no longer so, and nobody told them. */
function undoneFindings({ target, undone }: TargetState, source: SourceState | undefined): Finding[] {
  const found = [
    { object: targetRef(target), hold: undone },
    { object: source?.name, hold: source?.undone },
  ];
  return found.flatMap(({ object, hold }): Finding[] =>
    object && hold ? [{ severity: 'error', reason: 'HoldUndone', object, message: undoneText(hold) }] : [],
  );
}

/** Told before what Flux says of the target itself, which only names the next one in the chain. */
function blockerFindings({ target, blocker }: TargetState): Finding[] {
  if (!blocker) return [];
  const chain = [target, ...blocker.path].map(formatTarget).join(' waits for ');
  return [
    {
      severity: blocker.final ? 'error' : 'warning',
      reason: blocker.reason,
      object: targetRef(blocker.target),
      message: blocker.message,
      details: [chain],
    },
  ];
}

function fluxFindings(state: TargetState): Finding[] {
  const { target, conditions } = state;
  const object = targetRef(target);
  const ready = findCondition(conditions, READY);
  if (ready?.status === 'Unknown')
    return [{ severity: 'info', reason: ready.reason ?? 'Progressing', object, message: ready.message || 'Flux is working on it' }];
  if (ready?.status !== 'False') return [];
  // Stalled: Flux itself does not expect to get on by trying again.
  const severity = UNDER_WAY.has(ready.reason ?? '') && !isTrue(conditions, STALLED) ? 'warning' : 'error';
  const again = severity === 'error' ? nextTry(state) : undefined;
  const details = again ? { details: [`${again}; now: ${reconcileCommand(state)}`] } : {};
  return [{ severity, reason: ready.reason ?? 'NotReady', object, message: shortened(ready.message || 'not ready'), ...details }];
}

function sourceFindings(source: SourceState | undefined): Finding[] {
  const ready = findCondition(source?.conditions, READY);
  if (!source || ready?.status !== 'False') return [];
  const held = sourceText(source, undefined);
  const details = held ? { details: held.next } : {};
  return [
    { severity: 'error', reason: ready.reason ?? 'NotReady', object: source.name, message: ready.message || 'not ready', ...details },
  ];
}
