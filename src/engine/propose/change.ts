/** The tree that a strategy makes, in memory. */
import type { Sha, TreeId } from '../../core/commit.ts';
import { mergeFiles } from '../../core/merge/yaml-merge.ts';
import type { Proposal } from '../../core/plan/build.ts';
import type { Refusal, Request } from '../../core/plan/plan.ts';
import { renderAt } from '../../observe/rendering.ts';
import type { GitRepo, Renderer } from '../../ports.ts';
import type { Change, Observed, Range } from './observed.ts';
import { mergeNeedsMainline, revertConflict } from './refusals.ts';

export async function changeFor(
  repo: GitRepo,
  renderer: Renderer,
  observed: Observed,
  request: Request,
  range: Range,
): Promise<Change | Refusal> {
  if (request.strategy === 'pin') return { merged: 'none', files: [], notes: [] };
  if (range.reverts.length === 0)
    return {
      merged: 'none',
      files: [],
      notes: [`${observed.branch} already is at ${range.to.sha.slice(0, 8)} for this target: only Flux has to follow`],
    };
  return request.strategy === 'restore' ? restoreChange(repo, renderer, observed, range) : revertChange(repo, observed, request, range);
}

async function revertChange(repo: GitRepo, observed: Observed, request: Request, range: Range): Promise<Change | Refusal> {
  let onto: Sha | TreeId = observed.head;
  const remaining = range.reverts.map((commit) => commit.sha);
  // Deployments are found along first parents: what came by a merge goes back to the branch that it was merged into.
  const mainline = request.mainline ?? (request.commits?.length ? undefined : 1);
  const notes: string[] = [];
  let merged: Proposal['merged'] = 'git';
  // One at a time, so that a conflict that merges field by field can be followed by the next commit.
  for (const sha of remaining) {
    const outcome = await repo.revert(onto, [sha], mainline);
    if (outcome.kind === 'unchanged') continue;
    if (outcome.kind === 'merge') return mergeNeedsMainline(outcome.sha, outcome.parents, request);
    if (outcome.kind === 'clean') {
      onto = outcome.tree;
      continue;
    }
    const files = mergeFiles(outcome.files);
    if (files.kind !== 'merged') return revertConflict(sha, files, request);
    onto = await repo.writeTree(outcome.tree, files.edits);
    merged = 'fields';
    notes.push(`${sha.slice(0, 8)} conflicts as text in ${outcome.files.map((file) => file.path).join(', ')}; merged field by field`);
  }
  const changed = onto === observed.head ? [] : await repo.changes(observed.head, onto);
  if (changed.length === 0) {
    return {
      merged: 'none',
      files: [],
      notes: [
        `${observed.branch} already is as if ${range.reverts.length === 1 ? 'this commit' : 'these commits'} had been reverted: only Flux has to follow`,
      ],
    };
  }
  return { tree: onto, files: changed, merged, notes };
}

/** Exactly the files that the target's build reads, at the good commit or now, become those of the good commit. */
async function restoreChange(repo: GitRepo, renderer: Renderer, observed: Observed, range: Range): Promise<Change | Refusal> {
  const [good, now] = await Promise.all([
    renderAt(repo, renderer, observed.rendering, range.to.sha),
    renderAt(repo, renderer, observed.rendering, observed.head),
  ]);
  if (good.kind === 'failed')
    return {
      kind: 'refused',
      reason: 'RenderFailed',
      message: `${range.to.sha.slice(0, 8)} does not render: ${good.message}`,
      next: ['choose another revision with --to'],
    };
  const paths = [...new Set([...good.inputs, ...now.inputs])];
  const tree = await repo.restoreTree(observed.head, range.to.sha, paths);
  const changed = await repo.changes(observed.head, tree);
  return changed.length === 0
    ? { merged: 'none', files: [], notes: ['its files already are as they were in that commit'] }
    : { tree, files: changed, merged: 'none', notes: [] };
}
