/** What a target would be at another commit, and what of it is no longer as Flux applied it. Nothing is written anywhere. */
import type { KubeObject } from '../api/kube.ts';
import { commitOf } from '../api/revision.ts';
import { formatTarget, type Target } from '../api/target.ts';
import type { Commit } from '../core/commit.ts';
import { diffObjects, type ObjectChange } from '../core/diff/object-diff.ts';
import { isSecret } from '../core/diff/secret-mask.ts';
import { type Drift, driftOf } from '../core/drift/drift.ts';
import { Failure } from '../core/failure.ts';
import { observeFluxEvents } from '../observe/events.ts';
import { observeHistory } from '../observe/history.ts';
import { Lacks } from '../observe/lacks.ts';
import { observeLive } from '../observe/live-objects.ts';
import { observeRendering, type RenderingContext, renderAt } from '../observe/rendering.ts';
import { observeSource, observeTarget } from '../observe/target.ts';
import type { Engine } from './engine.ts';

export interface ComparisonRequest {
  /** A revision as typed; default: what Flux applied, or tries to. */
  from?: string;
  /** Default: the last good deployment, where `ebb rollback` goes. */
  to?: string;
}

export interface Comparison {
  from: Commit;
  to: Commit;
  changes: ObjectChange[];
  /** Both renderings, for a patch. */
  before: KubeObject[];
  after: KubeObject[];
  /** Against what Flux applied, whatever `from` is. */
  drift: Drift[];
  notes: string[];
}

type Reads = Pick<Engine, 'cluster' | 'repo' | 'renderer'>;

/** @throws Failure TargetNotFound, SourceUnsupported, NoSuchCommit, RenderFailed; those of Git and of the cluster */
export async function compareVersions(engine: Reads, target: Target, request: ComparisonRequest): Promise<Comparison> {
  const { cluster, repo, renderer } = engine;
  const head = repo.fetch();
  head.catch(() => undefined);
  const [state, { source }] = await Promise.all([observeTarget(cluster, target), observeSource(cluster, target)]);
  const rendering = await observeRendering(cluster, state.build ?? {}, target.namespace, source.ignore);
  const lacks = new Lacks();
  const applied = (await known(engine, commitOf(state.lastAttemptedRevision))) ?? (await head);
  const from = request.from === undefined ? applied : await named(engine, request.from);
  const to = request.to === undefined ? await lastGood() : await named(engine, request.to);
  const [before, after, running] = await Promise.all([from, to, applied].map((at) => objectsAt(engine, rendering, at)));
  const drift = state.elsewhere ? [] : await driftFrom(engine, target, running as KubeObject[], lacks);
  return {
    from: await repo.commit(from),
    to: await repo.commit(to),
    changes: diffObjects(before as KubeObject[], after as KubeObject[]),
    before: before as KubeObject[],
    after: after as KubeObject[],
    drift,
    notes: [...rendering.notes, ...lacks.notes],
  };

  async function lastGood(): Promise<string> {
    const events = await observeFluxEvents(cluster, target, lacks);
    const pinned = (state.hold?.commit ?? source.pinnedCommit) !== undefined;
    const records = await observeHistory(repo, renderer, state, { head: await head, limit: 50, pinned, events, rendering });
    const good = records.find((record) => record.lastGood)?.commit;
    if (good !== undefined) return good;
    throw new Failure(
      'NoSuchCommit',
      `of no deployment of ${formatTarget(target)} before this one it is known that it was good: say to which with --to`,
      {
        next: [`ebb history ${formatTarget(target)}`],
      },
    );
  }
}

/** The branch may have been rewritten: then what Flux applied is not there any more. */
async function known({ repo }: Reads, commit: string | undefined): Promise<string | undefined> {
  return commit === undefined ? undefined : repo.resolve(commit);
}

async function named({ repo }: Reads, revision: string): Promise<string> {
  const sha = await repo.resolve(revision);
  if (sha !== undefined) return sha;
  throw new Failure('NoSuchCommit', `${revision} is no commit, tag or branch of ${repo.url}`, {
    next: ['ebb history TARGET  lists what was deployed'],
  });
}

async function objectsAt({ repo, renderer }: Reads, rendering: RenderingContext, at: string): Promise<KubeObject[]> {
  const outcome = await renderAt(repo, renderer, rendering, at);
  if (outcome.kind === 'rendered') return outcome.objects;
  throw new Failure('RenderFailed', `${at.slice(0, 8)} does not render: ${outcome.message}`, {
    causes: ['that version was broken, or it needs values that are not in the cluster any more'],
    next: ['compare with another: --from, --to'],
  });
}

/** Secrets are nothing that Ebb reads. */
async function driftFrom({ cluster }: Reads, target: Target, applied: readonly KubeObject[], lacks: Lacks): Promise<Drift[]> {
  const pairs = await observeLive(
    cluster,
    target,
    applied.filter((object) => !isSecret(object)),
    lacks,
  );
  return pairs.map(({ declared, live }) => driftOf(declared, live)).filter((drift) => drift !== undefined);
}
