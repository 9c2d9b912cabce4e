/**
 * Has the target reconciled now, and waits until Flux took up the commit. Whether it got well is `verify`'s question.
 * A run that is under way ends first: kustomize-controller works on one object at a time (flux2#5584).
 */
import { findCondition } from '../api/conditions.ts';
import { formatDuration } from '../api/duration.ts';
import { type Kustomization, READY, RECONCILING, timeoutOf } from '../api/flux.ts';
import { shortRevision } from '../api/revision.ts';
import { formatTarget, targetRef } from '../api/target.ts';
import { askNow } from './ask-now.ts';
import { awaitObject } from './await-object.ts';
import { expectedCommit, revisionArrived } from './contains.ts';
import type { StepHandler } from './step.ts';

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
    const awaited = await awaitObject<Kustomization>(context, ref, (object) =>
      revisionArrived(repo, object.status?.lastAttemptedRevision, step.revision, context.commit),
    );
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

/** Why it takes a while, where a run of another revision is under way. */
function busyText(object: Kustomization, now: Date): string {
  const left = runEndsIn(object, now);
  // Only a run that has come to its health checks keeps others waiting: `Running health checks for revision …` (kustomize_controller.go).
  const message = findCondition(object.status?.conditions, RECONCILING)?.message ?? '';
  return left === undefined || !/health check/i.test(message) ? '' : `; a run is under way that ends within ${formatDuration(left)}`;
}

/** Milliseconds until the run that is under way gives up; undefined where none is. */
export function runEndsIn(object: Kustomization, now: Date): number | undefined {
  const running = findCondition(object.status?.conditions, RECONCILING);
  if (running?.status !== 'True' || running.reason !== 'Progressing' || running.lastTransitionTime === undefined) return undefined;
  return Math.max(0, Date.parse(running.lastTransitionTime) + timeoutOf(object.spec) - now.getTime());
}
