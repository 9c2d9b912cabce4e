/** Has the source fetched now rather than at its next interval, and waits for an artifact that contains the commit. */
import { findCondition, isTrue } from '../api/conditions.ts';
import { GIT_REPOSITORY, type GitRepository, READY } from '../api/flux.ts';
import { shortRevision } from '../api/revision.ts';
import { askNow } from './ask-now.ts';
import { awaitObject } from './await-object.ts';
import { revisionContains } from './contains.ts';
import type { StepHandler } from './step.ts';

export const fetchSourceStep: StepHandler<'fetch-source'> = {
  kind: 'fetch-source',
  describe: (step) => `have ${step.source.kind.toLowerCase()}/${step.source.namespace}/${step.source.name} fetched now`,
  run: async (step, context) => {
    const { cluster, repo } = context;
    const ref = { ...GIT_REPOSITORY, namespace: step.source.namespace, name: step.source.name };
    const commit = step.commit ?? context.commit;
    const name = `gitrepository/${ref.namespace}/${ref.name}`;
    if (commit === undefined) return { kind: 'failed', reason: 'NoCommit', message: 'there is no commit to wait for', next: [] };
    const before = await cluster.get<GitRepository>(ref);
    if (!before) return { kind: 'failed', reason: 'SourceNotFound', message: `${name} is gone`, next: ['flux get sources git'] };
    if (await revisionContains(repo, before.status?.artifact?.revision, commit))
      return { kind: 'done', found: true, message: `${name} already has ${commit.slice(0, 8)}` };
    if (before.spec.suspend)
      return {
        kind: 'failed',
        reason: 'SourceSuspended',
        message: `${name} is suspended: nothing new reaches the cluster`,
        next: [`flux resume source git ${ref.name} -n ${ref.namespace}`],
      };
    const unasked = await askNow(context, ref);
    context.progress(`waiting for ${name} to fetch ${commit.slice(0, 8)}${unasked}`);
    let trouble = '';
    const awaited = await awaitObject<GitRepository>(context, ref, async (object) => {
      const ready = findCondition(object.status?.conditions, READY);
      if (ready?.status === 'False' && ready.message !== undefined && ready.message !== trouble) {
        trouble = ready.message;
        context.progress(`${name}: ${trouble}`);
      }
      return isTrue(object.status?.conditions, READY) && revisionContains(repo, object.status?.artifact?.revision, commit);
    });
    if (awaited.kind === 'met')
      return { kind: 'done', found: false, message: `${name} fetched ${shortRevision(awaited.object.status?.artifact?.revision ?? '')}` };
    return {
      kind: 'timed-out',
      message: `${name} did not fetch ${commit.slice(0, 8)} in time${trouble ? `: ${trouble}` : ''}`,
      next: [`flux get source git ${ref.name} -n ${ref.namespace}`],
    };
  },
};
