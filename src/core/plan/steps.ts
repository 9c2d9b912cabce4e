/** The steps of a plan, in order. */
import type { Sha } from '../commit.ts';
import type { PlanInput } from './build.ts';
import { commitMessage } from './message.ts';
import type { ExpectedRevision, OtherTarget, Request, Step } from './plan.ts';

/**
 * - `pin`: the target moves to the good commit.
 * - a commit for a branch of its own: it is pushed, and Flux sees nothing of it until it is merged.
 * - else: (suspend,) commit, let go of what holds the target, have Flux follow, and beside it the others, verify.
 */
export function stepsOf(input: PlanInput): Step[] {
  const { request, proposal } = input;
  if (request.strategy === 'pin') return pinSteps(input);
  const writing = [...before(input), ...commitSteps(input)];
  if (request.pushBranch !== undefined) return writing;
  const awaited = proposal.tree === undefined ? (proposal.landed ?? proposal.base) : null;
  return [...writing, ...release(input, awaited), ...follow(input, { kind: 'contains', commit: awaited })];
}

/** `suspend` stops Flux before the commit is made. */
function before({ request, target, proposal }: PlanInput): Step[] {
  if (request.strategy !== 'suspend' || target.suspended) return [];
  return [
    { kind: 'suspend', target: request.target, reason: request.reason ?? defaultReason(proposal.from.sha), by: formatActor(request) },
  ];
}

function commitSteps({ request, proposal }: PlanInput): Step[] {
  if (proposal.tree === undefined) return [];
  const message = commitMessage({
    strategy: request.strategy === 'restore' ? 'restore' : 'revert',
    reverts: proposal.reverts,
    ...(request.mainline === undefined ? {} : { mainline: request.mainline }),
    target: request.target,
    to: proposal.to,
    from: proposal.from.sha,
    id: proposal.id,
    trigger: request.trigger,
    ...(request.reason === undefined ? {} : { reason: request.reason }),
    accept: accepted({ request, proposal }),
  });
  const branch = request.pushBranch ?? proposal.branch;
  return [{ kind: 'commit', branch, base: proposal.base, tree: proposal.tree, message, author: request.actor, reads: proposal.branch }];
}

/** The blocking hazards that this plan has and that were accepted: what was accepted in vain is no part of the record. */
function accepted({ request, proposal }: Pick<PlanInput, 'request' | 'proposal'>): string[] {
  const blocking = new Set(proposal.hazards.filter((hazard) => hazard.severity === 'block').map((hazard) => hazard.name));
  return [...new Set(request.accept)].filter((name) => blocking.has(name));
}

/**
 * After the commit: a pinned target moves back to its own source, a suspended one goes on. The source is fetched first,
 * so that what resumes finds the good version and never the bad one. A source that is itself pinned fetches nothing new
 * before it is unpinned; a target pinned in both ways is unpinned twice, its own source first.
 */
function release({ request, target, source }: PlanInput, commit: Sha | null): Step[] {
  const fetch: Step = { kind: 'fetch-source', source: source.name, commit };
  const unpin: Step = { kind: 'unpin', target: request.target };
  const own = target.hold?.commit !== undefined ? [unpin] : [];
  const steps: Step[] = source.pinnedCommit === undefined ? [fetch, ...own] : [...own, unpin, fetch];
  if (target.suspended || request.strategy === 'suspend') steps.push({ kind: 'resume', target: request.target });
  return steps;
}

/**
 * A run that waits for the bad version is ended before the good one can be taken up; Helm's own, where the Kustomization
 * waits for nothing, once the good version is applied.
 */
function follow(input: PlanInput, revision: ExpectedRevision): Step[] {
  const { request, proposal, target, steadyMs } = input;
  const { symptoms, sets, restarts } = proposal;
  const { target: of } = request;
  const reconcile: Step = { kind: 'reconcile', target: of, revision };
  const abandon: Step = { kind: 'abandon', target: of, revision };
  const taken = target.waits ? [abandon, reconcile] : [reconcile, abandon];
  const restarted = request.restart === false ? [] : restarts;
  return [
    ...along(input, revision),
    ...(request.waitOutTimeout ? [reconcile] : taken),
    ...(sets.length ? [{ kind: 'replace-broken-pods', target: of, revision, sets } as const] : []),
    ...(restarted.length ? [{ kind: 'restart', target: of, revision, workloads: restarted } as const] : []),
    {
      kind: 'verify',
      target: of,
      revision,
      symptoms,
      httpChecks: target.httpChecks,
      steadyMs,
      ...(restarted.length ? { configuration: restarted } : {}),
    },
  ];
}

/** What has a health of its own, so that it can be told whether it is well. */
const JUDGED = new Set(['Deployment', 'StatefulSet', 'DaemonSet', 'HelmRelease', 'Kustomization']);

/**
 * The others begin before the target does: they stand in the same queue of Flux, and a failing run of theirs keeps the
 * target waiting as well as its own (kustomize-controller `--concurrent`).
 */
function along({ request, proposal: { affected } }: PlanInput, revision: ExpectedRevision): Step[] {
  if (request.only || affected.length === 0) return [];
  const others = affected.map(({ target, changes, held }): OtherTarget => {
    const changed = changes.filter(({ change, ref }) => change !== 'removed' && JUDGED.has(ref.kind)).map(({ ref }) => ref);
    return { target, changed, ...(held ? { held } : {}) };
  });
  return [{ kind: 'bring-along', revision, others, ...(request.waitOutTimeout ? { waitOutTimeout: true } : {}) }];
}

/** A target with a source of its own does not see what its shared source is pinned to: it moves back to that one. */
function pinSteps(input: PlanInput): Step[] {
  const { request, proposal, source, target } = input;
  const scope = request.pinScope ?? 'target';
  const commit = proposal.to.sha;
  const pin: Step = {
    kind: 'pin',
    target: request.target,
    commit,
    scope,
    source: source.name,
    reason: request.reason ?? defaultReason(proposal.from.sha),
    by: formatActor(request),
    until: input.pinUntil,
  };
  return [
    pin,
    ...(scope === 'source' && target.hold?.commit !== undefined ? [{ kind: 'unpin', target: request.target } as const] : []),
    ...(target.suspended ? [{ kind: 'resume', target: request.target } as const] : []),
    ...follow(input, { kind: 'exactly', commit }),
  ];
}

function defaultReason(from: Sha): string {
  return `rollback from ${from.slice(0, 8)}`;
}

function formatActor({ actor }: Request): string {
  return actor.email ? `${actor.name} <${actor.email}>` : actor.name;
}
