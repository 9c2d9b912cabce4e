/** Looks until the target is well for certain, bad for certain, or the time is over. */
import { findCondition } from '../api/conditions.ts';
import { FluxReason, READY } from '../api/flux.ts';
import { formatTarget, targetRef } from '../api/target.ts';
import { Failure } from '../core/failure.ts';
import type { Step } from '../core/plan/plan.ts';
import { type JudgeInput, judge } from '../core/verdict/judge.ts';
import type { Check, Verdict } from '../core/verdict/verdict.ts';
import type { OwnedState } from '../core/world.ts';
import { type Health, observeHealth } from '../observe/health.ts';
import { type HttpCheck, parseHttpCheck, runHttpCheck } from '../observe/http-check.ts';
import { Lacks } from '../observe/lacks.ts';
import { observeOwned } from '../observe/owned.ts';
import { askNow } from './ask-now.ts';
import { expectedCommit, revisionArrived } from './contains.ts';
import { removeLeftBehind } from './left-behind.ts';
import { StaleObjects } from './stale-objects.ts';
import type { StepContext, StepHandler, StepOutcome } from './step.ts';

type VerifyStep = Extract<Step, { kind: 'verify' }>;

/** Between two looks, in milliseconds. */
const LOOK_EVERY = 500;
/** Between two looks at all that the target owns, in milliseconds. */
const OWNED_EVERY = 5_000;
/** Between two requests to Flux, in milliseconds. */
const ASK_EVERY = 15_000;
/** Requests of each HTTP check; all must be answered well. */
const REQUESTS = 20;

export const verifyStep: StepHandler<'verify'> = {
  kind: 'verify',
  describe: (step) =>
    `verify ${formatTarget(step.target)}: revision, rollout, pods, endpoints, restarts${step.symptoms.length ? ', symptom gone' : ''}${step.httpChecks.length ? ', HTTP' : ''}`,
  run: async (step, context) => new Verification(step, context).run(),
};

class Verification {
  readonly #step: VerifyStep;
  readonly #context: StepContext;
  readonly #checks: HttpCheck[];
  /** Restarts at the first look: those are the bad release's. */
  #restartsBefore: Record<string, number> | undefined;
  #restarts: string | undefined;
  #steadySince = 0;
  /** A mark that was left behind was taken out here. */
  #unmarked = false;
  /** The token of the run that was asked for once more; empty where that was not allowed. */
  #asked: string | undefined;
  /** When what the target owns was last looked at, or looking began. */
  #ownedAt: number | undefined;
  #owned: OwnedState | undefined;
  #askedAt = 0;
  readonly #stale: StaleObjects | undefined;

  constructor(step: VerifyStep, context: StepContext) {
    this.#step = step;
    this.#context = context;
    this.#checks = step.httpChecks.map((check) => parseHttpCheck(check, step.target.namespace));
    // By itself, a verification takes what it finds as it is: nothing was changed just now.
    if (context.rollbackId !== undefined) this.#stale = new StaleObjects(context, step.target);
  }

  async run(): Promise<StepOutcome> {
    const { clock, signal, deadline } = this.#context;
    await this.#removeMarks();
    for (;;) {
      signal.throwIfAborted();
      const verdict = await this.#look();
      if (verdict.outcome === 'good') return { kind: 'done', found: false, message: summary(verdict), verdict };
      if (verdict.outcome === 'bad') return this.#bad(verdict);
      if (clock.now() >= deadline) return this.#late(verdict);
      const open = verdict.checks.find((check) => check.status === 'wait');
      if (open) this.#context.progress(`${open.name}: ${open.message}`);
      await clock.sleep(LOOK_EVERY, signal);
    }
  }

  async #look(): Promise<Verdict> {
    const health = await observeHealth(this.#context.cluster, this.#step.target, { logs: false });
    const expected = expectedCommit(this.#step.revision, this.#context.commit);
    const reached = await revisionArrived(
      this.#context.repo,
      health.target.lastAttemptedRevision,
      this.#step.revision,
      this.#context.commit,
    );
    if (reached && failedOnMark(health)) await this.#askAgain();
    const restarts = restartsOf(health);
    this.#restartsBefore ??= restarts;
    const input: JudgeInput = {
      target: health.target,
      workloads: health.workloads,
      findings: health.findings,
      revision: { expected: expected ?? '', reached },
      symptoms: this.#step.symptoms,
      steady: { forMs: this.#steadyFor(restarts), needMs: this.#step.steadyMs },
      restartsBefore: this.#restartsBefore,
      http: [],
      retrying: Boolean(this.#asked) && health.target.lastHandledReconcileAt !== this.#asked,
      ...this.#stale?.of(health),
    };
    if (reached) await this.#stale?.ask(health);
    const open = judge(input).outcome === 'undecided' && !this.#isOwnedDue();
    const whole = open ? withOwned(input, this.#owned) : withOwned(input, await this.#lookAtOwned(health));
    const verdict = withNotes(judge(whole), health.notes);
    // Requests are made only once all else is well: until then they would tell nothing new.
    if (verdict.outcome !== 'good' || this.#checks.length === 0) return verdict;
    const http = await Promise.all(this.#checks.map((check) => runHttpCheck(this.#context.cluster, check, REQUESTS)));
    return withNotes(judge({ ...whole, http }), health.notes);
  }

  /** What may be left behind, stuck or gone takes a list of every kind: looked for at the end, and meanwhile now and then. */
  async #lookAtOwned({ target, notes }: Health): Promise<OwnedState | undefined> {
    if (this.#step.target.kind !== 'Kustomization') return undefined;
    const lacks = new Lacks();
    this.#owned = await observeOwned(this.#context.cluster, target, lacks);
    notes.push(...lacks.notes);
    if (this.#owned.missing.length > 0) await this.#haveCreated();
    return this.#owned;
  }

  /** Flux does not look for what disappears: its health check waits in vain, and the next run comes at its interval. */
  async #haveCreated(): Promise<void> {
    if (this.#context.rollbackId === undefined) return;
    const now = this.#context.clock.now().getTime();
    if (now - this.#askedAt < ASK_EVERY) return;
    this.#askedAt = now;
    await askNow(this.#context, targetRef(this.#step.target));
  }

  #isOwnedDue(): boolean {
    const now = this.#context.clock.now().getTime();
    this.#ownedAt ??= now;
    if (now - this.#ownedAt < OWNED_EVERY) return false;
    this.#ownedAt = now;
    return true;
  }

  /** Whoever may only look leaves them, and the verdict says so. */
  async #removeMarks(): Promise<void> {
    try {
      this.#unmarked = (await removeLeftBehind(this.#context, this.#step.target)).length > 0;
    } catch (error) {
      if (!(error instanceof Failure) || error.code !== 'Forbidden') throw error;
    }
  }

  /** The good version's own health check saw the mark of the bad one before it was taken out: it is tried again at once, rather than at its retry interval. */
  async #askAgain(): Promise<void> {
    // Somebody who only looks asks for nothing, unless it was their looking that took the mark out.
    if (this.#asked !== undefined || (this.#context.rollbackId === undefined && !this.#unmarked)) return;
    const token = this.#context.clock.now().toISOString();
    const unasked = await askNow(this.#context, targetRef(this.#step.target), token);
    this.#asked = unasked === '' ? token : '';
  }

  /** Milliseconds since the set of pods and their restarts last changed. */
  #steadyFor(restarts: Record<string, number>): number {
    const counts = JSON.stringify(restarts);
    const now = this.#context.clock.now().getTime();
    if (counts !== this.#restarts) {
      this.#restarts = counts;
      this.#steadySince = now;
    }
    return now - this.#steadySince;
  }

  #bad(verdict: Verdict): StepOutcome {
    const failed = verdict.checks.filter((check) => check.status === 'fail');
    return { kind: 'failed', reason: 'VerificationFailed', message: failed.map(text).join('; '), next: this.#next(), verdict };
  }

  #late(verdict: Verdict): StepOutcome {
    const open = verdict.checks.filter((check) => check.status !== 'pass');
    return { kind: 'timed-out', message: `not well in time: ${open.map(text).join('; ')}`, next: this.#next(), verdict };
  }

  #next(): string[] {
    const name = formatTarget(this.#step.target);
    return [`ebb status ${name}`, `ebb verify ${name}`, `ebb history ${name}`];
  }
}

function withOwned(input: JudgeInput, owned: OwnedState | undefined): JudgeInput {
  return owned ? { ...input, workloads: { ...input.workloads, owned } } : input;
}

function withNotes(verdict: Verdict, notes: string[]): Verdict {
  return notes.length ? { ...verdict, notes: [...(verdict.notes ?? []), ...notes] } : verdict;
}

/** `failed early due to stalled resources: [Deployment/ns/x status: 'Failed']` (fluxcd/pkg ssa manager_wait.go), and nothing is marked any more. */
function failedOnMark({ target, workloads }: Health): boolean {
  const ready = findCondition(target.conditions, READY);
  if (ready?.reason !== FluxReason.HealthCheckFailed || !/stalled resources/.test(ready.message ?? '')) return false;
  return workloads.workloads.every(({ mark, health }) => mark === undefined && health.status !== 'Failed');
}

/** `POD/CONTAINER` → how often it restarted, in a fixed order. */
function restartsOf({ workloads }: Health): Record<string, number> {
  const pods = workloads.workloads.flatMap((workload) => workload.pods);
  const counts = pods.flatMap((pod) =>
    pod.containers.map((container): [string, number] => [`${pod.name}/${container.name}`, container.restarts]),
  );
  return Object.fromEntries(counts.sort(([a], [b]) => a.localeCompare(b)));
}

function text(check: Check): string {
  return `${check.name}: ${check.message}`;
}

function summary(verdict: Verdict): string {
  return verdict.checks
    .filter((check) => check.name === 'Pods' || check.name === 'Endpoints' || check.name === 'Http')
    .map((check) => check.message)
    .join(', ');
}

/** Runs a verification by itself, for `ebb verify`. @throws Failure Interrupted */
export async function verifyNow(step: VerifyStep, context: StepContext): Promise<StepOutcome> {
  try {
    return await verifyStep.run(step, context);
  } catch (error) {
    if (context.signal.aborted) throw new Failure('Interrupted', 'interrupted', { cause: error });
    throw error;
  }
}
