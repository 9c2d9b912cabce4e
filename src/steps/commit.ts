/** Makes the commit and pushes it as a fast-forward of what was planned on. */

import { Trailer } from '../api/annotations.ts';
import type { PushOutcome, Sha } from '../core/commit.ts';
import { Failure } from '../core/failure.ts';
import { trailer } from '../core/history/message.ts';
import type { Step } from '../core/plan/plan.ts';
import { findLanded } from '../observe/merged-reverts.ts';
import type { GitRepo } from '../ports.ts';
import type { StepContext, StepHandler, StepOutcome } from './step.ts';

type CommitStep = Extract<Step, { kind: 'commit' }>;

export const commitStep: StepHandler<'commit'> = {
  kind: 'commit',
  describe: (step) =>
    step.branch === step.reads ? `commit and push to ${step.branch}` : `commit and push to the new branch ${step.branch}`,
  run: async (step, context) => {
    const repo = context.repo;
    if (!repo) throw new Failure('Bug', 'a commit step needs a repository');
    context.progress(`pushing to ${step.branch}`);
    const sha = await repo.createCommit({ tree: step.tree, parents: [step.base], message: step.message, author: step.author });
    const outcome = await repo.push(sha, step.branch, step.branch === step.reads ? step.base : null);
    if (outcome.kind === 'pushed')
      return { kind: 'done', found: false, message: `pushed ${sha.slice(0, 8)} to ${step.branch}`, commit: sha };
    if (outcome.kind === 'refused') return refused(step, context, outcome);
    // The push is a fast-forward of the plan's base alone, so one that landed earlier shows as a branch that moved.
    const landed = await alreadyLanded(repo, step, context);
    if (landed) return { kind: 'done', found: true, message: `commit ${landed.slice(0, 8)} is already in ${step.branch}`, commit: landed };
    return step.branch === step.reads ? { kind: 'moved', head: outcome.head } : branchExists(step, outcome.head);
  },
};

/** Looks for this rollback's id in what the remote branch has on top of the plan's base: another run may have pushed it. */
async function alreadyLanded(repo: GitRepo, step: CommitStep, context: StepContext): Promise<Sha | undefined> {
  const { rollbackId } = context;
  if (rollbackId === undefined) return undefined;
  const head = step.branch === step.reads ? await repo.fetch() : await repo.resolve(`refs/heads/${step.branch}`);
  return head === undefined ? undefined : findLanded(repo, head, step.base, rollbackId);
}

function branchExists(step: CommitStep, head: Sha | undefined): StepOutcome {
  return {
    kind: 'failed',
    reason: 'BranchExists',
    message: `branch ${step.branch} exists already at ${head?.slice(0, 8) ?? 'an unknown commit'}, with something else in it`,
    next: ['choose another name for --push-branch'],
  };
}

const WHY = {
  protected: 'the branch is protected',
  hook: 'a hook on the server refused',
  permission: 'no permission to push',
  unknown: 'the server refused',
} as const;

function refused(step: CommitStep, context: StepContext, { reason, message }: Extract<PushOutcome, { kind: 'refused' }>): StepOutcome {
  const [target, to] = [trailer(step.message, Trailer.Target), trailer(step.message, Trailer.To)];
  return {
    kind: 'failed',
    reason: 'PushRefused',
    message: `push to ${step.branch} refused: ${WHY[reason]}. The server said: ${message.trim()}`,
    next: [
      `ebb pin ${target} --to ${to?.slice(0, 12)}  brings the good version back at once, without Git`,
      `--push-branch ebb/${context.rollbackId}  with the same command: the same commit on a branch, for a pull request`,
    ],
  };
}
