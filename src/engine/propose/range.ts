/** Which commits are taken back, and to where. */
import { Trailer } from '../../api/annotations.ts';
import { formatTarget } from '../../api/target.ts';
import type { Commit, Sha } from '../../core/commit.ts';
import { trailer } from '../../core/history/message.ts';
import type { DeploymentRecord } from '../../core/history/record.ts';
import type { Refusal, Request } from '../../core/plan/plan.ts';
import { firstWhere } from '../../observe/history.ts';
import type { GitRepo } from '../../ports.ts';
import type { Observed, Range } from './observed.ts';
import { noLastGood, noSuchCommit, notAnAncestor } from './refusals.ts';

/** Which commits are taken back, and to where. */
export async function resolveRange(repo: GitRepo, observed: Observed, request: Request): Promise<Range | Refusal> {
  const running = observed.deployments.find((record) => record.running) ?? observed.deployments[0];
  if (request.commits?.length) return rangeOfCommits(repo, observed, request, request.commits);
  const to = request.to === undefined ? defaultTo(observed, request) : await repo.resolve(request.to);
  if (to === undefined) return request.to === undefined ? noLastGood(observed, request) : noSuchCommit(request.to, observed.branch);
  const { deployments } = observed;
  const listed = deployments.findIndex((record) => record.commit === to);
  if (listed < 0 && !(await repo.isAncestor(to, observed.head))) return notAnAncestor(request.to ?? to, observed.branch);
  // First-parent history is linear: what is at or before `to` stays, whatever is newer goes.
  const count =
    listed >= 0 ? listed : await firstWhere(deployments.length, (at) => repo.isAncestor((deployments[at] as DeploymentRecord).commit, to));
  const reverts = await Promise.all(unanswered(deployments.slice(0, count)).map((record) => repo.commit(record.commit)));
  const from = reverts[0] ?? (running ? await repo.commit(running.commit) : await repo.commit(observed.head));
  const deployment = deployments[count];
  return { from, to: await repo.commit(to), reverts, ...(deployment ? { deployment } : {}) };
}

/** A revert on top that takes back all the others is no release to take back: it is this rollback, made before or by hand. */
function unanswered(newer: readonly DeploymentRecord[]): readonly DeploymentRecord[] {
  const [answer, ...others] = newer;
  const answered = others.length > 0 && others.every((record) => answer?.reverts.includes(record.commit));
  return answered ? others : newer;
}

/** A pinned target already runs what it goes back to: the revert that ends the pin goes there as well. */
function defaultTo(observed: Observed, request: Request): Sha | undefined {
  const pinned = observed.target.hold?.commit ?? observed.source.hold?.commit;
  if (pinned !== undefined && request.strategy !== 'pin') return pinned;
  return observed.deployments.find((record) => record.lastGood)?.commit;
}

async function rangeOfCommits(repo: GitRepo, observed: Observed, request: Request, typed: string[]): Promise<Range | Refusal> {
  const commits = new Map<Sha, Commit>();
  for (const text of typed) {
    const found = text.includes('..') ? await commitsOfRange(repo, text) : await single(repo, text);
    if (found === undefined) return noSuchCommit(text, observed.branch);
    for (const commit of found) commits.set(commit.sha, commit);
  }
  for (const commit of commits.values())
    if (!(await repo.isAncestor(commit.sha, observed.head))) return notAnAncestor(commit.sha, observed.branch);
  const ordered = await newestFirst(repo, [...commits.values()]);
  const oldest = ordered.at(-1);
  const newest = ordered[0];
  if (!oldest || !newest)
    return {
      kind: 'refused',
      reason: 'NoSuchCommit',
      message: `${typed.join(' ')} names no commit`,
      next: [`git log --oneline ${observed.branch}`],
    };
  const already = await alreadyReverted(repo, observed, ordered);
  if (already) return already;
  const parent = oldest.parents[(oldest.parents.length > 1 ? (request.mainline ?? 1) : 1) - 1];
  return { from: newest, to: parent === undefined ? oldest : await repo.commit(parent), reverts: ordered };
}

async function single(repo: GitRepo, text: string): Promise<Commit[] | undefined> {
  const sha = await repo.resolve(text);
  return sha === undefined ? undefined : [await repo.commit(sha)];
}

/** `A..B`, as git reads it: what B has and A has not, along first parents. */
async function commitsOfRange(repo: GitRepo, text: string): Promise<Commit[] | undefined> {
  const [a, b] = text.split('..');
  const [from, to] = await Promise.all([repo.resolve(a || 'HEAD'), repo.resolve(b || 'HEAD')]);
  if (from === undefined || to === undefined) return undefined;
  return repo.commits({ from: to, exclude: [from] });
}

async function newestFirst(repo: GitRepo, commits: Commit[]): Promise<Commit[]> {
  const order = new Map<Sha, number>();
  for (const commit of commits) order.set(commit.sha, Date.parse(commit.committedAt));
  const sorted = [...commits].sort((a, b) => (order.get(b.sha) as number) - (order.get(a.sha) as number));
  // Committer dates may lie: ancestry decides between neighbours.
  for (let i = 0; i + 1 < sorted.length; i++) {
    const [a, b] = [sorted[i] as Commit, sorted[i + 1] as Commit];
    if (a.sha !== b.sha && (await repo.isAncestor(a.sha, b.sha))) {
      [sorted[i], sorted[i + 1]] = [b, a];
      i = Math.max(-1, i - 2);
    }
  }
  return sorted;
}

async function alreadyReverted(repo: GitRepo, observed: Observed, commits: Commit[]): Promise<Refusal | undefined> {
  const records = new Map(observed.deployments.map((record) => [record.commit, record]));
  const taken = commits.filter((commit) => records.get(commit.sha)?.revertedBy !== undefined);
  if (taken.length === 0 || taken.length < commits.length) return undefined;
  const by = records.get((taken[0] as Commit).sha)?.revertedBy as Sha;
  const reverting = await repo.commit(by);
  return {
    kind: 'refused',
    reason: 'AlreadyReverted',
    message: `${(taken[0] as Commit).sha.slice(0, 8)} was already reverted by ${by.slice(0, 8)} "${reverting.subject}"; nothing to do`,
    next: [`ebb verify ${formatTarget(observed.target.target)}`],
  };
}

/**
 * The id of the rollback that made the newest deployment, where it went to the same place: it was started on another
 * machine, or its journal is lost.
 */
export async function sameRollback(repo: GitRepo, observed: Observed, request: Request, to: Sha): Promise<string | undefined> {
  const [newest] = observed.deployments;
  if (newest?.rollback === undefined || request.commits?.length || request.strategy === 'pin') return undefined;
  const { body } = await repo.commit(newest.commit);
  const same = trailer(body, Trailer.To) === to && trailer(body, Trailer.Target) === formatTarget(request.target);
  return same ? newest.rollback : undefined;
}
