/** Holds by hand: suspend, resume, unpin, and the end of those that ran out. The same steps as in a rollback, without a journal. */
import { MANAGED_BY, MANAGED_BY_LABEL } from '../api/annotations.ts';
import { GIT_REPOSITORY, HELM_RELEASE, KUSTOMIZATION, REQUESTED_AT } from '../api/flux.ts';
import type { KubeObject } from '../api/kube.ts';
import type { Target } from '../api/target.ts';
import { Failure } from '../core/failure.ts';
import { foreignPinOf, type Hold, holdOf, isExpired, noHoldAnnotations } from '../core/holds/hold.ts';
import { type UndoneHold, undoneHoldOf } from '../core/holds/undone.ts';
import type { Step } from '../core/plan/plan.ts';
import { observeTarget } from '../observe/target.ts';
import type { Clock, Cluster, GitRepo } from '../ports.ts';
import { describeStep, runStep } from '../steps/list.ts';
import type { StepOutcome } from '../steps/step.ts';
import { announceHold } from './announce.ts';
import type { EngineEvent } from './engine.ts';
import { ensurePermitted } from './permitted.ts';

export interface HoldContext {
  cluster: Cluster;
  repo?: GitRepo;
  clock: Clock;
  signal: AbortSignal;
  /** For all steps together, in milliseconds. */
  timeoutMs: number;
  listen(event: EngineEvent): void;
}

/**
 * Runs steps of one target one after another until one does not end well.
 * @returns the outcome of the last that ran.
 * @throws Failure Forbidden before the first of them where one may not be done.
 */
export async function runSteps(target: Target, steps: readonly Step[], context: HoldContext): Promise<StepOutcome> {
  const notes = await ensurePermitted(steps, target, context.cluster);
  for (const message of notes) context.listen({ event: 'note', message });
  const deadline = new Date(context.clock.now().getTime() + context.timeoutMs);
  let outcome: StepOutcome = { kind: 'done', found: true, message: 'nothing to do' };
  for (const [index, step] of steps.entries()) {
    context.listen({ event: 'step-started', index, total: steps.length, step, text: describeStep(step) });
    const began = context.clock.now().getTime();
    outcome = await runStep(step, {
      cluster: context.cluster,
      repo: context.repo,
      clock: context.clock,
      rollbackId: undefined,
      commit: undefined,
      signal: context.signal,
      deadline,
      progress: (message) => context.listen({ event: 'step-progress', index, message }),
    });
    context.listen({ event: 'step-ended', index, step, outcome, tookMs: context.clock.now().getTime() - began });
    if (outcome.kind !== 'done') return outcome;
    if (!outcome.found) await tellHold(context, step, outcome.message);
  }
  return outcome;
}

/** What changed a hold is told where others look: as an Event of the target, with who and why. */
async function tellHold(context: HoldContext, step: Step, message: string): Promise<void> {
  if (step.kind === 'suspend')
    await announceHold(context, step.target, 'Suspended', `${message} by ${step.by}${step.reason ? `: ${step.reason}` : ''}`);
  else if (step.kind === 'resume') await announceHold(context, step.target, 'Resumed', message);
  else if (step.kind === 'unpin') await announceHold(context, step.target, 'Unpinned', message);
}

export interface HeldObject {
  /** `Kustomization`, `HelmRelease` or `GitRepository` (a shared source that is pinned or suspended). */
  kind: string;
  namespace: string;
  name: string;
  hold: Hold;
  expired: boolean;
  /** Only the record is left: somebody else put back what was held. */
  undone?: UndoneHold;
}

/** Everything that is held in the cluster: by Ebb, or suspended or pinned by anybody else. The sources of pins are left out: their target is shown. */
export async function listHolds(cluster: Cluster, now: Date, namespace?: string): Promise<HeldObject[]> {
  const kinds = [KUSTOMIZATION, HELM_RELEASE, GIT_REPOSITORY];
  const lists = await Promise.all(
    kinds.map(async (kind) =>
      (await cluster.serves(kind)) ? cluster.list<KubeObject>(kind, namespace === undefined ? {} : { namespace }) : [],
    ),
  );
  return lists.flat().flatMap((object): HeldObject[] => {
    const undone = undoneHoldOf(object);
    const hold = undone ?? holdOf(object) ?? (object.kind === GIT_REPOSITORY.kind ? foreignPinOf(object) : undefined);
    if (!hold || isPinSource(object)) return [];
    const { namespace = '', name } = object.metadata;
    return [{ kind: object.kind, namespace, name, hold, expired: isExpired(hold, now), ...(undone ? { undone } : {}) }];
  });
}

function isPinSource(object: KubeObject): boolean {
  return object.kind === 'GitRepository' && object.metadata.labels?.[MANAGED_BY_LABEL] === MANAGED_BY;
}

/** Ends the holds that ran out. @returns what was ended, and what could not be. */
export async function endExpired(context: HoldContext, held: readonly HeldObject[]): Promise<{ held: HeldObject; outcome: StepOutcome }[]> {
  const ended: { held: HeldObject; outcome: StepOutcome }[] = [];
  for (const object of held.filter((candidate) => candidate.expired)) {
    ended.push({ held: object, outcome: await endHold(context, object).catch(failedOutcome) });
  }
  return ended;
}

/** One hold that cannot be ended does not keep the others. */
function failedOutcome(error: unknown): StepOutcome {
  if (!(error instanceof Failure)) throw error;
  return { kind: 'failed', reason: error.code, message: error.message, next: [...error.next] };
}

async function endHold(context: HoldContext, held: HeldObject): Promise<StepOutcome> {
  if (held.kind === 'GitRepository') return endSourceHold(context, held);
  const target: Target = { kind: held.kind as Target['kind'], namespace: held.namespace, name: held.name };
  const state = await observeTarget(context.cluster, target);
  const steps: Step[] = [];
  if (state.hold?.commit !== undefined) steps.push({ kind: 'unpin', target });
  if (state.suspended || state.undone?.kind === 'suspend') steps.push({ kind: 'resume', target });
  const outcome = await runSteps(target, steps, context);
  if (outcome.kind === 'done') await announceHold(context, target, 'HoldExpired', `the hold ran out at ${held.hold.until}`);
  return outcome;
}

/** A shared source that was pinned, or suspended with an expiry. */
async function endSourceHold({ cluster, clock }: HoldContext, held: HeldObject): Promise<StepOutcome> {
  const annotations = { ...noHoldAnnotations(), [REQUESTED_AT]: clock.now().toISOString() };
  const spec = held.hold.kind === 'pin' ? { ref: { commit: null } } : { suspend: null };
  await cluster.patch(
    { ...GIT_REPOSITORY, namespace: held.namespace, name: held.name },
    { metadata: { annotations }, spec },
    { type: 'merge' },
  );
  return { kind: 'done', found: false, message: `gitrepository/${held.namespace}/${held.name} follows its branch again` };
}
