/**
 * The three-way merge of JSON data: what leads from `base` to `theirs`, done to `ours`. Gives edits rather than the
 * result, so that the text of `ours` can be kept outside of them.
 */
import { sameData } from '../diff/field-diff.ts';
import { formatPath, type Step } from '../diff/field-path.ts';
import { isMap, type ListKey, listKeyOf } from '../diff/merge-keys.ts';

/** Keys and indices from the root of a document down. */
export type NodePath = readonly (string | number)[];

/** One edit of `ours`; `theirs` is the path of the value that it takes from there, `base` of the one before. Indices are those before any edit. */
export type Edit =
  | { op: 'set'; ours: NodePath; theirs: NodePath; base: NodePath }
  | { op: 'remove'; ours: NodePath }
  /** `ours` is the map or list; `after` the key or index behind which the entry goes, undefined: in front. */
  | { op: 'add'; ours: NodePath; after: string | number | undefined; theirs: NodePath };

/** A field that both sides changed, each its own way; undefined: absent. */
export interface ValueConflict {
  path: string;
  base: unknown;
  ours: unknown;
  theirs: unknown;
}

export interface Merge {
  edits: Edit[];
  conflicts: ValueConflict[];
}

interface Sides<T> {
  base: T;
  ours: T;
  theirs: T;
}

interface Place {
  steps: readonly Step[];
  base: NodePath;
  ours: NodePath;
  theirs: NodePath;
}

/** The edits that do to `ours` what led from `base` to `theirs`, and what stands in their way. */
export function mergeData(sides: Sides<unknown>): Merge {
  const merge: Merge = { edits: [], conflicts: [] };
  mergeValue({ steps: [], base: [], ours: [], theirs: [] }, sides, merge);
  return merge;
}

function mergeValue(place: Place, sides: Sides<unknown>, merge: Merge): void {
  const { base, ours, theirs } = sides;
  if (sameData(base, theirs) || sameData(ours, theirs)) return;
  if (isMap(base) && isMap(ours) && isMap(theirs)) mergeMaps(place, { base, ours, theirs }, merge);
  else if (Array.isArray(base) && Array.isArray(ours) && Array.isArray(theirs)) mergeLists(place, { base, ours, theirs }, merge);
  else replaceWhole(place, sides, merge);
}

function below(place: Place, step: Step, at: Sides<string | number>): Place {
  return {
    steps: [...place.steps, step],
    base: [...place.base, at.base],
    ours: [...place.ours, at.ours],
    theirs: [...place.theirs, at.theirs],
  };
}

function replaceWhole(place: Place, sides: Sides<unknown>, merge: Merge): void {
  if (sameData(sides.ours, sides.base)) merge.edits.push({ op: 'set', ours: place.ours, theirs: place.theirs, base: place.base });
  else conflict(place, sides, merge);
}

function conflict(place: Place, sides: Sides<unknown>, merge: Merge): void {
  merge.conflicts.push({ path: formatPath(place.steps), ...sides });
}

function mergeMaps(place: Place, { base, ours, theirs }: Sides<Record<string, unknown>>, merge: Merge): void {
  const fields = Object.keys(theirs);
  for (const field of new Set([...Object.keys(base), ...fields])) {
    const inner = below(place, { field }, { base: field, ours: field, theirs: field });
    const sides = { base: own(base, field), ours: own(ours, field), theirs: own(theirs, field) };
    if (sameData(sides.base, sides.theirs) || sameData(sides.ours, sides.theirs)) continue;
    if (sides.base !== undefined && sides.ours !== undefined && sides.theirs !== undefined) mergeValue(inner, sides, merge);
    else if (sides.ours === undefined && sides.base === undefined) {
      const after = fields.slice(0, fields.indexOf(field)).findLast((other) => Object.hasOwn(ours, other));
      merge.edits.push({ op: 'add', ours: place.ours, after, theirs: inner.theirs });
    } else if (sides.ours !== undefined && sameData(sides.ours, sides.base)) merge.edits.push({ op: 'remove', ours: inner.ours });
    else if (Array.isArray(sides.ours) && isListOrAbsent(sides.base) && isListOrAbsent(sides.theirs)) {
      mergeLists(inner, { base: sides.base ?? [], ours: sides.ours, theirs: sides.theirs ?? [] }, merge);
    } else conflict(inner, sides, merge);
  }
}

function isListOrAbsent(value: unknown): value is unknown[] | undefined {
  return value === undefined || Array.isArray(value);
}

function own(map: Record<string, unknown>, field: string): unknown {
  return Object.hasOwn(map, field) ? map[field] : undefined;
}

function mergeLists(place: Place, sides: Sides<unknown[]>, merge: Merge): void {
  const last = place.steps.at(-1);
  const lists = [sides.base, sides.ours, sides.theirs];
  const key = listKeyOf(last && 'field' in last ? last.field : '', lists);
  if (key && sameOrder(sides, key.id)) mergeItems({ place, sides, key }, merge);
  else if (lists.every(isSetOfScalars) && sameOrder(sides, scalarId)) mergeScalars(place, sides, merge);
  else if (sameData(sides.ours, sides.base) && sides.base.length === sides.theirs.length) mergeByIndex(place, sides, merge);
  else replaceWhole(place, sides, merge);
}

/** Do the items that `base` and `theirs` share stand in the same order in both? */
function sameOrder({ base, theirs }: Sides<unknown[]>, id: (item: unknown) => string): boolean {
  const [old, now] = [base.map(id), theirs.map(id)];
  return sameData(
    old.filter((one) => now.includes(one)),
    now.filter((one) => old.includes(one)),
  );
}

function isSetOfScalars(list: readonly unknown[]): boolean {
  return list.every((item) => !isMap(item) && !Array.isArray(item)) && new Set(list.map(scalarId)).size === list.length;
}

function scalarId(item: unknown): string {
  return JSON.stringify(item);
}

function mergeByIndex(place: Place, { base, ours, theirs }: Sides<unknown[]>, merge: Merge): void {
  for (const index of base.keys()) {
    const inner = below(place, { index }, { base: index, ours: index, theirs: index });
    mergeValue(inner, { base: base[index], ours: ours[index], theirs: theirs[index] }, merge);
  }
}

interface KeyedLists {
  place: Place;
  sides: Sides<unknown[]>;
  key: ListKey;
}

function mergeItems({ place, sides, key }: KeyedLists, merge: Merge): void {
  const index = { base: indexOf(sides.base, key.id), ours: indexOf(sides.ours, key.id), theirs: indexOf(sides.theirs, key.id) };
  for (const id of new Set([...index.base.keys(), ...index.theirs.keys()])) {
    const at = { base: index.base.get(id), ours: index.ours.get(id), theirs: index.theirs.get(id) };
    const item = { base: itemAt(sides.base, at.base), ours: itemAt(sides.ours, at.ours), theirs: itemAt(sides.theirs, at.theirs) };
    if (sameData(item.base, item.theirs) || sameData(item.ours, item.theirs)) continue;
    const step = { item: key.of(item.base ?? item.theirs) };
    const inner = below(place, step, { base: at.base ?? -1, ours: at.ours ?? -1, theirs: at.theirs ?? -1 });
    if (item.base !== undefined && item.ours !== undefined && item.theirs !== undefined) mergeValue(inner, item, merge);
    else if (item.base === undefined && item.ours === undefined) {
      merge.edits.push({ op: 'add', ours: place.ours, after: placeFor(at.theirs as number, sides, key.id), theirs: inner.theirs });
    } else if (item.ours !== undefined && sameData(item.ours, item.base)) merge.edits.push({ op: 'remove', ours: inner.ours });
    else conflict(inner, item, merge);
  }
}

function indexOf(list: readonly unknown[], id: (item: unknown) => string): Map<string, number> {
  return new Map(list.map((item, index) => [id(item), index]));
}

function itemAt(list: readonly unknown[], index: number | undefined): unknown {
  return index === undefined ? undefined : list[index];
}

/** The index in `ours` behind which the item of `theirs` goes: behind its nearest neighbour before it, else in front of the next. */
function placeFor(at: number, { ours, theirs }: Sides<unknown[]>, id: (item: unknown) => string): number | undefined {
  const index = indexOf(ours, id);
  const before = theirs.slice(0, at).findLast((item) => index.has(id(item)));
  if (before !== undefined) return index.get(id(before));
  const next = theirs.slice(at + 1).find((item) => index.has(id(item)));
  const behind = next === undefined ? ours.length - 1 : (index.get(id(next)) as number) - 1;
  return behind < 0 ? undefined : behind;
}

/**
 * Lists of scalars, each once, go by value. Values that replace others do so only where those are still there: what was
 * put in their place since would otherwise stand beside them.
 */
function mergeScalars(place: Place, sides: Sides<unknown[]>, merge: Merge): void {
  const ours = indexOf(sides.ours, scalarId);
  const theirs = indexOf(sides.theirs, scalarId);
  const base = indexOf(sides.base, scalarId);
  const edits: Edit[] = [];
  for (const { gone, come } of hunks(sides.base, sides.theirs)) {
    const missing = come.filter((value) => !ours.has(scalarId(value)));
    const present = gone.filter((value) => ours.has(scalarId(value)));
    if (missing.length > 0 && present.length < gone.length) {
      conflict(place, sides, merge);
      return;
    }
    const swaps = present.length === come.length && missing.length === come.length ? present.length : 0;
    for (const [index, value] of present.entries()) {
      const at = {
        base: base.get(scalarId(value)) ?? -1,
        ours: ours.get(scalarId(value)) ?? -1,
        theirs: theirs.get(scalarId(come[index])) ?? -1,
      };
      const inner = below(place, { index: at.ours }, at);
      if (index < swaps) edits.push({ op: 'set', ours: inner.ours, theirs: inner.theirs, base: inner.base });
      else edits.push({ op: 'remove', ours: inner.ours });
    }
    for (const value of missing.slice(swaps)) {
      const at = theirs.get(scalarId(value)) as number;
      edits.push({ op: 'add', ours: place.ours, after: placeFor(at, sides, scalarId), theirs: [...place.theirs, at] });
    }
  }
  merge.edits.push(...edits);
}

interface Hunk {
  gone: unknown[];
  come: unknown[];
}

/** What differs between two lists, from one shared value to the next. The shared ones stand in the same order in both. */
function hunks(base: readonly unknown[], theirs: readonly unknown[]): Hunk[] {
  const shared = new Set(base.map(scalarId).filter((id) => theirs.some((value) => scalarId(value) === id)));
  const split = (list: readonly unknown[]): unknown[][] => {
    const parts: unknown[][] = [[]];
    for (const value of list) {
      if (shared.has(scalarId(value))) parts.push([]);
      else parts.at(-1)?.push(value);
    }
    return parts;
  };
  const come = split(theirs);
  return split(base).map((gone, index) => ({ gone, come: come[index] ?? [] }));
}
