/**
 * Server-side apply in stages. In each stage everything is tried as a dry run before anything is written, and only what
 * differs is written. Source: fluxcd/pkg ssa/manager_apply.go, ssa/manager_diff.go, ssa/errors.
 */
import { KUSTOMIZE_CONTROLLER } from '../../../api/flux.ts';
import { type KubeObject, refOf } from '../../../api/kube.ts';
import { type SandboxClock, sleepOn } from '../../clock.ts';
import { ApiStatusError, type ClusterApi } from '../../cluster.ts';
import { sameValue } from '../same-value.ts';
import { type Action, type Change, changeOf, subjectOf } from './change-set.ts';
import { FORCED, isMarked, MERGED, NOT_RECONCILED, ONLY_IF_ABSENT } from './metadata.ts';
import { stagesOf } from './order.ts';
import { takeoverPatch } from './takeover.ts';
import { typedForm } from './typed-form.ts';
import { waitForHealth } from './wait.ts';

export interface ApplyOptions {
  api: ClusterApi;
  clock: SandboxClock;
  signal: AbortSignal;
  /** Delete and create again what cannot be changed in place. */
  force: boolean;
}

/** Of definitions and classes, before what needs them is applied. */
const STAGE_WAIT = { interval: 2_000, timeout: 60_000, failFast: false };
const DELETION_POLL_MS = 2_000;

/** Thrown where a stage fails; `changes` tells what earlier stages did. */
export class ApplyError extends Error {
  override readonly name = 'ApplyError';
  readonly changes: readonly Change[];

  constructor(message: string, changes: readonly Change[]) {
    super(message);
    this.changes = changes;
  }
}

/** Applies every object. @throws ApplyError */
export async function applyStaged(objects: readonly KubeObject[], options: ApplyOptions): Promise<Change[]> {
  const changes: Change[] = [];
  for (const stage of stagesOf(objects.map(typedForm))) {
    try {
      const applied = await applyStage(stage.objects, options);
      changes.push(...applied);
      if (stage.waits)
        await waitForHealth(
          applied.map(({ ref }) => ref),
          { ...options, ...STAGE_WAIT },
        );
    } catch (error) {
      if (options.signal.aborted) throw error;
      throw new ApplyError((error as Error).message, changes);
    }
  }
  return changes;
}

interface Planned {
  object: KubeObject;
  change: Change;
}

async function applyStage(objects: readonly KubeObject[], options: ApplyOptions): Promise<Change[]> {
  const planned: Planned[] = [];
  for (const object of objects) planned.push(await plan(object, options));
  for (const { object, change } of planned) {
    if (change.action !== 'created' && change.action !== 'configured') continue;
    try {
      options.api.apply(object, { manager: KUSTOMIZE_CONTROLLER, force: true });
    } catch (error) {
      throw new Error(`${subjectOf(refOf(object))} apply failed: ${(error as Error).message}`);
    }
  }
  return planned.map(({ change }) => change);
}

async function plan(manifest: KubeObject, options: ApplyOptions): Promise<Planned> {
  const object = scoped(manifest, options.api);
  const existing = options.api.get(refOf(object));
  if (isSkipped(object, existing)) return { object, change: changeOf(existing ?? object, 'skipped') };
  const { result, recreated } = await tryOut(object, existing, options);
  if (!existing) return { object, change: changeOf(result, 'created') };
  // Of an object that was deleted just now as well: Flux then fails where kubectl had fields of it, until its next run.
  const takenOver = takeOver(object, existing, options.api);
  if (recreated) return { object, change: changeOf(result, 'created') };
  const action: Action = takenOver || hasDrifted(existing, result) ? 'configured' : 'unchanged';
  return { object, change: changeOf(result, action) };
}

/** The manifest with the scope that the API gives its kind. */
function scoped(manifest: KubeObject, api: ClusterApi): KubeObject {
  const { apiVersion, kind, metadata } = manifest;
  const description = api.describe({ apiVersion, kind });
  const subject = subjectOf(refOf(manifest));
  if (!description) throw new Error(`${subject} dry-run failed: no matches for kind "${kind}" in version "${apiVersion}"`);
  if (description.namespaced && !metadata.namespace) {
    throw new Error(`${subject} namespace not specified: the server could not find the requested resource`);
  }
  if (description.namespaced || !metadata.namespace) return manifest;
  const { namespace: _, ...clusterWide } = metadata;
  return { ...manifest, metadata: clusterWide };
}

function isSkipped(object: KubeObject, existing: KubeObject | undefined): boolean {
  if (isMarked(object, NOT_RECONCILED) || isMarked(existing, NOT_RECONCILED)) return true;
  return existing !== undefined && isMarked(object, ONLY_IF_ABSENT);
}

async function tryOut(
  object: KubeObject,
  existing: KubeObject | undefined,
  options: ApplyOptions,
): Promise<{ result: KubeObject; recreated: boolean }> {
  const dryRun = () => options.api.apply(object, { manager: KUSTOMIZE_CONTROLLER, force: true, dryRun: true });
  try {
    return { result: dryRun(), recreated: false };
  } catch (error) {
    const forced = options.force || isMarked(object, FORCED) || isMarked(existing, FORCED);
    if (!existing || !forced || !isImmutable(error)) throw dryRunError(object, error);
    await deleteAndWait(object, options);
    try {
      return { result: dryRun(), recreated: true };
    } catch (again) {
      throw dryRunError(object, again);
    }
  }
}

async function deleteAndWait(object: KubeObject, { api, clock, signal }: ApplyOptions): Promise<void> {
  const ref = refOf(object);
  api.delete(ref, { propagationPolicy: 'Background' });
  while (api.get(ref)) await sleepOn(clock, DELETION_POLL_MS, signal);
}

/** As Flux (and kubectl) take it: any conflict and any invalid change, and whatever speaks of an immutable field. */
function isImmutable(error: unknown): boolean {
  if (!(error instanceof ApiStatusError)) return false;
  return error.code === 422 || error.reason === 'Conflict' || /is\simmutable|immutable\sfield/.test(error.message);
}

function dryRunError(object: KubeObject, error: unknown): Error {
  const subject = subjectOf(refOf(object));
  if (!(error instanceof ApiStatusError)) return error as Error;
  if (error.code === 404) return new Error(`${subject} not found: ${error.message}`);
  const conflict = error.status.details?.causes?.some(({ reason }) => reason === 'FieldManagerConflict');
  const reason = conflict ? 'FieldManagerConflict' : error.reason;
  return new Error(`${subject} dry-run failed${reason ? ` (${reason})` : ''}: ${error.message}`);
}

/** True where fields of other managers became Flux's, so that the apply must follow even without a drift. */
function takeOver(object: KubeObject, existing: KubeObject, api: ClusterApi): boolean {
  if (isMarked(object, MERGED) || isMarked(existing, MERGED)) return false;
  const patch = takeoverPatch(existing);
  if (patch.length === 0) return false;
  try {
    api.patch(refOf(existing), patch, { type: 'json', manager: KUSTOMIZE_CONTROLLER });
    return true;
  } catch (error) {
    throw new Error(`${subjectOf(refOf(existing))} metadata.managedFields cleanup failed: ${(error as Error).message}`);
  }
}

/** Labels, annotations, and everything beside metadata and status. */
function hasDrifted(existing: KubeObject, result: KubeObject): boolean {
  if (!sameValue(existing.metadata.labels ?? {}, result.metadata.labels ?? {})) return true;
  if (!sameValue(existing.metadata.annotations ?? {}, result.metadata.annotations ?? {})) return true;
  return !sameValue(content(existing), content(result));
}

function content({ metadata: _metadata, status: _status, ...rest }: KubeObject): Record<string, unknown> {
  return rest;
}
