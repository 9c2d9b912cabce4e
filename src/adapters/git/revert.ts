import type { ConflictFile, RevertOutcome, Sha, TreeId } from '../../core/commit.ts';
import { Failure } from '../../core/failure.ts';
import { changedPaths } from './changes.ts';
import { type MergeConflict, mergeTrees } from './merge-tree.ts';
import { EMPTY_TREE, type ObjectDatabase } from './object-database.ts';
import { changeTree, type TreeChanges } from './tree-edit.ts';

/**
 * Reverts `commits` one after another on top of `onto`, as `git revert` does: the merge of what is there with the reverted
 * commit's parent, over the reverted commit as their base. Nothing but objects is written.
 * @param mainline parent number, from 1; commits with one parent ignore it.
 * @throws Failure NoSuchCommit; UsageError where a merge has no such parent.
 */
export async function revertCommits(objects: ObjectDatabase, onto: Sha, commits: Sha[], mainline?: number): Promise<RevertOutcome> {
  const start = await objects.treeOf(onto);
  let tree = start;
  for (const sha of commits) {
    const { tree: base, commit } = await objects.commit(sha);
    if (commit.parents.length > 1 && mainline === undefined) return { kind: 'merge', sha, parents: commit.parents };
    const theirs = await treeBefore(objects, sha, commit.parents, mainline);
    const merged = await mergeTrees(objects, { base, ours: tree, theirs });
    if (merged.kind === 'conflict') return conflictOf(objects, { sha, ours: tree, merged });
    tree = merged.tree;
  }
  return tree === start ? { kind: 'unchanged' } : { kind: 'clean', tree };
}

async function treeBefore(objects: ObjectDatabase, sha: Sha, parents: Sha[], mainline: number | undefined): Promise<TreeId> {
  if (parents.length === 0) return EMPTY_TREE;
  const parent = parents.length === 1 ? parents[0] : parents[(mainline ?? 1) - 1];
  if (parent === undefined) {
    throw new Failure('UsageError', `Commit ${sha.slice(0, 8)} has ${parents.length} parents; it has no parent ${mainline}.`, {
      next: [`Give a mainline from 1 to ${parents.length}; 1 is nearly always the branch itself`],
    });
  }
  return objects.treeOf(parent);
}

interface Conflicted {
  sha: Sha;
  ours: TreeId;
  merged: Extract<MergeConflict, { kind: 'conflict' }>;
}

async function conflictOf(objects: ObjectDatabase, { sha, ours, merged }: Conflicted): Promise<RevertOutcome> {
  const lost = await lostFiles(objects, ours, merged.tree);
  const files: ConflictFile[] = [];
  const asOurs = new Set(merged.involved);
  for (const [path, stages] of merged.files) {
    asOurs.add(path);
    const here = await objects.find(ours, path);
    const movedFrom = here === undefined && stages.ours !== undefined ? lost.get(stages.ours.id) : undefined;
    if (movedFrom !== undefined) asOurs.add(movedFrom);
    const [base, mine, theirs] = await Promise.all([side(objects, stages.base), side(objects, stages.ours), side(objects, stages.theirs)]);
    files.push({
      path: merged.originalOf(path),
      base,
      ours: mine,
      theirs,
      ...(movedFrom === undefined || movedFrom === merged.originalOf(path) ? {} : { oursPath: movedFrom }),
    });
  }
  const changes: TreeChanges = new Map();
  for (const path of asOurs) changes.set(path, (await objects.find(ours, path)) ?? null);
  return { kind: 'conflict', sha, tree: await changeTree(objects, merged.tree, changes), files };
}

/** Files of ours that the merge took away, by content: where a file that was renamed and conflicts has come from. */
async function lostFiles(objects: ObjectDatabase, ours: TreeId, merged: TreeId): Promise<Map<string, string>> {
  const lost = new Map<string, string>();
  for (const change of await changedPaths(objects, ours, merged)) {
    const path = change.status === 'deleted' ? change.path : change.from;
    const item = path === undefined ? undefined : await objects.find(ours, path);
    if (path !== undefined && item) lost.set(item.id, path);
  }
  return lost;
}

async function side(objects: ObjectDatabase, stage: { mode: string; id: string } | undefined): Promise<Uint8Array | undefined> {
  if (stage === undefined) return undefined;
  // A submodule's commit is in another repository; this is how git shows it in a diff.
  return stage.mode === '160000' ? Buffer.from(`Subproject commit ${stage.id}\n`) : objects.blob(stage.id);
}
