/**
 * Which fields tell the items of a list apart, by the name of the list's field.
 * Sources: `patchMergeKey` and `listMapKey` of k8s.io/api (core/v1, networking/v1, admissionregistration/v1), of
 * apiextensions.k8s.io/v1 and monitoring.coreos.com/v1; `resources/kustomization` of kustomize; Flux's Kustomization.
 * Lists that Kubernetes replaces whole are in here too where their items have names that people know them by: this is
 * for telling changes and for merging files, not for patching a cluster.
 */
import type { ItemKey } from './field-path.ts';

interface KeyField {
  name: string;
  /** The value that an item without the field has; a field without a default is required. */
  absent?: string;
}

const NAME: KeyField[] = [{ name: 'name' }];
const KEY: KeyField[] = [{ name: 'key' }];
const PROTOCOL: KeyField = { name: 'protocol', absent: 'TCP' };
const NAMESPACE: KeyField = { name: 'namespace', absent: '' };

/** Tried in order; the first that fits every item of every side is taken. */
const BY_FIELD: Record<string, KeyField[][]> = {
  ports: [[{ name: 'containerPort' }, PROTOCOL], [{ name: 'port' }, PROTOCOL], NAME],
  volumeMounts: [[{ name: 'mountPath' }]],
  volumeDevices: [[{ name: 'devicePath' }]],
  hostAliases: [[{ name: 'ip' }]],
  podIPs: [[{ name: 'ip' }]],
  topologySpreadConstraints: [[{ name: 'topologyKey' }, { name: 'whenUnsatisfiable' }]],
  conditions: [[{ name: 'type' }]],
  ownerReferences: [[{ name: 'uid' }]],
  configMapGenerator: [[{ name: 'name' }, NAMESPACE]],
  secretGenerator: [[{ name: 'name' }, NAMESPACE]],
  dependsOn: [[{ name: 'name' }, NAMESPACE]],
  healthChecks: [[{ name: 'kind' }, NAMESPACE, { name: 'name' }]],
  subjects: [[{ name: 'kind' }, NAMESPACE, { name: 'name' }]],
  substituteFrom: [[{ name: 'kind' }, { name: 'name' }]],
  rules: [[{ name: 'alert' }], [{ name: 'record' }], [{ name: 'host' }], NAME],
  paths: [[{ name: 'path' }]],
};
const OTHERWISE: KeyField[][] = [NAME, KEY];

function candidatesFor(field: string): KeyField[][] {
  return Object.hasOwn(BY_FIELD, field) ? (BY_FIELD[field] as KeyField[][]) : OTHERWISE;
}

/** Tells items of one list apart. */
export interface ListKey {
  /** The item's identity as text, for maps. */
  id(item: unknown): string;
  /** The item's identity as a path shows it. */
  of(item: unknown): ItemKey;
}

/**
 * The key that fits every item of every list in `sides`, each item having one of its own; undefined where there is
 * none, or where nothing is in the lists.
 * @param field the name of the list's field.
 */
export function listKeyOf(field: string, sides: readonly (readonly unknown[])[]): ListKey | undefined {
  if (!sides.some((items) => items.length > 0)) return undefined;
  const fields = candidatesFor(field).find((candidate) => sides.every((items) => fits(candidate, items)));
  return fields && { id: (item) => idOf(fields, item), of: (item) => keyOf(fields, item) };
}

function fits(fields: readonly KeyField[], items: readonly unknown[]): boolean {
  if (!items.every((item) => isMap(item) && fields.every((field) => hasKey(field, item)))) return false;
  return new Set(items.map((item) => idOf(fields, item))).size === items.length;
}

function hasKey(field: KeyField, item: Record<string, unknown>): boolean {
  const value = item[field.name];
  if (value === undefined) return field.absent !== undefined;
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}

function idOf(fields: readonly KeyField[], item: unknown): string {
  return JSON.stringify(fields.map((field) => (item as Record<string, unknown>)[field.name] ?? field.absent));
}

function keyOf(fields: readonly KeyField[], item: unknown): ItemKey {
  const key: ItemKey = {};
  for (const { name, absent } of fields) {
    const value = (item as ItemKey)[name];
    if (value !== undefined && value !== absent) key[name] = value;
  }
  return key;
}

/** True for a plain map of JSON data. */
export function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Does `item` carry the key that a path names? Fields that the key leaves out must be absent or at their default. */
export function matchesItem(field: string, key: ItemKey, item: unknown): boolean {
  if (!isMap(item)) return false;
  const names = Object.keys(key);
  const fields = candidatesFor(field).find((candidate) => names.every((name) => candidate.some((one) => one.name === name)));
  return (fields ?? names.map((name): KeyField => ({ name }))).every(
    (one) => (item[one.name] ?? one.absent) === (key[one.name] ?? one.absent),
  );
}
