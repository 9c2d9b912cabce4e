/**
 * The mark by which a failing run is ended: the standard condition `Stalled` in the status of a workload that the run
 * waits for. kstatus takes it as failed on any kind (fluxcd/cli-utils pkg/kstatus/status/generic.go), and both
 * kustomize-controller and helm-controller end their wait at the first failed object. It stands there for seconds.
 */
import { findCondition } from '../../api/conditions.ts';
import { STALLED } from '../../api/flux.ts';
import type { Condition } from '../../api/kube.ts';

/** By this reason a mark is told from a `Stalled` that somebody else means. */
export const MARK_REASON = 'RolledBack';
/** A runner renews its mark when it is this old, in milliseconds: whoever comes by sees that somebody is at work. */
export const RENEWED_AFTER = 5_000;
/** One that is older was left behind; clocks of two machines may differ by a while. In milliseconds. */
const LONGEST_MARK = 20_000;
const MESSAGE = /^ebb rollback (\S+) /;

export interface Mark {
  rollbackId: string;
  /** RFC 3339. */
  since: string;
}

/** The condition to write. @param now RFC 3339, seconds. */
export function markCondition(rollbackId: string, now: string): Condition & { lastUpdateTime?: string } {
  return {
    type: STALLED,
    status: 'True',
    reason: MARK_REASON,
    message: `ebb rollback ${rollbackId} replaces the version that is waited for here; this condition goes within seconds`,
    lastTransitionTime: now,
  };
}

/** The mark among an object's conditions; a `Stalled` of anybody else is none. */
export function markOf(conditions: readonly Condition[] | undefined): Mark | undefined {
  const condition = findCondition(conditions, STALLED);
  if (condition?.status !== 'True' || condition.reason !== MARK_REASON) return undefined;
  const [, rollbackId = 'unknown'] = MESSAGE.exec(condition.message ?? '') ?? [];
  return { rollbackId, since: condition.lastTransitionTime ?? '' };
}

/** Was this mark left behind by a runner that is no more? */
export function isLeftBehind(mark: Mark, now: Date): boolean {
  const since = Date.parse(mark.since);
  return Number.isNaN(since) || now.getTime() - since > LONGEST_MARK;
}
