/** Why there is no proposal: what was seen, and what to type instead. */
import type { KustomizationBuildSpec } from '../../api/flux.ts';
import { formatTarget } from '../../api/target.ts';
import type { Commit, PathChange, Sha } from '../../core/commit.ts';
import type { mergeFiles } from '../../core/merge/yaml-merge.ts';
import type { AffectedTarget, Refusal, Request } from '../../core/plan/plan.ts';
import type { Observed } from './observed.ts';

export function noLastGood(observed: Observed, request: Request): Refusal {
  const name = formatTarget(request.target);
  const count = observed.deployments.length;
  const message =
    count === 0
      ? `no commit of ${observed.branch} touches what ${name} is built from`
      : `no earlier deployment of ${name} is known to have been good`;
  return { kind: 'refused', reason: 'MissingRollbackTarget', message, next: [`ebb history ${name}`, `ebb rollback ${name} --to REVISION`] };
}

export function noSuchCommit(typed: string, branch: string): Refusal {
  return {
    kind: 'refused',
    reason: 'NoSuchCommit',
    message: `no commit "${typed}" in ${branch}`,
    next: ['check the spelling; a commit that was never pushed is not there', `git log --oneline ${branch}`],
  };
}

export function notAnAncestor(typed: string, branch: string): Refusal {
  return {
    kind: 'refused',
    reason: 'NotAnAncestor',
    message: `${typed} is not in the history of ${branch}: it is on another branch, or the branch was rewritten`,
    next: ['choose a commit that ebb history shows', 'to bring in a commit from another branch, use git cherry-pick'],
  };
}

export function mergeNeedsMainline(sha: Sha, parents: Sha[], request: Request): Refusal {
  return {
    kind: 'refused',
    reason: 'MergeNeedsMainline',
    message: `${sha.slice(0, 8)} is a merge of ${parents.map((parent) => parent.slice(0, 8)).join(' and ')}: say which side to go back to`,
    next: [
      `-m 1 goes back to ${parents[0]?.slice(0, 8)}, the branch that was merged into (the usual one)`,
      `ebb rollback ${formatTarget(request.target)} --commit ${sha.slice(0, 12)} -m 1`,
    ],
  };
}

export function revertConflict(sha: Sha, outcome: Exclude<ReturnType<typeof mergeFiles>, { kind: 'merged' }>, request: Request): Refusal {
  const name = formatTarget(request.target);
  const next = [
    `ebb rollback ${name} --strategy restore (takes the files as they were)`,
    `ebb rollback ${name} --strategy pin (while you repair Git by hand)`,
  ];
  if (outcome.kind === 'unmergeable')
    return { kind: 'refused', reason: 'RevertConflict', message: `${sha.slice(0, 8)} does not revert: ${outcome.why}`, next };
  const what = outcome.conflicts.every((conflict) => conflict.path === '') ? 'files' : 'fields';
  return {
    kind: 'refused',
    reason: 'RevertConflict',
    message: `${sha.slice(0, 8)} does not revert: later commits changed the same ${what}`,
    conflicts: outcome.conflicts,
    next,
  };
}

/** The typed commits change nothing that the target is built from. */
export function commitOutsideTarget(request: Request, files: readonly PathChange[], affected: readonly AffectedTarget[]): Refusal {
  const typed = request.commits ?? [];
  const shown = files.slice(0, 5).map((file) => file.path);
  const rest = files.length - shown.length;
  return {
    kind: 'refused',
    reason: 'CommitOutsideTarget',
    message: `${typed.join(' ')} changes nothing that ${formatTarget(request.target)} is built from, but ${shown.join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`,
    next: [
      ...affected.map((other) => `ebb rollback ${formatTarget(other.target)} ${typed.map((text) => `--commit ${text}`).join(' ')}`),
      `ebb history ${formatTarget(request.target)}  shows the commits that count here`,
    ],
  };
}

/** The branch renders now and would not afterwards. */
export function wouldNotRender(request: Request, message: string, build: KustomizationBuildSpec): Refusal {
  const name = formatTarget(request.target);
  return {
    kind: 'refused',
    reason: 'RenderFailed',
    message: `${name} would not render any more: ${message}`,
    next: missingVariable(request, message, build) ?? [
      `ebb history ${name}  shows what else can be taken back`,
      `ebb rollback ${name} --strategy restore  takes the files of the last good deployment as they were`,
    ],
  };
}

/** Values that are read live do not go back with a commit, and no other strategy brings one back that is gone. */
function missingVariable(request: Request, message: string, { postBuild }: KustomizationBuildSpec): string[] | undefined {
  const variable = /variable not set \(strict mode\): "(.+)"/.exec(message)?.[1];
  if (variable === undefined) return undefined;
  const live = (postBuild?.substituteFrom ?? []).map((source) => `${source.kind}/${source.name}`);
  const place = live.length ? live.join(' or ') : 'spec.postBuild.substitute';
  const name = formatTarget(request.target);
  return [
    `set ${variable} in ${place} again, then run the same once more: what is to come back needs it`,
    `ebb history ${name}  shows what else can be taken back`,
  ];
}

export function sameAsLastGood(request: Request, running: Pick<Commit, 'sha' | 'subject'>, good: Pick<Commit, 'sha' | 'subject'>): Refusal {
  const name = formatTarget(request.target);
  return {
    kind: 'refused',
    reason: 'MissingRollbackTarget',
    message: `what runs (${running.sha.slice(0, 8)} "${running.subject}") renders exactly as the last good deployment (${good.sha.slice(0, 8)} "${good.subject}"): going back there changes nothing`,
    next: [
      `ebb history ${name} (shows the older ones)`,
      `ebb rollback ${name} --to REVISION`,
      `ebb status ${name} (what is wrong may not be in Git)`,
    ],
  };
}
