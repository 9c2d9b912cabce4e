/** Which commits take which back. */
import { Trailer } from '../../api/annotations.ts';
import type { Target } from '../../api/target.ts';
import type { CommitWithPaths, Sha } from '../commit.ts';
import { messageOf, restoredIn, revertedIn, trailer } from './message.ts';

export interface Reversals {
  /** The commits of the list that a commit takes back; none where it takes back none. */
  of(sha: Sha): readonly Sha[];
  /** The commit that has this one taken back as the branch stands: a revert that was itself reverted no longer does. */
  takenBackBy(sha: Sha): Sha | undefined;
  /**
   * The commit by which somebody called this release bad, even where it was tried again later. A commit that takes back a
   * release is no release: whoever reverts it wants the release back, and says nothing against what it restored.
   */
  condemnedBy(sha: Sha): { sha: Sha; byEbb: boolean } | undefined;
}

/** @param commits newest first. */
export function reversalsAmong(commits: readonly CommitWithPaths[], target: Target): Reversals {
  const takes = new Map(commits.map((commit, index) => [commit.sha, takenBy(commit, commits.slice(index + 1), target)]));
  const none: readonly Sha[] = [];
  const of = (sha: Sha) => takes.get(sha) ?? none;

  const takenBack = new Map<Sha, Sha>();
  for (const { sha } of commits) {
    if (takenBack.has(sha)) continue;
    for (const older of of(sha)) if (!takenBack.has(older)) takenBack.set(older, sha);
  }

  const goesBack = new Set<Sha>();
  const condemned = new Map<Sha, { sha: Sha; byEbb: boolean }>();
  for (const commit of commits.toReversed()) {
    const { sha } = commit;
    const releases = of(sha).filter((older) => !goesBack.has(older));
    if (releases.length > 0) goesBack.add(sha);
    for (const release of releases) condemned.set(release, { sha, byEbb: trailer(messageOf(commit), Trailer.Rollback) !== undefined });
  }
  return { of, takenBackBy: (sha) => takenBack.get(sha), condemnedBy: (sha) => condemned.get(sha) };
}

function takenBy(commit: CommitWithPaths, older: readonly CommitWithPaths[], target: Target): Sha[] {
  const message = messageOf(commit);
  const range = restoredIn(message, target);
  if (range) return between(older, range);
  return revertedIn(message).flatMap((sha) => older.find((candidate) => candidate.sha.startsWith(sha))?.sha ?? []);
}

/** From `from` down to before `to`; `from` alone where `to` is no deployment of the list. */
function between(older: readonly CommitWithPaths[], { from, to }: { from: Sha; to: Sha }): Sha[] {
  const first = older.findIndex((commit) => commit.sha === from);
  const end = older.findIndex((commit) => commit.sha === to);
  if (first < 0) return [];
  return older.slice(first, end > first ? end : first + 1).map((commit) => commit.sha);
}
