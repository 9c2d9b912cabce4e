/** Schemas of custom kinds. Source: apiextensions-apiserver pkg/apiserver/schema/convert.go. */
import { objectMeta } from './builtin/meta.ts';
import { isObject, type JsonObject } from './json.ts';
import { objectNameCauses } from './names.ts';
import type { Schema, SchemaType } from './structure.ts';

/** Fields that are the same in OpenAPI and in a `Schema`. */
const PLAIN = [
  'nullable',
  'enum',
  'pattern',
  'default',
  'required',
  'minimum',
  'maximum',
  'exclusiveMinimum',
  'exclusiveMaximum',
  'multipleOf',
  'minLength',
  'maxLength',
  'minItems',
  'maxItems',
  'uniqueItems',
  'minProperties',
  'maxProperties',
  'format',
] as const;

const EXTENSIONS: Readonly<Record<string, keyof Schema>> = {
  'x-kubernetes-list-type': 'listType',
  'x-kubernetes-list-map-keys': 'listMapKeys',
  'x-kubernetes-map-type': 'mapType',
  'x-kubernetes-preserve-unknown-fields': 'preserveUnknownFields',
  'x-kubernetes-int-or-string': 'intOrString',
  'x-kubernetes-embedded-resource': 'embeddedResource',
};

export interface CrdSchemaOptions {
  /** `spec.versions[].subresources.status` is set. */
  statusSubresource?: boolean;
}

/**
 * The schema of a custom kind from `spec.versions[].schema.openAPIV3Schema` of its CRD. Without one, anything goes.
 * `apiVersion`, `kind` and `metadata` are always those of any object.
 */
export function schemaFromCrd(openAPIV3Schema: unknown, { statusSubresource }: CrdSchemaOptions = {}): Schema {
  const root = isObject(openAPIV3Schema) ? convert(openAPIV3Schema) : { preserveUnknownFields: true };
  const declaresStatus = root.properties !== undefined && Object.hasOwn(root.properties, 'status');
  return {
    ...root,
    type: 'object',
    properties: { ...root.properties, apiVersion: { type: 'string' }, kind: { type: 'string' }, metadata: objectMeta },
    check: (object) => (isObject(object) && isObject(object.metadata) ? objectNameCauses(object.metadata, 'subdomain') : []),
    origin: 'custom',
    statusSubresource: statusSubresource ?? declaresStatus,
  };
}

function convert(source: JsonObject): Schema {
  const target: Record<string, unknown> = {};
  if (typeof source.type === 'string') target.type = source.type as SchemaType;
  for (const name of PLAIN) if (source[name] !== undefined) target[name] = source[name];
  for (const [name, short] of Object.entries(EXTENSIONS)) if (source[name] !== undefined) target[short] = source[name];
  if (isObject(source.properties)) target.properties = convertAll(source.properties);
  if (isObject(source.items)) target.items = convert(source.items);
  if (source.additionalProperties !== undefined) target.additionalProperties = convertAdditional(source.additionalProperties);
  for (const group of ['allOf', 'anyOf', 'oneOf'] as const) {
    if (Array.isArray(source[group])) target[group] = source[group].filter(isObject).map(convert);
  }
  if (isObject(source.not)) target.not = convert(source.not);
  return target.intOrString ? withoutTypeChoice(target) : target;
}

function convertAll(properties: JsonObject): Record<string, Schema> {
  return Object.fromEntries(Object.entries(properties).map(([name, schema]) => [name, isObject(schema) ? convert(schema) : {}]));
}

function convertAdditional(value: unknown): Schema | boolean {
  return isObject(value) ? convert(value) : value === true;
}

/** `anyOf: [{type: integer}, {type: string}]` says the same as the extension. */
function withoutTypeChoice({ anyOf: _, ...schema }: Schema): Schema {
  return schema;
}
