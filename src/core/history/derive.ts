/** Deployment history of a target, from Git (which commits touched what its rendering reads) and from what Flux reports. */
import { Trailer } from '../../api/annotations.ts';
import type { Target } from '../../api/target.ts';
import type { CommitWithPaths, Sha } from '../commit.ts';
import type { Evidence } from './evidence.ts';
import { messageOf, trailer } from './message.ts';
import type { DeploymentRecord, Outcome } from './record.ts';
import { type Reversals, reversalsAmong } from './reversals.ts';

export interface HistoryInput {
  target: Target;
  /** Commits that touched the target's inputs, newest first. */
  commits: CommitWithPaths[];
  /** What Flux said, the most certain first. */
  evidence: Evidence[];
  /** The deployment's commit that Flux last attempted; undefined where it attempted none. */
  running: Sha | undefined;
  /** The target is pinned: what runs was chosen, and what is newer in Git was left on purpose. */
  pinned?: boolean;
}

/** The deployments of a target, newest first; `lastGood` and `running` marked. */
export function deriveHistory(input: HistoryInput): DeploymentRecord[] {
  const { target, commits, running } = input;
  const view: View = { ...input, reversals: reversalsAmong(commits, target), attempted: newestAttempted(input) };
  const records = commits.map((commit, index): DeploymentRecord => {
    const from = commits[index + 1]?.sha;
    const revertedBy = view.reversals.takenBackBy(commit.sha);
    const rollback = trailer(messageOf(commit), Trailer.Rollback);
    return {
      target,
      commit: commit.sha,
      ...(from === undefined ? {} : { from }),
      author: commit.author,
      subject: commit.subject,
      committedAt: commit.committedAt,
      ...outcomeOf(view, commit, index),
      running: commit.sha === running,
      lastGood: false,
      reverts: [...view.reversals.of(commit.sha)],
      ...(revertedBy === undefined ? {} : { revertedBy }),
      ...(rollback === undefined ? {} : { rollback }),
    };
  });
  const good = lastGoodIndex(records, leftFrom(input, view.attempted));
  return records.map((record, index) => ({ ...record, lastGood: index === good }));
}

interface View extends HistoryInput {
  reversals: Reversals;
  /** Index of the newest commit that reached Flux; -1 where none did. */
  attempted: number;
}

function newestAttempted({ commits, evidence, running }: HistoryInput): number {
  const known = new Set(evidence.map((item) => item.commit));
  return commits.findIndex((commit) => commit.sha === running || known.has(commit.sha));
}

/**
 * What a rollback leaves: the newest deployment that Flux tried. That is what runs; save where an older one was pinned,
 * which is then itself where to go back to.
 */
function leftFrom({ commits, running, pinned }: HistoryInput, attempted: number): number {
  if (!pinned) return Math.max(0, attempted);
  const chosen = commits.findIndex((commit) => commit.sha === running);
  return Math.min(attempted, chosen - 1);
}

function outcomeOf(
  { evidence, reversals, running, attempted }: View,
  { sha, committedAt }: CommitWithPaths,
  index: number,
): Pick<DeploymentRecord, 'outcome' | 'evidence' | 'started' | 'finished'> {
  const about = evidence.filter((item) => item.commit === sha);
  const times = timesOf(about, committedAt);
  const condemned = reversals.condemnedBy(sha);
  if (condemned && sha !== running) {
    return { outcome: condemned.byEbb ? 'rolled-back' : 'reverted', evidence: `commit ${condemned.sha.slice(0, 8)}`, ...times };
  }
  const [surest] = about;
  if (surest) return { outcome: surest.outcome, evidence: surest.source, ...times };
  if (attempted < 0 || index < attempted) return { outcome: 'pending', evidence: 'not attempted by Flux yet' };
  return { outcome: 'unknown', evidence: 'no record' };
}

/** A snapshot that began before the commit was made is of an older deployment with the same manifests: Flux overwrote its revision. */
function timesOf(about: readonly Evidence[], committedAt: string): Pick<DeploymentRecord, 'started' | 'finished'> {
  const started = about.find((item) => item.first !== undefined && Date.parse(item.first) >= Date.parse(committedAt))?.first;
  const finished = about.find((item) => item.last !== undefined)?.last;
  return { ...(started === undefined ? {} : { started }), ...(finished === undefined ? {} : { finished }) };
}

/**
 * The deployment to go back to from `records[left]`: the newest older one that Flux saw succeed and nobody called bad;
 * where Flux remembers none, the newest older one of unknown outcome. A deployment that reverts is as good as any.
 * @returns -1 where there is none.
 */
export function lastGoodIndex(records: readonly DeploymentRecord[], left: number): number {
  const older = (outcome: Outcome) => records.findIndex((record, index) => index > left && record.outcome === outcome);
  const succeeded = older('succeeded');
  return succeeded >= 0 ? succeeded : older('unknown');
}
