/** From what was observed and asked to a plan, or to the reason why there is none. Pure. */
import { formatRef, type ObjectRef } from '../../api/kube.ts';
import { formatTarget } from '../../api/target.ts';
import type { Commit, PathChange, Sha, TreeId } from '../commit.ts';
import type { Symptom } from '../diagnosis/finding.ts';
import type { ObjectChange } from '../diff/object-diff.ts';
import type { Hazard } from '../hazards/hazard.ts';
import type { SourceState, TargetState } from '../world.ts';
import type { AffectedTarget, ConfigUser, Plan, Refusal, Request } from './plan.ts';
import { stepsOf } from './steps.ts';

/** What the engine worked out in memory for a request: nothing of it is written yet. */
export interface Proposal {
  id: string;
  from: Commit;
  to: Commit;
  /** Newest first. */
  reverts: Commit[];
  base: Sha;
  branch: string;
  /** Absent where the strategy makes no commit, and where Git is already as wanted. */
  tree?: TreeId;
  files: PathChange[];
  merged: Plan['merged'];
  changes: ObjectChange[] | undefined;
  affected: AffectedTarget[];
  hazards: Hazard[];
  notes: string[];
  symptoms: Symptom[];
  /** StatefulSets whose pods of the bad version may keep the good one out. */
  sets: ObjectRef[];
  /** Workloads that read configuration which goes back under the same name. */
  restarts: ConfigUser[];
  renderer: string;
  /** The commit of this very rollback, where the branch has it already. */
  landed?: Sha;
}

export interface PlanInput {
  request: Request;
  target: TargetState;
  source: SourceState;
  proposal: Proposal;
  /** How long no container may restart before the target counts as steady, in milliseconds. */
  steadyMs: number;
  /** RFC 3339: when the hold of a `pin` ends. */
  pinUntil: string;
}

/**
 * Builds the plan. Refused where the source would never bring the commit, where a branch was asked for and there is
 * nothing to put on it, and where a blocking hazard was not accepted.
 */
export function buildPlan(input: PlanInput): Plan | Refusal {
  const { request, proposal } = input;
  const refusal = refusedBySource(input) ?? refusedAsEmpty(input) ?? refusedByHazards(input);
  if (refusal) return refusal;
  return {
    id: proposal.id,
    request,
    target: request.target,
    strategy: request.strategy,
    trigger: request.trigger,
    ...(request.reason === undefined ? {} : { reason: request.reason }),
    from: proposal.from.sha,
    to: proposal.to.sha,
    reverts: proposal.reverts.map(({ sha, subject, author }) => ({ sha, subject, author })),
    branch: proposal.branch,
    base: proposal.base,
    ...(proposal.landed === undefined ? {} : { landed: proposal.landed }),
    files: proposal.files,
    changes: proposal.changes,
    affected: proposal.affected,
    merged: proposal.merged,
    hazards: proposal.hazards,
    notes: [...proposal.notes, ...notesOf(input)],
    steps: stepsOf(input),
    renderer: proposal.renderer,
  };
}

/** A source that somebody else made stand still: what is pushed would never reach the cluster. */
function refusedBySource({ request, source }: PlanInput): Refusal | undefined {
  const { pinnedCommit, name, hold } = source;
  if (pinnedCommit === undefined || hold?.commit !== undefined || request.strategy === 'pin' || request.pushBranch !== undefined)
    return undefined;
  return {
    kind: 'refused',
    reason: 'Pinned',
    message: `${formatRef(name)} stands still at ${pinnedCommit.slice(0, 8)} (spec.ref.commit), and not by ebb: a commit would not reach the cluster`,
    next: [
      `remove spec.ref.commit where ${formatRef(name)} is declared, then run the same again`,
      `ebb rollback ${formatTarget(request.target)} --strategy pin gives this target a source of its own`,
    ],
  };
}

/** A commit for a branch of its own, where Git already is as wanted. */
function refusedAsEmpty({ request, proposal }: PlanInput): Refusal | undefined {
  if (request.pushBranch === undefined || request.strategy === 'pin' || proposal.tree !== undefined) return undefined;
  return {
    kind: 'refused',
    reason: 'AlreadyThere',
    message: `${proposal.branch} already is as wanted: there is nothing to push to ${request.pushBranch}`,
    next: [`ebb rollback ${formatTarget(request.target)} has Flux follow ${proposal.branch}`],
  };
}

function refusedByHazards({ request, proposal }: PlanInput): Refusal | undefined {
  const hazards = proposal.hazards.filter((hazard) => hazard.severity === 'block' && !request.accept.includes(hazard.name));
  if (hazards.length === 0) return undefined;
  const names = new Set(hazards.map((hazard) => hazard.name));
  return {
    kind: 'refused',
    reason: 'HazardBlocks',
    message: hazards.map((hazard) => hazard.evidence).join('; '),
    hazards,
    next: [...new Set(hazards.map((hazard) => hazard.advice)), `to go on all the same: --accept ${[...names].join(' --accept ')}`],
  };
}

/** What a reader of the plan would not expect. */
function notesOf({ request, source }: PlanInput): string[] {
  const notes: string[] = [];
  if (request.strategy === 'suspend' && request.pushBranch !== undefined)
    notes.push(`${formatTarget(request.target)} stays suspended; once the branch is merged: ebb resume ${formatTarget(request.target)}`);
  if (source.suspended && request.strategy !== 'pin')
    notes.push(`${formatRef(source.name)} is suspended: nothing new reaches the cluster before it is resumed`);
  return notes;
}

/** One line that says what a plan does. */
export function summarise(plan: Plan): string {
  const name = formatTarget(plan.target);
  const to = plan.to.slice(0, 8);
  const pin = plan.steps.find((step) => step.kind === 'pin');
  if (pin?.scope === 'source')
    return `pin ${pin.source.kind.toLowerCase()}/${pin.source.namespace}/${pin.source.name}, which ${name} reads, to ${to}`;
  if (plan.strategy === 'pin') return `pin ${name} to ${to}`;
  const commit = plan.steps.find((step) => step.kind === 'commit');
  if (!commit) return `have ${name} follow ${plan.branch} back to ${to}: Git already is as wanted`;
  const where = commit.branch === commit.reads ? '' : `, on branch ${commit.branch}`;
  if (plan.strategy === 'restore') return `restore the files of ${name} to ${to}${where}`;
  const count = plan.reverts.length;
  const meanwhile = plan.strategy === 'suspend' ? ' while suspended' : '';
  const commits = `${count} commit${count === 1 ? '' : 's'}`;
  // Commits that were named leave newer ones as they are: there is no one commit that the target goes back to.
  if (plan.request.commits?.length) return `revert ${commits} of ${name}${meanwhile}${where}`;
  return `revert ${commits}${meanwhile}: ${name} goes from ${plan.from.slice(0, 8)} back to ${to}${where}`;
}
