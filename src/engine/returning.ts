/** What a held target takes up once it follows Git again. Nothing is written anywhere. */
import { commitOf } from '../api/revision.ts';
import type { Target } from '../api/target.ts';
import type { Sha } from '../core/commit.ts';
import { diffObjects, type ObjectChange } from '../core/diff/object-diff.ts';
import type { DeploymentRecord } from '../core/history/record.ts';
import { observeHistory } from '../observe/history.ts';
import { observeRendering, renderAt } from '../observe/rendering.ts';
import { observeSource, observeTarget } from '../observe/target.ts';
import type { Cluster, GitRepo, Renderer } from '../ports.ts';

export interface Returning {
  /** Where the branch is. */
  head: Sha;
  /** Deployments of the target that Git has and that do not run, newest first. */
  commits: DeploymentRecord[];
  /** Objects that change; undefined where one side could not be rendered. */
  changes: ObjectChange[] | undefined;
  /** What could not be looked at, for want of permission. */
  notes: string[];
}

/** How many deployments are looked back. */
const DEPTH = 20;

/** Compares what runs with the head of the branch. @throws Failure of the cluster, of Git, of the renderer. */
export async function observeReturning(
  { cluster, repo, renderer }: { cluster: Cluster; repo: GitRepo; renderer: Renderer },
  target: Target,
): Promise<Returning> {
  const [head, state, { source }] = await Promise.all([repo.fetch(), observeTarget(cluster, target), observeSource(cluster, target)]);
  const rendering = await observeRendering(cluster, state.build ?? {}, target.namespace, source.ignore);
  const records = await observeHistory(repo, renderer, state, { head, limit: DEPTH, rendering });
  const running = records.findIndex((record) => record.running);
  const commits = records.slice(0, Math.max(0, running));
  const { notes } = rendering;
  const from = commitOf(state.lastAttemptedRevision);
  if (from === undefined || (await repo.resolve(from)) === undefined) return { head, commits, changes: undefined, notes };
  const [before, after] = await Promise.all([renderAt(repo, renderer, rendering, from), renderAt(repo, renderer, rendering, head)]);
  if (before.kind === 'failed' || after.kind === 'failed') return { head, commits, changes: undefined, notes };
  return { head, commits, changes: diffObjects(before.objects, after.objects), notes };
}
