import { formatItem, formatPath, type Step } from './field-path.ts';
import { isMap, type ListKey, listKeyOf } from './merge-keys.ts';

/** One field that differs. */
export interface FieldChange {
  /** `spec.template.spec.containers[app].image`; `…containers(order)` where the items stand in another order. */
  path: string;
  /** undefined: absent. */
  from: unknown;
  /** undefined: absent. */
  to: unknown;
  /** Where an item added to a list of keyed items stands in it. */
  at?: number;
}

/** Ends the path of a change of order alone; `from` and `to` then hold the items' keys as paths write them. */
export const ORDER = '(order)';

/** Every field in which two values of JSON data differ, the smallest that says it; unsorted. */
export function diffFields(before: unknown, after: unknown): FieldChange[] {
  const changes: FieldChange[] = [];
  walk([], before, after, changes);
  return changes;
}

/** Deep equality of JSON data; a field that is undefined counts as absent. */
export function sameData(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (Array.isArray(a)) return Array.isArray(b) && a.length === b.length && a.every((item, index) => sameData(item, b[index]));
  if (!isMap(a) || !isMap(b)) return Number.isNaN(a) && Number.isNaN(b);
  return fieldsOf(a, b).every((field) => sameData(own(a, field), own(b, field)));
}

function fieldsOf(a: Record<string, unknown>, b: Record<string, unknown>): string[] {
  return [...new Set([...Object.keys(a), ...Object.keys(b)])];
}

function own(map: Record<string, unknown>, field: string): unknown {
  return Object.hasOwn(map, field) ? map[field] : undefined;
}

function walk(steps: Step[], before: unknown, after: unknown, changes: FieldChange[]): void {
  if (sameData(before, after)) return;
  if (isMap(before) && isMap(after)) {
    for (const field of fieldsOf(before, after)) walk([...steps, { field }], own(before, field), own(after, field), changes);
    return;
  }
  if (Array.isArray(before) && Array.isArray(after)) walkLists(steps, before, after, changes);
  else changes.push({ path: formatPath(steps), from: before, to: after });
}

function walkLists(steps: Step[], before: unknown[], after: unknown[], changes: FieldChange[]): void {
  const last = steps.at(-1);
  const key = listKeyOf(last && 'field' in last ? last.field : '', [before, after]);
  if (key) {
    walkItems({ steps, before, after, key }, changes);
    return;
  }
  for (let index = 0; index < Math.max(before.length, after.length); index++) {
    walk([...steps, { index }], before[index], after[index], changes);
  }
}

interface KeyedLists {
  steps: Step[];
  before: unknown[];
  after: unknown[];
  key: ListKey;
}

function walkItems({ steps, before, after, key }: KeyedLists, changes: FieldChange[]): void {
  const old = new Map(before.map((item) => [key.id(item), item]));
  const now = new Map(after.map((item) => [key.id(item), item]));
  for (const [id, item] of old) {
    const path = [...steps, { item: key.of(item) }];
    if (now.has(id)) walk(path, item, now.get(id), changes);
    else changes.push({ path: formatPath(path), from: item, to: undefined });
  }
  after.forEach((item, at) => {
    if (!old.has(key.id(item))) changes.push({ path: formatPath([...steps, { item: key.of(item) }]), from: undefined, to: item, at });
  });
  const kept = [...old.keys()].filter((id) => now.has(id));
  const keptNow = [...now.keys()].filter((id) => old.has(id));
  if (sameData(kept, keptNow)) return;
  const keys = (items: unknown[]): string[] => items.map((item) => formatItem(key.of(item)));
  changes.push({ path: `${formatPath(steps)}${ORDER}`, from: keys(before), to: keys(after) });
}
