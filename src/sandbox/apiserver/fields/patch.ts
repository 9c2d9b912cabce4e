/** Patches of the API server. Source: k8s.io/apiserver pkg/endpoints/handlers/patch.go. */
import type { KubeObject } from '../../../api/kube.ts';
import { type ApiStatus, ApiStatusError } from '../../cluster.ts';
import { isObject, type JsonObject } from './json.ts';
import { JsonPatchError, jsonPatch } from './json-patch.ts';
import { mergePatch } from './merge-patch.ts';
import type { Schema } from './schema.ts';
import { StrategicPatchError, strategicPatch } from './strategic-patch.ts';

export interface PatchRequest {
  schema: Schema;
  type: 'merge' | 'json' | 'strategic';
  current: KubeObject;
  /** The parsed body. */
  patch: unknown;
}

/**
 * The object after a patch, neither pruned nor defaulted; `current` is left alone.
 * @throws ApiStatusError 400 (not a patch), 415 (strategic on a custom kind), 422 (an operation does not apply, or the result
 * is no object), 500 (a strategic patch that contradicts itself, as the API server answers)
 */
export function applyPatch({ schema, type, current, patch }: PatchRequest): KubeObject {
  switch (type) {
    case 'merge':
      return mergePatch(current, asObject(patch, 'error decoding patch: ')) as KubeObject;
    case 'json':
      return patchedByOperations(current, patch);
    case 'strategic':
      if (schema.origin === 'custom') throw unsupported();
      return patchedStrategically(schema, current, asObject(patch, ''));
  }
}

function patchedByOperations(current: KubeObject, patch: unknown): KubeObject {
  if (!Array.isArray(patch)) {
    throw refusal(
      400,
      'BadRequest',
      `error decoding patch: json: cannot unmarshal ${goKind(patch)} into Go value of type []handlers.jsonPatchOp`,
    );
  }
  try {
    return asKubeObject(jsonPatch(current, patch));
  } catch (error) {
    if (error instanceof JsonPatchError) throw doesNotApply();
    throw error;
  }
}

function patchedStrategically(schema: Schema, current: KubeObject, patch: JsonObject): KubeObject {
  try {
    return strategicPatch(schema, current, patch) as KubeObject;
  } catch (error) {
    if (error instanceof StrategicPatchError) throw refusal(500, '', error.message);
    throw error;
  }
}

function asObject(patch: unknown, prefix: string): JsonObject {
  if (isObject(patch)) return patch;
  throw refusal(400, 'BadRequest', `${prefix}json: cannot unmarshal ${goKind(patch)} into Go value of type map[string]interface {}`);
}

function goKind(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  if (value === null || typeof value === 'object') return 'object';
  return typeof value === 'boolean' ? 'bool' : typeof value;
}

function asKubeObject(value: unknown): KubeObject {
  if (isObject(value)) return value as KubeObject;
  const message = `Invalid value: ${JSON.stringify(JSON.stringify(value))}: couldn't get version/kind`;
  const details = { causes: [{ reason: 'FieldValueInvalid', message, field: 'patch' }] };
  throw new ApiStatusError({ ...status(422, 'Invalid', ` "" is invalid: patch: ${message}`), details });
}

function doesNotApply(): ApiStatusError {
  return new ApiStatusError({ ...status(422, 'Invalid', 'the server rejected our request due to an error in our request'), details: {} });
}

function unsupported(): ApiStatusError {
  const accepted = ['application/json-patch+json', 'application/merge-patch+json', 'application/apply-patch+yaml'].join(', ');
  return refusal(
    415,
    'UnsupportedMediaType',
    `the body of the request was in an unknown format - accepted media types include: ${accepted}`,
  );
}

function refusal(code: number, reason: string, message: string): ApiStatusError {
  return new ApiStatusError(status(code, reason, message));
}

function status(code: number, reason: string, message: string): ApiStatus {
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason, code };
}
