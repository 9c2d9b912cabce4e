/** Merging an applied configuration into the live object, and taking fields out of it. Source: structured-merge-diff typed (merge.go, remove.go). */
import { fieldElement, type PathElement } from './fieldpath.ts';
import { EMPTY, type FieldSet, isEmptySet } from './fieldset.ts';
import { definedKeys, field, isEmpty, isObject, type JsonObject, setField } from './json.ts';
import { childSchema, DEDUCED, indexItems, itemElement, type ListShape, shapeOf } from './shape.ts';
import type { Schema } from './structure.ts';

/** `applied` laid over `live`: leaves of `applied` win, keyed lists and sets are joined in an order that respects both. */
export function mergeApplied(schema: Schema, live: unknown, applied: unknown): unknown {
  if (applied === undefined) return live;
  if (live === undefined) return applied;
  const shape = shapeOf(schema, live, applied);
  if (shape.kind === 'leaf' || (isEmpty(live) && isEmpty(applied))) return applied;
  if (shape.kind === 'list') return orNothing(mergeItems(shape, live, applied));
  return orNothing(mergeFields(schema, isObject(live) ? live : {}, isObject(applied) ? applied : {}));
}

/** What merges to nothing is not kept as an empty container. */
function orNothing(value: unknown): unknown {
  return isEmpty(value) ? undefined : value;
}

function mergeFields(schema: Schema, live: JsonObject, applied: JsonObject): JsonObject {
  const merged: JsonObject = {};
  for (const name of new Set([...definedKeys(live), ...definedKeys(applied)])) {
    const value = mergeApplied(childSchema(schema, name) ?? DEDUCED, field(live, name), field(applied, name));
    if (value !== undefined) setField(merged, name, value);
  }
  return merged;
}

/**
 * Items of both keep their order: those that only the live list has stay in front of the shared item they stood in front
 * of, shared ones follow the applied order.
 */
function mergeItems(shape: ListShape, live: unknown, applied: unknown): unknown[] {
  const [left, right] = [indexItems(shape, live), indexItems(shape, applied)];
  const liveItem = new Map(left.map(({ element, item, repeated }) => [element, repeated ? undefined : item]));
  const inApplied = new Set(right.map(({ element }) => element));
  const shared = right.map(({ element }) => element).filter((element) => liveItem.has(element));
  const taken = new Set<PathElement>();
  const merged: unknown[] = [];
  const take = ({ element, item }: { element: PathElement; item: unknown }): void => {
    taken.add(element);
    merged.push(mergeApplied(shape.items, liveItem.get(element), item));
    if (shared[0] === element) shared.shift();
  };
  let [l, r] = [0, 0];
  while (l < left.length || r < right.length) {
    const [fromLive, fromApplied] = [left[l], right[r]];
    if (fromLive && fromApplied && fromLive.element === fromApplied.element) {
      take(fromApplied);
      l += 1;
      r += 1;
    } else if (fromLive && !inApplied.has(fromLive.element)) {
      merged.push(fromLive.item);
      l += 1;
    } else if (fromLive && fromApplied && shared[0] !== undefined && shared[0] !== fromLive.element) {
      l += 1;
    } else {
      if (fromLive && taken.has(fromLive.element)) l += 1;
      if (fromApplied) take(fromApplied);
      r += 1;
    }
  }
  return merged;
}

/**
 * `value` without the fields in `removed`. Atomic lists and maps have no parts to take out: where one is named from
 * within, it goes as a whole.
 */
export function removeFields(schema: Schema, value: unknown, removed: FieldSet): unknown {
  if (isEmptySet(removed)) return value;
  const shape = shapeOf(schema, value, value);
  if (shape.kind === 'leaf') return isObject(value) || Array.isArray(value) ? undefined : value;
  if (shape.kind === 'list') return Array.isArray(value) ? orNothing(remainingItems(shape, value, removed)) : undefined;
  return isObject(value) ? orNothing(remainingFields(schema, value, removed)) : undefined;
}

function remainingItems(shape: ListShape, items: unknown[], removed: FieldSet): unknown[] {
  return items.flatMap((item) => {
    const found = itemElement(shape, item);
    if (!('element' in found)) return [item];
    if (removed.members.has(found.element)) return [];
    return [removeFields(shape.items, item, removed.children.get(found.element) ?? EMPTY)];
  });
}

function remainingFields(schema: Schema, object: JsonObject, removed: FieldSet): JsonObject {
  const remaining: JsonObject = {};
  for (const name of definedKeys(object)) {
    const element = fieldElement(name);
    if (removed.members.has(element)) continue;
    const below = removed.children.get(element);
    const value = below ? removeFields(childSchema(schema, name) ?? DEDUCED, object[name], below) : object[name];
    setField(remaining, name, value === undefined ? null : value);
  }
  return remaining;
}

/**
 * Fields whose content was taken out entirely are left as null by `removeFields`; this drops them.
 * @param known objects that may have a null of their own in the same place.
 */
export function withoutEmptied(schema: Schema, value: unknown, known: readonly unknown[]): unknown {
  const shape = shapeOf(schema, value, value);
  if (shape.kind === 'list' && Array.isArray(value)) return value.map((item) => itemWithoutEmptied(shape, item, known));
  if (shape.kind !== 'map' || !isObject(value)) return value;
  const kept: JsonObject = {};
  for (const name of definedKeys(value)) {
    const before = known.map((object) => (isObject(object) ? field(object, name) : undefined));
    if (value[name] === null && !before.includes(null)) continue;
    setField(kept, name, withoutEmptied(childSchema(schema, name) ?? DEDUCED, value[name], before));
  }
  return kept;
}

function itemWithoutEmptied(shape: ListShape, item: unknown, known: readonly unknown[]): unknown {
  const found = itemElement(shape, item);
  if (!('element' in found)) return item;
  const before = known.map((list) => indexItems(shape, list).find(({ element }) => element === found.element)?.item);
  return withoutEmptied(shape.items, item, before);
}
