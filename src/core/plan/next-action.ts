/** What a rollback does next, from its journal alone. */
import { foldJournal, type JournalEntry } from '../journal.ts';
import type { Plan, Step } from './plan.ts';

export type NextAction = { do: 'run'; index: number; step: Step; plan: Plan } | { do: 'stop'; plan: Plan };

/**
 * Steps run in order, each once; a step that failed or was interrupted runs again. Undefined for a journal without a plan.
 * @param underWay the step that runs beside the others just now.
 */
export function nextAction(entries: readonly JournalEntry[], underWay?: number): NextAction | undefined {
  const state = foldJournal(entries);
  if (!state) return undefined;
  const index = state.plan.steps.findIndex((_, step) => step !== underWay && !state.done.has(step));
  if (index < 0) return { do: 'stop', plan: state.plan };
  return { do: 'run', index, step: state.plan.steps[index] as Step, plan: state.plan };
}
