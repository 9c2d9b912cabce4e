/**
 * Reconciles a Kustomization: guards, then an attempt at the source's revision, then one place that writes the status.
 * Source: kustomize-controller internal/controller/kustomization_controller.go.
 */
import { type Artifact, KUSTOMIZATION, type Kustomization, READY, RECONCILING } from '../../../api/flux.ts';
import { ConditionSet } from '../condition-set.ts';
import { type Result, splitKey } from '../controller.ts';
import { FINALIZER, hasFinalizer, withFinalizer } from '../finalizer.ts';
import { goDuration } from '../go-duration.ts';
import { requestOf } from '../requests.ts';
import { StatusPatcher } from '../status-patcher.ts';
import { attempt } from './attempt.ts';
import { DEPENDENCY_REQUEUE_MS, intervalOf, retryIntervalOf } from './defaults.ts';
import { finalize } from './deletion.ts';
import { unreadyDependency } from './dependencies.ts';
import { recordEvent } from './events.ts';
import type { Interrupt } from './interrupts.ts';
import {
  ArtifactGone,
  type AttemptedKustomization,
  AttemptFailure,
  type AttemptRun,
  type KustomizationEnvironment,
  type KustomizationRun,
} from './run.ts';
import { lookUpSource, originRevisionOf } from './source.ts';

/** The field manager of status and finalizers; manifests are applied as `kustomize-controller`. */
const STATUS_MANAGER = 'gotk-kustomize-controller';
const OWNED_CONDITIONS = ['Healthy', 'Ready', 'Reconciling', 'Stalled'];

/** One run of the Kustomization `key` (`namespace/name`). */
export async function reconcileKustomization(
  environment: KustomizationEnvironment,
  key: string,
  { signal, interrupt }: { signal: AbortSignal; interrupt: Interrupt },
): Promise<Result> {
  const stored = environment.api.get<Kustomization>({ ...KUSTOMIZATION, ...splitKey(key) });
  if (!stored) return {};
  const object = structuredClone(stored) as AttemptedKustomization;
  object.status ??= {};
  const patcher = new StatusPatcher(environment.api, stored, { manager: STATUS_MANAGER, ownedConditions: OWNED_CONDITIONS });
  const run: KustomizationRun = {
    ...environment,
    object,
    conditions: new ConditionSet(object, environment.clock),
    patch: () => patcher.patch(object),
    signal,
    interrupt,
    startedAt: environment.clock.precise(),
  };
  const result = await guarded(run);
  finish(run);
  return result;
}

async function guarded(run: KustomizationRun): Promise<Result> {
  const { object } = run;
  if (object.metadata.deletionTimestamp) return finalize(run);
  if (!hasFinalizer(object.metadata, FINALIZER)) {
    object.metadata = withFinalizer(object.metadata, FINALIZER);
    return { retry: true };
  }
  if (object.spec.suspend) return {};
  const unsupported = unsupportedExpression(object);
  if (unsupported) return stall(run, 'InvalidCELExpression', unsupported);
  return withSource(run);
}

/** Both are programs in the Common Expression Language, for which the sandbox has no interpreter. */
function unsupportedExpression({ spec }: Kustomization): string | undefined {
  const lead = 'Reconciliation failed terminally due to configuration error: the embedded cluster does not evaluate';
  if (Array.isArray(spec.healthCheckExprs) && spec.healthCheckExprs.length > 0) return `${lead} spec.healthCheckExprs`;
  if (spec.dependsOn?.some(({ readyExpr }) => readyExpr)) return `${lead} spec.dependsOn[].readyExpr`;
  return undefined;
}

function stall(run: KustomizationRun, reason: string, message: string): Result {
  run.conditions.markFalse(READY, reason, message);
  run.conditions.markStalled(reason, message);
  run.object.status.observedGeneration = run.object.metadata.generation;
  recordEvent(run, { severity: 'error', message });
  return {};
}

async function withSource(run: KustomizationRun): Promise<Result> {
  const { object, conditions, api } = run;
  const source = lookUpSource(object, api);
  if (source.kind === 'denied') return stall(run, 'AccessDenied', source.message);
  if (source.kind === 'not-found' || source.kind === 'unsupported') {
    conditions.markFalse(READY, 'ArtifactFailed', source.message);
    return source.kind === 'not-found' ? { requeueAfter: retryIntervalOf(object.spec) } : { retry: true };
  }
  if (source.kind === 'no-artifact') return waitForSource(run, 'Source artifact not found');
  const unready = unreadyDependency(object, source.artifact, api);
  if (unready !== undefined) return waitForDependency(run, source.artifact, unready);
  return tryRevision(run, source.artifact);
}

function waitForSource(run: KustomizationRun, message: string): Result {
  run.conditions.markFalse(READY, 'ArtifactFailed', `${message}, retrying in ${goDuration(DEPENDENCY_REQUEUE_MS)}`);
  return { requeueAfter: DEPENDENCY_REQUEUE_MS };
}

function waitForDependency(run: KustomizationRun, artifact: Artifact, unready: string): Result {
  run.conditions.markFalse(READY, 'DependencyNotReady', unready);
  recordEvent(run, {
    severity: 'info',
    message: `Dependencies do not meet ready condition, retrying in ${goDuration(DEPENDENCY_REQUEUE_MS)}`,
    revision: artifact.revision,
    originRevision: originRevisionOf(artifact),
  });
  return { requeueAfter: DEPENDENCY_REQUEUE_MS };
}

async function tryRevision(run: KustomizationRun, artifact: Artifact): Promise<Result> {
  const { object } = run;
  const attempted: AttemptRun = {
    ...run,
    artifact,
    revision: artifact.revision,
    originRevision: originRevisionOf(artifact),
    inventoryBefore: structuredClone(object.status.inventory ?? { entries: [] }),
    objects: [],
    digest: '',
    changes: [],
  };
  try {
    await attempt(attempted);
    return { requeueAfter: intervalOf(object.spec) };
  } catch (error) {
    if (error instanceof ArtifactGone) return waitForSource(run, 'Source is not ready, artifact not found');
    if (run.interrupt.trigger && !(error instanceof AttemptFailure)) return giveWay(attempted);
    if (!(error instanceof AttemptFailure)) throw error;
    const { revision, originRevision } = attempted;
    recordEvent(run, { severity: 'error', message: error.message, revision, originRevision });
    return { requeueAfter: retryIntervalOf(object.spec) };
  }
}

/** Health checks were canceled for something newer. */
function giveWay(run: AttemptRun): Result {
  const { kind, namespace, name } = run.interrupt.trigger as NonNullable<Interrupt['trigger']>;
  const trigger = `${kind}/${namespace ?? ''}/${name}`;
  run.conditions.markFalse(READY, 'HealthCheckCanceled', `New reconciliation triggered by ${trigger}`);
  recordEvent(run, {
    severity: 'info',
    message: `Health checks canceled due to new reconciliation triggered by ${trigger}`,
    revision: run.revision,
    originRevision: run.originRevision,
  });
  return { retry: true };
}

/** The one place where a run ends: what was asked for is answered, and everything is written. */
function finish(run: KustomizationRun): void {
  const { object, conditions } = run;
  const requested = requestOf(object);
  if (requested !== undefined) object.status.lastHandledReconcileAt = requested;
  if (conditions.is(READY, 'True')) {
    conditions.delete(RECONCILING);
    object.status.observedGeneration = object.metadata.generation;
  }
  const reconciling = conditions.get(RECONCILING);
  if (reconciling && conditions.is(READY, 'False')) conditions.set({ ...reconciling, reason: 'ProgressingWithRetry' });
  run.patch();
  if (object.spec.suspend || !conditions.isReady) return;
  const { lastAppliedRevision: revision, lastAppliedOriginRevision: originRevision } = object.status;
  const took = goDuration(run.clock.precise() - run.startedAt);
  const message = `Reconciliation finished in ${took}, next run in ${goDuration(intervalOf(object.spec))}`;
  recordEvent(run, { severity: 'info', message, revision, originRevision, commitStatus: 'update' });
}
