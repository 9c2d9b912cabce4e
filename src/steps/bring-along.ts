/**
 * Brings back, beside the target's own steps, the others that the same commit brings back: they run the same bad version,
 * their failing runs hold Flux's workers, and by themselves they come back only when their timeouts are over. What they do
 * is followed by a watch or few; the API server gets requests for them only where something is to be done.
 */
import { setMaxListeners } from 'node:events';
import type { Kustomization } from '../api/flux.ts';
import { formatTarget, targetRef } from '../api/target.ts';
import { type OtherOutcome, tallyOf, tallyText } from '../core/bring-along/outcome.ts';
import { type Standing, standingOf, waitsIdly } from '../core/bring-along/standing.ts';
import { Failure } from '../core/failure.ts';
import type { Step } from '../core/plan/plan.ts';
import { observeCancelGate } from '../observe/flux-controllers.ts';
import { Lacks } from '../observe/lacks.ts';
import type { WatchEvent } from '../ports.ts';
import { Arrivals } from './arrivals.ts';
import { askNow } from './ask-now.ts';
import { type Companion, companionOf, isSettled, keyOf, suspendedText } from './companion.ts';
import { RunEnder } from './end-companion-runs.ts';
import { fewAtATime } from './few-at-a-time.ts';
import { followKustomizations } from './follow-kustomizations.ts';
import { removeLeftBehind } from './left-behind.ts';
import type { StepContext, StepHandler, StepOutcome } from './step.ts';
import { changedText, withCause } from './what-is-wrong.ts';

type BringAlongStep = Extract<Step, { kind: 'bring-along' }>;

/** Requests to the API server that are under way at once, for all of the others together. */
const REQUESTS = 8;
/** Between two looks at what was heard, in milliseconds. */
const LOOK_EVERY = 250;
/** Where the gate may be on, runs end by themselves within about this. In milliseconds. */
const GRACE = 700;
/** Before an object of which nothing was heard is asked for, in milliseconds. */
const UNHEARD = 3_000;
/**
 * Flux comes by itself to whatever reads a new artifact, and where one of the others moves it is at work on the queue: only
 * once none has moved for so long is asked for what it has not come to, for each request may cost a run more, and runs are
 * what everybody waits for. In milliseconds, and from then on.
 */
const ASK_AFTER = 6_000;
const ASK_EVERY = 30_000;
/** Between two looks at what changed, where Flux does not wait for it, in milliseconds. */
const CHANGED_EVERY = 2_000;
/** Once the target's own steps are over: how long the others may go on without one of them moving, in milliseconds. */
const PATIENCE = 60_000;
/** Of so many that are not well it is looked up what is wrong. */
const CAUSES = 10;

export const bringAlongStep: StepHandler<'bring-along'> = {
  kind: 'bring-along',
  describe: ({ others }) => {
    const held = others.filter((other) => other.held).length;
    const count = others.length - held;
    const left = held > 0 ? ` (${held} held ${held === 1 ? 'one is' : 'ones are'} left alone)` : '';
    return `meanwhile bring back the ${count === 1 ? 'other' : `${count} others`} that the commit brings back${left}`;
  },
  run: (step, context) => {
    // Fifty that are at work listen to it, which Node takes for a leak.
    const signal = AbortSignal.any([context.signal]);
    setMaxListeners(0, signal);
    return new Company(step, { ...context, signal, cluster: fewAtATime(context.cluster, REQUESTS) }).run();
  },
};

class Company {
  readonly #step: BringAlongStep;
  readonly #context: StepContext;
  readonly #companions: Map<string, Companion>;
  /** Every Kustomization that was heard of. */
  readonly #known = new Map<string, Kustomization>();
  readonly #arrivals: Arrivals;
  readonly #ender: RunEnder;
  readonly #began: number;
  readonly #tasks = new Set<Promise<void>>();
  /** When one of them was last seen to stand elsewhere than before. */
  #movedAt: number;
  #restOverAt: number | undefined;
  #endsRuns = false;
  #trouble: { error: unknown } | undefined;

  constructor(step: BringAlongStep, context: StepContext) {
    this.#step = step;
    this.#context = context;
    this.#companions = new Map(step.others.map((other) => [keyOf(other.target), companionOf(other)]));
    this.#arrivals = new Arrivals(context, step.revision);
    this.#ender = new RunEnder({ ...context, progress: () => undefined }, this.#arrivals);
    this.#began = context.clock.now().getTime();
    this.#movedAt = this.#began;
  }

  async run(): Promise<StepOutcome> {
    const over = new AbortController();
    const signal = AbortSignal.any([this.#context.signal, over.signal]);
    const targets = this.#step.others.filter((other) => !other.held).map((other) => other.target);
    const listener = { hear: (event: WatchEvent<Kustomization>) => this.#hear(event), lack: this.#lack };
    this.#task(followKustomizations(this.#context.cluster, targets, listener, signal));
    this.#task(this.#allowEnding());
    try {
      await this.#untilSettled();
    } finally {
      over.abort(new Error('no longer needed'));
      await Promise.allSettled(this.#tasks);
    }
    return this.#outcome();
  }

  /** What goes wrong in the background ends the step, once. */
  #task(work: Promise<void>): void {
    const task: Promise<void> = work
      .catch((error: unknown) => {
        if (!this.#context.signal.aborted) this.#trouble ??= { error };
      })
      .finally(() => this.#tasks.delete(task));
    this.#tasks.add(task);
  }

  async #allowEnding(): Promise<void> {
    if (this.#step.waitOutTimeout) return;
    const gate = await observeCancelGate(this.#context.cluster, new Lacks());
    if (gate === 'on') return;
    if (gate !== 'off') await this.#context.clock.sleep(GRACE, this.#context.signal);
    this.#endsRuns = true;
  }

  #hear({ type, object }: WatchEvent<Kustomization>): void {
    const key = keyOf(object.metadata);
    if (type === 'DELETED') this.#known.delete(key);
    else this.#known.set(key, object);
    const companion = this.#companions.get(key);
    if (!companion) return;
    if (type !== 'DELETED') companion.object = object;
    else {
      delete companion.object;
      companion.outcome = { ...companion.outcome, state: 'gone', message: 'deleted meanwhile' };
    }
  }

  readonly #lack = (namespace: string, message: string): void => {
    for (const { other, outcome } of this.#companions.values())
      if (other.target.namespace === namespace && outcome.state === 'waiting') Object.assign(outcome, { state: 'unknown', message });
  };

  async #untilSettled(): Promise<void> {
    const { clock, signal } = this.#context;
    for (;;) {
      signal.throwIfAborted();
      if (this.#trouble) throw this.#trouble.error;
      for (const companion of this.#companions.values()) await this.#look(companion);
      const companions = [...this.#companions.values()];
      if (companions.every(isSettled) || this.#isLate()) return;
      this.#context.progress(this.#progressText(companions));
      await clock.sleep(LOOK_EVERY, signal);
    }
  }

  #isLate(): boolean {
    const now = this.#context.clock.now();
    if (now >= this.#context.deadline) return true;
    const { restOver } = this.#context;
    if (restOver && !restOver.aborted) return false;
    this.#restOverAt ??= now.getTime();
    return now.getTime() - Math.max(this.#movedAt, this.#restOverAt) > PATIENCE;
  }

  #progressText(companions: readonly Companion[]): string {
    const { all, well } = tallyOf(companions.map(({ outcome }) => outcome));
    const open = companions.find(({ outcome }) => outcome.state === 'waiting');
    return `${well} of ${all} others well${open ? `; ${formatTarget(open.other.target)}: ${open.outcome.message.split('\n')[0]}` : ''}`;
  }

  async #look(companion: Companion): Promise<void> {
    const { other, outcome, object, standing: before } = companion;
    if (other.held || outcome.state === 'unknown' || outcome.state === 'gone') return;
    if (!object) {
      this.#lookFor(companion);
      return;
    }
    await this.#arrivals.learn(object);
    const standing = standingOf(object, this.#arrivals.has, this.#context.clock.now());
    if (before?.kind !== standing.kind) this.#movedAt = this.#context.clock.now().getTime();
    companion.standing = standing;
    this.#act(companion, object, standing);
  }

  /** Not in the first list: it may be gone, or the list has not come yet. */
  #lookFor(companion: Companion): void {
    if (companion.busy || this.#since(this.#began) < UNHEARD) return;
    this.#busy(companion, async () => {
      const object = await this.#context.cluster.get<Kustomization>(targetRef(companion.other.target));
      if (object) companion.object ??= object;
      else this.#set(companion, 'gone', 'not in the cluster');
    });
  }

  #act(companion: Companion, object: Kustomization, standing: Standing): void {
    if (standing.kind === 'held') this.#set(companion, 'held', suspendedText(object));
    else if (standing.kind === 'ready') this.#ready(companion, object, standing.message);
    else if (standing.kind === 'failed') this.#failed(companion, object, standing);
    // One more run of a version that was well does not make it unwell.
    else if (standing.kind === 'behind' || companion.outcome.state !== 'well') this.#wait(companion, object, standing);
  }

  #wait(companion: Companion, object: Kustomization, standing: Extract<Standing, { kind: 'behind' | 'under-way' }>): void {
    const refusal = companion.refusal === undefined ? '' : ` (its run cannot be ended: ${companion.refusal})`;
    this.#set(companion, 'waiting', `${standing.message}${refusal}`);
    if (standing.kind !== 'behind' || companion.busy) return;
    if (!standing.waits) this.#askWhereDue(companion, object);
    else if (this.#endsRuns && this.#ender.isDue(companion)) this.#busy(companion, () => this.#ender.end(companion));
  }

  /** Where Flux waits for everything, Ready says it all; else what changed is looked at. */
  #ready(companion: Companion, { spec }: Kustomization, message: string): void {
    const { changed } = companion.other;
    if (spec.wait || spec.kubeConfig !== undefined || changed.length === 0) this.#set(companion, 'well', message);
    else if (companion.outcome.state !== 'well' && !companion.busy && this.#now() >= companion.notBefore)
      this.#busy(companion, async () => {
        const { state, message: text } = await changedText(this.#context.cluster, changed);
        this.#set(companion, state, text || message);
        companion.notBefore = this.#now() + CHANGED_EVERY;
      });
  }

  /** The good version's own health check saw the mark of the bad one before it was taken out: it is tried again at once. */
  #failed(companion: Companion, object: Kustomization, { early, message }: Extract<Standing, { kind: 'failed' }>): void {
    const retrying = Boolean(companion.again) && object.status?.lastHandledReconcileAt !== companion.again;
    const final = !early || (companion.again !== undefined && !retrying);
    this.#set(companion, final ? 'failed' : 'waiting', message);
    if (final || companion.again !== undefined || companion.busy) return;
    this.#busy(companion, async () => {
      await removeLeftBehind({ ...this.#context, progress: () => undefined }, companion.other.target);
      const token = this.#context.clock.now().toISOString();
      companion.again = (await askNow(this.#context, targetRef(companion.other.target), token)) === '' ? token : '';
    });
  }

  #askWhereDue(companion: Companion, object: Kustomization): void {
    const idle = waitsIdly(object, this.#known, this.#arrivals.has);
    const { askedAt } = companion;
    if (!idle && this.#since(this.#movedAt) < ASK_AFTER) return;
    if (this.#since(askedAt) < (idle ? ASK_AFTER : ASK_EVERY)) return;
    companion.askedAt = this.#now();
    this.#busy(companion, async () => {
      const unasked = await askNow(this.#context, targetRef(companion.other.target));
      if (unasked) companion.askedAt = Number.POSITIVE_INFINITY;
    });
  }

  /** One thing at a time for each. */
  #busy(companion: Companion, work: () => Promise<void>): void {
    companion.busy = true;
    const done = work()
      .catch((error: unknown) => {
        if (!(error instanceof Failure) || error.code !== 'Forbidden') throw error;
        this.#set(companion, 'unknown', error.message);
      })
      .finally(() => {
        companion.busy = false;
      });
    this.#task(done);
  }

  #set({ outcome }: Companion, state: OtherOutcome['state'], message: string): void {
    if (outcome.state !== state) this.#movedAt = this.#now();
    outcome.state = state;
    outcome.message = message;
    if (state === 'well') outcome.tookMs ??= this.#since(this.#began);
  }

  #now(): number {
    return this.#context.clock.now().getTime();
  }

  #since(moment: number): number {
    return this.#now() - moment;
  }

  async #outcome(): Promise<StepOutcome> {
    const outcomes = [...this.#companions.values()].map(({ outcome }) => outcome);
    const ill = outcomes.filter(({ state }) => state === 'failed' || state === 'waiting');
    await Promise.all(ill.slice(0, CAUSES).map((outcome) => withCause(this.#context.cluster, outcome)));
    const ended = outcomes.filter(({ endedRun }) => endedRun).length;
    const runs = ended === 0 ? '' : `; ended ${ended} ${ended === 1 ? 'run' : 'runs'} of Flux that waited for the bad version`;
    return { kind: 'done', found: false, message: `${tallyText(tallyOf(outcomes))}${runs}`, others: outcomes };
  }
}
