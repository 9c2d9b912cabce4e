/** Reads the deployment history of a target: from Git which commits changed its inputs, from Flux how they went. */
import type { KubeObject } from '../api/kube.ts';
import { commitOf } from '../api/revision.ts';
import type { CommitWithPaths, Sha } from '../core/commit.ts';
import { diffObjects } from '../core/diff/object-diff.ts';
import { deriveHistory } from '../core/history/derive.ts';
import { type Evidence, evidenceIn, type RawEvidence } from '../core/history/evidence.ts';
import type { DeploymentRecord } from '../core/history/record.ts';
import type { FluxEvent, TargetState } from '../core/world.ts';
import type { GitRepo, Renderer } from '../ports.ts';
import { withMergedReverts } from './merged-reverts.ts';
import { type RenderingContext, renderAt } from './rendering.ts';

export interface HistoryOptions {
  head: Sha;
  limit: number;
  /** The source is pinned as a whole; a pin of the target's own is known from its state. */
  pinned?: boolean;
  /** Flux's events about the target: each names a revision and how it went. */
  events?: readonly FluxEvent[];
  rendering: RenderingContext;
}

/** The deployments of a target, newest first, without images. @throws Failure of Git. */
export async function observeHistory(
  repo: GitRepo,
  renderer: Renderer,
  target: TargetState,
  options: HistoryOptions,
): Promise<DeploymentRecord[]> {
  const { commits, paths } = await inputCommits(repo, renderer, options);
  const raw = [...evidenceIn(target), ...eventEvidence(options.events ?? [])];
  const resolver = new DeploymentResolver(repo, commits, paths);
  const evidence: Evidence[] = [];
  for (const item of raw) {
    const commit = await resolver.deploymentOf(item.revision);
    if (commit) evidence.push({ ...item, commit });
  }
  const running = target.lastAttemptedRevision === undefined ? undefined : await resolver.deploymentOf(target.lastAttemptedRevision);
  const pinned = options.pinned ?? target.hold?.commit !== undefined;
  return deriveHistory({ target: target.target, commits, evidence, running, pinned });
}

/** Events of a finished run, oldest evidence last: success and failure alone say something. */
function eventEvidence(events: readonly FluxEvent[]): RawEvidence[] {
  return events.flatMap((event): RawEvidence[] => {
    if (event.revision === undefined) return [];
    if (event.reason === 'ReconciliationSucceeded')
      return [{ revision: event.revision, outcome: 'succeeded', last: event.last, source: 'event ReconciliationSucceeded' }];
    if (event.reason === 'HealthCheckFailed' || event.reason === 'ReconciliationFailed')
      return [{ revision: event.revision, outcome: 'failed', last: event.last, source: `event ${event.reason}` }];
    return [];
  });
}

/** Commits of the branch that changed a file which the target's build reads, newest first, and the paths that were searched. */
async function inputCommits(
  repo: GitRepo,
  renderer: Renderer,
  options: Pick<HistoryOptions, 'head' | 'limit' | 'rendering'>,
): Promise<{ commits: CommitWithPaths[]; paths: string[] }> {
  const built = await renderAt(repo, renderer, options.rendering, options.head);
  const inputs = new Set(built.inputs);
  const paths = searchPaths(built.inputs, options.rendering.build.path);
  const commits = await repo.commits({ from: options.head, paths, limit: options.limit });
  const gone = new Map<string, boolean>();
  const files = repo.files(options.head);
  const relevant: CommitWithPaths[] = [];
  for (const commit of commits) {
    for (const change of commit.changes) {
      if (inputs.has(change.path) || (change.from !== undefined && inputs.has(change.from)) || (await isGone(change.path))) {
        relevant.push(commit);
        break;
      }
    }
  }
  return { commits: await withMergedReverts(repo, relevant), paths };

  /** A file that is no longer there may have been an input when it was. Only those in the searched folders count. */
  async function isGone(path: string): Promise<boolean> {
    if (!paths.some((folder) => path === folder || path.startsWith(`${folder}/`))) return false;
    let absent = gone.get(path);
    if (absent === undefined) {
      absent = (await files.read(path)) === undefined;
      gone.set(path, absent);
    }
    return absent;
  }
}

/** Folders of the inputs (so that deleted files are found); a file in the root stands for itself. */
function searchPaths(inputs: readonly string[], path: string | undefined): string[] {
  const folders = inputs.map((input) => (input.includes('/') ? input.slice(0, input.lastIndexOf('/')) : input));
  const own = (path ?? '').replace(/^(\.?\/)+|\/+$/g, '');
  return [...new Set([...folders, ...(own && own !== '.' ? [own] : [])])];
}

/**
 * The first index for which `holds` is true, where it stays true from there on; `length` where it never is. Looks near the
 * beginning first: revisions are recent ones.
 */
export async function firstWhere(length: number, holds: (index: number) => Promise<boolean>): Promise<number> {
  let low = 0;
  let high = 0;
  for (let step = 1; high < length && !(await holds(high)); step *= 2) {
    low = high + 1;
    high += step;
  }
  high = Math.min(high, length);
  while (low < high) {
    const middle = (low + high) >> 1;
    if (await holds(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Resolves Flux revisions to the deployment that they mean for a target. */
class DeploymentResolver {
  readonly #repo: GitRepo;
  readonly #commits: readonly CommitWithPaths[];
  readonly #known = new Map<Sha, Sha | undefined>();

  readonly #paths: string[];

  constructor(repo: GitRepo, commits: readonly CommitWithPaths[], paths: string[]) {
    this.#repo = repo;
    this.#paths = paths;
    this.#commits = commits;
    for (const commit of commits) this.#known.set(commit.sha, commit.sha);
  }

  /** The newest input commit at or before the revision; undefined where there is none or Git does not know the revision. */
  async deploymentOf(revision: string): Promise<Sha | undefined> {
    const sha = commitOf(revision);
    if (sha === undefined) return undefined;
    if (this.#known.has(sha)) return this.#known.get(sha);
    const found = await this.#newestAncestor(sha);
    this.#known.set(sha, found);
    return found;
  }

  async #newestAncestor(sha: Sha): Promise<Sha | undefined> {
    if ((await this.#repo.resolve(sha)) === undefined) return undefined;
    const [newest] = await this.#repo.commits({ from: sha, paths: this.#paths, limit: 1 });
    if (newest && this.#known.has(newest.sha)) return newest.sha;
    // The newest commit there is no input's: look among those that are.
    const index = await firstWhere(this.#commits.length, (at) => this.#repo.isAncestor((this.#commits[at] as CommitWithPaths).sha, sha));
    return this.#commits[index]?.sha;
  }
}

/** Adds the images that each deployment changed; a side that does not render leaves them unknown. */
export async function withImages(
  repo: GitRepo,
  renderer: Renderer,
  rendering: RenderingContext,
  records: readonly DeploymentRecord[],
): Promise<DeploymentRecord[]> {
  const rendered = new Map<Sha, Promise<KubeObject[] | undefined>>();
  const objectsAt = (sha: Sha) => {
    const known =
      rendered.get(sha) ??
      renderAt(repo, renderer, rendering, sha).then((outcome) => (outcome.kind === 'rendered' ? outcome.objects : undefined));
    rendered.set(sha, known);
    return known;
  };
  return Promise.all(
    records.map(async (record) => {
      const [before, after] = await Promise.all([record.from ? objectsAt(record.from) : [], objectsAt(record.commit)]);
      if (!before || !after) return record;
      return { ...record, images: diffObjects(before, after).flatMap((change) => change.images) };
    }),
  );
}
