/** Moves a pinned target back to the source that it came from, and removes the pin's own source. Also unpins a shared source. */
import { MANAGED_BY, MANAGED_BY_LABEL, PIN_RESTORES, PINNED_COMMIT, ROLLBACK_ID } from '../api/annotations.ts';
import { GIT_REPOSITORY, type GitRepository, type Kustomization, RECONCILE_ANNOTATION, REQUESTED_AT } from '../api/flux.ts';
import { formatTarget, targetRef } from '../api/target.ts';
import { noHoldAnnotations } from '../core/holds/hold.ts';
import { pinRestoresOf, pinSourceName } from '../core/holds/undone.ts';
import type { StepContext, StepHandler, StepOutcome } from './step.ts';

export const unpinStep: StepHandler<'unpin'> = {
  kind: 'unpin',
  describe: (step) => `unpin ${formatTarget(step.target)}`,
  run: async (step, context) => {
    const ref = targetRef(step.target);
    const object = await context.cluster.get<Kustomization>(ref);
    if (!object) return { kind: 'failed', reason: 'TargetNotFound', message: `${formatTarget(step.target)} is gone`, next: [] };
    const restores = pinRestoresOf(object);
    if (restores) return unpinOwn(context, object, restores);
    await removeLeftover(context, object);
    return unpinShared(context, object);
  },
};

async function unpinOwn(
  context: StepContext,
  object: Kustomization,
  restores: NonNullable<ReturnType<typeof pinRestoresOf>>,
): Promise<StepOutcome> {
  const { cluster, clock } = context;
  const target = { kind: 'Kustomization', namespace: object.metadata.namespace, name: object.metadata.name } as const;
  const { sourceRef } = restores;
  const patch = {
    metadata: {
      annotations: {
        ...noHoldAnnotations(),
        [ROLLBACK_ID]: null,
        [PIN_RESTORES]: null,
        ...(restores.disabledReconcile ? { [RECONCILE_ANNOTATION]: null } : {}),
        [REQUESTED_AT]: clock.now().toISOString(),
      },
    },
    // A merge patch keeps what it does not name: the namespace of the pin's source must go.
    spec: {
      sourceRef: {
        apiVersion: sourceRef.apiVersion ?? null,
        kind: sourceRef.kind,
        name: sourceRef.name,
        namespace: sourceRef.namespace ?? null,
      },
    },
  };
  await cluster.patch(targetRef(target), patch, { type: 'merge' });
  const namespace = sourceRef.namespace ?? target.namespace;
  await removeOwnSource(context, namespace, pinSourceName(target, namespace));
  return {
    kind: 'done',
    found: false,
    message: `${formatTarget(target)} reads ${sourceRef.kind.toLowerCase()}/${namespace}/${sourceRef.name} again`,
  };
}

/** A run that was killed after the target moved back leaves the pin's source behind. */
async function removeLeftover(context: StepContext, { metadata, spec }: Kustomization): Promise<void> {
  const target = { kind: 'Kustomization', namespace: metadata.namespace, name: metadata.name } as const;
  const namespace = spec.sourceRef.namespace ?? target.namespace;
  const name = pinSourceName(target, namespace);
  if (spec.sourceRef.name !== name) await removeOwnSource(context, namespace, name);
}

/** Deletes the pin's source where Ebb made it. */
async function removeOwnSource({ cluster }: StepContext, namespace: string, name: string): Promise<void> {
  const ref = { ...GIT_REPOSITORY, namespace, name };
  const source = await cluster.get<GitRepository>(ref);
  if (source?.metadata.labels?.[MANAGED_BY_LABEL] === MANAGED_BY) await cluster.delete(ref);
}

async function unpinShared(context: StepContext, object: Kustomization): Promise<StepOutcome> {
  const { cluster, clock } = context;
  const { sourceRef } = object.spec;
  const ref = { ...GIT_REPOSITORY, namespace: sourceRef.namespace ?? object.metadata.namespace, name: sourceRef.name };
  const source = sourceRef.kind === 'GitRepository' ? await cluster.get<GitRepository>(ref) : undefined;
  if (source?.metadata.annotations?.[PINNED_COMMIT] === undefined) {
    return { kind: 'done', found: true, message: `kustomization/${object.metadata.namespace}/${object.metadata.name} is not pinned` };
  }
  const annotations = { ...noHoldAnnotations(), [ROLLBACK_ID]: null, [REQUESTED_AT]: clock.now().toISOString() };
  await cluster.patch(ref, { metadata: { annotations }, spec: { ref: { commit: null } } }, { type: 'merge' });
  return { kind: 'done', found: false, message: `gitrepository/${ref.namespace}/${ref.name} follows its branch again` };
}
