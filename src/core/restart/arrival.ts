/** Since when pods may have read the configuration that a rollback takes back. Pure. */
import type { Sha } from '../commit.ts';
import type { DeploymentRecord } from '../history/record.ts';
import type { ConfigUser } from '../plan/plan.ts';

export type Arrival = { since: string } | { unknown: string };

/**
 * When the first of the commits was made that the rollback goes back behind: none of what they bring can have arrived before.
 * @param deployments newest first. @param to where the rollback goes
 */
export function firstTakenBack(deployments: readonly DeploymentRecord[], to: Sha): Arrival {
  const good = deployments.findIndex(({ commit }) => commit === to);
  const first = deployments[good - 1];
  if (!first) return { unknown: `no deployment is known that followed ${to.slice(0, 8)}` };
  return { since: first.committedAt };
}

/**
 * The earlier of the two: a commit may have been made long before it arrived, or by a clock that is ahead; and Flux, which
 * puts back what somebody changed by hand, moves the time of the last change.
 * @param changedAt when each of what it reads changed last; undefined where that is not known
 */
export function arrivalOf({ reads }: ConfigUser, committed: Arrival, changedAt: readonly (string | undefined)[]): Arrival {
  if ('unknown' in committed) return committed;
  const unread = reads.find((_, index) => changedAt[index] === undefined);
  if (unread) return { unknown: `when ${unread.kind}/${unread.name} changed is not known` };
  const times = [committed.since, ...(changedAt as string[])].map((time) => Date.parse(time));
  if (times.some(Number.isNaN)) return { unknown: 'a time of the history cannot be read' };
  return { since: new Date(Math.min(...times)).toISOString() };
}
