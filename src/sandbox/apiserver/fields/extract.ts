/** The fields that an object sets. Source: structured-merge-diff typed/tofieldset.go. */
import { type FieldPath, fieldElement } from './fieldpath.ts';
import { type FieldSet, FieldSetBuilder } from './fieldset.ts';
import { definedKeys, isEmpty, isObject, type JsonObject } from './json.ts';
import { childSchema, DEDUCED, declaredField, indexItems, type ListShape, shapeOf } from './shape.ts';
import type { Schema } from './structure.ts';

/**
 * The set of fields that `object` sets: leaves, items of keyed lists and of sets, empty maps, entries of free-form maps.
 * Objects with a fixed structure are no members themselves.
 */
export function fieldSetOf(schema: Schema, object: unknown): FieldSet {
  const into = new FieldSetBuilder();
  collect({ schema, value: object, path: [], into });
  return into.build();
}

interface Visit {
  schema: Schema;
  value: unknown;
  path: FieldPath;
  into: FieldSetBuilder;
}

function collect(visit: Visit): void {
  const shape = shapeOf(visit.schema, visit.value, visit.value);
  if (shape.kind === 'leaf') visit.into.add(visit.path);
  else if (shape.kind === 'list') collectItems(visit, shape);
  else if (isObject(visit.value)) collectFields(visit, visit.value);
}

function collectItems({ value, path, into }: Visit, shape: ListShape): void {
  for (const { element, item, repeated } of indexItems(shape, value)) {
    const below = [...path, element];
    into.add(below);
    if (!repeated) collect({ schema: shape.items, value: item, path: below, into });
  }
}

function collectFields({ schema, path, into }: Visit, object: JsonObject): void {
  for (const name of definedKeys(object)) {
    const below = [...path, fieldElement(name)];
    const value = object[name];
    collect({ schema: childSchema(schema, name) ?? DEDUCED, value, path: below, into });
    const emptyMap = value === null || (isObject(value) && isEmpty(value));
    if (emptyMap || !declaredField(schema, name)) into.add(below);
  }
}
