/**
 * Strategic merge patch: merges lists by key where the schema says so, and follows `$patch`, `$setElementOrder`,
 * `$deleteFromPrimitiveList` and `$retainKeys`. Source: k8s.io/apimachinery pkg/util/strategicpatch/patch.go.
 */
import { definedKeys, field, isObject, type JsonObject, sameJson, setField } from './json.ts';
import { elementOrder, type Listing, orderedLike, partitionByOrder } from './list-order.ts';
import { childSchema, DEDUCED } from './shape.ts';
import type { Schema } from './structure.ts';

/** Thrown where a patch contradicts itself or the object. */
export class StrategicPatchError extends Error {
  override readonly name = 'StrategicPatchError';
}

const PATCH = '$patch';
const RETAIN_KEYS = '$retainKeys';
const SET_ORDER = '$setElementOrder/';
const DELETE_FROM = '$deleteFromPrimitiveList/';

/** The object after the patch; the input is left alone. @throws StrategicPatchError */
export function strategicPatch(schema: Schema, target: JsonObject, patch: JsonObject): JsonObject {
  return mergeObject(schema, structuredClone(target), structuredClone(patch));
}

function mergeObject(schema: Schema, target: JsonObject, patch: JsonObject): JsonObject {
  if (Object.hasOwn(patch, PATCH)) return directed(patch);
  const merged = retained(target, patch);
  const ordered = mergeOrderedLists(schema, merged, patch);
  for (const name of definedKeys(patch)) {
    if (!ordered.has(name) && !isDirective(name)) mergeField({ schema, merged, name, value: patch[name] });
    if (name.startsWith(DELETE_FROM)) deleteFromList(merged, name.slice(DELETE_FROM.length), patch[name]);
  }
  return merged;
}

function isDirective(name: string): boolean {
  return name === RETAIN_KEYS || name.startsWith(SET_ORDER) || name.startsWith(DELETE_FROM);
}

function directed(patch: JsonObject): JsonObject {
  const { [PATCH]: directive, ...rest } = patch;
  if (directive === 'replace') return rest;
  if (directive === 'delete') return {};
  throw unknownDirective(directive);
}

function unknownDirective(directive: unknown): StrategicPatchError {
  return new StrategicPatchError(`unknown patch type: ${String(directive)}`);
}

function retained(target: JsonObject, patch: JsonObject): JsonObject {
  const keys = patch[RETAIN_KEYS];
  if (keys === undefined) return target;
  const written = definedKeys(patch).filter((name) => !isDirective(name) && patch[name] !== null);
  if (!Array.isArray(keys) || written.some((name) => !keys.includes(name)))
    throw new StrategicPatchError('invalid patch format of retainKeys');
  return Object.fromEntries(Object.entries(target).filter(([name]) => keys.includes(name)));
}

interface FieldMerge {
  schema: Schema;
  merged: JsonObject;
  name: string;
  value: unknown;
}

function mergeField({ schema, merged, name, value }: FieldMerge): void {
  const current = field(merged, name);
  const child = childSchema(schema, name) ?? DEDUCED;
  const kept = mergeValue(child, current, value);
  if (kept === undefined) delete merged[name];
  else setField(merged, name, kept);
}

function mergeValue(schema: Schema, current: unknown, value: unknown): unknown {
  if (value === null) return undefined;
  const replaces = strategyOf(schema) === 'replace';
  if (isObject(current) && isObject(value)) return replaces ? value : mergeObject(schema, current, value);
  if (Array.isArray(current) && Array.isArray(value)) return strategyOf(schema) === 'merge' ? mergeList(schema, current, value) : value;
  return withoutDirectives(value);
}

/** The strategy without `retainKeys`, which a patch asks for by itself. */
function strategyOf({ patchStrategy = '' }: Schema): string {
  return patchStrategy.split(',').find((word) => word !== 'retainKeys') ?? '';
}

/** A new value as it is, but for what only speaks to the merging. */
function withoutDirectives(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutDirectives).filter((item) => item !== undefined);
  if (!isObject(value)) return value;
  if (Object.hasOwn(value, PATCH)) return undefined;
  const entries = definedKeys(value)
    .filter((name) => !isDirective(name) && value[name] !== null)
    .map((name) => [name, withoutDirectives(value[name])] as const);
  return Object.fromEntries(entries.filter(([, item]) => item !== undefined));
}

function mergeList(schema: Schema, current: unknown[], patch: unknown[]): unknown[] {
  if ([...current, ...patch].every(isObject) && current.length + patch.length > 0) {
    const { items, written, live } = mergeKeyed(schema, current as JsonObject[], patch as JsonObject[]);
    return elementOrder({ items, order: written, live, key: schema.patchMergeKey });
  }
  const items = [...current, ...patch].filter((item, index, all) => all.findIndex((other) => sameJson(other, item)) === index);
  return elementOrder({ items, order: patch, live: current, key: undefined });
}

interface KeyedMerge {
  items: JsonObject[];
  /** Items of the patch that are not directives. */
  written: JsonObject[];
  /** Items of the list that were not deleted. */
  live: JsonObject[];
}

function mergeKeyed(schema: Schema, current: JsonObject[], patch: JsonObject[]): KeyedMerge {
  const key = schema.patchMergeKey;
  if (key === undefined) throw new StrategicPatchError('cannot merge lists without merge key');
  const written = patch.filter((item) => !Object.hasOwn(item, PATCH));
  const directives = patch.filter((item) => Object.hasOwn(item, PATCH));
  const live = directives.reduce((items, directive) => withoutDeleted(items, directive, key), current);
  if (directives.some((directive) => directive[PATCH] === 'replace')) return { items: written, written, live: [] };
  const items = [...live];
  for (const item of written) {
    const index = items.findIndex((other) => sameJson(keyOf(other, key), keyOf(item, key)));
    // A new item is taken as it came: what is left of its directives is pruned as unknown.
    if (index < 0) items.push(item);
    else items[index] = mergeObject(schema.items ?? DEDUCED, items[index] as JsonObject, item);
  }
  return { items, written, live };
}

function keyOf(item: JsonObject, key: string): unknown {
  const value = field(item, key);
  if (value === undefined) throw new StrategicPatchError(`map: ${JSON.stringify(item)} does not contain declared merge key: ${key}`);
  return value;
}

function withoutDeleted(items: JsonObject[], directive: JsonObject, key: string): JsonObject[] {
  switch (directive[PATCH]) {
    case 'delete': {
      const deleted = keyOf(directive, key);
      return items.filter((item) => !sameJson(field(item, key), deleted));
    }
    case 'replace':
      return items;
    case 'merge':
      throw new StrategicPatchError('merging lists cannot yet be specified in the patch');
    default:
      throw unknownDirective(directive[PATCH]);
  }
}

/** Lists with a `$setElementOrder` are merged first. @returns their names */
function mergeOrderedLists(schema: Schema, merged: JsonObject, patch: JsonObject): Set<string> {
  const names = definedKeys(patch).filter((name) => name.startsWith(SET_ORDER));
  return new Set(names.map((directive) => mergeOrderedList({ schema, merged, patch, directive })));
}

function mergeOrderedList({
  schema,
  merged,
  patch,
  directive,
}: {
  schema: Schema;
  merged: JsonObject;
  patch: JsonObject;
  directive: string;
}): string {
  const name = directive.slice(SET_ORDER.length);
  const child = childSchema(schema, name) ?? DEDUCED;
  const [order, live, written] = [patch[directive], field(merged, name), field(patch, name)];
  if (!Array.isArray(order)) throw new StrategicPatchError('invalid patch format of setElementOrder list');
  if (written !== undefined && !Array.isArray(written)) return '';
  const key = child.patchMergeKey;
  assertFollows(written ?? [], { items: order, key });
  const before = Array.isArray(live) ? live : [];
  const combined = written === undefined ? before : mergedWithin(child, live, written);
  if (combined.length > 0 || live !== undefined || written !== undefined) {
    setField(merged, name, elementOrder({ items: combined, order, live: before, key }));
  }
  return name;
}

function mergedWithin(schema: Schema, live: unknown, written: unknown[]): unknown[] {
  if (!Array.isArray(live)) return withoutDirectives(written) as unknown[];
  return strategyOf(schema) === 'merge' ? mergeList(schema, live, written) : written;
}

/** What a patch writes must be in its own order list, in the same order. */
function assertFollows(written: unknown[], order: Listing): void {
  const items = written.filter((item) => !(isObject(item) && Object.hasOwn(item, PATCH)));
  const { within, outside } = partitionByOrder(items, order);
  const sorted = orderedLike(within, order);
  const follows = order.items.length === 0 || (outside.length === 0 && sorted.every((item, index) => item === within[index]));
  if (!follows)
    throw new StrategicPatchError(
      `The order in patch list:\n${JSON.stringify(written)}\n doesn't match $setElementOrder list:\n${JSON.stringify(order.items)}\n`,
    );
}

function deleteFromList(merged: JsonObject, name: string, deleted: unknown): void {
  const current = field(merged, name);
  if (!Array.isArray(current) || !Array.isArray(deleted)) return;
  merged[name] = current.filter((item) => !deleted.some((other) => sameJson(other, item)));
}
