/** One of the others that a commit brings back: what was seen of it, and what was done for it. */
import type { Kustomization } from '../api/flux.ts';
import type { Target } from '../api/target.ts';
import { heldText, type OtherOutcome } from '../core/bring-along/outcome.ts';
import type { Standing } from '../core/bring-along/standing.ts';
import { holdOf } from '../core/holds/hold.ts';
import type { OtherTarget } from '../core/plan/plan.ts';

export interface Companion {
  readonly other: OtherTarget;
  object?: Kustomization;
  standing?: Standing;
  outcome: OtherOutcome;
  /** A run of it is being ended, or something else is under way for it. */
  busy: boolean;
  /** When the next try to end its run, or the next look at what changed, may begin; in milliseconds. */
  notBefore: number;
  /** How often its runs were looked at to end them. */
  tries: number;
  /** When Flux was asked to look at it; 0: never. */
  askedAt: number;
  /** The token of the run that was asked for because the one before had seen a mark; empty where that was not allowed. */
  again?: string;
  /** Why its run could not be ended. */
  refusal?: string;
}

export function companionOf(other: OtherTarget): Companion {
  const { target, held } = other;
  const outcome: OtherOutcome = held
    ? { target, state: 'held', message: heldText(held.kind, held.by) }
    : { target, state: 'waiting', message: 'not looked at yet' };
  return { other, outcome, busy: false, notBefore: 0, tries: 0, askedAt: 0 };
}

/** Who suspended it, from the object itself. */
export function suspendedText(object: Kustomization): string {
  const hold = holdOf(object);
  return heldText('suspend', hold?.by ?? (hold?.manager ? `someone through ${hold.manager}` : undefined));
}

/** Nothing more is to be expected of it, or nothing that could be seen. */
export function isSettled({ outcome, busy }: Companion): boolean {
  return !busy && outcome.state !== 'waiting';
}

export function keyOf({ namespace, name }: Pick<Target, 'namespace' | 'name'>): string {
  return `${namespace}/${name}`;
}
