/** One attempt at a revision: a list of steps, and how an attempt that fails is recorded. Source: kustomize-controller reconcile(). */
import { READY } from '../../../api/flux.ts';
import { upsertSnapshot } from './history.ts';
import { AttemptFailure, type AttemptRun, type KustomizationStep } from './run.ts';
import { announceRun } from './steps/announce.ts';
import { applyManifests } from './steps/apply-manifests.ts';
import { buildManifests } from './steps/build-manifests.ts';
import { checkHealth } from './steps/check-health.ts';
import { collectGarbage } from './steps/collect-garbage.ts';
import { openArtifact } from './steps/open-artifact.ts';

const STEPS: readonly KustomizationStep[] = [announceRun, openArtifact, buildManifests, applyManifests, collectGarbage, checkHealth];

/** @throws AttemptFailure, with Ready set accordingly; ArtifactGone; the reason of an interrupt */
export async function attempt(run: AttemptRun): Promise<void> {
  try {
    for (const step of STEPS) await step(run);
  } catch (error) {
    if (error instanceof AttemptFailure) recordFailure(run, error);
    throw error;
  } finally {
    run.files?.close();
  }
  const { object, conditions, revision, originRevision } = run;
  object.status.lastAppliedRevision = revision;
  object.status.lastAppliedOriginRevision = originRevision;
  conditions.markTrue(READY, 'ReconciliationSucceeded', `Applied revision: ${revision}`);
  remember(run, 'ReconciliationSucceeded');
}

function recordFailure(run: AttemptRun, { reason, message, recorded }: AttemptFailure): void {
  run.conditions.markFalse(READY, reason, message);
  if (recorded) remember(run, reason);
}

function remember(run: AttemptRun, status: string): void {
  const { object, digest, revision, originRevision, clock, startedAt } = run;
  const at = clock.now();
  object.status.history = upsertSnapshot(object.status.history ?? [], {
    digest,
    status,
    at,
    duration: clock.precise() - startedAt,
    metadata: originRevision ? { revision, originRevision } : { revision },
  });
}
