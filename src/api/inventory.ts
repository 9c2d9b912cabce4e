/**
 * Entries of a Kustomization's `status.inventory`: `<namespace>_<name>_<group>_<kind>` and the version.
 * Source: fluxcd/cli-utils pkg/object/objmetadata.go (colons in RBAC names are written `__`).
 */
import type { InventoryEntry } from './flux.ts';
import { groupOf, type ObjectRef, versionOf } from './kube.ts';

/** The object that an entry names; undefined where the id is malformed. */
export function refOfEntry(entry: InventoryEntry): ObjectRef | undefined {
  const first = entry.id.indexOf('_');
  const last = entry.id.lastIndexOf('_');
  const middle = entry.id.lastIndexOf('_', last - 1);
  if (first < 0 || middle <= first) return undefined;
  const namespace = entry.id.slice(0, first);
  const name = entry.id.slice(first + 1, middle).replaceAll('__', ':');
  const group = entry.id.slice(middle + 1, last);
  const kind = entry.id.slice(last + 1);
  if (!name || !kind) return undefined;
  const apiVersion = group ? `${group}/${entry.v}` : entry.v;
  return namespace ? { apiVersion, kind, namespace, name } : { apiVersion, kind, name };
}

interface Applied {
  spec: { kubeConfig?: unknown };
  status?: { inventory?: { entries: InventoryEntry[] } };
}

/**
 * What Flux applied for a Kustomization or HelmRelease, of what is in this cluster: nothing of one with `spec.kubeConfig`, whose
 * objects are in another cluster, under names that may well be taken here too.
 */
export function inventoryOf({ spec, status }: Applied): ObjectRef[] {
  if (spec.kubeConfig !== undefined) return [];
  return (status?.inventory?.entries ?? []).map(refOfEntry).filter((ref): ref is ObjectRef => ref !== undefined);
}

/** The entry that names an object. */
export function entryOf(ref: ObjectRef): InventoryEntry {
  const name = ref.name.replaceAll(':', '__');
  return { id: `${ref.namespace ?? ''}_${name}_${groupOf(ref.apiVersion)}_${ref.kind}`, v: versionOf(ref.apiVersion) };
}
