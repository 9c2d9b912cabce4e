/**
 * Words in which the built-in kinds are described. Lists are atomic unless `keyed`, `mapList` or `set` says otherwise;
 * structures are granular unless `owned: 'whole'`.
 */
import type { NameRule } from '../names.ts';
import type { Schema } from '../structure.ts';

type Fields = Record<string, Schema>;

export const string: Schema = { type: 'string' };
export const integer: Schema = { type: 'integer' };
export const boolean: Schema = { type: 'boolean' };
export const time: Schema = { type: 'string', format: 'date-time' };
export const bytes: Schema = { type: 'string', format: 'byte' };
export const quantity: Schema = { type: 'string', format: 'quantity' };
export const intOrString: Schema = { intOrString: true, format: 'int-or-string' };
/** Any JSON, owned as a whole. */
export const anything: Schema = {};
/** A structure whose fields are not described: anything goes. */
export const open: Schema = { type: 'object', preserveUnknownFields: true };

/** One of several words. */
export function choice(...values: string[]): Schema {
  return { type: 'string', enum: values };
}

function each(names: string, schema: Schema): Fields {
  return Object.fromEntries(names.split(' ').map((name) => [name, schema]));
}

/** Fields of one type, their names separated by spaces. */
export const strings = (names: string): Fields => each(names, string);
export const integers = (names: string): Fields => each(names, integer);
/** Counts of a status that are written even where they are 0. */
export const zeros = (names: string): Fields => each(names, { type: 'integer', default: 0 });
export const booleans = (names: string): Fields => each(names, boolean);

export interface StructOptions {
  /** Names separated by spaces. */
  required?: string;
  /** Server-side apply treats it as one value. */
  owned?: 'whole';
  statusSubresource?: boolean;
  /** Defaults that depend on other fields. */
  complete?: Schema['complete'];
  check?: Schema['check'];
  checkUpdate?: Schema['checkUpdate'];
  /** How objects of the kind may be called; kinds alone. */
  names?: NameRule;
}

/** A structure with exactly these fields. */
export function struct(properties: Fields, options: StructOptions = {}): Schema {
  const { required, owned, statusSubresource, complete, check, checkUpdate } = options;
  return {
    type: 'object',
    properties,
    compact: true,
    ...(required && { required: required.split(' ') }),
    ...(owned && { mapType: 'atomic' as const }),
    ...(statusSubresource && { statusSubresource }),
    ...(complete && { complete }),
    ...(check && { check }),
    ...(checkUpdate && { checkUpdate }),
  };
}

/** A map from any name to `values`, merged entry by entry. */
export function dictionary(values: Schema): Schema {
  return { type: 'object', additionalProperties: values };
}

/** A map from any name to `values`, owned as a whole. */
export function atomicMap(values: Schema): Schema {
  return { type: 'object', additionalProperties: values, mapType: 'atomic' };
}

/** The same structure, merged field by field where it is otherwise owned as a whole. */
export function granular(schema: Schema): Schema {
  return { ...schema, mapType: 'granular' };
}

export function list(items: Schema): Schema {
  return { type: 'array', items, listType: 'atomic' };
}

/** A list of scalars without order. */
export function set(items: Schema): Schema {
  return { type: 'array', items, listType: 'set' };
}

/** A set that strategic merge patches add to. */
export function mergedSet(items: Schema): Schema {
  return { ...set(items), patchStrategy: 'merge' };
}

/** Items told apart by `keys` (separated by spaces), for server-side apply alone. */
export function mapList(items: Schema, keys: string): Schema {
  return { type: 'array', items, listType: 'map', listMapKeys: keys.split(' ') };
}

/** Items told apart by `keys`; strategic merge patches go by the first of them. */
export function keyed(items: Schema, keys: string, patchStrategy = 'merge'): Schema {
  return { ...mapList(items, keys), patchStrategy, patchMergeKey: keys.split(' ')[0] as string };
}

/** An atomic list whose items strategic merge patches tell apart by `key`. */
export function mergedList(items: Schema, key: string): Schema {
  return { ...list(items), patchStrategy: 'merge', patchMergeKey: key };
}

/** The same node under another strategy of strategic merge patches. */
export function patched(schema: Schema, patchStrategy: string): Schema {
  return { ...schema, patchStrategy };
}

/** The same node with the value that it takes where it is absent. */
export function withDefault(schema: Schema, value: unknown): Schema {
  return { ...schema, default: value };
}

/** The same node as a field that is never absent. */
export function held(schema: Schema): Schema {
  return { ...schema, held: true };
}
