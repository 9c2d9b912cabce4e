/**
 * Pins a target to a commit. By default through a GitRepository of its own, to which the Kustomization's `sourceRef` is
 * moved, so that no other consumer moves; `scope: source` pins the shared GitRepository.
 * A parent that declares the Kustomization would put `sourceRef` back: the annotation `reconcile: disabled` stops it,
 * and is taken away again by `unpin` (seen on kustomize-controller 1.9.6).
 */
import { MANAGED_BY, MANAGED_BY_LABEL, PIN_RESTORES, ROLLBACK_ID } from '../api/annotations.ts';
import { findCondition, isTrue } from '../api/conditions.ts';
import { GIT_REPOSITORY, type GitRepository, type Kustomization, READY, RECONCILE_ANNOTATION, REQUESTED_AT } from '../api/flux.ts';
import type { ObjectRef } from '../api/kube.ts';
import { commitOf } from '../api/revision.ts';
import { formatTarget, targetRef } from '../api/target.ts';
import { holdAnnotations } from '../core/holds/hold.ts';
import { type PinRestores, pinRestoresOf, pinSourceName } from '../core/holds/undone.ts';
import type { Step } from '../core/plan/plan.ts';
import { parentOf } from '../observe/target.ts';
import { awaitObject } from './await-object.ts';
import type { StepContext, StepHandler, StepOutcome } from './step.ts';

type PinStep = Extract<Step, { kind: 'pin' }>;

export const pinStep: StepHandler<'pin'> = {
  kind: 'pin',
  describe: (step) =>
    step.scope === 'target'
      ? `pin ${formatTarget(step.target)} to ${step.commit.slice(0, 8)} through a source of its own, until ${step.until}`
      : `pin gitrepository/${step.source.namespace}/${step.source.name}, and everyone who reads it, to ${step.commit.slice(0, 8)} until ${step.until}`,
  run: async (step, context) => (step.scope === 'source' ? pinShared(step, context) : pinOwn(step, context)),
};

function annotationsOf(step: PinStep, context: StepContext): Record<string, string | null> {
  const hold = holdAnnotations({
    by: step.by,
    reason: step.reason,
    since: context.clock.now().toISOString(),
    until: step.until,
    commit: step.commit,
  });
  return { ...hold, ...(context.rollbackId === undefined ? {} : { [ROLLBACK_ID]: context.rollbackId }) };
}

async function pinShared(step: PinStep, context: StepContext): Promise<StepOutcome> {
  const ref = { ...GIT_REPOSITORY, namespace: step.source.namespace, name: step.source.name };
  await context.cluster.patch(
    ref,
    {
      metadata: { annotations: { ...annotationsOf(step, context), [REQUESTED_AT]: context.clock.now().toISOString() } },
      spec: { ref: { commit: step.commit } },
    },
    { type: 'merge' },
  );
  return awaitArtifact(step, context, ref);
}

async function pinOwn(step: PinStep, context: StepContext): Promise<StepOutcome> {
  const { cluster } = context;
  const shared = await cluster.get<GitRepository>({ ...GIT_REPOSITORY, namespace: step.source.namespace, name: step.source.name });
  if (!shared)
    return {
      kind: 'failed',
      reason: 'SourceNotFound',
      message: `gitrepository/${step.source.namespace}/${step.source.name} is gone`,
      next: ['flux get sources git'],
    };
  const own = { ...GIT_REPOSITORY, namespace: step.source.namespace, name: pinSourceName(step.target, step.source.namespace) };
  const foreign = await cluster.get<GitRepository>(own);
  if (foreign && foreign.metadata.labels?.[MANAGED_BY_LABEL] !== MANAGED_BY) {
    return {
      kind: 'failed',
      reason: 'NameTaken',
      message: `gitrepository/${own.namespace}/${own.name} exists and was not made by ebb`,
      next: ['rename it, or use --scope source'],
    };
  }
  await cluster.patch(own, ownSource(shared, own, step, context), { type: 'apply', force: true });
  const ready = await awaitArtifact(step, context, own);
  if (ready.kind !== 'done') return ready;
  return moveTarget(step, context, own);
}

function ownSource(shared: GitRepository, own: ObjectRef, step: PinStep, context: StepContext): Record<string, unknown> {
  const { ref, suspend: _suspended, ...rest } = shared.spec;
  const branch = ref?.branch ?? (ref?.name?.startsWith('refs/heads/') ? ref.name.slice('refs/heads/'.length) : undefined);
  const annotations = Object.fromEntries(Object.entries(annotationsOf(step, context)).filter(([, value]) => value !== null));
  return {
    apiVersion: own.apiVersion,
    kind: own.kind,
    metadata: { name: own.name, namespace: own.namespace, labels: { [MANAGED_BY_LABEL]: MANAGED_BY }, annotations },
    spec: { ...rest, ref: { ...(branch ? { branch } : {}), commit: step.commit } },
  };
}

async function awaitArtifact(step: PinStep, context: StepContext, ref: ObjectRef): Promise<StepOutcome> {
  const name = `gitrepository/${ref.namespace}/${ref.name}`;
  context.progress(`waiting for ${name} to fetch ${step.commit.slice(0, 8)}`);
  let trouble = '';
  const awaited = await awaitObject<GitRepository>(context, ref, (object) => {
    const ready = findCondition(object.status?.conditions, READY);
    if (ready?.status === 'False') trouble = ready.message ?? '';
    return (
      isTrue(object.status?.conditions, READY) &&
      object.status?.observedGeneration === object.metadata.generation &&
      commitOf(object.status?.artifact?.revision) === step.commit
    );
  });
  if (awaited.kind === 'met') return { kind: 'done', found: false, message: `${name} holds ${step.commit.slice(0, 8)}` };
  return {
    kind: 'timed-out',
    message: `${name} did not fetch ${step.commit.slice(0, 8)} in time${trouble ? `: ${trouble}` : ''}`,
    next: [`flux get source git ${ref.name} -n ${ref.namespace}`],
  };
}

async function moveTarget(step: PinStep, context: StepContext, own: ObjectRef): Promise<StepOutcome> {
  const { cluster } = context;
  const ref = targetRef(step.target);
  const before = await cluster.get<Kustomization>(ref);
  if (!before) return { kind: 'failed', reason: 'TargetNotFound', message: `${formatTarget(step.target)} is gone`, next: [] };
  const disable = parentOf(before) !== undefined && before.metadata.annotations?.[RECONCILE_ANNOTATION]?.toLowerCase() !== 'disabled';
  const restores: PinRestores = pinRestoresOf(before) ?? { sourceRef: before.spec.sourceRef, disabledReconcile: disable };
  const patch = {
    metadata: {
      annotations: {
        ...annotationsOf(step, context),
        [PIN_RESTORES]: JSON.stringify(restores),
        ...(disable ? { [RECONCILE_ANNOTATION]: 'disabled' } : {}),
        [REQUESTED_AT]: context.clock.now().toISOString(),
      },
    },
    spec: { sourceRef: { kind: 'GitRepository', name: own.name, namespace: own.namespace } },
  };
  await cluster.patch(ref, patch, { type: 'merge' });
  return {
    kind: 'done',
    found: false,
    message: `${formatTarget(step.target)} reads ${step.commit.slice(0, 8)} from gitrepository/${own.namespace}/${own.name} until ${step.until}`,
  };
}
