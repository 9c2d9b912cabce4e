import type { KubeObject } from '../../../api/kube.ts';
import { serverSideApply } from '../fields/managed.ts';
import { applyPatch } from '../fields/patch.ts';
import { asObject } from '../json.ts';
import { apiVersionOf, type Resource, subjectOf } from '../kinds/resource.ts';
import { toVersion } from '../kinds/views.ts';
import { applyConflict, badRequest, modified, notFound } from '../refusals.ts';
import { create } from './create.ts';
import { schemaOf } from './decode.ts';
import { current, settle } from './replace.ts';
import type { Place, WriteRequest, Written } from './request.ts';

export type PatchType = 'merge' | 'json' | 'strategic';

export interface Patch {
  namespace: string | undefined;
  name: string;
  type: PatchType;
  patch: unknown;
}

/** @throws ApiStatusError 400, 404, 409 (the patch names a resourceVersion that is not current), 422 */
export function patch(place: Place, { namespace, name, type, patch: body }: Patch, request: WriteRequest): Written {
  const { resource } = place;
  const before = current(place, namespace, name);
  const proposed = applyPatch({ schema: schemaOf(resource), type, current: toVersion(before, resource), patch: body });
  requireSameName(proposed, before);
  const { resourceVersion } = proposed.metadata;
  if (resourceVersion && resourceVersion !== before.metadata.resourceVersion) throw modified(subjectOf(resource), name);
  return settle(place, { before, proposed, request });
}

function requireSameName(proposed: KubeObject, before: KubeObject): void {
  const { name, namespace } = asObject(proposed.metadata);
  if (name !== before.metadata.name) {
    throw badRequest(`the name of the object (${String(name ?? '')}) does not match the name on the URL (${before.metadata.name})`);
  }
  if (namespace !== before.metadata.namespace) {
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
  }
}

/**
 * Server-side apply; creates where there is nothing.
 * @throws ApiStatusError 400, 404 (a subresource of nothing), 409 with one cause a field in conflict, 422
 */
export function apply(place: Place, input: KubeObject, request: WriteRequest & { force?: boolean }): Written {
  const { state, resource } = place;
  if ((input.metadata.managedFields?.length ?? 0) > 0) throw badRequest('metadata.managedFields must be nil');
  const { name, namespace, resourceVersion } = input.metadata;
  const before = state.get(resource, namespace, name);
  if (!before && (request.subresource || resourceVersion)) throw notFound(subjectOf(resource), name);
  if (resourceVersion && resourceVersion !== before?.metadata.resourceVersion) throw modified(subjectOf(resource), name);
  const { object, managedFields } = merged(place, before, input, request);
  if (before) return settle(place, { before, proposed: object, request, applied: managedFields });
  const { managedFields: _none, resourceVersion: _version, ...metadata } = object.metadata;
  return create(place, { ...object, metadata }, request, managedFields);
}

function merged(
  { state, resource }: Place,
  before: KubeObject | undefined,
  input: KubeObject,
  request: WriteRequest & { force?: boolean },
) {
  const { subresource, manager, force = false } = request;
  const result = serverSideApply({
    schema: schemaOf(resource),
    live: before && toVersion(before, resource),
    applied: ownPart(resource, input, subresource),
    manager,
    force,
    ...(subresource ? { subresource } : {}),
    now: state.now(),
  });
  if (result.kind === 'conflict')
    throw applyConflict(result.conflicts.map((conflict) => ({ manager: managerText(conflict), field: conflict.field })));
  return { object: result.object, managedFields: result.object.metadata.managedFields ?? [] };
}

/** The status is not the main resource's to own, nor the rest the status subresource's. */
function ownPart(resource: Resource, input: KubeObject, subresource: string | undefined): KubeObject {
  const { name, namespace } = input.metadata;
  if (subresource === 'status') {
    const metadata = namespace ? { name, namespace } : { name };
    return { apiVersion: apiVersionOf(resource), kind: resource.kind, metadata, status: input.status };
  }
  if (!resource.hasStatus) return input;
  const { status: _status, ...rest } = input;
  return rest as KubeObject;
}

/** `"kubectl" with subresource "scale" using apps/v1`. Source: structured-merge-diff, fieldmanager/conflict.go. */
function managerText(conflict: { manager: string; operation: string; apiVersion: string; subresource?: string }): string {
  const { manager, operation, apiVersion, subresource } = conflict;
  const where = subresource ? ` with subresource ${JSON.stringify(subresource)}` : '';
  return `${JSON.stringify(manager)}${where}${operation === 'Update' ? ` using ${apiVersion}` : ''}`;
}
