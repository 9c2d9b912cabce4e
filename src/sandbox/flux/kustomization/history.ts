/**
 * `status.history`: at most five snapshots, one for each digest and outcome. What was built before is not added again:
 * its old entry moves first and takes the new revision. Source: fluxcd/pkg apis/meta/history.go.
 */
import type { FluxSnapshot } from '../../../api/flux.ts';
import { goDuration } from '../go-duration.ts';
import { timestamp } from '../timestamp.ts';

const MAX_SNAPSHOTS = 5;

export interface Attempt {
  digest: string;
  /** A reason, for example `ReconciliationSucceeded`. */
  status: string;
  at: Date;
  /** Milliseconds. */
  duration: number;
  metadata: Record<string, string>;
}

export function upsertSnapshot(history: readonly FluxSnapshot[], attempt: Attempt): FluxSnapshot[] {
  const now = timestamp(attempt.at);
  const latest = { lastReconciled: now, lastReconciledDuration: goDuration(attempt.duration), metadata: attempt.metadata };
  const same = history.find(({ digest, lastReconciledStatus }) => digest === attempt.digest && lastReconciledStatus === attempt.status);
  const snapshot: FluxSnapshot = same
    ? { ...same, ...latest, totalReconciliations: same.totalReconciliations + 1 }
    : { digest: attempt.digest, firstReconciled: now, lastReconciledStatus: attempt.status, totalReconciliations: 1, ...latest };
  return [snapshot, ...history.filter((other) => other !== same)].slice(0, MAX_SNAPSHOTS);
}
