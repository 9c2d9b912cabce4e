/** Works out in memory what a request would do: which commits, which tree, which objects. Nothing is written anywhere. */
import { createHash } from 'node:crypto';
import { formatDuration } from '../../api/duration.ts';
import { formatRef } from '../../api/kube.ts';
import { commitOf } from '../../api/revision.ts';
import { formatTarget } from '../../api/target.ts';
import type { PathChange, Sha, TreeId } from '../../core/commit.ts';
import { symptomsOf } from '../../core/diagnosis/diagnose.ts';
import { elsewhereNote } from '../../core/diagnosis/elsewhere.ts';
import { diffObjects, type ObjectChange } from '../../core/diff/object-diff.ts';
import { detectHazards } from '../../core/hazards/detect.ts';
import { isExpired } from '../../core/holds/hold.ts';
import type { Proposal } from '../../core/plan/build.ts';
import { rollbackId } from '../../core/plan/identity.ts';
import type { AffectedTarget, Refusal, Request } from '../../core/plan/plan.ts';
import { type ConfigReader, configReaders } from '../../core/restart/restarts.ts';
import { findLanded } from '../../observe/merged-reverts.ts';
import { renderAt } from '../../observe/rendering.ts';
import type { GitRepo, Renderer, RenderOutcome } from '../../ports.ts';
import { affectedBy, type Difference } from './affected.ts';
import { changeFor } from './change.ts';
import type { Change, Observed, Range } from './observed.ts';
import { resolveRange, sameRollback } from './range.ts';
import { commitOutsideTarget, sameAsLastGood, wouldNotRender } from './refusals.ts';

/**
 * @param knownId the id of a rollback that goes on after its branch moved.
 * @throws Failure of Git or of the renderer's engine.
 */
export async function propose(
  repo: GitRepo,
  renderer: Renderer,
  observed: Observed,
  request: Request,
  knownId?: string,
): Promise<Proposal | Refusal> {
  const range = await resolveRange(repo, observed, request);
  if ('kind' in range) return range;
  const id =
    knownId ??
    (await sameRollback(repo, observed, request, range.to.sha)) ??
    rollbackId(
      { target: request.target, from: range.from.sha, to: range.to.sha, trigger: request.trigger, strategy: request.strategy },
      sha256hex,
    );
  const landed = await findLanded(repo, observed.head, range.to.sha, id);
  const change =
    landed === undefined
      ? await changeFor(repo, renderer, observed, request, range)
      : { merged: 'none' as const, files: [], notes: [`commit ${landed.slice(0, 8)} of this rollback is already in ${observed.branch}`] };
  if ('kind' in change) return change;
  return assemble(repo, renderer, observed, request, { ...range, id, change, ...(landed ? { landed } : {}) });
}

function sha256hex(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

interface Assembly extends Range {
  id: string;
  change: Change;
  landed?: Sha;
}

async function assemble(
  repo: GitRepo,
  renderer: Renderer,
  observed: Observed,
  request: Request,
  assembly: Assembly,
): Promise<Proposal | Refusal> {
  const { change, from, to } = assembly;
  const end = request.strategy === 'pin' ? to.sha : (change.tree ?? observed.head);
  const { files } = change;
  const runningAt = commitOf(observed.target.lastAttemptedRevision);
  const start = runningAt !== undefined && (await repo.resolve(runningAt)) !== undefined ? runningAt : observed.head;
  const [before, after] = await Promise.all([
    renderAt(repo, renderer, observed.rendering, start),
    renderAt(repo, renderer, observed.rendering, end),
  ]);
  const notes = [...change.notes, ...observed.notes];
  if (before.kind === 'failed') notes.push(`what runs now does not render: ${before.message}`);
  if (after.kind === 'failed') notes.push(`the version to go back to does not render: ${after.message}`);
  const changes = after.kind === 'rendered' ? diffObjects(before.kind === 'rendered' ? before.objects : [], after.objects) : undefined;
  const affected = await affectedBy(repo, renderer, observed, request, await differenceOf(repo, observed, assembly, end));
  notes.push(...movedAlong(observed, request, affected));
  if (request.commits?.length && isOutside(files, [before, after])) return commitOutsideTarget(request, files, affected);
  if (
    change.tree !== undefined &&
    after.kind === 'failed' &&
    (await renderAt(repo, renderer, observed.rendering, observed.head)).kind === 'rendered'
  )
    return wouldNotRender(request, after.message, observed.rendering.build);
  if (goesNowhere(observed, request, assembly, changes)) return sameAsLastGood(request, from, to);
  const record = assembly.deployment ?? observed.deployments.find((deployment) => deployment.commit === to.sha);
  // In another cluster nothing can be restarted or replaced from here: what has the same name here is something else.
  const within = observed.target.elsewhere ? [] : (changes ?? []);
  const readers = configReaders(within, after.kind === 'rendered' ? after.objects : []);
  notes.push(...readers.flatMap(readerNote), ...runNote(observed, request), ...elsewhereNote(observed.target));
  const hazards = detectHazards({
    target: observed.target,
    source: observed.source,
    ...(request.pinScope === undefined ? {} : { pinScope: request.pinScope }),
    changes,
    affected,
    after: after.kind === 'rendered' ? after.objects : [],
    to: record,
    strategy: request.strategy,
    ...(observed.runEndsInMs !== undefined && request.waitOutTimeout && observed.gate !== 'on'
      ? { runEndsInMs: observed.runEndsInMs }
      : {}),
    holdExpired: observed.target.hold !== undefined && isExpired(observed.target.hold, observed.now),
  });
  return {
    id: assembly.id,
    from,
    to,
    reverts: request.strategy === 'pin' || request.strategy === 'restore' || assembly.landed ? [] : assembly.reverts,
    base: observed.head,
    branch: observed.branch,
    ...(change.tree === undefined ? {} : { tree: change.tree }),
    files,
    merged: change.merged,
    changes,
    affected,
    hazards,
    notes,
    sets: within.filter(changesSetTemplate).map((change) => change.ref),
    restarts: readers
      .filter(({ reloads }) => !reloads)
      .map(({ workload, reads }) => ({ ref: workload, reads: reads.map(({ ref }) => ref) })),
    symptoms: symptomsOf(observed.findings, observed.workloads.workloads),
    renderer: renderer.engine,
    ...(assembly.landed === undefined ? {} : { landed: assembly.landed }),
  };
}

/** A commit that is there already brought back others as well, and they may not have come to it yet. */
async function differenceOf(
  repo: GitRepo,
  { head }: Observed,
  { landed, change: { files } }: Assembly,
  after: Sha | TreeId,
): Promise<Difference> {
  const parent = landed === undefined ? undefined : (await repo.commit(landed)).parents[0];
  if (landed === undefined || parent === undefined) return { before: head, after, files };
  return { before: parent, after: landed, files: await repo.changes(parent, landed) };
}

/** What is done about a run that waits for the bad version: whoever sees Flux's events would wonder. */
function runNote({ runEndsInMs, gate, target }: Observed, { waitOutTimeout }: Request): string[] {
  if (runEndsInMs === undefined || runEndsInMs < 1_000 || waitOutTimeout || !target.waits || gate === 'on') return [];
  return [
    `Flux still waits for the bad version, for up to ${formatDuration(runEndsInMs)} more: ebb ends that run by the condition Stalled, for some seconds, on the workloads that it waits for (--wait-out-timeout leaves it alone)`,
  ];
}

/** A StatefulSet may never replace pods of a bad template by itself. */
function changesSetTemplate({ ref, change, fields }: ObjectChange): boolean {
  return ref.kind === 'StatefulSet' && change === 'changed' && fields.some(({ path }) => path.startsWith('spec.template'));
}

function readerNote({ workload, reads, reloads }: ConfigReader): string[] {
  return reloads
    ? [`${formatRef(workload)} reads ${reads.map(({ ref }) => formatRef(ref)).join(', ')} and is not restarted: ${reloads}`]
    : [];
}

/**
 * Does the last good deployment render exactly as what runs, although nobody went back to it? Then a rollback to it would
 * report success and leave everything as it is.
 */
function goesNowhere(observed: Observed, request: Request, { change, landed }: Assembly, changes: Proposal['changes']): boolean {
  if (request.to !== undefined || request.commits?.length || change.tree !== undefined || landed !== undefined) return false;
  if (
    changes === undefined ||
    changes.length > 0 ||
    observed.target.hold?.commit !== undefined ||
    observed.source.pinnedCommit !== undefined
  )
    return false;
  const [newest] = observed.deployments;
  return newest?.running === true && newest.reverts.length === 0 && newest.rollback === undefined;
}

/** Do the files that change have nothing to do with what the target is built from? */
function isOutside(files: readonly PathChange[], builds: readonly RenderOutcome[]): boolean {
  if (files.length === 0 || builds.some((build) => build.kind === 'failed')) return false;
  const inputs = new Set(builds.flatMap((build) => build.inputs));
  return !files.some((file) => inputs.has(file.path) || (file.from !== undefined && inputs.has(file.from)));
}

/** Readers of a source that is pinned as a whole and for whom nothing changes: they move all the same. */
function movedAlong(observed: Observed, request: Request, affected: AffectedTarget[]): string[] {
  if (request.strategy !== 'pin' || request.pinScope !== 'source') return [];
  const changed = new Set(affected.map((other) => formatTarget(other.target)));
  const same = observed.consumers
    .filter(({ hold }) => hold?.commit === undefined)
    .map((consumer) => formatTarget(consumer.target))
    .filter((name) => !changed.has(name));
  return same.length ? [`these move as well, and nothing changes for them: ${same.join(', ')}`] : [];
}
