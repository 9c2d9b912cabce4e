/** How the others ended that a rollback's commit brings back. */
import type { Target } from '../../api/target.ts';
import type { Hold } from '../holds/hold.ts';

export interface OtherOutcome {
  target: Target;
  /**
   * - `well`: Flux is at the revision and says Ready, and what changed is rolled out.
   * - `failed`: it will not get well by waiting; it may have a cause of its own.
   * - `waiting`: neither, when it was last looked at.
   * - `held`: suspended or pinned, and left alone.
   * - `gone`: not in the cluster any more.
   * - `unknown`: it may not be looked at.
   */
  state: 'well' | 'failed' | 'waiting' | 'held' | 'gone' | 'unknown';
  /** What was seen, and for what is not well what is wrong. */
  message: string;
  /** Flux's run of the bad version was ended for it. */
  endedRun?: true;
  /** Milliseconds from the start of the step until it was well. */
  tookMs?: number;
}

export interface Tally {
  /** Those that were to come along: all but the held ones. */
  all: number;
  well: number;
  held: number;
}

export function tallyOf(outcomes: readonly OtherOutcome[]): Tally {
  const count = (state: OtherOutcome['state']) => outcomes.filter((one) => one.state === state).length;
  const held = count('held');
  return { all: outcomes.length - held, well: count('well'), held };
}

/** `47 of 49 others are well, 1 held is left alone`. */
export function tallyText({ all, well, held }: Tally): string {
  const left = held > 0 ? `${held} held ${held === 1 ? 'one is' : 'ones are'} left alone` : '';
  if (all === 0) return left || 'no others';
  const text = `${well} of ${all} ${all === 1 ? 'other' : 'others'} well`;
  return left ? `${text}, ${left}` : text;
}

/** What is said of one that somebody holds. @param by who, where that is known. */
export function heldText(kind: Hold['kind'], by: string | undefined): string {
  return `${kind === 'pin' ? 'pinned' : 'suspended'}${by ? ` by ${by}` : ''}: left alone`;
}
