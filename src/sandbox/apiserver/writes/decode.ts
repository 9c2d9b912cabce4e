/** From a client's body to an object of the kind: unknown fields, defaults, schema. */
import type { KubeObject } from '../../../api/kube.ts';
import type { Cause } from '../fields/causes.ts';
import type { Schema } from '../fields/schema.ts';
import { admit } from '../fields/validate.ts';
import type { Resource } from '../kinds/resource.ts';
import { badRequest } from '../refusals.ts';
import { metadataMisfit } from './metadata-shape.ts';
import type { FieldValidation } from './request.ts';

const ANYTHING: Schema = { type: 'object', preserveUnknownFields: true };

/** The schema of a kind; one that lets everything through where none is known. */
export function schemaOf(resource: Resource): Schema {
  return resource.schema ?? ANYTHING;
}

export interface Decoded {
  object: KubeObject;
  causes: Cause[];
  warnings: string[];
}

/**
 * Prunes, defaults and checks an object in the version of `resource`. Built-in kinds are typed, so that a value of the
 * wrong type cannot even be decoded there; custom kinds report it as a cause.
 * @throws ApiStatusError 400
 */
export function decode(resource: Resource, object: KubeObject, mode: FieldValidation): Decoded {
  const misshapen = metadataMisfit(object.metadata);
  if (misshapen) throw cannotBeHandled(resource, misshapen);
  const { object: admitted, causes, unknown } = admit(schemaOf(resource), object, mode);
  const fields = unknown.map((path) => `unknown field ${JSON.stringify(path)}`);
  if (mode === 'Strict' && fields.length > 0) throw cannotBeHandled(resource, `strict decoding error: ${fields.join(', ')}`);
  const mistyped = causes.find((cause) => cause.reason === 'FieldValueTypeInvalid');
  if (resource.origin === 'builtin' && mistyped) throw cannotBeHandled(resource, unmarshalProblem(resource, mistyped));
  return { object: admitted, causes: causes.filter((cause) => isJudgedHere(resource, cause)), warnings: mode === 'Warn' ? fields : [] };
}

/**
 * Metadata has rules of its own for all kinds; and a status is written by controllers bit by bit, so that what it lacks
 * is refused of custom kinds alone.
 */
function isJudgedHere(resource: Resource, { reason, field }: Cause): boolean {
  if (field.startsWith('metadata.')) return false;
  return !(resource.origin === 'builtin' && reason === 'FieldValueRequired' && field.startsWith('status.'));
}

const GO_TYPE: Readonly<Record<string, string>> = {
  integer: 'int32',
  number: 'float64',
  boolean: 'bool',
  array: '[]interface {}',
  object: 'map[string]interface {}',
};
const JSON_TYPE: Readonly<Record<string, string>> = { integer: 'number', boolean: 'bool' };

/** The words of Go's encoding/json, which decodes built-in kinds in the real server. */
function unmarshalProblem({ kind }: Resource, { field, message }: Cause): string {
  // Never with the value: it may be a Secret's.
  if (message.includes('must be of type byte')) return `illegal base64 data in ${field}`;
  const match = /^Invalid value: "(\w+)".* must be of type (\w+):/.exec(message);
  if (!match) return message.replace(/^Invalid value: "[^"]*": /, `${field}: `);
  const [, seen = '', wanted = ''] = match;
  return `json: cannot unmarshal ${JSON_TYPE[seen] ?? seen} into Go struct field ${kind}.${field} of type ${GO_TYPE[wanted] ?? wanted}`;
}

function cannotBeHandled({ kind, version }: Resource, why: string): Error {
  return badRequest(`${kind} in version ${JSON.stringify(version)} cannot be handled as a ${kind}: ${why}`);
}
