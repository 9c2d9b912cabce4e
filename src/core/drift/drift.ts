/**
 * Drift: what is in the cluster otherwise than Flux applied it, because somebody else wrote it since.
 *
 * A field that kustomize-controller still owns has the value that it applied, whatever the API server made of it (`1000m` is `1`):
 * whoever writes another value takes the field over. So drift is what Git declares, differs in the cluster, and is not
 * Flux's any more; and what kubectl added, which Flux takes out at its next apply.
 * Sources: https://kubernetes.io/docs/reference/using-api/server-side-apply/#field-management; fluxcd/pkg ssa/manager_apply.go
 * (the managers `kubectl…` are taken over before an apply).
 */
import { formatRef, type KubeObject, type ManagedFieldsEntry, type ObjectRef, refOf } from '../../api/kube.ts';
import { diffFields, type FieldChange, ORDER } from '../diff/field-diff.ts';
import { formatPath, parsePath, type Step } from '../diff/field-path.ts';
import { isMap, listKeyOf, matchesItem } from '../diff/merge-keys.ts';
import { holdsField, leavesOf } from './field-set.ts';

export const FLUX_MANAGER = 'kustomize-controller';
const KUBECTL = /^kubectl/;

/** One field: `from` as Flux applied it, `to` as it is now. */
export interface DriftedField extends FieldChange {
  /** The manager that wrote it last, and when; undefined where nobody owns it, for it was taken out. */
  by?: { manager: string; time?: string };
}

export interface Drift {
  ref: ObjectRef;
  /** `gone`: somebody deleted it. */
  kind: 'gone' | 'changed';
  fields: DriftedField[];
}

/**
 * @param declared an object as it renders from the revision that Flux applied.
 * @param live the same in the cluster, with its managedFields; undefined where it is gone.
 * @returns undefined where there is no drift.
 */
export function driftOf(declared: KubeObject, live: KubeObject | undefined): Drift | undefined {
  const ref = refOf(declared);
  if (!live) return { ref, kind: 'gone', fields: [] };
  const entries = (live.metadata.managedFields ?? []).filter(({ subresource }) => subresource !== 'status');
  const fields = [...overwritten(declared, live, entries), ...added(declared, live, entries)];
  return fields.length > 0 ? { ref, kind: 'changed', fields: fields.sort((a, b) => (a.path < b.path ? -1 : 1)) } : undefined;
}

function overwritten(declared: KubeObject, live: KubeObject, entries: readonly ManagedFieldsEntry[]): DriftedField[] {
  const flux = entries.filter(({ manager, operation }) => manager === FLUX_MANAGER && operation === 'Apply');
  const wanted = { ...declared, status: undefined };
  return diffFields(wanted, asFarAs(wanted, live))
    .filter(({ path }) => !path.endsWith(ORDER) && !flux.some(({ fieldsV1 }) => holdsField(fieldsV1, parsePath(path))))
    .map((change) => ({ ...change, ...writer(entries, parsePath(change.path)) }));
}

/** The part of `live` that `declared` says something about; what is declared as null says nothing. */
function asFarAs(declared: unknown, live: unknown, field = ''): unknown {
  if (declared === null || declared === undefined) return declared;
  if (isMap(declared) && isMap(live))
    return Object.fromEntries(
      Object.entries(declared).map(([key, value]) => [key, asFarAs(value, Object.hasOwn(live, key) ? live[key] : undefined, key)]),
    );
  if (!Array.isArray(declared) || !Array.isArray(live)) return live;
  const key = listKeyOf(field, [declared, live]);
  if (!key) return live;
  return declared.flatMap((item) => {
    const found = live.find((candidate) => key.id(candidate) === key.id(item));
    return found === undefined ? [] : [asFarAs(item, found)];
  });
}

/** What kubectl wrote, and Git says nothing about. */
function added(declared: KubeObject, live: KubeObject, entries: readonly ManagedFieldsEntry[]): DriftedField[] {
  const own = entries.filter(({ manager }) => KUBECTL.test(manager));
  const paths = new Map(own.flatMap(({ fieldsV1 }) => leavesOf(fieldsV1)).map((steps) => [formatPath(steps), steps]));
  return [...paths].flatMap(([path, steps]) => {
    const to = valueAt(live, steps);
    if (to === undefined || valueAt(declared, steps) !== undefined) return [];
    return [{ path, from: undefined, to, ...writer(entries, steps) }];
  });
}

/** Who owns the field now and wrote last. */
function writer(entries: readonly ManagedFieldsEntry[], path: readonly Step[]): Pick<DriftedField, 'by'> {
  const [last] = entries
    .filter(({ manager, fieldsV1 }) => manager !== FLUX_MANAGER && holdsField(fieldsV1, path))
    .sort((a, b) => (b.time ?? '').localeCompare(a.time ?? ''));
  return last ? { by: { manager: last.manager, ...(last.time === undefined ? {} : { time: last.time }) } } : {};
}

function valueAt(value: unknown, path: readonly Step[], list = ''): unknown {
  const [step, ...rest] = path;
  if (step === undefined) return value;
  if ('field' in step) return isMap(value) && Object.hasOwn(value, step.field) ? valueAt(value[step.field], rest, step.field) : undefined;
  if (!Array.isArray(value)) return undefined;
  const item = 'index' in step ? value[step.index] : value.find((candidate) => matchesItem(list, step.item, candidate));
  return item === undefined ? undefined : valueAt(item, rest);
}

/** `Deployment/shop/api is not in the cluster any more`. */
export function goneText(ref: ObjectRef): string {
  return `${formatRef(ref)} is not in the cluster: somebody deleted it, and Flux creates it anew in its next run`;
}
