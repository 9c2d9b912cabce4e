/**
 * How server-side apply sees one value under a schema: a scalar, a list or a map, and whether it is owned as a whole.
 * Source of the rules: k8s.io/kube-openapi schemaconv (openapi.go), structured-merge-diff typed (helpers.go).
 */
import { keyElement, type PathElement, valueElement } from './fieldpath.ts';
import { field, isObject, type JsonObject } from './json.ts';
import type { Schema } from './structure.ts';

export type Shape = { kind: 'leaf' } | { kind: 'list'; keys: readonly string[]; items: Schema } | { kind: 'map'; schema: Schema };

const LEAF: Shape = { kind: 'leaf' };

/** What nothing is known about: maps are granular, lists and scalars are owned as a whole. */
export const DEDUCED: Schema = { preserveUnknownFields: true };

/** The shape of a node that holds `left`, `right` or both; undefined and null have no say. */
export function shapeOf(schema: Schema, left: unknown, right: unknown): Shape {
  const sample = right ?? left;
  const other = left ?? right;
  if (Array.isArray(sample) !== Array.isArray(other) || isObject(sample) !== isObject(other)) return LEAF;
  if (schema.type === 'array' || (schema.type === undefined && Array.isArray(sample))) return listShape(schema, sample);
  if (schema.type === 'object' || (schema.type === undefined && isObject(sample))) return mapShape(schema, sample);
  return LEAF;
}

function listShape(schema: Schema, sample: unknown): Shape {
  if (schema.listType !== 'set' && schema.listType !== 'map') return LEAF;
  if (sample !== undefined && sample !== null && !Array.isArray(sample)) return LEAF;
  return { kind: 'list', keys: schema.listType === 'map' ? (schema.listMapKeys ?? []) : [], items: schema.items ?? DEDUCED };
}

function mapShape(schema: Schema, sample: unknown): Shape {
  if (schema.mapType === 'atomic' || (sample !== undefined && sample !== null && !isObject(sample))) return LEAF;
  return isUntyped(schema) ? LEAF : { kind: 'map', schema };
}

/** A node without type, fields or leave to keep unknown ones takes anything, and is owned as a whole. */
function isUntyped(schema: Schema): boolean {
  return schema.type === undefined && !schema.properties && !schema.additionalProperties && !schema.preserveUnknownFields;
}

/** The schema of a field of a map; undefined where the schema does not have it. */
export function childSchema(schema: Schema, name: string): Schema | undefined {
  const declared = declaredField(schema, name);
  if (declared) return declared;
  if (isObject(schema.additionalProperties)) return schema.additionalProperties;
  if (schema.additionalProperties === true || schema.preserveUnknownFields) return DEDUCED;
  return schema.properties || schema.additionalProperties === false ? undefined : DEDUCED;
}

/** A field that the schema names (not one of `additionalProperties`). */
export function declaredField(schema: Schema, name: string): Schema | undefined {
  return schema.properties && Object.hasOwn(schema.properties, name) ? schema.properties[name] : undefined;
}

export type ListShape = Extract<Shape, { kind: 'list' }>;

/**
 * The path element of one item of a keyed list or a set; keys that are not given take their default.
 * @returns a message where the item has none.
 */
export function itemElement(shape: ListShape, item: unknown): { element: PathElement } | { problem: string } {
  if (shape.keys.length === 0) return setElement(item);
  if (item === null) return { problem: 'associative list with keys may not have a null element' };
  if (!isObject(item)) return { problem: 'associative list with keys may not have non-map elements' };
  const key: JsonObject = {};
  for (const name of shape.keys) {
    const value = field(item, name) ?? declaredField(shape.items, name)?.default;
    if (value !== undefined) key[name] = value;
  }
  if (Object.keys(key).length > 0) return { element: keyElement(key) };
  const names = `[${shape.keys.map((name) => JSON.stringify(name)).join(' ')}]`;
  return {
    problem: `associative list with keys has an element that omits all key fields ${names} (and doesn't have default values for any key fields)`,
  };
}

function setElement(item: unknown): { element: PathElement } | { problem: string } {
  if (isObject(item)) return { problem: "associative list without keys has an element that's a map type" };
  if (Array.isArray(item)) return { problem: 'not supported: associative list with lists as elements' };
  if (item === null || item === undefined) return { problem: "associative list without keys has an element that's an explicit null" };
  return { element: valueElement(item) };
}

/** The items of a list with their path elements; items without one are left out, repeated ones are marked. */
export function indexItems(shape: ListShape, value: unknown): IndexedItem[] {
  if (!Array.isArray(value)) return [];
  const indexed = value.flatMap((item: unknown) => {
    const found = itemElement(shape, item);
    return 'element' in found ? [{ element: found.element, item }] : [];
  });
  const counts = new Map<PathElement, number>();
  for (const { element } of indexed) counts.set(element, (counts.get(element) ?? 0) + 1);
  return indexed.map((entry) => ({ ...entry, repeated: (counts.get(entry.element) as number) > 1 }));
}

export interface IndexedItem {
  element: PathElement;
  item: unknown;
  /** Another item of the list has the same path element. */
  repeated: boolean;
}
