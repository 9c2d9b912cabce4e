/** Reverts that came by a merge: a pull request takes back on its branch, and the branch that is deployed sees the merge alone. */
import type { Commit, CommitWithPaths, Sha } from '../core/commit.ts';
import { landedCommit, revertedIn, TAKES_BACK } from '../core/history/message.ts';
import type { GitRepo } from '../ports.ts';

/** So many reverts are looked at, the newest ones. */
const MOST = 200;

/** The same commits (newest first, along first parents), merges with the reverts that they brought in. */
export async function withMergedReverts(repo: GitRepo, commits: readonly CommitWithPaths[]): Promise<CommitWithPaths[]> {
  const [newest, oldest] = [commits[0], commits.at(-1)];
  if (!newest || !oldest || !commits.some((commit) => commit.parents.length > 1)) return [...commits];
  const reverts = await repo.commits({ from: newest.sha, exclude: [oldest.sha], parents: 'every', saying: TAKES_BACK, limit: MOST });
  const known = new Set(commits.map((commit) => commit.sha));
  const merged = new Map<Sha, CommitWithPaths[]>();
  for (const revert of reverts.filter((candidate) => !known.has(candidate.sha))) {
    const merge = await bringerOf(repo, revert.sha, commits);
    if (merge) merged.set(merge, [...(merged.get(merge) ?? []), revert]);
  }
  return commits.map((commit) => {
    const brought = merged.get(commit.sha);
    return brought ? { ...commit, merged: brought.map(({ sha, body }) => ({ sha, body })) } : commit;
  });
}

/** The merge by which a commit came to the line of first parents; undefined where none of these is it. */
async function bringerOf(repo: GitRepo, sha: Sha, commits: readonly CommitWithPaths[]): Promise<Sha | undefined> {
  for (const commit of commits.toReversed()) if (await brought(repo, commit, sha)) return commit.sha;
  return undefined;
}

async function brought(repo: GitRepo, { sha: merge, parents }: Pick<Commit, 'sha' | 'parents'>, sha: Sha): Promise<boolean> {
  const [first] = parents;
  if (first === undefined || parents.length < 2) return false;
  return (await repo.isAncestor(sha, merge)) && !(await repo.isAncestor(sha, first));
}

/**
 * The commit of a rollback in what a branch has on top of `base`, on merged branches too; undefined where there is none,
 * or where it, or the merge that brought it, was taken back again.
 */
export async function findLanded(repo: GitRepo, head: Sha, base: Sha, id: string): Promise<Sha | undefined> {
  if (head === base) return undefined;
  const commits = await repo.commits({ from: head, exclude: [base], parents: 'every', saying: TAKES_BACK, limit: MOST });
  const landed = landedCommit(commits, id);
  if (landed === undefined) return undefined;
  for (const reverted of commits.flatMap((commit) => revertedIn(commit.body))) {
    const sha = await repo.resolve(reverted);
    if (sha !== undefined && (await brought(repo, await repo.commit(sha), landed))) return undefined;
  }
  return landed;
}
