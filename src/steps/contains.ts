import { commitOf } from '../api/revision.ts';
import type { Sha } from '../core/commit.ts';
import type { ExpectedRevision } from '../core/plan/plan.ts';
import type { GitRepo } from '../ports.ts';

/**
 * Did the expected revision arrive?
 * @param own the commit of this rollback.
 */
export async function revisionArrived(
  repo: GitRepo | undefined,
  revision: string | undefined,
  expected: ExpectedRevision,
  own: Sha | undefined,
): Promise<boolean> {
  if (expected.kind === 'exactly') return commitOf(revision) === expected.commit;
  const commit = expected.commit ?? own;
  return commit === undefined || revisionContains(repo, revision, commit);
}

/** The commit that is expected; undefined where the rollback made none. */
export function expectedCommit(expected: ExpectedRevision, own: Sha | undefined): Sha | undefined {
  return expected.commit ?? own;
}

/**
 * Does a Flux revision contain a commit: is it that commit or one on top of it?
 * Fetches once where the revision is newer than the mirror.
 */
export async function revisionContains(repo: GitRepo | undefined, revision: string | undefined, commit: Sha): Promise<boolean> {
  const sha = commitOf(revision);
  if (sha === undefined) return false;
  if (sha === commit) return true;
  if (!repo) return false;
  if ((await repo.resolve(sha)) === undefined) {
    await repo.fetch();
    if ((await repo.resolve(sha)) === undefined) return false;
  }
  return repo.isAncestor(commit, sha);
}
