/** Who else changes: other targets of the same source whose rendered objects differ with the new tree. */
import type { PathChange, Sha, TreeId } from '../../core/commit.ts';
import { diffObjects } from '../../core/diff/object-diff.ts';
import type { AffectedTarget, Request } from '../../core/plan/plan.ts';
import type { Consumer } from '../../core/world.ts';
import { ReaderSearch } from '../../observe/readers-of.ts';
import { renderAt } from '../../observe/rendering.ts';
import type { GitRepo, Renderer } from '../../ports.ts';
import type { Observed } from './observed.ts';

export interface Difference {
  /** What is rendered before, and after: the head and the new tree, where the rollback has yet to be written. */
  before: Sha | TreeId;
  after: Sha | TreeId;
  /** What differs for it. */
  files: readonly PathChange[];
}

/** Other targets whose rendered objects differ (a source-wide pin: with the good commit). */
export async function affectedBy(
  repo: GitRepo,
  renderer: Renderer,
  observed: Observed,
  request: Request,
  { files, before: start, after: end }: Difference,
): Promise<AffectedTarget[]> {
  const wide = request.strategy === 'pin' && request.pinScope === 'source';
  if (!wide && files.length === 0) return [];
  const touched = new Set(files.flatMap((file) => (file.from ? [file.path, file.from] : [file.path])));
  const affected: AffectedTarget[] = [];
  // A build reads a new file only by a kustomization file that changes or by lying in its folder: the tree of now tells both.
  const now = new ReaderSearch(observed.mentions, touched);
  const candidates = observed.consumers.filter((consumer) =>
    // Whoever is pinned by a source of its own does not move with the shared one.
    wide ? consumer.hold?.commit === undefined : now.mayRead(consumer.build.path ?? '', consumer.build.components),
  );
  for (const consumer of candidates) {
    const held = heldOf(consumer);
    const before = await renderAt(repo, renderer, consumer.rendering, start);
    const after = await renderAt(repo, renderer, consumer.rendering, end);
    if (before.kind === 'failed' || after.kind === 'failed') {
      if (before.kind !== after.kind || wide)
        affected.push({
          target: consumer.target,
          changes: [],
          unknown: before.kind === 'failed' ? before.message : (after as { message: string }).message,
          ...held,
        });
      continue;
    }
    const changes = diffObjects(before.objects, after.objects);
    if (changes.length > 0) affected.push({ target: consumer.target, changes, ...held });
  }
  return affected;
}

function heldOf({ hold }: Consumer): Pick<AffectedTarget, 'held'> {
  if (!hold) return {};
  const by = hold.by ?? (hold.manager ? `someone through ${hold.manager}` : undefined);
  return { held: { kind: hold.kind, ...(by === undefined ? {} : { by }) } };
}
