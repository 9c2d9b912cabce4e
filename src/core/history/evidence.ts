/**
 * What Flux says about how revisions went. Flux keeps five snapshots and overwrites their revisions (fluxcd/pkg
 * apis/meta/history.go), so it is evidence for outcomes, never the list of deployments itself.
 */
import { findCondition } from '../../api/conditions.ts';
import { FluxReason, type FluxSnapshot, READY, RECONCILING } from '../../api/flux.ts';
import type { Condition } from '../../api/kube.ts';
import type { Sha } from '../commit.ts';
import type { TargetState } from '../world.ts';
import type { Outcome } from './record.ts';

/** What Flux said about one revision, resolved to the deployment that it means for this target. */
export interface Evidence {
  /** The newest commit at or before the revision that touched the target's inputs. */
  commit: Sha;
  outcome: Extract<Outcome, 'succeeded' | 'failed' | 'progressing'>;
  /** RFC 3339. */
  first?: string;
  last?: string;
  source: string;
}

/** A revision of Flux's that needs to be resolved to a deployment's commit, with what it says. */
export interface RawEvidence extends Omit<Evidence, 'commit'> {
  revision: string;
}

/** Reasons of a run that ended without an answer about the revision: it never got as far, or was called off. */
const SAYS_NOTHING = new Set<string>([FluxReason.ArtifactFailed, FluxReason.DependencyNotReady, FluxReason.HealthCheckCanceled]);
/** Reasons that say that the revision itself did not go well. */
const FAILED = new Set<string>([
  FluxReason.HealthCheckFailed,
  FluxReason.ReconciliationFailed,
  FluxReason.BuildFailed,
  FluxReason.PruneFailed,
]);

/** Everything that a target's status says about outcomes, the most certain first. */
export function evidenceIn(target: TargetState): RawEvidence[] {
  const found = [readyEvidence(target), ...target.snapshots.map(snapshotEvidence)];
  if (target.lastAppliedRevision !== undefined) {
    found.push({ revision: target.lastAppliedRevision, outcome: 'succeeded', source: 'status.lastAppliedRevision' });
  }
  return found.filter((item): item is RawEvidence => item !== undefined);
}

/**
 * The condition Ready speaks of the revision that was attempted last: kustomize-controller writes both in one run. At the
 * beginning of a run, before the artifact is there, Ready is Unknown and the new revision stands in Reconciling alone.
 */
function readyEvidence(target: TargetState): RawEvidence | undefined {
  const ready = findCondition(target.conditions, READY);
  const outcome = ready && readyOutcome(ready);
  const attempted = target.lastAttemptedRevision;
  const revision = outcome === 'progressing' ? (revisionUnderWay(target) ?? attempted) : attempted;
  if (!outcome || revision === undefined) return undefined;
  if (outcome === 'succeeded' && attempted !== target.lastAppliedRevision) return undefined;
  return {
    revision,
    outcome,
    source: `condition Ready ${ready.reason ?? ready.status}`,
    ...(ready.lastTransitionTime ? { last: ready.lastTransitionTime } : {}),
  };
}

function readyOutcome({ status, reason = '' }: Condition): Evidence['outcome'] | undefined {
  if (status === 'True') return 'succeeded';
  if (status === 'Unknown' || reason === FluxReason.Progressing || reason === FluxReason.ProgressingWithRetry) return 'progressing';
  return FAILED.has(reason) ? 'failed' : undefined;
}

/** `Fetching manifests for revision main@sha1:… with a timeout of 5m0s` (kustomize-controller reconcile()). */
function revisionUnderWay({ conditions }: TargetState): string | undefined {
  return / for revision (\S+) with a timeout of /.exec(findCondition(conditions, RECONCILING)?.message ?? '')?.[1];
}

function snapshotEvidence(snapshot: FluxSnapshot): RawEvidence | undefined {
  const revision = snapshot.metadata?.revision;
  const status = snapshot.lastReconciledStatus;
  if (revision === undefined || SAYS_NOTHING.has(status)) return undefined;
  return {
    revision,
    outcome: status === FluxReason.ReconciliationSucceeded ? 'succeeded' : 'failed',
    first: snapshot.firstReconciled,
    last: snapshot.lastReconciled,
    source: `status.history ${status}`,
  };
}
