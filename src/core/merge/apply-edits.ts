import { isMap } from '../diff/merge-keys.ts';
import type { Edit, NodePath } from './three-way.ts';

/** The value at a path of JSON data; undefined where there is none. */
export function valueAt(data: unknown, path: NodePath): unknown {
  return path.reduce<unknown>((value, step) => {
    if (Array.isArray(value)) return value[step as number];
    return isMap(value) && Object.hasOwn(value, step) ? value[step] : undefined;
  }, data);
}

/** JSON data with every edit made; values come from `theirs`. */
export function applyEdits(ours: unknown, edits: readonly Edit[], theirs: unknown): unknown {
  const own = edits.find((edit) => edit.op === 'set' && edit.ours.length === 0);
  if (own?.op === 'set') return valueAt(theirs, own.theirs);
  if (edits.length === 0) return ours;
  if (Array.isArray(ours)) return applyToList(ours, edits, theirs);
  return isMap(ours) ? applyToMap(ours, edits, theirs) : ours;
}

/** The edits below one entry, as seen from it. */
function below(edits: readonly Edit[], key: string | number): Edit[] {
  return edits.filter((edit) => edit.ours[0] === key).map((edit) => ({ ...edit, ours: edit.ours.slice(1) }));
}

function isRemoved(edits: readonly Edit[], key: string | number): boolean {
  return edits.some((edit) => edit.op === 'remove' && edit.ours.length === 1 && edit.ours[0] === key);
}

function addedAfter(edits: readonly Edit[], after: string | number | undefined): NodePath[] {
  return edits.flatMap((edit) => (edit.op === 'add' && edit.ours.length === 0 && edit.after === after ? [edit.theirs] : []));
}

function applyToList(ours: readonly unknown[], edits: readonly Edit[], theirs: unknown): unknown[] {
  const added = (after: number | undefined) => addedAfter(edits, after).map((path) => valueAt(theirs, path));
  const kept = ours.flatMap((item, index) => {
    const own = isRemoved(edits, index) ? [] : [applyEdits(item, below(edits, index), theirs)];
    return [...own, ...added(index)];
  });
  return [...added(undefined), ...kept];
}

function applyToMap(ours: Record<string, unknown>, edits: readonly Edit[], theirs: unknown): Record<string, unknown> {
  const added = (after: string | undefined): [string, unknown][] =>
    addedAfter(edits, after).map((path) => [String(path.at(-1)), valueAt(theirs, path)]);
  const kept = Object.entries(ours).flatMap(([field, value]): [string, unknown][] => {
    const own: [string, unknown][] = isRemoved(edits, field) ? [] : [[field, applyEdits(value, below(edits, field), theirs)]];
    return [...own, ...added(field)];
  });
  return Object.fromEntries([...added(undefined), ...kept]);
}
