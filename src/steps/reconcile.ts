/**
 * Has the target reconciled now, and waits until Flux took up the commit. Whether it got well is `verify`'s question.
 * A run that is under way ends first: kustomize-controller works on one object at a time (flux2#5584).
 */
import { findCondition } from '../api/conditions.ts';
import { formatDuration } from '../api/duration.ts';
import { type Kustomization, READY } from '../api/flux.ts';
import { shortRevision } from '../api/revision.ts';
import { formatTarget, type Target, targetRef } from '../api/target.ts';
import { remedyFor } from '../core/diagnosis/dependency.ts';
import { healthCheckRun } from '../core/runs/run.ts';
import type { Blocker } from '../core/world.ts';
import { askNow } from './ask-now.ts';
import { type Awaited, awaitObject } from './await-object.ts';
import { expectedCommit, revisionArrived } from './contains.ts';
import { followDependencies } from './follow-dependencies.ts';
import type { StepContext, StepHandler, StepOutcome } from './step.ts';

export const reconcileStep: StepHandler<'reconcile'> = {
  kind: 'reconcile',
  describe: (step) => `have ${formatTarget(step.target)} reconciled now`,
  run: async (step, context) => {
    const { cluster, repo, clock } = context;
    const ref = targetRef(step.target);
    const commit = expectedCommit(step.revision, context.commit);
    const name = formatTarget(step.target);
    if (commit === undefined) return { kind: 'failed', reason: 'NoCommit', message: 'there is no commit to wait for', next: [] };
    const before = await cluster.get<Kustomization>(ref);
    if (before?.spec.suspend)
      return {
        kind: 'failed',
        reason: 'TargetSuspended',
        message: `${name} is suspended: Flux applies nothing`,
        next: [`ebb resume ${name}`],
      };
    if (await revisionArrived(repo, before?.status?.lastAttemptedRevision, step.revision, context.commit))
      return { kind: 'done', found: true, message: `Flux is already at ${shortRevision(before?.status?.lastAttemptedRevision ?? '')}` };
    const unasked = await askNow(context, ref);
    context.progress(`waiting for Flux to apply ${commit.slice(0, 8)}${before ? busyText(before, clock.now()) : ''}${unasked}`);
    const awaited = await awaitUnlessBlocked(context, before, step.target, (object) =>
      revisionArrived(repo, object.status?.lastAttemptedRevision, step.revision, context.commit),
    );
    if (awaited.kind === 'blocked') return blockedOutcome(name, awaited.blocker, context.rollbackId);
    if (awaited.kind === 'met')
      return { kind: 'done', found: false, message: `Flux applies ${shortRevision(awaited.object.status?.lastAttemptedRevision ?? '')}` };
    const ready = findCondition(awaited.last?.status?.conditions, READY);
    return {
      kind: 'timed-out',
      message: `Flux did not take up ${commit.slice(0, 8)} in time${ready ? ` (${ready.reason}: ${ready.message})` : ''}`,
      next: [`ebb status ${name}`, `flux events --for Kustomization/${step.target.name} -n ${step.target.namespace}`],
    };
  },
};

async function awaitUnlessBlocked(
  context: StepContext,
  before: Kustomization | undefined,
  target: Target,
  met: (object: Kustomization) => Promise<boolean>,
): Promise<Awaited<Kustomization> | { kind: 'blocked'; blocker: Blocker }> {
  if (!before?.spec.dependsOn?.length) return awaitObject(context, targetRef(target), met);
  const over = new AbortController();
  const both = { ...context, signal: AbortSignal.any([context.signal, over.signal]) };
  const awaited = awaitObject<Kustomization>(both, targetRef(target), met);
  const blocked = followDependencies(both, target).then((blocker) => ({ kind: 'blocked' as const, blocker }));
  try {
    return await Promise.race([awaited, blocked]);
  } finally {
    over.abort(new Error('no longer needed'));
    await Promise.allSettled([awaited, blocked]);
  }
}

function blockedOutcome(name: string, blocker: Blocker, rollbackId: string | undefined): StepOutcome {
  const { target, path, reason, message } = blocker;
  const chain = path.map(formatTarget).join(', which waits for ');
  const goOn = rollbackId === undefined ? [] : [`ebb resume-rollback ${rollbackId}  once it is ready`];
  return {
    kind: 'failed',
    reason: 'DependencyNotReady',
    message: `Flux applies nothing to ${name}: it waits for ${chain}, which is not ready: ${reason}: ${message}`,
    next: [`ebb status ${formatTarget(target)}`, remedyFor(blocker), ...goOn],
  };
}

/** Why it takes a while, where a run of another revision is under way: only one that has come to its health checks keeps others waiting. */
function busyText(object: Kustomization, now: Date): string {
  const run = healthCheckRun(object, now);
  return run ? `; a run is under way that ends within ${formatDuration(run.endsInMs)}` : '';
}
