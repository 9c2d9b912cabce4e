/**
 * managedFields as a set of owners, and back. Source: k8s.io/apimachinery pkg/util/managedfields/internal (managedfields.go,
 * capmanagers.go).
 */
import type { ManagedFieldsEntry } from '../../../api/kube.ts';
import { EMPTY, type FieldSet, fromFieldsV1, isEmptySet, toFieldsV1, union } from './fieldset.ts';
import { definedKeys, isObject } from './json.ts';
import type { Schema } from './structure.ts';

export interface Owner {
  manager: string;
  operation: 'Apply' | 'Update';
  apiVersion: string;
  subresource?: string;
  /** RFC 3339, seconds. */
  time?: string;
  set: FieldSet;
}

/** Owners by their identity. */
export type Owners = ReadonlyMap<string, Owner>;

/** Appliers are told apart by name and subresource, updaters by API version as well. */
export function ownerId(owner: Pick<Owner, 'manager' | 'operation' | 'apiVersion' | 'subresource'>): string {
  const version = owner.operation === 'Apply' ? '' : owner.apiVersion;
  return JSON.stringify([owner.manager, owner.operation, version, owner.subresource ?? '']);
}

/** Reads managedFields; undefined where an entry is malformed. */
export function decodeOwners(entries: unknown): Owners | undefined {
  if (entries === undefined || entries === null) return new Map();
  if (!Array.isArray(entries)) return undefined;
  const owners = new Map<string, Owner>();
  for (const entry of entries as unknown[]) {
    const owner = decodeOwner(entry);
    if (!owner) return undefined;
    owners.set(ownerId(owner), owner);
  }
  return owners;
}

function decodeOwner(entry: unknown): Owner | undefined {
  if (!isObject(entry) || entry.fieldsType !== 'FieldsV1') return undefined;
  const { manager, operation, apiVersion, subresource, time, fieldsV1 } = entry as unknown as ManagedFieldsEntry;
  if ((operation !== 'Apply' && operation !== 'Update') || !apiVersion) return undefined;
  try {
    return {
      manager: manager ?? '',
      operation,
      apiVersion,
      ...(subresource && { subresource }),
      ...(time && { time }),
      set: fromFieldsV1(fieldsV1),
    };
  } catch {
    return undefined;
  }
}

/** Writes managedFields: appliers first, then by time, name, version and subresource. */
export function encodeOwners(owners: Owners): ManagedFieldsEntry[] {
  return [...owners.values()].sort(compareOwners).map((owner) => ({
    manager: owner.manager,
    operation: owner.operation,
    apiVersion: owner.apiVersion,
    ...(owner.time && { time: owner.time }),
    fieldsType: 'FieldsV1',
    fieldsV1: toFieldsV1(owner.set),
    ...(owner.subresource && { subresource: owner.subresource }),
  }));
}

function compareOwners(left: Owner, right: Owner): number {
  return (
    compareText(left.operation, right.operation) ||
    seconds(left.time) - seconds(right.time) ||
    compareText(left.manager, right.manager) ||
    compareText(left.apiVersion, right.apiVersion) ||
    compareText(left.subresource ?? '', right.subresource ?? '')
  );
}

function seconds(time: string | undefined): number {
  return time === undefined ? 0 : Math.floor(Date.parse(time) / 1_000);
}

function compareText(left: string, right: string): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

/** True where a request asks to forget all ownership: `managedFields: [{}]`, of built-in kinds `[]` as well. */
export function isReset(entries: unknown, { origin }: Schema): boolean {
  if (!Array.isArray(entries)) return false;
  return (
    (entries.length === 0 && origin !== 'custom') || (entries.length === 1 && isObject(entries[0]) && definedKeys(entries[0]).length === 0)
  );
}

/** How many updaters an object keeps apart before the oldest are put together. */
const MAX_UPDATERS = 10;
const OLD_UPDATES = 'ancient-changes';

/** Puts the oldest updaters of a version together, so that no more than ten are left. */
export function capUpdaters(owners: Owners): Owners {
  const updaters = [...owners].filter(([, { operation }]) => operation === 'Update').sort(oldestFirst);
  let excess = updaters.length - MAX_UPDATERS;
  if (excess <= 0) return owners;
  const capped = new Map(owners);
  const firstOfVersion = new Map<string, string>();
  for (const [id, owner] of updaters) {
    if (excess <= 0) break;
    const first = firstOfVersion.get(owner.apiVersion);
    if (first === undefined) {
      firstOfVersion.set(owner.apiVersion, id);
      continue;
    }
    addToBucket({ capped, first, id, owner });
    excess -= 1;
  }
  return capped;
}

function oldestFirst([idA, a]: [string, Owner], [idB, b]: [string, Owner]): number {
  return seconds(a.time) - seconds(b.time) || compareText(idA, idB);
}

function addToBucket({ capped, first, id, owner }: { capped: Map<string, Owner>; first: string; id: string; owner: Owner }): void {
  const bucket: Owner = { manager: OLD_UPDATES, operation: 'Update', apiVersion: owner.apiVersion, set: EMPTY };
  const bucketId = ownerId(bucket);
  const before = capped.get(bucketId) ?? (capped.get(first) as Owner);
  if (!capped.has(bucketId)) capped.delete(first);
  capped.delete(id);
  capped.set(bucketId, { ...bucket, ...(owner.time && { time: owner.time }), set: union(before.set, owner.set) });
}

/** Without the owners that own nothing. */
export function compact(owners: Owners): Owners {
  return new Map([...owners].filter(([, { set }]) => !isEmptySet(set)));
}
