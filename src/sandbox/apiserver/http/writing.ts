/** `create`, `update`, `patch`, `delete`, `deletecollection` and Pod evictions and bindings. */
import type { KubeObject } from '../../../api/kube.ts';
import type { DeleteOptions } from '../../cluster.ts';
import { asObject, asString, isObject } from '../json.ts';
import { apiVersionOf, type Resource } from '../kinds/resource.ts';
import { toVersion } from '../kinds/views.ts';
import { badRequest, unknownPatchType, unsupportedMediaType } from '../refusals.ts';
import { select } from '../selectors/select.ts';
import { create } from '../writes/create.ts';
import { apply, type PatchType, patch } from '../writes/patch.ts';
import { type Removal, remove } from '../writes/remove.ts';
import { current, settle, update } from '../writes/replace.ts';
import type { Place, WriteRequest, Written } from '../writes/request.ts';
import { patchScale, updateScale } from '../writes/scale.ts';
import type { ResourceCall } from './endpoint.ts';
import { requireBudget } from './eviction.ts';
import { answer, mediaType, parseDocument, readBody, readDocument } from './exchange.ts';
import { applyOptions, deleteOptions, listQuery, patchOptions, writeOptions } from './options.ts';
import { viewOptions } from './reading.ts';
import { listView, objectView } from './views.ts';

const PATCH_TYPES: Record<string, PatchType> = {
  'application/json-patch+json': 'json',
  'application/merge-patch+json': 'merge',
  'application/strategic-merge-patch+json': 'strategic',
};
const APPLY_TYPES = ['application/apply-patch+yaml', 'application/apply-patch+cbor'];
/** Kinds whose deletion answers with the object rather than with a Status. */
const RETURNED_WHEN_GONE = new Set([
  'pods',
  'services',
  'serviceaccounts',
  'persistentvolumeclaims',
  'persistentvolumes',
  'resourcequotas',
]);

function place({ service, resource }: ResourceCall): Place {
  return { state: service.state, resource };
}

function respond(call: ResourceCall, { object, created, warnings }: Written): void {
  const options = viewOptions(call);
  const body = call.target.subresource === 'scale' ? object : objectView(object, options);
  answer(call.exchange, { status: created ? 201 : 200, body, warnings, representation: options.representation });
}

export async function createObject(call: ResourceCall): Promise<void> {
  const options = writeOptions(call.exchange, 'CreateOptions');
  const body = bodyOf(call, await readDocument(call.exchange.request));
  respond(call, create(place(call), inNamespace(call, body), options));
}

export async function updateObject(call: ResourceCall): Promise<void> {
  const { exchange, target } = call;
  const options = writeOptions(exchange, 'UpdateOptions');
  const document = await readDocument(exchange.request);
  if (target.subresource === 'scale') return respond(call, updateScale(place(call), named(call, scaleBody(document)), options));
  const body = named(call, inNamespace(call, bodyOf(call, document)));
  respond(call, update(place(call), body, { ...options, ...subresourceOf(call) }));
}

function scaleBody(document: unknown): KubeObject {
  if (!isObject(document)) throw badRequest('the object provided is unrecognized (must be of type Scale)');
  return { ...document, apiVersion: 'autoscaling/v1', kind: 'Scale', metadata: asObject(document.metadata) } as unknown as KubeObject;
}

export async function patchObject(call: ResourceCall): Promise<void> {
  const { exchange, target, resource } = call;
  const type = mediaType(exchange.request);
  if (APPLY_TYPES.includes(type)) return applyObject(call);
  const patchType = PATCH_TYPES[type];
  if (!patchType) throw unknownPatchType();
  if (patchType === 'strategic' && resource.origin === 'custom') {
    throw unsupportedMediaType(['application/json-patch+json', 'application/merge-patch+json', 'application/apply-patch+yaml']);
  }
  const options = { ...patchOptions(exchange), ...subresourceOf(call) };
  const body = parsePatch(await readBody(exchange.request));
  const change = { namespace: target.namespace, name: target.name ?? '', type: patchType, patch: body };
  respond(call, target.subresource === 'scale' ? patchScale(place(call), change, options) : patch(place(call), change, options));
}

function parsePatch(text: string): unknown {
  try {
    // kubectl sends patches given as YAML already converted; other clients may not.
    return text.trimStart().startsWith('{') || text.trimStart().startsWith('[')
      ? JSON.parse(text)
      : parseDocument(text, 'application/yaml');
  } catch (error) {
    throw badRequest(`error decoding patch: ${error instanceof Error ? error.message : String(error)}`);
  }
}

async function applyObject(call: ResourceCall): Promise<void> {
  const options = applyOptions(call.exchange);
  const document = parseDocument(await readBody(call.exchange.request), 'application/yaml');
  if (!isObject(document) || !document.apiVersion || !document.kind) {
    throw badRequest(
      `invalid object type: ${isObject(document) ? asString(document.apiVersion) : ''}/, Kind=${isObject(document) ? asString(document.kind) : ''}`,
    );
  }
  const body = named(call, inNamespace(call, bodyOf(call, document)));
  respond(call, apply(place(call), body, { ...options, ...subresourceOf(call) }));
}

function subresourceOf({ target }: ResourceCall): Pick<WriteRequest, 'subresource'> {
  return target.subresource ? { subresource: target.subresource } : {};
}

/** A body as an object of the call's kind. @throws ApiStatusError 400 */
function bodyOf({ resource }: ResourceCall, document: unknown): KubeObject {
  if (!isObject(document))
    throw badRequest(`the object provided is unrecognized (must be of type ${resource.kind}): couldn't get version/kind`);
  requireKind(resource, document);
  return {
    ...document,
    apiVersion: apiVersionOf(resource),
    kind: resource.kind,
    metadata: { ...asObject(document.metadata) },
  } as unknown as KubeObject;
}

function requireKind(resource: Resource, document: Record<string, unknown>): void {
  const expected = apiVersionOf(resource);
  const apiVersion = asString(document.apiVersion);
  const kind = asString(document.kind);
  const missing = resource.origin === 'builtin' && !apiVersion && !kind;
  if (missing) return;
  if (apiVersion !== expected) {
    throw badRequest(`the API version in the data (${apiVersion}) does not match the expected API version (${expected})`);
  }
  if (kind !== resource.kind) {
    const { version, group } = resource;
    const why = `converting (${version}.${kind}) to (${group.split('.')[0] || 'core'}.${resource.kind}): unknown conversion`;
    throw badRequest(`${kind} in version ${JSON.stringify(version)} cannot be handled as a ${resource.kind}: ${why}`);
  }
}

/** The namespace of the URL, which the body may repeat. @throws ApiStatusError 400 */
function inNamespace({ target, resource }: ResourceCall, body: KubeObject): KubeObject {
  if (!resource.namespaced) return body;
  const { namespace } = body.metadata;
  if (namespace && namespace !== target.namespace) {
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
  }
  return { ...body, metadata: { ...body.metadata, namespace: target.namespace } as KubeObject['metadata'] };
}

/** The name of the URL, which the body may repeat. @throws ApiStatusError 400 */
function named({ target }: ResourceCall, body: KubeObject): KubeObject {
  const name = target.name ?? '';
  if (body.metadata.name && body.metadata.name !== name) {
    throw badRequest(`the name of the object (${body.metadata.name}) does not match the name on the URL (${name})`);
  }
  const metadata = { ...body.metadata, name, ...(target.namespace && body.kind === 'Scale' ? { namespace: target.namespace } : {}) };
  return { ...body, metadata };
}

export async function deleteObject(call: ResourceCall): Promise<void> {
  const { exchange, target } = call;
  const { options, dryRun } = deleteOptions(exchange, await readDocument(exchange.request));
  const removal = remove(place(call), { namespace: target.namespace, name: target.name ?? '', options, dryRun });
  answer(exchange, { status: 200, body: deletionBodyOf(call, removal), representation: viewOptions(call).representation });
}

function deletionBodyOf(call: ResourceCall, { object, gone }: Removal): unknown {
  const { resource } = call;
  if (!gone || RETURNED_WHEN_GONE.has(resource.storageKey)) return objectView(object, viewOptions(call));
  const { name, uid } = object.metadata;
  const details = { name, ...(resource.group ? { group: resource.group } : {}), kind: resource.plural, uid };
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details };
}

export async function deleteCollection(call: ResourceCall): Promise<void> {
  const { exchange, target, resource, service } = call;
  const { options, dryRun } = deleteOptions(exchange, await readDocument(exchange.request));
  const view = viewOptions(call);
  const matches = select(resource, listQuery(exchange.url, false));
  const found = service.state.objects
    .list(resource.storageKey, resource.namespaced ? target.namespace : undefined)
    .map((object) => toVersion(object, resource))
    .filter(matches);
  for (const { metadata } of found) remove(place(call), { namespace: metadata.namespace, name: metadata.name, options, dryRun });
  const metadata = { resourceVersion: String(service.state.history.revision) };
  answer(exchange, { status: 200, body: listView(found, metadata, view), representation: view.representation });
}

/** `pods/eviction`: deletes the Pod where its budget allows. */
export async function evictPod(call: ResourceCall): Promise<void> {
  const { exchange, target } = call;
  const body = asObject(await readDocument(exchange.request));
  const { options, dryRun } = deleteOptions(exchange, asObject(body.deleteOptions));
  const dry = dryRun || writeOptions(exchange, 'CreateOptions').dryRun === true;
  const { manager } = writeOptions(exchange, 'CreateOptions');
  requireBudget(place(call), current(place(call), target.namespace, target.name ?? ''), { manager, dryRun: dry });
  remove(place(call), { namespace: target.namespace, name: target.name ?? '', options: options satisfies DeleteOptions, dryRun: dry });
  answer(exchange, { status: 201, body: { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 } });
}

/** `pods/binding`: what a scheduler does. */
export async function bindPod(call: ResourceCall): Promise<void> {
  const { exchange, target, resource } = call;
  const options = writeOptions(exchange, 'CreateOptions');
  const body = asObject(await readDocument(exchange.request));
  const before = current(place(call), target.namespace, target.name ?? '');
  const spec = { ...asObject(before.spec), nodeName: asString(asObject(body.target).name) };
  settle(place(call), { before, proposed: { ...toVersion(before, resource), spec }, request: options });
  answer(exchange, { status: 201, body: { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 } });
}
