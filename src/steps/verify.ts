/** Looks until the target is well for certain, bad for certain, or the time is over. */
import { formatTarget } from '../api/target.ts';
import { Failure } from '../core/failure.ts';
import type { Step } from '../core/plan/plan.ts';
import { type HttpResult, judge } from '../core/verdict/judge.ts';
import type { Check, Verdict } from '../core/verdict/verdict.ts';
import { type Health, observeHealth } from '../observe/health.ts';
import { type HttpCheck, parseHttpCheck, runHttpCheck } from '../observe/http-check.ts';
import { expectedCommit, revisionArrived } from './contains.ts';
import type { StepContext, StepHandler, StepOutcome } from './step.ts';

type VerifyStep = Extract<Step, { kind: 'verify' }>;

/** Between two looks, in milliseconds. */
const LOOK_EVERY = 500;
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

  constructor(step: VerifyStep, context: StepContext) {
    this.#step = step;
    this.#context = context;
    this.#checks = step.httpChecks.map((check) => parseHttpCheck(check, step.target.namespace));
  }

  async run(): Promise<StepOutcome> {
    const { clock, signal, deadline } = this.#context;
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
    const restarts = restartsOf(health);
    this.#restartsBefore ??= restarts;
    const input = {
      target: health.target,
      workloads: health.workloads,
      findings: health.findings,
      revision: { expected: expected ?? '', reached },
      symptoms: this.#step.symptoms,
      steady: { forMs: this.#steadyFor(restarts), needMs: this.#step.steadyMs },
      restartsBefore: this.#restartsBefore,
      http: [] as HttpResult[],
    };
    const verdict = judge(input);
    // Requests are made only once all else is well: until then they would tell nothing new.
    if (verdict.outcome !== 'good' || this.#checks.length === 0) return verdict;
    const http = await Promise.all(this.#checks.map((check) => runHttpCheck(this.#context.cluster, check, REQUESTS)));
    return judge({ ...input, http });
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
