import { type KubeObject, objectKey, refOf } from '../../api/kube.ts';
import { type FieldChange, ORDER } from './field-diff.ts';
import { parsePath, type Step } from './field-path.ts';
import { isMap, matchesItem } from './merge-keys.ts';
import type { ObjectChange } from './object-diff.ts';

/**
 * The objects that `changes` lead to from `before`: the inverse of `diffObjects`, except that an added object's content
 * is not part of its change (it is looked up in `added`) and that values of Secrets are markers.
 */
export function applyChanges(
  before: readonly KubeObject[],
  changes: readonly ObjectChange[],
  added: readonly KubeObject[] = [],
): KubeObject[] {
  const objects = new Map(before.map((object) => [objectKey(refOf(object)), object]));
  const newcomers = new Map(added.map((object) => [objectKey(refOf(object)), object]));
  for (const change of changes) {
    const key = objectKey(change.ref);
    const newcomer = newcomers.get(key);
    if (change.change === 'removed') objects.delete(key);
    else if (change.change === 'changed') applyToObject(objects, change);
    else if (newcomer) objects.set(key, newcomer);
  }
  return [...objects.values()];
}

function applyToObject(objects: Map<string, KubeObject>, { ref, fields }: ObjectChange): void {
  const renamed = fields.find((field) => field.path === 'metadata.name');
  const key = objectKey(typeof renamed?.from === 'string' ? { ...ref, name: renamed.from } : ref);
  const object = objects.get(key);
  if (!object) throw new RangeError(`no object to change: ${key}`);
  objects.delete(key);
  objects.set(objectKey(ref), applyFields(object, fields) as KubeObject);
}

/** A copy of `value` with every change made; `value` stays as it is. */
export function applyFields(value: unknown, changes: readonly FieldChange[]): unknown {
  const root = { value: structuredClone(value) };
  for (const change of [...changes].sort((a, b) => phase(a) - phase(b) || inPhase(a, b))) {
    const ordered = change.path.endsWith(ORDER);
    const steps = parsePath(ordered ? change.path.slice(0, -ORDER.length) : change.path);
    if (ordered) reorder(at(root, [{ field: 'value' }, ...steps]), lastField(steps), change.to as string[]);
    else put(root, [{ field: 'value' }, ...steps], change);
  }
  return root.value;
}

/** First what is replaced and removed, then what is added, then the order. */
function phase(change: FieldChange): number {
  if (change.path.endsWith(ORDER)) return 3;
  if (change.from !== undefined && change.to !== undefined) return 0;
  return change.to === undefined ? 1 : 2;
}

/** Indexed items leave from the end and arrive from the start; keyed ones arrive in their order. */
function inPhase(a: FieldChange, b: FieldChange): number {
  if (a.at !== undefined && b.at !== undefined) return a.at - b.at;
  const [one, other] = [lastIndex(a), lastIndex(b)];
  if (one === undefined || other === undefined) return 0;
  return a.to === undefined ? other - one : one - other;
}

function lastIndex(change: FieldChange): number | undefined {
  const step = parsePath(change.path).at(-1);
  return step && 'index' in step ? step.index : undefined;
}

function lastField(steps: readonly Step[]): string {
  const step = steps.at(-1);
  return step && 'field' in step ? step.field : '';
}

function at(root: unknown, steps: readonly Step[]): unknown {
  return steps.reduce((value, step, index) => child(value, step, lastField(steps.slice(0, index))), root);
}

function child(value: unknown, step: Step, listField: string): unknown {
  if ('field' in step) return isMap(value) ? value[step.field] : undefined;
  if (!Array.isArray(value)) return undefined;
  return 'index' in step ? value[step.index] : value.find((item) => matchesItem(listField, step.item, item));
}

function put(root: unknown, steps: readonly Step[], { to, at: position }: FieldChange): void {
  const parentSteps = steps.slice(0, -1);
  const parent = at(root, parentSteps);
  const step = steps.at(-1) as Step;
  if ('field' in step) {
    if (!isMap(parent)) throw new RangeError(`nothing to change at ${JSON.stringify(steps)}`);
    if (to === undefined) delete parent[step.field];
    else Object.defineProperty(parent, step.field, { value: structuredClone(to), enumerable: true, configurable: true, writable: true });
    return;
  }
  if (!Array.isArray(parent)) throw new RangeError(`no list at ${JSON.stringify(steps)}`);
  const index = 'index' in step ? step.index : parent.findIndex((item) => matchesItem(lastField(parentSteps), step.item, item));
  if (to === undefined) parent.splice(index, 1);
  else if (index < 0) parent.splice(position ?? parent.length, 0, structuredClone(to));
  else parent[index] = structuredClone(to);
}

function reorder(list: unknown, field: string, order: readonly string[]): void {
  if (!Array.isArray(list)) return;
  const items = order.map((key) => child(list, parsePath(`[${key}]`)[0] as Step, field));
  list.splice(0, list.length, ...items);
}
