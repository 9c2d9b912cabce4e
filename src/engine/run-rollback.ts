/** The only runner: asks the journal what is next, runs it, writes down what happened, until there is nothing left to do. */
import { formatTarget } from '../api/target.ts';
import type { OtherOutcome } from '../core/bring-along/outcome.ts';
import type { Sha } from '../core/commit.ts';
import { Failure } from '../core/failure.ts';
import { foldJournal, type JournalEntry, type JournalState } from '../core/journal.ts';
import { nextAction } from '../core/plan/next-action.ts';
import type { Plan, Refusal, Step } from '../core/plan/plan.ts';
import type { Verdict } from '../core/verdict/verdict.ts';
import { describeStep, runStep } from '../steps/list.ts';
import { unmark } from '../steps/mark.ts';
import type { StepOutcome } from '../steps/step.ts';
import { announce, announceOthers, announceRunAbandoned } from './announce.ts';
import type { Engine } from './engine.ts';
import { ensurePermitted } from './permitted.ts';
import { type PlanOptions, planRollback } from './plan-rollback.ts';

export interface RunOptions extends PlanOptions {
  /** For all steps together, in milliseconds. */
  timeoutMs: number;
  /** The branch moved and the plan is another one now: go on with it? */
  confirm(plan: Plan): Promise<boolean>;
}

export interface Report {
  id: string;
  plan: Plan;
  outcome: 'succeeded' | 'failed' | 'timed-out' | 'refused';
  message: string;
  commit?: Sha;
  verdict?: Verdict;
  steps: { kind: Step['kind']; text: string; message: string; found: boolean; tookMs: number }[];
  startedAt: string;
  finishedAt: string;
  next: string[];
  refusal?: Refusal;
  /** How the others ended that the commit brings back. */
  others?: OtherOutcome[];
  /** What was done without, for want of permission, and what could not be watched. */
  notes?: string[];
}

/** The branch may move as often as this before a run gives up. */
const MAX_REPLANS = 5;

/** Starts a plan, or goes on with the journal of the same id. @throws Failure Interrupted, or of an adapter; the journal is complete up to there. */
export async function runRollback(engine: Engine, plan: Plan, options: RunOptions): Promise<Report> {
  const lacks = await permitted(engine, plan);
  const entries = await engine.journal.read(plan.id);
  const state = foldJournal(entries);
  // A finished rollback of the same id is looked at afresh: its steps find themselves done where they are.
  if (!state || state.finished) await write(engine, plan.id, { entry: 'planned', at: at(engine), plan });
  return withNotes(await new Run(engine, plan.id, options).toEnd(), lacks);
}

function withNotes(report: Report, lacks: readonly string[]): Report {
  const notes = [...lacks, ...(report.notes ?? [])];
  return notes.length > 0 ? { ...report, notes } : report;
}

/** Before the first step. @param done indices of steps that need nothing more. @returns what is done without. @throws Failure Forbidden */
async function permitted(engine: Engine, { steps, target }: Plan, done: ReadonlySet<number> = new Set()): Promise<string[]> {
  const left = steps.filter((_, index) => !done.has(index));
  const notes = await ensurePermitted(left, target, engine.cluster);
  for (const message of notes) engine.listen({ event: 'note', message });
  return notes;
}

/** Goes on with a rollback that was interrupted or failed. @throws Failure NoSuchRollback */
export async function resumeRollback(engine: Engine, id: string, options: RunOptions): Promise<Report> {
  const state = foldJournal(await engine.journal.read(id));
  if (!state) throw noSuchRollback(id, await engine.journal.list());
  const lacks = await permitted(engine, state.plan, state.done);
  return withNotes(await new Run(engine, id, options).toEnd(), lacks);
}

export function noSuchRollback(id: string, known: readonly string[]): Failure {
  return new Failure('NoSuchRollback', `no rollback ${id} in this machine's journal`, {
    causes: [
      'it was started by another user or on another machine: its commit carries the id, run the same ebb rollback again there or here and it finds the commit',
    ],
    next: known.length ? known.slice(0, 5).map((other) => `ebb resume-rollback ${other}`) : ['ebb rollback TARGET'],
  });
}

function at(engine: Engine): string {
  return engine.clock.now().toISOString();
}

/** @throws Failure of the journal; once the plan is in it, with the command that goes on. */
async function write(engine: Engine, id: string, entry: JournalEntry): Promise<void> {
  try {
    await engine.journal.append(id, entry);
  } catch (error) {
    throw error instanceof Failure && entry.entry !== 'planned' ? withNext(error, [`ebb resume-rollback ${id}`]) : error;
  }
}

/** The same failure with more to do about it. */
function withNext(failure: Failure, next: readonly string[]): Failure {
  const { code, message, seen, causes, permission } = failure;
  return new Failure(code, message, {
    ...(seen ? { seen } : {}),
    causes: [...causes],
    next: [...failure.next, ...next],
    ...(permission ? { permission } : {}),
    cause: failure,
  });
}

/** What a step that runs beside the others has to know. */
interface Besides {
  signal: AbortSignal;
  restOver: AbortSignal;
}

interface Beside {
  index: number;
  done: Promise<StepOutcome>;
  stop: AbortController;
  restOver: AbortController;
}

class Run {
  readonly #engine: Engine;
  readonly #id: string;
  readonly #options: RunOptions;
  readonly #deadline: Date;
  readonly #messages = new Map<number, { message: string; found: boolean }>();
  readonly #notes: string[] = [];
  #verdict: Verdict | undefined;
  /** The step that runs beside the others. */
  #beside: Beside | undefined;

  constructor(engine: Engine, id: string, options: RunOptions) {
    this.#engine = engine;
    this.#id = id;
    this.#options = options;
    this.#deadline = new Date(engine.clock.now().getTime() + options.timeoutMs);
  }

  async toEnd(): Promise<Report> {
    // Told while the first step is already at work; the end is told after it.
    const told = announce(this.#engine, (await this.#state()).plan, 'started');
    try {
      return await this.#allSteps();
    } finally {
      await this.#stopBeside();
      await told;
    }
  }

  async #allSteps(): Promise<Report> {
    const { marked } = await this.#state();
    // A runner that was killed may have left them: they would make the good version fail its health check.
    await Promise.all(marked.map(({ ref }) => unmark(this.#engine, ref)));
    for (;;) {
      const action = nextAction(await this.#engine.journal.read(this.#id), this.#beside?.index);
      if (!action) throw new Failure('Bug', `journal ${this.#id} has no plan`);
      if (action.do === 'stop') return this.#finish('succeeded', endOf(action.plan), []);
      if (action.step.kind === 'bring-along') {
        this.#beside = this.#begin(action.index, action.step, action.plan);
        continue;
      }
      const outcome = await this.#runStep(action.index, action.step, action.plan);
      if (outcome.kind === 'failed') return this.#finish('failed', outcome.message, outcome.next);
      if (outcome.kind === 'timed-out') return this.#finish('timed-out', outcome.message, outcome.next);
      if (outcome.kind === 'moved') {
        const stopped = await this.#replan(action.plan);
        if (stopped) return stopped;
      }
    }
  }

  /** A step that others do not wait for; its end is waited for before the report. */
  #begin(index: number, step: Step, plan: Plan): Beside {
    const [stop, restOver] = [new AbortController(), new AbortController()];
    const signal = AbortSignal.any([this.#engine.signal, stop.signal]);
    const done = this.#runStep(index, step, plan, { signal, restOver: restOver.signal });
    done.catch(() => undefined);
    return { index, done, stop, restOver };
  }

  /** The target decides how the rollback ends: what goes wrong with the others is told. @throws Failure Interrupted */
  async #joinBeside(): Promise<void> {
    const beside = this.#beside;
    if (!beside) return;
    beside.restOver.abort();
    try {
      await beside.done;
    } catch (error) {
      if (!(error instanceof Failure) || error.code === 'Interrupted') throw error;
      this.#notes.push(`the others that the commit brings back could not be watched to the end: ${error.message}`);
    }
  }

  /** Where something ended the run that is not an end: nothing is left at work. */
  async #stopBeside(): Promise<void> {
    this.#beside?.stop.abort(new Error('the rollback ended'));
    await this.#beside?.done.catch(() => undefined);
  }

  async #state(): Promise<JournalState> {
    const state = foldJournal(await this.#engine.journal.read(this.#id));
    if (!state) throw new Failure('Bug', `journal ${this.#id} has no plan`);
    return state;
  }

  async #runStep(index: number, step: Step, plan: Plan, besides?: Besides): Promise<StepOutcome> {
    const { engine, id } = { engine: this.#engine, id: this.#id };
    await write(engine, id, { entry: 'started', at: at(engine), step: index, kind: step.kind });
    const beside = besides ? { beside: true as const } : {};
    engine.listen({ event: 'step-started', index, total: plan.steps.length, step, text: describeStep(step), ...beside });
    const began = engine.clock.now().getTime();
    const outcome = await this.#guarded(index, step, besides);
    const tookMs = engine.clock.now().getTime() - began;
    if ('verdict' in outcome && outcome.verdict) this.#verdict = outcome.verdict;
    if (outcome.kind === 'done') {
      this.#messages.set(index, outcome);
      await write(engine, id, {
        entry: 'done',
        at: at(engine),
        step: index,
        kind: step.kind,
        found: outcome.found,
        message: outcome.message,
        tookMs,
        ...(outcome.commit ? { commit: outcome.commit } : {}),
        ...(outcome.verdict ? { verdict: outcome.verdict } : {}),
        ...(outcome.others ? { others: outcome.others } : {}),
      });
    } else if (outcome.kind !== 'moved') {
      const reason = outcome.kind === 'failed' ? outcome.reason : 'TimedOut';
      await write(engine, id, {
        entry: 'failed',
        at: at(engine),
        step: index,
        kind: step.kind,
        reason,
        message: outcome.message,
        next: outcome.next,
      });
    }
    engine.listen({ event: 'step-ended', index, step, outcome, tookMs });
    if (step.kind === 'abandon' && outcome.kind === 'done' && !outcome.found) await announceRunAbandoned(engine, plan, outcome.message);
    if (outcome.kind === 'done' && outcome.others) await announceOthers(engine, plan, outcome.others);
    return outcome;
  }

  /** Ctrl-C and broken adapters are written down before they end the run. */
  async #guarded(index: number, step: Step, besides?: Besides): Promise<StepOutcome> {
    const { engine } = this;
    const { commit } = await this.#state();
    const signal = besides?.signal ?? engine.signal;
    try {
      signal.throwIfAborted();
      return await runStep(step, {
        cluster: engine.cluster,
        repo: engine.repo,
        clock: engine.clock,
        rollbackId: this.#id,
        commit,
        signal,
        ...(besides ? { restOver: besides.restOver } : {}),
        deadline: this.#deadline,
        marking: (objects) => write(engine, this.#id, { entry: 'marking', at: at(engine), step: index, objects }),
        progress: (message) => engine.listen({ event: 'step-progress', index, message, ...(besides ? { beside: true } : {}) }),
      });
    } catch (error) {
      if (signal.aborted) {
        await write(engine, this.#id, { entry: 'interrupted', at: at(engine), step: index, kind: step.kind });
        throw new Failure('Interrupted', `interrupted at step ${index + 1}: ${describeStep(step)}`, {
          causes: ['nothing is lost: every step that was done is written down'],
          next: [`ebb resume-rollback ${this.#id}`],
          cause: error,
        });
      }
      const message = error instanceof Error ? error.message : String(error);
      const next = [`ebb resume-rollback ${this.#id}`];
      await write(engine, this.#id, {
        entry: 'failed',
        at: at(engine),
        step: index,
        kind: step.kind,
        reason: error instanceof Failure ? error.code : 'Bug',
        message,
        next,
      });
      throw error instanceof Failure ? withNext(error, next) : error;
    }
  }

  get engine(): Engine {
    return this.#engine;
  }

  /** @returns a report where the run must stop. */
  async #replan(before: Plan): Promise<Report | undefined> {
    const state = await this.#state();
    if (state.replans >= MAX_REPLANS)
      return this.#finish(
        'failed',
        `${before.branch} moved ${state.replans + 1} times while this ran: somebody else is at work on it; nothing was pushed`,
        [`ebb resume-rollback ${this.#id}`],
      );
    const plan = await planRollback(this.#engine, before.request, this.#options, this.#id);
    if ('kind' in plan) return this.#finish('refused', `${before.branch} moved, and now: ${plan.message}`, plan.next, plan);
    const why = `${before.branch} moved from ${before.base.slice(0, 8)} to ${plan.base.slice(0, 8)}`;
    this.#engine.listen({ event: 'replanned', why });
    if (!sameIntent(before, plan) && !(await this.#options.confirm(plan))) {
      return this.#declined(`${why}, the plan is another one now, and the answer was no`, state);
    }
    await write(this.#engine, this.#id, { entry: 'replanned', at: at(this.#engine), why, plan });
    return undefined;
  }

  async #declined(why: string, { done, plan }: JournalState): Promise<Report> {
    const again = `ebb rollback ${formatTarget(plan.target)}  plans afresh`;
    if (done.size === 0) return this.#finish('refused', `${why}; nothing was changed`, [again]);
    const steps = [...done].map((index) => describeStep(plan.steps[index] as Step));
    return this.#finish('refused', `${why}; what was done before stays: ${steps.join(', ')}`, [`ebb resume-rollback ${this.#id}`, again]);
  }

  async #finish(outcome: Report['outcome'], message: string, next: string[], refusal?: Refusal): Promise<Report> {
    await this.#joinBeside();
    const finishedAt = at(this.#engine);
    const verdict = this.#verdict ?? (await this.#state()).verdict;
    await write(this.#engine, this.#id, {
      entry: 'finished',
      at: finishedAt,
      outcome,
      message,
      ...(verdict ? { verdict } : {}),
    });
    const state = await this.#state();
    const commit = state.commit ?? state.plan.landed;
    await announce(this.#engine, state.plan, outcome === 'succeeded' ? 'succeeded' : 'failed', message);
    return {
      id: this.#id,
      plan: state.plan,
      outcome,
      message,
      ...(commit ? { commit } : {}),
      ...(verdict ? { verdict } : {}),
      steps: this.#stepReports(state),
      startedAt: state.startedAt,
      finishedAt,
      next,
      ...(refusal ? { refusal } : {}),
      ...(state.others ? { others: state.others } : {}),
      ...(this.#notes.length > 0 ? { notes: this.#notes } : {}),
    };
  }

  #stepReports(state: JournalState): Report['steps'] {
    return state.plan.steps.flatMap((step, index) => {
      if (!state.done.has(index)) return [];
      const told = this.#messages.get(index);
      return [
        {
          kind: step.kind,
          text: describeStep(step),
          message: told?.message ?? 'done before',
          found: told?.found ?? true,
          tookMs: state.took.get(index) ?? 0,
        },
      ];
    });
  }
}

/** What a plan whose every step is done has reached. */
function endOf({ request, to }: Plan): string {
  if (request.pushBranch !== undefined) return `pushed to ${request.pushBranch}; the cluster follows when it is merged`;
  return `back at ${to.slice(0, 8)}`;
}

/**
 * Needs the new plan no other yes? It takes back the same commits, to the same place, and nobody else is hit, nor is
 * anything more unsafe; or there is nothing left to write, because somebody else did it meanwhile.
 */
function sameIntent(before: Plan, now: Plan): boolean {
  if (!now.steps.some((step) => step.kind === 'commit')) return true;
  const shape = (plan: Plan) =>
    JSON.stringify([plan.to, plan.reverts.map((commit) => commit.sha), plan.affected.map((other) => other.target)]);
  const asked = new Set(before.hazards.map((hazard) => hazard.name));
  return shape(before) === shape(now) && now.hazards.every((hazard) => hazard.severity === 'warn' || asked.has(hazard.name));
}
