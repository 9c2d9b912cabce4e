/**
 * How owners change when an object does: the rules of server-side apply, without the encoding.
 * Source: structured-merge-diff merge/update.go; apimachinery managedfields/internal (structuredmerge.go, stripmeta.go).
 */
import { type Comparison, compareObjects, withoutFields } from './compare.ts';
import type { Owner, Owners } from './entries.ts';
import { compact, ownerId } from './entries.ts';
import { fieldSetOf } from './extract.ts';
import { fieldElement } from './fieldpath.ts';
import { difference, EMPTY, type FieldSet, intersection, isEmptySet, recursiveDifference, setOf, union } from './fieldset.ts';
import { mergeApplied, removeFields, withoutEmptied } from './merge.ts';
import { withNamedFields } from './named-fields.ts';
import type { Schema } from './structure.ts';

const metadata = (name: string) => [fieldElement('metadata'), fieldElement(name)];

/** Bookkeeping that nobody owns. */
const UNTRACKED = setOf(
  [fieldElement('apiVersion')],
  [fieldElement('kind')],
  [fieldElement('metadata')],
  ...['name', 'namespace', 'creationTimestamp', 'selfLink', 'uid', 'clusterName', 'generation', 'managedFields', 'resourceVersion'].map(
    metadata,
  ),
);

export interface Change {
  schema: Schema;
  live: unknown;
  next: unknown;
  owners: Owners;
  /** Fields that this endpoint does not write, see `resetFields`. */
  ignored: FieldSet;
}

export interface Overlap {
  owner: Owner;
  set: FieldSet;
}

/**
 * Owners after an update: whoever wrote takes what it changed, everybody else loses what was changed or removed.
 * @param writer who wrote, with `time`; its `set` is not read.
 */
export function ownersAfterUpdate(change: Change, writer: Owner): Owners {
  const comparison = withoutFields(compareObjects(change.schema, change.live, change.next), change.ignored);
  const others = takeFromOthers(change.owners, comparison);
  const taken = difference(union(comparison.modified, comparison.added), UNTRACKED);
  if (isEmptySet(taken)) return others;
  const id = ownerId(writer);
  return new Map([...others, [id, { ...writer, set: union(others.get(id)?.set ?? EMPTY, taken) }]]);
}

function takeFromOthers(owners: Owners, { removed, modified, added }: Comparison): Owners {
  const lost = union(removed, union(modified, added));
  return compact(new Map([...owners].map(([id, owner]) => [id, { ...owner, set: difference(owner.set, lost) }])));
}

export interface Application {
  schema: Schema;
  live: unknown;
  applied: unknown;
  owners: Owners;
  /** Who applies; its `set` is not read. */
  applier: Owner;
  ignored: FieldSet;
}

export interface Applied {
  object: unknown;
  owners: Owners;
  conflicts: Overlap[];
}

/** The object and its owners after an apply, and whose fields it changed. */
export function applyConfiguration({ schema, live, applied, owners, applier, ignored }: Application): Applied {
  const id = ownerId(applier);
  const last = owners.get(id)?.set ?? EMPTY;
  const set = recursiveDifference(fieldSetOf(schema, applied), ignored);
  const claimed: Owners = new Map([...owners, [id, { ...applier, set }]]);
  const merged = mergeApplied(schema, live ?? {}, applied);
  const object = withoutAbandoned({ schema, merged, owners: claimed, last });
  const comparison = withoutFields(compareObjects(schema, live, object), ignored);
  const changed = union(comparison.modified, comparison.added);
  const others = new Map([...claimed].filter(([other]) => other !== id));
  const conflicts = [...others.values()]
    .map((owner) => ({ owner, set: intersection(owner.set, changed) }))
    .filter((overlap) => !isEmptySet(overlap.set));
  const own: Owner = { ...applier, set: difference(set, UNTRACKED) };
  return {
    object: withoutEmptied(schema, object, [live, applied]),
    owners: compact(new Map([...takeFromOthers(others, comparison), [id, own]])),
    conflicts,
  };
}

/**
 * Takes out of the merged object what the applier owned before, does not apply any more, and nobody else owns.
 * @param last the applier's fields before this apply.
 */
function withoutAbandoned({ schema, merged, owners, last }: { schema: Schema; merged: unknown; owners: Owners; last: FieldSet }): unknown {
  if (isEmptySet(last)) return merged;
  const named = (set: FieldSet) => withNamedFields(schema, set);
  const fieldsOf = (value: unknown) => named(fieldSetOf(schema, value));
  const before = fieldsOf(merged);
  const pruned = removeFields(schema, merged, named(last));
  const owned = [...owners.values()].reduce((sum, { set }) => union(sum, set), EMPTY);
  const addedBack = removeFields(schema, merged, difference(before, union(fieldsOf(pruned), named(owned))));
  return removeFields(schema, merged, intersection(difference(before, fieldsOf(addedBack)), named(last)));
}

/** The overlaps whose fields are not all in `allowed`; what is in it is left out. */
export function remainingConflicts(conflicts: Overlap[], allowed: FieldSet): Overlap[] {
  return conflicts.map(({ owner, set }) => ({ owner, set: difference(set, allowed) })).filter(({ set }) => !isEmptySet(set));
}
