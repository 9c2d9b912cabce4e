import type { KubeObject, ManagedFieldsEntry } from '../../../api/kube.ts';
import { admit } from '../admission/gates/gates.ts';
import { askMutating } from '../admission/gates/webhooks.ts';
import { sameContent, validateMetadata, validateMetadataUpdate } from '../admission/metadata.ts';
import { prepare } from '../admission/preparation.ts';
import { validateObject } from '../admission/validation.ts';
import { invalid as invalidValue } from '../fields/causes.ts';
import { trackUpdate } from '../fields/managed.ts';
import { validateUpdate } from '../fields/validate.ts';
import { sameJson } from '../json.ts';
import { type Resource, subjectOf } from '../kinds/resource.ts';
import { toStorage, toVersion } from '../kinds/views.ts';
import { conflict, invalid, modified, notFound } from '../refusals.ts';
import { refuseInvalid } from './create.ts';
import { decode, schemaOf } from './decode.ts';
import type { Place, WriteRequest, Written } from './request.ts';
import { surroundingsOf } from './surroundings.ts';

/**
 * Replaces an object or one subresource of it, as a PUT does.
 * @throws ApiStatusError 404, 409 (the resourceVersion or uid of `input` is not the current one), 422
 */
export function update(place: Place, input: KubeObject, request: WriteRequest): Written {
  const before = current(place, input.metadata.namespace, input.metadata.name);
  requireVersion(place.resource, input, before, request);
  return settle(place, { before, proposed: input, request });
}

/** The stored object. @throws ApiStatusError 404 */
export function current({ state, resource }: Place, namespace: string | undefined, name: string): KubeObject {
  const found = state.get(resource, namespace, name);
  if (!found) throw notFound(subjectOf(resource), name);
  return found;
}

function requireVersion(resource: Resource, input: KubeObject, before: KubeObject, request: WriteRequest): void {
  const { name, resourceVersion, uid } = input.metadata;
  if (!resourceVersion && request.requireVersion && resource.origin === 'custom') {
    const cause = invalidValue('metadata.resourceVersion', 0, 'must be specified for an update');
    throw invalid(subjectOf(resource), name, [cause]);
  }
  if (resourceVersion && resourceVersion !== before.metadata.resourceVersion) throw modified(subjectOf(resource), name);
  if (uid && uid !== before.metadata.uid) {
    const why = `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${before.metadata.uid}`;
    throw conflict(subjectOf(resource), name, why);
  }
}

export interface Settlement {
  before: KubeObject;
  /** The object as it shall be, in the version of the request. */
  proposed: KubeObject;
  request: WriteRequest;
  /** Managed fields where server-side apply worked them out already. */
  applied?: ManagedFieldsEntry[];
}

/** Admits, checks and stores what an update, patch or apply came to; nothing is written where nothing changed. */
export function settle(place: Place, { before, proposed, request, applied }: Settlement): Written {
  const { state, resource } = place;
  const decoded = decode(resource, proposed, request.fieldValidation ?? 'Warn');
  const storage = state.registry.storageOf(resource);
  const around = surroundingsOf(state);
  const after = structuredClone(writable(resource, before, toStorage(decoded.object, resource, storage), request.subresource));
  const schema = schemaOf(storage);
  const { manager, subresource } = request;
  const track = {
    schema,
    before,
    after,
    manager,
    apiVersion: storage.group ? `${storage.group}/${storage.version}` : storage.version,
    now: state.now(),
  };
  const managedFields = applied ?? tracked(track, subresource);
  if (managedFields.length > 0) after.metadata.managedFields = managedFields;
  else delete after.metadata.managedFields;
  if (subresource !== 'status') prepare(resource, after, around, before);
  const admission = { state, resource, before, ...(subresource ? { subresource } : {}), dryRun: request.dryRun === true };
  Object.assign(after, askMutating({ ...admission, object: after }));
  if (subresource !== 'binding') bumpGeneration(resource, before, after);
  if (sameContent(before, after)) {
    // The real server asks before it sees that there is nothing to store (registry/generic/registry/store.go, Update).
    admit({ ...admission, object: after });
    return { object: toVersion(before, resource), created: false, warnings: decoded.warnings };
  }
  const causes = [
    ...validateMetadata(resource, after),
    ...validateMetadataUpdate(before, after),
    ...decoded.causes,
    ...validateObject(resource, { object: after, around, before }),
    ...validateUpdate(schema, before, after),
  ];
  refuseInvalid(resource, after, causes);
  admit({ ...admission, object: after });
  const object = request.dryRun ? after : store(place, after);
  return { object: toVersion(object, resource), created: false, warnings: decoded.warnings };
}

/** Binding a pod to its node makes nobody the owner. Source: kubernetes pkg/registry/core/pod/storage (BindingREST, assignPod). */
function tracked(track: Parameters<typeof trackUpdate>[0], subresource: string | undefined): ManagedFieldsEntry[] {
  if (subresource === 'binding') return track.before?.metadata.managedFields ?? [];
  return trackUpdate(subresource ? { ...track, subresource } : track);
}

/** What of `after` this request may write; the rest stays as it was. */
function writable(resource: Resource, before: KubeObject, after: KubeObject, subresource: string | undefined): KubeObject {
  if (subresource === 'status') {
    const metadata = { ...before.metadata, managedFields: after.metadata.managedFields };
    return { ...before, metadata: resource.origin === 'builtin' ? withAnnotationsOf(after, metadata) : metadata, status: after.status };
  }
  if (subresource === 'binding') return { ...before, spec: after.spec, status: after.status };
  const metadata = { uid: before.metadata.uid, ...withoutEmpty(after.metadata), ...systemMetadata(before) };
  for (const field of ['deletionTimestamp', 'deletionGracePeriodSeconds', 'generation'] as const) {
    if (before.metadata[field] === undefined) delete metadata[field];
  }
  const merged: KubeObject = { ...after, metadata };
  if (!resource.hasStatus) return merged;
  const { status: _ignored, ...rest } = merged;
  return (before.status === undefined ? rest : { ...rest, status: before.status }) as KubeObject;
}

/** Built-in kinds take annotations by their status, too. Source: kubernetes pkg/registry, statusStrategy.PrepareForUpdate. */
function withAnnotationsOf({ metadata: { annotations } }: KubeObject, metadata: KubeObject['metadata']): KubeObject['metadata'] {
  const { annotations: _, ...rest } = metadata;
  return annotations && Object.keys(annotations).length > 0 ? { ...rest, annotations } : rest;
}

/** A body that leaves its uid out means the object that is there. */
function withoutEmpty({ uid, ...metadata }: KubeObject['metadata']): KubeObject['metadata'] {
  return uid ? { uid, ...metadata } : metadata;
}

function systemMetadata({ metadata }: KubeObject): Partial<KubeObject['metadata']> {
  const { name, namespace, creationTimestamp, deletionTimestamp, deletionGracePeriodSeconds, generation, resourceVersion } = metadata;
  const kept = { name, namespace, creationTimestamp, deletionTimestamp, deletionGracePeriodSeconds, generation, resourceVersion };
  return Object.fromEntries(Object.entries(kept).filter(([, value]) => value !== undefined));
}

function bumpGeneration(resource: Resource, before: KubeObject, after: KubeObject): void {
  if (!resource.hasGeneration) return;
  const desired = ({ metadata: _metadata, status, ...rest }: KubeObject): unknown =>
    resource.hasStatus || resource.origin === 'builtin' ? rest : { ...rest, status };
  const changed = !sameJson(desired(before), desired(after));
  after.metadata.generation = (before.metadata.generation ?? 1) + (changed ? 1 : 0);
}

/** An object in deletion goes as soon as its last finalizer does; a Pod only when its grace period is over, too. */
function store({ state, resource }: Place, after: KubeObject): KubeObject {
  const { deletionTimestamp, deletionGracePeriodSeconds, finalizers } = after.metadata;
  const waiting = (finalizers?.length ?? 0) > 0 || (deletionGracePeriodSeconds ?? 0) > 0 || resource.kind === 'Namespace';
  if (deletionTimestamp && !waiting) return state.remove(resource.storageKey, after);
  return state.put(resource.storageKey, after);
}
