/**
 * The fields that a manager owns, as the API server writes them into `metadata.managedFields[].fieldsV1`: `f:NAME` for a field,
 * `k:{…}` for an item of a list by its keys, `v:VALUE` for one of a set, `.` for the thing itself; `{}` where nothing is below.
 * Source: sigs.k8s.io/structured-merge-diff fieldpath/serialize.go.
 */
import type { ItemKey, Step } from '../diff/field-path.ts';
import { isMap } from '../diff/merge-keys.ts';

/** Does the set hold the field at this path, or something that the field is a part of as a whole (a list that is replaced whole)? */
export function holdsField(set: unknown, path: readonly Step[]): boolean {
  if (!isMap(set)) return false;
  const [step, ...rest] = path;
  if (step === undefined) return true;
  const within = Object.keys(set).filter((key) => key !== '.');
  if (within.length === 0) return true;
  const key = within.find((candidate) => names(candidate, step));
  return key !== undefined && holdsField(set[key], rest);
}

/** The paths of all fields in a set that have nothing below them. Items of sets are told by the list that they are in. */
export function leavesOf(set: unknown, above: readonly Step[] = []): Step[][] {
  if (!isMap(set)) return [];
  const steps = Object.entries(set).flatMap(([key, below]) => {
    const step = stepOf(key);
    return step ? [{ step, below }] : [];
  });
  if (steps.length === 0) return above.length > 0 ? [[...above]] : [];
  return steps.flatMap(({ step, below }) => leavesOf(below, [...above, step]));
}

function stepOf(key: string): Step | undefined {
  if (key.startsWith('f:')) return { field: key.slice(2) };
  const item = itemOf(key);
  return item && { item };
}

function itemOf(key: string): ItemKey | undefined {
  if (!key.startsWith('k:')) return undefined;
  const item: unknown = JSON.parse(key.slice(2));
  return isMap(item) ? (item as ItemKey) : undefined;
}

function names(key: string, step: Step): boolean {
  if ('field' in step) return key === `f:${step.field}`;
  if ('index' in step) return key === `i:${step.index}`;
  const item = itemOf(key);
  return item !== undefined && sameItem(item, step.item);
}

/** Keys that one side leaves out are at their default there. */
function sameItem(a: ItemKey, b: ItemKey): boolean {
  const common = Object.keys(a).filter((field) => b[field] !== undefined);
  return common.length > 0 && common.every((field) => a[field] === b[field]);
}
