/**
 * Workloads whose pods read a ConfigMap or Secret that a rollback changes under the same name: Kubernetes replaces no pod
 * for it, so the good values reach a program only when its pods start anew.
 * Source: https://kubernetes.io/docs/concepts/configuration/configmap/#mounted-configmaps-are-updated-automatically
 */
import { type KubeObject, type ObjectRef, objectKey, refOf } from '../../api/kube.ts';
import type { PodTemplate } from '../../api/workloads.ts';
import type { ObjectChange } from '../diff/object-diff.ts';
import { type ReadBy, readBy } from './readings.ts';

export interface ConfigReader {
  workload: ObjectRef;
  /** What it reads and that changes, by what it is read. */
  reads: { ref: ObjectRef; by: ReadBy }[];
  /** Why it needs no restart by us: it says that it reloads, or something in the cluster restarts it. */
  reloads?: string;
}

/** On a workload or its pod template, `"true"`: the program takes up changed configuration by itself. */
export const RELOADS = 'ebb.dev/reloads-config';
/** Annotations of the Reloader controller (github.com/stakater/Reloader) by which it restarts the workload. */
const RELOADER = ['reloader.stakater.com/auto', 'configmap.reloader.stakater.com/auto', 'secret.reloader.stakater.com/auto'];
const RELOADER_NAMES = ['configmap.reloader.stakater.com/reload', 'secret.reloader.stakater.com/reload'];
const KINDS = new Set(['Deployment', 'StatefulSet', 'DaemonSet']);
const CONFIG = new Set(['ConfigMap', 'Secret']);

/**
 * @param changes what the rollback changes in the cluster
 * @param after the target's objects as they will be
 * @returns workloads that read changed configuration and that the rollback does not roll anyway, in the order of `after`.
 */
export function configReaders(changes: readonly ObjectChange[], after: readonly KubeObject[]): ConfigReader[] {
  const configs = changes.filter(isChangedConfig).map((change) => change.ref);
  if (configs.length === 0) return [];
  const rolled = new Set(changes.filter(changesTemplate).map((change) => objectKey(change.ref)));
  return after
    .filter((object) => KINDS.has(object.kind) && !rolled.has(objectKey(refOf(object))))
    .flatMap((object) => readerOf(object, configs) ?? []);
}

/** Its values change and its name does not. */
function isChangedConfig({ ref, change, fields }: ObjectChange): boolean {
  if (!CONFIG.has(ref.kind) || change !== 'changed' || fields.some(({ path }) => path === 'metadata.name')) return false;
  return fields.some(({ path }) => /^(data|binaryData|stringData)\b/.test(path));
}

function changesTemplate({ change, fields }: ObjectChange): boolean {
  return change === 'added' || fields.some(({ path }) => path.startsWith('spec.template'));
}

function readerOf(object: KubeObject, configs: readonly ObjectRef[]): ConfigReader | undefined {
  const template = (object.spec as { template?: PodTemplate } | undefined)?.template;
  if (!template) return undefined;
  const here = configs.filter((config) => config.namespace === object.metadata.namespace);
  const reads = here.flatMap((ref) => {
    const by = readBy(template.spec, ref);
    return by ? [{ ref, by }] : [];
  });
  if (reads.length === 0) return undefined;
  const reloads = reloadedBy(object, template);
  return { workload: refOf(object), reads, ...(reloads ? { reloads } : {}) };
}

/** Why what it reads needs no restart by us. */
export function reloadedBy(object: KubeObject, template: PodTemplate): string | undefined {
  const annotations = { ...template.metadata?.annotations, ...object.metadata.annotations };
  if (annotations[RELOADS] === 'true') return `annotation ${RELOADS}`;
  if (RELOADER.some((name) => annotations[name] === 'true') || RELOADER_NAMES.some((name) => annotations[name] !== undefined))
    return 'Reloader restarts it';
  return undefined;
}
