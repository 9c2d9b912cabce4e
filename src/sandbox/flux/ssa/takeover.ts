/**
 * Before it applies, kustomize-controller takes over the fields of kubectl's managers, so that what they added beside the
 * manifest is removed by the apply that follows.
 * Source: kustomize-controller apply(), fluxcd/pkg ssa/manager_apply.go (cleanupMetadata), ssa/patch.go.
 */
import { KUSTOMIZE_CONTROLLER } from '../../../api/flux.ts';
import type { KubeObject, ManagedFieldsEntry } from '../../../api/kube.ts';

export interface JsonPatchOperation {
  op: 'replace' | 'remove';
  path: string;
  value?: unknown;
}

/** Prefixes of managers, each with the operation for which it is taken over. */
const TAKEN_OVER: readonly Pick<ManagedFieldsEntry, 'manager' | 'operation'>[] = [
  { manager: 'kubectl', operation: 'Apply' },
  { manager: 'kubectl', operation: 'Update' },
  { manager: 'before-first-apply', operation: 'Update' },
  { manager: KUSTOMIZE_CONTROLLER, operation: 'Update' },
];
const REMOVED_ANNOTATIONS = [
  'kubectl.kubernetes.io/last-applied-configuration',
  'kustomize.toolkit.fluxcd.io/checksum',
  'fluxcd.io/sync-checksum',
];
const REMOVED_LABELS = ['fluxcd.io/sync-gc-mark'];

/** A JSON patch of the object in the cluster; empty where there is nothing to take over. */
export function takeoverPatch(existing: KubeObject): JsonPatchOperation[] {
  const { annotations = {}, labels = {}, managedFields = [] } = existing.metadata;
  const managers = takenOver(managedFields);
  return [
    ...removals('annotations', annotations, REMOVED_ANNOTATIONS),
    ...removals('labels', labels, REMOVED_LABELS),
    ...(managers ? [{ op: 'replace' as const, path: '/metadata/managedFields', value: managers }] : []),
  ];
}

function removals(field: string, present: Record<string, string>, keys: readonly string[]): JsonPatchOperation[] {
  return keys.filter((key) => key in present).map((key) => ({ op: 'remove', path: `/metadata/${field}/${key.replaceAll('/', '~1')}` }));
}

/** The entries with those of the managers above merged into Flux's own; undefined where there are none. */
function takenOver(entries: readonly ManagedFieldsEntry[]): ManagedFieldsEntry[] | undefined {
  const before = entries.filter(({ manager, operation }) => manager === KUSTOMIZE_CONTROLLER && operation === 'Apply').at(-1);
  const taken = entries.filter((entry) => entry !== before && isTakenOver(entry));
  const [first] = taken;
  if (!first) return undefined;
  const base: ManagedFieldsEntry = before ?? { ...first, manager: KUSTOMIZE_CONTROLLER, operation: 'Apply', fieldsV1: {} };
  const fieldsV1 = taken.reduce((fields, entry) => union(fields, entry.fieldsV1), base.fieldsV1);
  return [...entries.filter((entry) => entry !== before && !taken.includes(entry)), { ...base, fieldsV1 }];
}

function isTakenOver(entry: ManagedFieldsEntry): boolean {
  return (
    !entry.subresource && TAKEN_OVER.some(({ manager, operation }) => entry.operation === operation && entry.manager.startsWith(manager))
  );
}

/** Both sets of fields in one (a FieldsV1 is a trie, its leaves are empty objects). */
function union(left: Record<string, unknown>, right: Record<string, unknown>): Record<string, unknown> {
  const merged = { ...left };
  for (const [field, below] of Object.entries(right)) {
    merged[field] = union((left[field] ?? {}) as Record<string, unknown>, below as Record<string, unknown>);
  }
  return merged;
}
