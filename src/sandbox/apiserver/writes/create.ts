import { randomBytes, randomUUID } from 'node:crypto';
import type { KubeObject, ManagedFieldsEntry } from '../../../api/kube.ts';
import { admit } from '../admission/gates/gates.ts';
import { fillLimits } from '../admission/gates/limit-range.ts';
import { askMutating } from '../admission/gates/webhooks.ts';
import { validateMetadata } from '../admission/metadata.ts';
import { prepare } from '../admission/preparation.ts';
import { validateObject } from '../admission/validation.ts';
import type { Cause } from '../fields/causes.ts';
import { applyDefaults } from '../fields/defaulting.ts';
import { trackUpdate } from '../fields/managed.ts';
import { asObject, asString } from '../json.ts';
import { kindOf, type Resource, subjectOf } from '../kinds/resource.ts';
import { toStorage, toVersion } from '../kinds/views.ts';
import {
  alreadyExists,
  badRequest,
  forbidden,
  invalid,
  methodNotAllowed,
  namespaceTerminating,
  notFound,
  resourceVersionOnCreate,
} from '../refusals.ts';
import { decode, schemaOf } from './decode.ts';
import type { Place, WriteRequest, Written } from './request.ts';
import { surroundingsOf } from './surroundings.ts';

/** Letters of generated names: no vowels and nothing that reads like another. Source: k8s.io/apimachinery pkg/util/rand. */
const ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';
const LONGEST_GENERATED = 63 - 5;

/**
 * Stores a new object, as a POST does.
 * @param applied managed fields where the object comes from server-side apply; else they are those of an update.
 * @throws ApiStatusError 400, 403 (namespace in deletion), 404 (namespace), 409 AlreadyExists, 422
 */
export function create(place: Place, input: KubeObject, request: WriteRequest, applied?: ManagedFieldsEntry[]): Written {
  const { state, resource } = place;
  if (input.metadata.resourceVersion) throw resourceVersionOnCreate();
  const decoded = decode(resource, input, request.fieldValidation ?? 'Warn');
  const object = newObject(place, decoded.object);
  requireNamespace(place, object);
  requireServiceAccount(place, object);
  const around = surroundingsOf(state);
  // Ownership is what the client sent and the defaults of it, not what the server adds on top.
  trackNew(place, object, request, applied);
  restoreDefaultStatus(resource, object);
  prepare(resource, object, around, undefined);
  fillLimits(state, resource, object);
  const admission = {
    state,
    resource,
    ...(request.subresource ? { subresource: request.subresource } : {}),
    dryRun: request.dryRun === true,
  };
  Object.assign(object, askMutating({ ...admission, object }));
  const causes = [...validateMetadata(resource, object), ...decoded.causes, ...validateObject(resource, { object, around })];
  refuseInvalid(resource, object, causes);
  if (state.get(resource, object.metadata.namespace, object.metadata.name)) throw alreadyExists(subjectOf(resource), object.metadata.name);
  admit({ ...admission, object });
  const warnings = [...decoded.warnings, ...(resource.deprecation ? [resource.deprecation] : [])];
  if (request.dryRun) return { object: toVersion(object, resource), created: true, warnings };
  return { object: toVersion(state.put(resource.storageKey, object), resource), created: true, warnings };
}

/** @throws ApiStatusError 422 where there is a cause; causes of the same field and reason count once. */
export function refuseInvalid(resource: Resource, object: KubeObject, causes: readonly Cause[]): void {
  const seen = new Set<string>();
  const distinct = causes.filter((cause) => {
    const key = `${cause.reason}|${cause.field}|${cause.reason === 'FieldValueRequired' ? '' : cause.message}`;
    return !seen.has(key) && seen.add(key);
  });
  if (distinct.length > 0) throw invalid(kindOf(resource), object.metadata.name ?? '', distinct);
}

function newObject({ state, resource }: Place, decoded: KubeObject): KubeObject {
  const object = structuredClone(toStorage(decoded, resource, state.registry.storageOf(resource)));
  const metadata = object.metadata;
  if (!metadata.name && metadata.generateName) metadata.name = generatedName(metadata.generateName);
  metadata.name ??= '';
  if (!resource.namespaced) delete metadata.namespace;
  metadata.uid = randomUUID();
  metadata.creationTimestamp = state.now();
  delete metadata.deletionTimestamp;
  delete metadata.deletionGracePeriodSeconds;
  delete metadata.generation;
  if (resource.hasGeneration) metadata.generation = 1;
  // A Node's status may come with it (kubelets register so); every other status is its controller's to write.
  if (resource.hasStatus && resource.kind !== 'Node') delete object.status;
  return object;
}

/**
 * What a definition says of the status of new objects. Nobody owns it: the real server fills it in when it reads what it
 * stored. Source: apiextensions-apiserver pkg/apiserver/customresource_handler.go (schemaCoercingDecoder, defaulting from storage).
 */
function restoreDefaultStatus(resource: Resource, object: KubeObject): void {
  if (!resource.hasStatus || resource.origin !== 'custom' || object.status !== undefined) return;
  const status = schemaOf(resource).properties?.status;
  if (status?.default !== undefined) object.status = applyDefaults(status, structuredClone(status.default));
}

function generatedName(prefix: string): string {
  const suffix = [...randomBytes(5)].map((byte) => ALPHABET[byte % ALPHABET.length]).join('');
  return prefix.slice(0, LONGEST_GENERATED) + suffix;
}

function requireNamespace({ state, resource }: Place, object: KubeObject): void {
  const { namespace, name } = object.metadata;
  const definition =
    resource.origin === 'custom' ? state.registry.byPath('apiextensions.k8s.io/v1', 'customresourcedefinitions') : undefined;
  if (definition && state.get(definition, undefined, resource.storageKey)?.metadata.deletionTimestamp) throw methodNotAllowed();
  if (!resource.namespaced) return;
  if (!namespace) throw badRequest('an empty namespace may not be set during creation');
  const namespaces = state.registry.byPath('v1', 'namespaces');
  const found = namespaces && state.get(namespaces, undefined, namespace);
  if (!found) throw notFound({ group: '', resource: 'namespaces' }, namespace);
  if (found.metadata.deletionTimestamp) throw namespaceTerminating(subjectOf(resource), name, namespace);
}

function trackNew({ state, resource }: Place, object: KubeObject, request: WriteRequest, applied: ManagedFieldsEntry[] | undefined): void {
  const after = structuredClone(object);
  delete after.metadata.managedFields;
  const storage = state.registry.storageOf(resource);
  const { manager } = request;
  const track = { schema: schemaOf(storage), before: undefined, after, manager, apiVersion: object.apiVersion, now: state.now() };
  const managedFields = applied ?? trackUpdate(track);
  if (managedFields.length > 0) object.metadata.managedFields = managedFields;
  else delete object.metadata.managedFields;
}

/** A service account that a Pod names has to exist. Source: admission plugin ServiceAccount. */
function requireServiceAccount({ state, resource }: Place, object: KubeObject): void {
  const accounts = state.registry.byPath('v1', 'serviceaccounts');
  if (resource.storageKey !== 'pods' || !accounts) return;
  const { namespace, name, generateName } = object.metadata;
  const account = asString(asObject(object.spec).serviceAccountName) || 'default';
  if (account === 'default' || state.get(accounts, namespace, account)) return;
  const why = `error looking up service account ${namespace}/${account}: serviceaccount ${JSON.stringify(account)} not found`;
  // A Pod whose name is made up is refused before it has one.
  throw forbidden(subjectOf(resource), generateName ?? name, why);
}
