/**
 * Taking out what a kind does not have. Source: apiextensions-apiserver pkg/apiserver/schema/pruning/algorithm.go; the paths
 * are those of `strict decoding error: unknown field "spec.foo"`.
 */
import { definedKeys, isObject, type JsonObject, setField } from './json.ts';
import { declaredField } from './shape.ts';
import type { Schema } from './structure.ts';

export interface Pruned {
  /** A copy of the value without unknown fields. */
  value: unknown;
  /** `spec.template.spec.containers[0].imagge` */
  unknown: string[];
}

/** A copy of `value` that holds what `schema` knows, and the paths of what it does not. */
export function prune(schema: Schema, value: unknown): Pruned {
  const unknown: string[] = [];
  return { value: pruned(schema, value, { path: '', unknown }), unknown };
}

interface Place {
  path: string;
  unknown: string[];
}

function pruned(schema: Schema, value: unknown, place: Place): unknown {
  if (Array.isArray(value)) {
    const items = schema.items;
    if (!items) return structuredClone(value);
    return value.map((item: unknown, index) => pruned(items, item, { ...place, path: `${place.path}[${index}]` }));
  }
  return isObject(value) ? prunedFields(schema, value, place) : value;
}

function prunedFields(schema: Schema, object: JsonObject, { path, unknown }: Place): JsonObject {
  const kept: JsonObject = {};
  for (const name of definedKeys(object)) {
    const below = path === '' ? name : `${path}.${name}`;
    const child = knownField(schema, name);
    if (child) setField(kept, name, pruned(child, object[name], { path: below, unknown }));
    else if (keepsUnknown(schema)) setField(kept, name, structuredClone(object[name]));
    else unknown.push(below);
  }
  return kept;
}

function keepsUnknown(schema: Schema): boolean {
  return schema.preserveUnknownFields === true || schema.additionalProperties === true || schema.type !== 'object';
}

const EMBEDDED = new Set(['apiVersion', 'kind', 'metadata']);

function knownField(schema: Schema, name: string): Schema | undefined {
  const declared = declaredField(schema, name);
  if (declared) return declared;
  if (isObject(schema.additionalProperties)) return schema.additionalProperties as Schema;
  return schema.embeddedResource && EMBEDDED.has(name) ? {} : undefined;
}
