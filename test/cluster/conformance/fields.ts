/** Every field of an object by its path, values renamed; lists by what identifies their entries. */
import type { Condition, KubeObject, ManagedFieldsEntry } from '../../../src/api/kube.ts';
import { isUnderWay, retryless } from './aspects.ts';
import type { Rename } from './names.ts';

/** Counters of the storage, and what is compared in another form. */
const LEFT_OUT = new Set(['metadata.resourceVersion', 'metadata.managedFields', 'metadata.uid', 'metadata.selfLink']);
/** Measured, or made by another program for compressing. */
const MEASURED = /(^status\.artifact\.size|\.lastReconciledDuration)$/;
/** Counts how often the readiness of pods was written down: as often as the layer of pods took steps. */
const COUNTED = new Set(['EndpointSlice metadata.generation']);
/** What only the layer of pods knows. */
const POD_LAYER = /^(status\.(?!qosClass)|spec\.nodeName)/;
/** The managers of the layer of pods. */
const POD_MANAGERS = new Set(['kubelet', 'kwok', 'kwok_controller']);

export function fieldsOf(object: KubeObject, rename: Rename): Record<string, string> {
  const fields: Record<string, string> = {};
  flatten(object, '', (path, value) => {
    if (LEFT_OUT.has(path) || path === 'apiVersion' || path === 'kind') return;
    if (object.kind === 'Pod' && POD_LAYER.test(path)) return;
    if (COUNTED.has(`${object.kind} ${path}`)) return;
    fields[rename(path)] = MEASURED.test(path) ? '<measured>' : rename(settled(object, path, value));
  });
  for (const entry of object.metadata.managedFields ?? []) {
    if (POD_MANAGERS.has(entry.manager)) continue;
    for (const path of managedPaths(entry.fieldsV1)) fields[`managed by ${managerOf(entry)}: ${rename(path)}`] = 'yes';
  }
  return fields;
}

/** Whether a rollout was seen to begin or already to go on is a matter of speed. */
function settled(object: KubeObject, path: string, value: string): string {
  if (path === 'status.conditions[Reconciling].reason') return retryless(object, { type: 'Reconciling', status: 'True', reason: value });
  const match = /^status\.conditions\[Progressing\]\.(reason|message)$/.exec(path);
  if (object.kind !== 'Deployment' || !match) return value;
  const conditions = (object.status as { conditions?: Condition[] }).conditions ?? [];
  const progressing = conditions.find(({ type }) => type === 'Progressing');
  return progressing && isUnderWay(progressing) ? `of a rollout under way` : value;
}

function managerOf({ manager, operation, subresource }: ManagedFieldsEntry): string {
  return `${manager} ${operation}${subresource ? ` ${subresource}` : ''}`;
}

function managedPaths(set: Record<string, unknown>, prefix = ''): string[] {
  return Object.entries(set).flatMap(([key, value]) => {
    const path = key === '.' ? prefix || '.' : `${prefix}${prefix === '' ? '' : ' '}${key.replace(/^f:/, '')}`;
    const below = Object.keys(value as Record<string, unknown>).length > 0 ? managedPaths(value as Record<string, unknown>, path) : [path];
    return key === '.' ? [`${path} itself`] : below;
  });
}

function flatten(value: unknown, path: string, take: (path: string, value: string) => void): void {
  if (LEFT_OUT.has(path)) return;
  if (Array.isArray(value)) {
    if (value.length === 0) take(path, '[]');
    value.forEach((entry, index) => {
      flatten(entry, `${path}[${keyOf(entry) ?? index}]`, take);
    });
    return;
  }
  if (value !== null && typeof value === 'object') {
    const entries = Object.entries(value);
    if (entries.length === 0) take(path, '{}');
    for (const [key, below] of entries) flatten(below, path === '' ? key : `${path}.${key}`, take);
    return;
  }
  take(path, String(value).replaceAll('\n', ' ⏎ '));
}

/** What tells entries of a list apart, where it is not their place. */
function keyOf(entry: unknown): string | undefined {
  if (entry === null || typeof entry !== 'object') return undefined;
  const { type, name, id, key, targetRef } = entry as Record<string, unknown>;
  const target = (targetRef as { name?: string } | undefined)?.name;
  const found = [type, target, name, id, key].find((one) => typeof one === 'string');
  return found as string | undefined;
}
