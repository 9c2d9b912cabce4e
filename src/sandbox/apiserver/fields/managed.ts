/**
 * Server-side apply and the tracking of who owns which field.
 * Source of the rules: k8s.io/apimachinery pkg/util/managedfields/internal (fieldmanager.go and what it is made of).
 */
import type { KubeObject, ManagedFieldsEntry } from '../../../api/kube.ts';
import { ApiStatusError } from '../../cluster.ts';
import { compareObjects } from './compare.ts';
import { type Conflict, conflictsOf } from './conflict.ts';
import { unsetObject } from './defaulting.ts';
import { capUpdaters, decodeOwners, encodeOwners, isReset, type Owner, type Owners, ownerId } from './entries.ts';
import { fieldSetOf } from './extract.ts';
import { type FieldPath, fieldElement } from './fieldpath.ts';
import { difference, EMPTY, type FieldSet, hasPath } from './fieldset.ts';
import { isObject, type JsonObject, sameJson } from './json.ts';
import { applyConfiguration, ownersAfterUpdate, remainingConflicts } from './ownership.ts';
import { resetFields } from './reset-fields.ts';
import type { Schema } from './schema.ts';
import { typingProblems } from './typing.ts';

export { type Conflict, conflictError } from './conflict.ts';

export interface ApplyRequest {
  schema: Schema;
  /** The stored object; undefined where the apply creates it. */
  live: KubeObject | undefined;
  /** What was sent: neither defaulted nor pruned. */
  applied: KubeObject;
  manager: string;
  force: boolean;
  subresource?: string;
  /** RFC 3339, seconds. */
  now: string;
}

/** `object` is merged but not yet defaulted or validated. On a no-op it is `live` itself. */
export type ApplyResult = { kind: 'applied'; object: KubeObject } | { kind: 'conflict'; conflicts: Conflict[] };

export interface UpdateRequest {
  schema: Schema;
  /** The stored object; undefined for a create. */
  before: KubeObject | undefined;
  /** What will be stored: defaulted and validated. Its own `managedFields`, where set, are what the request carried. */
  after: KubeObject;
  manager: string;
  apiVersion: string;
  subresource?: string;
  /** RFC 3339, seconds. */
  now: string;
}

/** Owns what an object had before its first server-side apply, where nothing was tracked. */
const BEFORE_FIRST_APPLY = 'before-first-apply';
/** The manager whose server-side apply takes over what `kubectl apply` without it wrote. */
const KUBECTL = 'kubectl';
/** Entries of this subresource carry no time: pkg/util/managedfields/scalehandler.go takes it from an entry that is not there. */
const SCALE = 'scale';
const REPLICAS: FieldPath = [fieldElement('spec'), fieldElement('replicas')];
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

/**
 * Merges an applied configuration into the live object: what `applied` sets wins, what `manager` applied before and does
 * not any more is removed unless somebody else owns it, and where that would change fields that others own with another
 * value, it is refused (or, with `force`, they lose them).
 * @throws ApiStatusError 400 (managedFields in the request), 500 (the request does not fit the schema)
 */
export function serverSideApply(request: ApplyRequest): ApplyResult {
  assertApplicable(request);
  const { applied, manager, subresource, now } = request;
  const applier: Owner = {
    manager,
    operation: 'Apply',
    apiVersion: applied.apiVersion,
    ...(subresource && { subresource }),
    time: now,
    set: EMPTY,
  };
  const live = withoutManagedFields(request.live);
  const owners = liveOwners(request);
  const ignored = resetFields(request.schema, subresource);
  const result = applyConfiguration({ schema: request.schema, live, applied, owners, applier, ignored });
  const conflicts = request.force ? [] : contested(request, result.conflicts);
  if (conflicts.length > 0) return { kind: 'conflict', conflicts: conflictsOf(conflicts) };
  return {
    kind: 'applied',
    object: settle({ request, before: live, object: result.object as JsonObject, owners: result.owners, applier }),
  };
}

function assertApplicable({ schema, applied }: ApplyRequest): void {
  if (applied.metadata?.managedFields !== undefined && applied.metadata.managedFields !== null) {
    throw refusal(400, 'BadRequest', 'metadata.managedFields must be nil');
  }
  const problems = typingProblems(schema, applied);
  if (problems.length === 0) return;
  const detail = problems.length === 1 ? problems[0] : ['errors:', ...problems.map((problem) => `  ${problem}`)].join('\n');
  throw refusal(500, '', `failed to create typed patch object (${nameOf(applied)}): ${detail}`);
}

function refusal(code: number, reason: string, message: string): ApiStatusError {
  return new ApiStatusError({ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason, code });
}

function nameOf({ apiVersion, kind, metadata }: KubeObject): string {
  // As Go prints a GroupVersionKind: with the group even where it is empty.
  return `${metadata.namespace ?? ''}/${metadata.name}; ${apiVersion.includes('/') ? apiVersion : `/${apiVersion}`}, Kind=${kind}`;
}

function liveOwners({ schema, live, now, subresource }: ApplyRequest): Owners {
  const owners = decodeOwners(live?.metadata.managedFields) ?? new Map();
  if (!live || owners.size > 0) return owners;
  const writer: Owner = {
    manager: BEFORE_FIRST_APPLY,
    operation: 'Update',
    apiVersion: live.apiVersion,
    time: now,
    set: EMPTY,
    ...(subresource && { subresource }),
  };
  const ignored = resetFields(schema, subresource);
  return ownersAfterUpdate({ schema, live: unsetObject(schema), next: withoutManagedFields(live), owners, ignored }, writer);
}

/** Conflicts that stand; `kubectl apply --server-side` may take over what its client-side apply wrote and nobody changed since. */
function contested(
  { schema, live, manager }: ApplyRequest,
  conflicts: ReturnType<typeof applyConfiguration>['conflicts'],
): typeof conflicts {
  if (manager !== KUBECTL || conflicts.length === 0 || !live) return conflicts;
  return remainingConflicts(conflicts, lastAppliedFields(schema, live));
}

function lastAppliedFields(schema: Schema, live: KubeObject): FieldSet {
  const text = live.metadata.annotations?.[LAST_APPLIED];
  const lastApplied = text ? parseObject(text) : undefined;
  if (!lastApplied || lastApplied.apiVersion !== live.apiVersion) return EMPTY;
  const { modified, added, removed } = compareObjects(schema, lastApplied, withoutManagedFields(live));
  return [modified, added, removed].reduce(difference, fieldSetOf(schema, lastApplied));
}

function parseObject(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function withoutManagedFields(object: KubeObject | undefined): JsonObject | undefined {
  if (!object) return undefined;
  const { managedFields: _, ...metadata } = object.metadata;
  return { ...object, metadata };
}

interface Outcome {
  request: ApplyRequest;
  before: JsonObject | undefined;
  object: JsonObject;
  owners: Owners;
  applier: Owner;
}

function settle({ request, before, object, owners, applier }: Outcome): KubeObject {
  const id = ownerId(applier);
  const unchanged = before !== undefined && sameJson(before, object);
  const timed = unchanged ? withTimeOf(owners, id, decodeOwners(request.live?.metadata.managedFields)?.get(id)?.time) : owners;
  const entries = encodeOwners(timed);
  if (unchanged && sameJson(entries, request.live?.metadata.managedFields)) return request.live as KubeObject;
  const next = structuredClone(unchanged ? before : object) as KubeObject;
  if (request.manager === KUBECTL && next.metadata.annotations?.[LAST_APPLIED]) {
    next.metadata.annotations[LAST_APPLIED] = lastAppliedText(request.applied);
  }
  return { ...next, metadata: { ...next.metadata, ...(entries.length > 0 && { managedFields: entries }) } };
}

/** An apply that changes nothing of the object keeps the applier's time, or gets none. */
function withTimeOf(owners: Owners, id: string, time: string | undefined): Owners {
  const owner = owners.get(id);
  if (!owner) return owners;
  const { time: _, ...rest } = owner;
  return new Map([...owners, [id, { ...rest, ...(time && { time }) }]]);
}

function lastAppliedText(applied: KubeObject): string {
  const copy = structuredClone(applied);
  if (copy.metadata.annotations) delete copy.metadata.annotations[LAST_APPLIED];
  return `${JSON.stringify(copy)}\n`;
}

/**
 * The managedFields after a create, update or patch: `manager` takes ownership of every field that it added or changed,
 * and nobody keeps what was removed or changed by somebody else.
 */
export function trackUpdate(request: UpdateRequest): ManagedFieldsEntry[] {
  const { schema, before, after, manager, apiVersion, subresource, now } = request;
  const owners = ownersBefore(request);
  if (owners.size === 0 && before) return [];
  if (subresource === SCALE && !isOwned(owners, REPLICAS)) return encodeOwners(owners);
  const time = subresource === SCALE ? {} : { time: now };
  const writer: Owner = {
    manager: manager || 'unknown',
    operation: 'Update',
    apiVersion,
    set: EMPTY,
    ...time,
    ...(subresource && { subresource }),
  };
  const change = {
    schema,
    live: withoutManagedFields(before) ?? unsetObject(schema),
    next: withoutManagedFields(after),
    owners,
    ignored: resetFields(schema, subresource),
  };
  return encodeOwners(capUpdaters(ownersAfterUpdate(change, writer)));
}

/** Scaling is tracked only where somebody owns the replicas: the Scale object is otherwise one without managedFields. */
function isOwned(owners: Owners, path: FieldPath): boolean {
  return [...owners.values()].some(({ set }) => hasPath(set, path));
}

/** What the request says about owners counts, unless it says nothing (or is for a subresource): then what is stored. */
function ownersBefore({ schema, before, after, subresource }: UpdateRequest): Owners {
  const stored = () => decodeOwners(before?.metadata.managedFields) ?? new Map();
  if (subresource) return stored();
  if (isReset(after.metadata.managedFields, schema)) return new Map();
  const sent = decodeOwners(after.metadata.managedFields);
  return sent && sent.size > 0 ? sent : stored();
}

/**
 * Keeps the times of `before` where nothing else differs, so that a write that changes nothing stays one.
 * @returns `after`, or `before` itself where both are the same but for times of managedFields.
 * Source: k8s.io/apiserver pkg/endpoints/handlers/fieldmanager/equality.go
 */
export function keepTimesWhereUnchanged(before: KubeObject, after: KubeObject): KubeObject {
  const [entriesBefore, entriesAfter] = [before.metadata.managedFields ?? [], after.metadata.managedFields ?? []];
  if (entriesBefore.length === 0 || entriesBefore.length !== entriesAfter.length) return after;
  const untimed = (entries: ManagedFieldsEntry[]) => entries.map(({ time: _, ...rest }) => rest);
  if (!sameJson(untimed(entriesBefore), untimed(entriesAfter))) return after;
  return sameJson(withoutManagedFields(before), withoutManagedFields(after)) ? before : after;
}
