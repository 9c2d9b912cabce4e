/**
 * Ends the run that waits for the bad version to get healthy, so that Flux takes up the good one now rather than when the
 * run's timeout is over: kustomize-controller works on one object at a time (flux2#5584). The workloads that it waits for
 * are marked as failed for as long as the run lasts, five seconds at most, for that is how often it looks; spec,
 * generation and Flux's ownership stay as they are. The mark is taken out however the step ends.
 */
import { formatDuration } from '../api/duration.ts';
import type { Kustomization } from '../api/flux.ts';
import { formatRef } from '../api/kube.ts';
import { shortRevision } from '../api/revision.ts';
import { formatTarget, targetRef } from '../api/target.ts';
import type { Step } from '../core/plan/plan.ts';
import { healthCheckRun, runEndsIn } from '../core/runs/run.ts';
import { type CancelGate, observeCancelGate } from '../observe/flux-controllers.ts';
import { Lacks } from '../observe/lacks.ts';
import { observeRuns, type WaitingRun } from '../observe/runs.ts';
import { awaitObject } from './await-object.ts';
import { revisionArrived } from './contains.ts';
import { type Ended, endRun, PATIENCE, untilActionOver } from './end-run.ts';
import { everyOne } from './every-one.ts';
import { removeLeftBehind } from './left-behind.ts';
import type { StepContext, StepHandler, StepOutcome } from './step.ts';

type AbandonStep = Extract<Step, { kind: 'abandon' }>;

/** Where the gate may be on, the run ends by itself within about this. In milliseconds. */
const GRACE = 700;
/** How often it is looked whether a run of the bad version is (still, or again) under way, and the pause between, in milliseconds. */
const LOOKS = 4;
const LOOK_AGAIN = 500;
/** How often it is looked whether a run that still applies the bad version has come to its health check: ten seconds of it. */
const BUSY_LOOKS = 20;

export const abandonStep: StepHandler<'abandon'> = {
  kind: 'abandon',
  describe: (step) => `end the run of ${formatTarget(step.target)} that waits for the bad version, if there is one`,
  run: (step, context) => new Abandonment(step, context).run(),
};

class Abandonment {
  readonly #step: AbandonStep;
  readonly #context: StepContext;

  constructor(step: AbandonStep, context: StepContext) {
    this.#step = step;
    this.#context = context;
  }

  async run(): Promise<StepOutcome> {
    const lacks = new Lacks();
    const gate = await observeCancelGate(this.#context.cluster, lacks);
    const outcome = await this.#abandon(gate);
    return lacks.notes.length > 0 && 'message' in outcome
      ? { ...outcome, message: `${outcome.message}; ${lacks.notes.join('; ')}` }
      : outcome;
  }

  async #abandon(gate: CancelGate): Promise<StepOutcome> {
    const { clock } = this.#context;
    await removeLeftBehind(this.#context, this.#step.target);
    if (gate === 'on') return nothing('this Flux drops a failing health check by itself when a new revision arrives');
    const began = clock.now().getTime();
    const runs = await this.#firstRuns(gate === 'off' ? 0 : GRACE);
    if (runs.length === 0) return nothing('nothing waits for the bad version');
    const ended = await this.#endAll(runs);
    return ended.length === 0 ? nothing(waitText(runs, clock.now())) : outcomeOf(ended, clock.now(), clock.now().getTime() - began);
  }

  /**
   * A run that still builds or applies the bad version comes to its health check only now.
   * @param grace milliseconds in which runs may end by themselves.
   */
  async #firstRuns(grace: number): Promise<WaitingRun[]> {
    const { clock, signal } = this.#context;
    if (grace > 0 && (await this.#staleRuns()).length > 0) await clock.sleep(grace, signal);
    for (let look = 0; look < BUSY_LOOKS; look += 1) {
      const runs = await this.#staleRuns();
      if (runs.length > 0 || !(await this.#isBusy())) return runs;
      this.#context.progress(`Flux is at work on ${formatTarget(this.#step.target)}: waiting until it shows what it waits for`);
      await clock.sleep(LOOK_AGAIN, signal);
    }
    return [];
  }

  /** Does the controller work on a version that is about to be replaced, health checks or not? */
  async #isBusy(): Promise<boolean> {
    if (this.#step.target.kind !== 'Kustomization') return false;
    const object = await this.#context.cluster.get<Kustomization>(targetRef(this.#step.target));
    if (!object || runEndsIn(object, this.#context.clock.now()) === undefined) return false;
    return !(await this.#arrived(object.status?.lastAttemptedRevision));
  }

  /**
   * Ends them, and looks again: what is waited for may show only a moment later, and a controller that had not seen the new
   * artifact yet may begin with the old one once more.
   */
  async #endAll(first: WaitingRun[]): Promise<Ended[]> {
    const { clock, signal } = this.#context;
    let ended: Ended[] = [];
    let runs = first;
    for (let look = 0; look < LOOKS && runs.length > 0; look += 1) {
      const endable = runs.filter(({ workloads }) => workloads.length > 0);
      if (endable.length > 0) {
        await this.#context.marking?.(endable.flatMap(({ workloads }) => workloads.map(({ ref }) => ref)));
        ended = await everyOne(endable.map((run) => endRun(this.#context, run, () => this.#untilOver(run))));
        if (ended.every(({ how }) => how === 'refused')) return ended;
      }
      await clock.sleep(LOOK_AGAIN, signal);
      runs = await this.#staleRuns();
    }
    return ended;
  }

  /** Runs of a revision that is about to be replaced. */
  async #staleRuns(): Promise<WaitingRun[]> {
    const { runs } = await observeRuns(this.#context.cluster, this.#step.target, this.#context.clock.now());
    const [own] = runs.filter(({ target, inner }) => target.kind === 'Kustomization' && !inner);
    const stale = own !== undefined && !(await this.#arrived(own.run.revision));
    return runs.filter(({ superseded, inner, target }) => superseded || (stale && (inner || target.kind === 'Kustomization')));
  }

  #arrived(revision: string | undefined): Promise<boolean> {
    return revisionArrived(this.#context.repo, revision, this.#step.revision, this.#context.commit);
  }

  /** @returns false where the run did not end in time. */
  async #untilOver(waiting: WaitingRun): Promise<boolean> {
    const { target, run } = waiting;
    const { clock, deadline } = this.#context;
    const patience = new Date(Math.min(deadline.getTime(), clock.now().getTime() + PATIENCE));
    if (target.kind === 'HelmRelease') return untilActionOver(this.#context, waiting, patience);
    const goesOn = (object: Kustomization) => healthCheckRun(object, clock.now())?.revision === run.revision;
    const awaited = await awaitObject<Kustomization>(
      { ...this.#context, deadline: patience },
      targetRef(target),
      (object) => !goesOn(object),
    );
    return awaited.kind === 'met';
  }
}

function nothing(message: string): StepOutcome {
  return { kind: 'done', found: true, message };
}

function outcomeOf(ended: readonly Ended[], now: Date, tookMs: number): StepOutcome {
  const marked = ended.flatMap((one) => one.marked);
  const outermost = ended[0] as Ended;
  const left = ended.filter(({ how }) => how !== 'ended');
  if (left.length > 0 && outermost.how !== 'ended') {
    const why = ended.find(({ refusal }) => refusal)?.refusal;
    return {
      kind: 'done',
      found: marked.length === 0,
      message: `${waitText(
        left.map(({ run }) => run),
        now,
      )}${why ? `: ${why}` : ''}`,
    };
  }
  const { run } = outermost.run;
  const what = run.revision ? `Flux's run for ${shortRevision(run.revision)}` : `the Helm action of ${formatTarget(outermost.run.target)}`;
  return {
    kind: 'done',
    found: false,
    message: `ended ${what} after ${formatDuration(tookMs)}, ${formatDuration(run.endsInMs)} before its timeout (Stalled on ${marked.map(formatRef).join(', ')}, taken out again)`,
  };
}

/** Until when Flux waits, and for what. */
function waitText(runs: readonly WaitingRun[], now: Date): string {
  const [{ run, others, workloads }] = runs as [WaitingRun];
  const left = Math.max(0, ...runs.map((one) => one.run.endsInMs));
  const until = new Date(now.getTime() + left).toISOString().slice(11, 19);
  const what = [...workloads.map(({ ref }) => ref), ...others].slice(0, 3).map(formatRef).join(', ');
  return `Flux waits for ${what || 'the bad version'}${run.revision ? ` of ${shortRevision(run.revision)}` : ''} until ${until} UTC (${formatDuration(left)} more)`;
}
