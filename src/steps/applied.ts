/** Waiting until Flux has written the expected revision into the cluster, healthy or not. */
import { findCondition } from '../api/conditions.ts';
import { FluxReason, type Kustomization, READY } from '../api/flux.ts';
import { type Target, targetRef } from '../api/target.ts';
import type { ExpectedRevision } from '../core/plan/plan.ts';
import { healthCheckRun } from '../core/runs/run.ts';
import { type Awaited, awaitObject } from './await-object.ts';
import { revisionArrived } from './contains.ts';
import type { StepContext } from './step.ts';

/**
 * A run applies, then prunes, then looks at health (kustomize-controller reconcile()): a revision whose health is being
 * looked at, or was found wanting, is applied, and so is one that is Ready.
 */
export function untilApplied(context: StepContext, target: Target, revision: ExpectedRevision): Promise<Awaited<Kustomization>> {
  const arrived = (at: string | undefined) => revisionArrived(context.repo, at, revision, context.commit);
  return awaitObject<Kustomization>(context, targetRef(target), async (object) => {
    const run = healthCheckRun(object, context.clock.now());
    if (run) return arrived(run.revision);
    const { lastAppliedRevision, lastAttemptedRevision, conditions } = object.status ?? {};
    if (await arrived(lastAppliedRevision)) return true;
    return findCondition(conditions, READY)?.reason === FluxReason.HealthCheckFailed && arrived(lastAttemptedRevision);
  });
}
