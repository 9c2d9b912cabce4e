/** What a rollback did: append-only entries, one JSON object a line. The state of a rollback is the fold of its entries. */
import type { ObjectRef } from '../api/kube.ts';
import type { OtherOutcome } from './bring-along/outcome.ts';
import type { Sha } from './commit.ts';
import type { Plan, StepKind } from './plan/plan.ts';
import type { Verdict } from './verdict/verdict.ts';

interface At {
  /** RFC 3339 with milliseconds. */
  at: string;
}

export type JournalEntry =
  | (At & { entry: 'planned'; plan: Plan })
  /** The branch moved under the plan: this one replaces it. */
  | (At & { entry: 'replanned'; why: string; plan: Plan })
  | (At & { entry: 'started'; step: number; kind: StepKind })
  /** `found` where the step had nothing to do because it was already so. */
  | (At & {
      entry: 'done';
      step: number;
      kind: StepKind;
      found: boolean;
      message: string;
      commit?: Sha;
      verdict?: Verdict;
      others?: OtherOutcome[];
      tookMs: number;
    })
  /** Before a mark is put on these objects; it is gone from them when the step is done. */
  | (At & { entry: 'marking'; step: number; objects: readonly ObjectRef[] })
  | (At & { entry: 'failed'; step: number; kind: StepKind; reason: string; message: string; next: string[] })
  | (At & { entry: 'interrupted'; step: number; kind: StepKind })
  | (At & { entry: 'finished'; outcome: 'succeeded' | 'failed' | 'timed-out' | 'refused'; message: string; verdict?: Verdict });

/** Where a rollback stands. */
export interface JournalState {
  plan: Plan;
  /** Indices of the plan's steps that are done. */
  done: ReadonlySet<number>;
  /** The revert or restore commit, once it was pushed. */
  commit?: Sha;
  startedAt: string;
  finished?: Extract<JournalEntry, { entry: 'finished' }>;
  lastFailure?: Extract<JournalEntry, { entry: 'failed' }>;
  /** Objects that may still carry a mark of this rollback, and the step that put it there. */
  marked: readonly { step: number; ref: ObjectRef }[];
  /** Of the last verification that ended well. */
  verdict?: Verdict;
  /** How the others ended that the commit brings back. */
  others?: OtherOutcome[];
  /** Step → milliseconds it took. */
  took: ReadonlyMap<number, number>;
  replans: number;
}

/** Is there something to go on with? Not where all is done, nor where the answer was no before anything was. */
export function isOpen({ finished, done }: JournalState): boolean {
  return finished?.outcome !== 'succeeded' && (finished?.outcome !== 'refused' || done.size > 0);
}

/**
 * Folds a journal. A step is done only where the plan that was valid then had a step of that kind at that place: a line
 * that got lost costs a step that is run again and finds itself done, never one that is left out.
 * @returns undefined for a journal without a plan.
 */
export function foldJournal(entries: readonly JournalEntry[]): JournalState | undefined {
  let state: State | undefined;
  for (const entry of entries) {
    if (entry.entry === 'planned')
      state = { plan: entry.plan, startedAt: entry.at, done: new Set(), took: new Map(), replans: 0, marked: [] };
    else if (state) apply(state, entry);
  }
  return state;
}

type State = Omit<JournalState, 'done' | 'took'> & { done: Set<number>; took: Map<number, number> };

function apply(state: State, entry: Exclude<JournalEntry, { entry: 'planned' }>): void {
  if (entry.entry === 'replanned') replan(state, entry.plan);
  else if (entry.entry === 'started') restart(state);
  else if (entry.entry === 'done') finishStep(state, entry);
  else if (entry.entry === 'failed') state.lastFailure = entry;
  else if (entry.entry === 'marking') state.marked = [...state.marked, ...entry.objects.map((ref) => ({ step: entry.step, ref }))];
  else if (entry.entry === 'finished') state.finished = entry;
}

/**
 * A new plan replaces the steps of the one before. What was done stays done up to the first step that writes a commit or
 * differs from what it was; from there on everything is looked at again.
 */
function replan(state: State, plan: Plan): void {
  const kept = new Set<number>();
  for (const [index, step] of plan.steps.entries()) {
    if (step.kind === 'commit' || !state.done.has(index) || !sameData(state.plan.steps[index], step)) break;
    kept.add(index);
  }
  state.plan = plan;
  state.done = kept;
  for (const index of state.took.keys()) if (!kept.has(index)) state.took.delete(index);
  state.replans += 1;
  delete state.lastFailure;
}

/** A step that starts after the end is a rollback that goes on: it may plan again as often as the first time. */
function restart(state: State): void {
  if (state.finished === undefined) return;
  delete state.finished;
  state.replans = 0;
}

function finishStep(state: State, entry: Extract<JournalEntry, { entry: 'done' }>): void {
  if (entry.commit !== undefined) state.commit = entry.commit;
  if (entry.verdict !== undefined) state.verdict = entry.verdict;
  if (entry.others !== undefined) state.others = entry.others;
  if (state.plan.steps[entry.step]?.kind !== entry.kind) return;
  state.marked = state.marked.filter(({ step }) => step !== entry.step);
  state.done.add(entry.step);
  state.took.set(entry.step, (state.took.get(entry.step) ?? 0) + entry.tookMs);
  // A step that ran beside others may end after one of them failed.
  if (state.lastFailure?.step === entry.step) delete state.lastFailure;
}

function sameData(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
