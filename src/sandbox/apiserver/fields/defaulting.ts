/**
 * What the API server fills in and puts into its own form before an object is stored.
 * Source: apiextensions-apiserver pkg/apiserver/schema/defaulting/algorithm.go; for built-in kinds, Go's JSON encoding.
 */
import { definedKeys, isEmpty, isObject, type JsonObject, setField } from './json.ts';
import { canonicalQuantity } from './quantity.ts';
import { declaredField } from './shape.ts';
import type { Schema } from './structure.ts';

/**
 * Drops nulls where they are not allowed, then fills in defaults, outer ones first; of built-in kinds also drops empty lists
 * and maps and writes quantities canonically.
 * @returns the value in its stored form; objects and lists are changed in place.
 */
export function applyDefaults(schema: Schema, value: unknown): unknown {
  if (schema.format === 'quantity') return storedQuantity(value);
  if (Array.isArray(value)) {
    const items = schema.items;
    return items ? value.map((item: unknown) => applyDefaults(items, item)) : value;
  }
  if (!isObject(value)) return value;
  dropUnset(schema, value);
  fillIn(schema, value);
  schema.complete?.(value);
  for (const name of definedKeys(value)) {
    const child = fieldSchema(schema, name);
    if (child) setField(value, name, applyDefaults(child, value[name]));
  }
  return value;
}

function storedQuantity(value: unknown): unknown {
  if (typeof value !== 'string' && typeof value !== 'number') return value;
  return canonicalQuantity(String(value)) ?? value;
}

function fieldSchema(schema: Schema, name: string): Schema | undefined {
  return declaredField(schema, name) ?? (isObject(schema.additionalProperties) ? (schema.additionalProperties as Schema) : undefined);
}

function dropUnset(schema: Schema, object: JsonObject): void {
  for (const name of definedKeys(object)) {
    const child = fieldSchema(schema, name);
    if (child && (isForbiddenNull(child, object[name]) || (schema.compact && isOmitted(schema, name, object[name])))) delete object[name];
  }
}

function isForbiddenNull(schema: Schema, value: unknown): boolean {
  const untyped = schema.type === undefined && !schema.intOrString;
  return value === null && !schema.nullable && !untyped;
}

function isOmitted(schema: Schema, name: string, value: unknown): boolean {
  const child = declaredField(schema, name);
  if (!child || child.held || schema.required?.includes(name) || value === null || !isEmpty(value)) return false;
  return child.type === 'array' || child.additionalProperties !== undefined;
}

function fillIn(schema: Schema, object: JsonObject): void {
  for (const [name, child] of Object.entries(schema.properties ?? {})) {
    if (object[name] !== undefined) continue;
    if (child.default !== undefined) setField(object, name, structuredClone(child.default));
    else if (child.held && child.type === 'object') object[name] = {};
  }
}

/**
 * An object of the kind in which nothing is set: of a built-in kind, the structures that are never absent. It is what a
 * newly created object is compared with.
 */
export function unsetObject(schema: Schema): JsonObject {
  const held = Object.entries(schema.properties ?? {}).filter(([, child]) => child.held);
  return Object.fromEntries(held.map(([name, child]) => [name, child.type === 'object' ? unsetObject(child) : null]));
}
