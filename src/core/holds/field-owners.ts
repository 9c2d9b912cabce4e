/** Who owns a field, as the API server records it in `metadata.managedFields`. */
import { FIELD_MANAGER } from '../../api/annotations.ts';
import type { KubeObject, ManagedFieldsEntry } from '../../api/kube.ts';

/** The fields that holds write, each in the form of managedFields. */
const HELD_FIELDS = {
  'spec.suspend': ['f:spec', 'f:suspend'],
  'spec.ref.commit': ['f:spec', 'f:ref', 'f:commit'],
  'spec.sourceRef': ['f:spec', 'f:sourceRef', 'f:name'],
} as const;

export type HeldField = keyof typeof HELD_FIELDS;

/** Field → the managers that apply it again and again. Fields that nobody does are left out. */
export type Appliers = Partial<Record<HeldField, string[]>>;

/** Server-side apply by hand: once, not at every interval. `flux` is what `flux bootstrap` applies as; kubectl has names of its own. */
const BY_HAND = /^(flux$|kubectl)/;

/** The managers of a field, who wrote last first. */
export function newestOwners(object: KubeObject, field: HeldField): ManagedFieldsEntry[] {
  return ownersOf(object, HELD_FIELDS[field]);
}

/** The managers of any field, who wrote last first. @param path in the form of managedFields: `['f:spec', 'f:paused']` */
export function ownersOf(object: KubeObject, path: readonly string[]): ManagedFieldsEntry[] {
  const owns = (entry: ManagedFieldsEntry) =>
    path.reduce<unknown>((fields, key) => (fields as Record<string, unknown> | undefined)?.[key], entry.fieldsV1) !== undefined;
  return (object.metadata.managedFields ?? []).filter(owns).sort((a, b) => (b.time ?? '').localeCompare(a.time ?? ''));
}

/**
 * The controllers that apply fields of a hold, so that they would put back what a hold writes there. A field that nobody
 * applies is left alone by all of them.
 * Source: https://kubernetes.io/docs/reference/using-api/server-side-apply/#field-management
 */
export function appliersOf(object: KubeObject): Appliers {
  const applied = (Object.keys(HELD_FIELDS) as HeldField[]).map((field): [HeldField, string[]] => [
    field,
    newestOwners(object, field)
      .filter(({ manager, operation }) => operation === 'Apply' && manager !== FIELD_MANAGER && !BY_HAND.test(manager))
      .map(({ manager }) => manager),
  ]);
  return Object.fromEntries(applied.filter(([, managers]) => managers.length > 0));
}
