/**
 * Reconciles a GitRepository: guards, then a list of steps, then one place that sums up and writes the status.
 * Source: source-controller internal/controller/gitrepository_controller.go, internal/reconcile (reconcile.go, summarize).
 */
import { parseDuration } from '../../../api/duration.ts';
import { GIT_REPOSITORY, type GitRepository, RECONCILING, STALLED } from '../../../api/flux.ts';
import { ConditionSet } from '../condition-set.ts';
import { type Result, splitKey } from '../controller.ts';
import { FINALIZER, hasFinalizer, withFinalizer, withoutFinalizer } from '../finalizer.ts';
import { requestOf } from '../requests.ts';
import { StatusPatcher } from '../status-patcher.ts';
import { storeArtifact } from './artifact-step.ts';
import { fetchSource } from './fetch-step.ts';
import { keyParts, refPrefix } from './source-key.ts';
import { progress, type SourceEnvironment, SourceFailure, type SourceObject, type SourceRun, type SourceStep } from './source-run.ts';
import { checkStorage } from './storage-step.ts';
import { FETCH_FAILED, INCLUDE_UNAVAILABLE, OWNED_CONDITIONS, STORAGE_OPERATION_FAILED, summarize } from './summarize.ts';

export const SOURCE_CONTROLLER = 'source-controller';

const STEPS: readonly SourceStep[] = [checkStorage, fetchSource, storeArtifact];
const FAILURES = [FETCH_FAILED, INCLUDE_UNAVAILABLE, STORAGE_OPERATION_FAILED];
/** How long a source waits for one that it includes; Flux's `--requeue-dependency`. */
const DEPENDENCY_REQUEUE_MS = 30_000;

/** How a run ended. */
type Ending = { kind: 'done' } | { kind: 'skipped' } | { kind: 'again' } | { kind: 'failed'; failure: SourceFailure };

/** One run of the GitRepository `key` (`namespace/name`). */
export async function reconcileGitRepository(environment: SourceEnvironment, key: string, signal: AbortSignal): Promise<Result> {
  const stored = environment.api.get<GitRepository>({ ...GIT_REPOSITORY, ...splitKey(key) });
  if (!stored) return {};
  const object = structuredClone(stored) as SourceObject;
  object.status ??= {};
  const patcher = new StatusPatcher(environment.api, stored, { manager: SOURCE_CONTROLLER, ownedConditions: OWNED_CONDITIONS });
  const run: SourceRun = {
    ...environment,
    object,
    signal,
    includes: [],
    conditions: new ConditionSet(object, environment.clock),
    patch: () => patcher.patch(object),
  };
  const ending = await guarded(run);
  return finish(run, ending);
}

async function guarded(run: SourceRun): Promise<Ending> {
  const { object } = run;
  if (object.metadata.deletionTimestamp) {
    await run.storage.collectGarbage(keyParts(object), undefined);
    await run.storage.objects.deleteRefsBelow(refPrefix(object));
    object.status.artifact = undefined;
    object.metadata = withoutFinalizer(object.metadata, FINALIZER);
    return { kind: 'skipped' };
  }
  if (!hasFinalizer(object.metadata, FINALIZER)) {
    object.metadata = withFinalizer(object.metadata, FINALIZER);
    return { kind: 'again' };
  }
  if (object.spec.suspend) return { kind: 'skipped' };
  return reconcile(run);
}

async function reconcile(run: SourceRun): Promise<Ending> {
  const { object, conditions } = run;
  const before = structuredClone(object);
  announce(run);
  conditions.delete(STORAGE_OPERATION_FAILED);
  try {
    for (const step of STEPS) await step(run);
    notify(run, before);
    return { kind: 'done' };
  } catch (error) {
    if (!(error instanceof SourceFailure)) throw error;
    if (error.kind === 'unchanged') notify(run, before);
    return { kind: 'failed', failure: error };
  }
}

function announce(run: SourceRun): void {
  const { generation } = run.object.metadata;
  const { observedGeneration, lastHandledReconcileAt } = run.object.status;
  progress(run, 'reconciliation in progress', 'no-drift');
  if (generation !== observedGeneration) {
    progress(run, `processing object: new generation ${observedGeneration ?? 0} -> ${generation}`, 'no-drift');
    run.patch();
  } else if ((requestOf(run.object) ?? '') !== (lastHandledReconcileAt ?? '')) {
    run.patch();
  }
}

/** A new artifact, or the recovery from a failure. */
function notify(run: SourceRun, before: SourceObject): void {
  const { object, commit, events } = run;
  const { artifact } = object.status;
  if (!artifact) return;
  const hasFailure = (of: SourceObject) => (of.status.conditions ?? []).some(({ type }) => FAILURES.includes(type));
  const isNew = before.status.artifact?.digest !== artifact.digest;
  if (!isNew && (!hasFailure(before) || hasFailure(object))) return;
  events.record(object, {
    type: 'Normal',
    reason: isNew ? 'NewArtifact' : 'Succeeded',
    message: `stored artifact for commit '${commit?.subject ?? artifact.revision}'`,
    annotations: { 'source.toolkit.fluxcd.io/revision': artifact.revision, 'source.toolkit.fluxcd.io/digest': artifact.digest ?? '' },
  });
}

/** The one place where a run is summed up, written, and scheduled again. */
function finish(run: SourceRun, ending: Ending): Result {
  const { object, conditions } = run;
  const failed = ending.kind === 'failed' ? ending.failure : undefined;
  if (failed) recordFailure(run, failed);
  const requested = requestOf(object);
  if (requested !== undefined) object.status.lastHandledReconcileAt = requested;
  if (ending.kind === 'done' || failed?.kind === 'unchanged') conditions.delete(RECONCILING);
  const reconciling = conditions.get(RECONCILING);
  if (conditions.isReconciling && reconciling) conditions.set({ ...reconciling, reason: 'ProgressingWithRetry' });
  if (failed?.kind === 'stalled') conditions.markStalled(failed.reason, failed.message);
  else conditions.delete(STALLED);
  const observed = ending.kind === 'done' || ending.kind === 'skipped' || failed?.kind === 'stalled' || failed?.kind === 'unchanged';
  if (observed && conditions.all.length > 0) object.status.observedGeneration = object.metadata.generation;
  summarize(conditions);
  run.patch();
  return nextRun(run, ending);
}

function recordFailure({ events, object }: SourceRun, { kind, reason, message }: SourceFailure): void {
  const type = kind === 'unchanged' || kind === 'wait' ? 'Normal' : 'Warning';
  events.record(object, { type, reason, message });
}

function nextRun({ object }: SourceRun, ending: Ending): Result {
  const requeueAfter = parseDuration(object.spec.interval) ?? 60_000;
  if (ending.kind === 'done') return { requeueAfter };
  if (ending.kind === 'skipped') return {};
  if (ending.kind === 'again') return { retry: true };
  const { kind } = ending.failure;
  if (kind === 'retry') return { retry: true };
  if (kind === 'wait') return { requeueAfter: DEPENDENCY_REQUEUE_MS };
  return kind === 'unchanged' ? { requeueAfter } : {};
}
