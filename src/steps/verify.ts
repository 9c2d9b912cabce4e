/** Looks until the target is well for certain, bad for certain, or the time is over. */
import { formatTarget } from '../api/target.ts';
import { obstaclesOf } from '../core/diagnosis/obstacles.ts';
import { refusedApply } from '../core/diagnosis/refused-apply.ts';
import { Failure } from '../core/failure.ts';
import type { Step } from '../core/plan/plan.ts';
import { type JudgeInput, judge } from '../core/verdict/judge.ts';
import type { Check, Verdict } from '../core/verdict/verdict.ts';
import { type Health, observeHealth } from '../observe/health.ts';
import { type HttpCheck, parseHttpCheck, runHttpCheck } from '../observe/http-check.ts';
import { observeSource } from '../observe/target.ts';
import { CloserLook } from './closer-look.ts';
import { expectedCommit, revisionArrived } from './contains.ts';
import { removeLeftOf } from './left-behind.ts';
import { SecondAsks } from './second-asks.ts';
import { StaleObjects } from './stale-objects.ts';
import { Steadiness } from './steadiness.ts';
import type { StepContext, StepHandler, StepOutcome } from './step.ts';

type VerifyStep = Extract<Step, { kind: 'verify' }>;

/** Between two looks, in milliseconds. */
const LOOK_EVERY = 500;
/** Requests of each HTTP check; all must be answered well. */
const REQUESTS = 20;

export const verifyStep: StepHandler<'verify'> = {
  kind: 'verify',
  describe: (step) =>
    `verify ${formatTarget(step.target)}: revision, rollout, pods, endpoints, restarts${step.configuration?.length ? ', configuration' : ''}${step.symptoms.length ? ', symptom gone' : ''}${step.httpChecks.length ? ', HTTP' : ''}`,
  run: async (step, context) => new Verification(step, context).run(),
};

class Verification {
  readonly #step: VerifyStep;
  readonly #context: StepContext;
  readonly #checks: HttpCheck[];
  readonly #steadiness = new Steadiness();
  readonly #closer: CloserLook;
  readonly #asks: SecondAsks;
  readonly #stale: StaleObjects | undefined;
  /** A mark that was left behind was taken out here. */
  #unmarked = false;

  constructor(step: VerifyStep, context: StepContext) {
    this.#step = step;
    this.#context = context;
    this.#checks = step.httpChecks.map((check) => parseHttpCheck(check, step.target.namespace));
    this.#closer = new CloserLook(context);
    this.#asks = new SecondAsks(context, step.target);
    // By itself, a verification takes what it finds as it is: nothing was changed just now.
    if (context.rollbackId !== undefined) this.#stale = new StaleObjects(context, step.target);
  }

  async run(): Promise<StepOutcome> {
    const { clock, signal, deadline } = this.#context;
    for (;;) {
      signal.throwIfAborted();
      const verdict = await this.#look();
      if (verdict.outcome === 'good') return { kind: 'done', found: false, message: summary(verdict), verdict };
      if (verdict.outcome === 'bad') return this.#bad(verdict);
      if (clock.now() >= deadline) return this.#late(verdict);
      const open = mostTelling(verdict.checks);
      if (open) this.#context.progress(`${open.name}: ${open.message}`);
      await clock.sleep(LOOK_EVERY, signal);
    }
  }

  async #look(): Promise<Verdict> {
    const health = await this.#seeHealth();
    const { target, workloads, findings, notes } = health;
    const reached = await this.#hasArrived(target.lastAttemptedRevision);
    if (reached) await this.#asks.afterMark(health, this.#unmarked);
    const { before, forMs } = this.#steadiness.see(workloads, this.#context.clock.now());
    const input: JudgeInput = {
      target,
      workloads,
      findings,
      revision: { expected: expectedCommit(this.#step.revision, this.#context.commit) ?? '', reached },
      symptoms: this.#step.symptoms,
      steady: { forMs, needMs: this.#step.steadyMs },
      restartsBefore: before,
      http: [],
      retrying: this.#asks.isAwaited(target),
      ...(reached ? {} : await this.#seeSource()),
      ...(this.#step.configuration ? { configuration: this.#step.configuration } : {}),
      ...this.#stale?.of(health),
    };
    if (reached) await this.#stale?.ask(health);
    // What the next run of Flux brings, it shall bring now: what is gone, and what it could not apply as a webhook was away.
    if (reached && (lacksFromGit(health) || refusedApply(target)?.final === false)) await this.#asks.toCreate();
    const whole = await this.#closely(input, health);
    const verdict = withNotes(judge(whole), notes);
    // Requests are made only once all else is well: until then they would tell nothing new.
    if (verdict.outcome !== 'good' || this.#checks.length === 0) return verdict;
    const http = await Promise.all(this.#checks.map((check) => runHttpCheck(this.#context.cluster, check, REQUESTS)));
    return withNotes(judge({ ...whole, http }), notes);
  }

  #hasArrived(revision: string | undefined): Promise<boolean> {
    return revisionArrived(this.#context.repo, revision, this.#step.revision, this.#context.commit);
  }

  /** Why the revision does not come may be the source's: a failure of its own, or that it has not looked yet. */
  async #seeSource(): Promise<Pick<JudgeInput, 'source'>> {
    if (this.#step.target.kind !== 'Kustomization') return {};
    const observed = await observeSource(this.#context.cluster, this.#step.target).catch(onlyFailure);
    return observed ? { source: observed.source } : {};
  }

  /** What carries a mark that nobody keeps any more is freed of it. */
  async #seeHealth(): Promise<Health> {
    const health = await observeHealth(this.#context.cluster, this.#step.target, { logs: false });
    const marked = health.workloads.workloads.flatMap(({ ref, mark }) => (mark ? [{ ref, mark }] : []));
    if (marked.length === 0 || (await removeLeftOf(this.#context, marked)).length === 0) return health;
    this.#unmarked = true;
    return observeHealth(this.#context.cluster, this.#step.target, { logs: false });
  }

  /** At the end, and meanwhile now and then. */
  async #closely(input: JudgeInput, health: Health): Promise<JudgeInput> {
    const isDue = judge(input).outcome !== 'undecided' || this.#closer.isDue();
    const seen = isDue ? await this.#closer.look(health) : this.#closer.last;
    if (isDue && seen.owned?.missing.length) await this.#asks.toCreate();
    return { ...input, workloads: { ...input.workloads, ...seen } };
  }

  #bad(verdict: Verdict): StepOutcome {
    const failed = verdict.checks.filter((check) => check.status === 'fail');
    return { kind: 'failed', reason: 'VerificationFailed', message: failed.map(text).join('; '), next: this.#next(failed), verdict };
  }

  #late(verdict: Verdict): StepOutcome {
    const open = verdict.checks.filter((check) => check.status !== 'pass');
    return { kind: 'timed-out', message: `not well in time: ${open.map(text).join('; ')}`, next: this.#next(open), verdict };
  }

  /** What mends it first. */
  #next(open: readonly Check[]): string[] {
    const name = formatTarget(this.#step.target);
    const mending = new Set(open.flatMap((check) => check.next ?? []));
    return [...mending, `ebb status ${name}`, `ebb verify ${name}`, `ebb history ${name}`];
  }
}

/** Pods wait for an object that Flux applied once and that is gone. */
function lacksFromGit({ target, workloads }: Health): boolean {
  return workloads.workloads.some((workload) => obstaclesOf(workload, target).some((obstacle) => obstacle.inGit));
}

/** A source that is gone or no Git repository is for Flux to tell. */
function onlyFailure(error: unknown): undefined {
  if (error instanceof Failure && (error.code === 'SourceNotFound' || error.code === 'SourceUnsupported')) return undefined;
  throw error;
}

/** Of what is waited for, what is in the way: Flux only says that it is at work. */
function mostTelling(checks: readonly Check[]): Check | undefined {
  const waiting = checks.filter(({ status }) => status === 'wait');
  return waiting.find(({ name }) => name === 'Obstacle') ?? waiting[0];
}

function withNotes(verdict: Verdict, notes: string[]): Verdict {
  return notes.length ? { ...verdict, notes: [...(verdict.notes ?? []), ...notes] } : verdict;
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
