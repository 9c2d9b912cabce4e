/** The namespace controller: empties a namespace that is being deleted. Source: pkg/controller/namespace/deletion. */
import type { Condition, GroupVersionKind, KubeObject } from '../../../api/kube.ts';
import { refOf } from '../../../api/kube.ts';
import { ApiStatusError, type ClusterApi } from '../../cluster.ts';
import { type Controller, type ControllerContext, keyOf, parseKey, startController } from '../controller.ts';
import { CONTROLLER_MANAGER, NAMESPACE, type Namespace, POD } from '../kinds.ts';
import { writeStatus } from '../status-writer.ts';
import { timestamp } from '../timestamps.ts';

const FINALIZER = 'kubernetes';
const RECHECK_MS = 5_000;

export function startNamespaces(context: ControllerContext): Controller {
  return startController(context, {
    name: 'namespace',
    watches: [
      { kind: NAMESPACE, keys: (object) => (object.metadata.deletionTimestamp ? [keyOf(object)] : []) },
      { kind: POD, keys: (object) => (object.metadata.deletionTimestamp ? [`/${object.metadata.namespace}`] : []) },
    ],
    sync: (key, controller) => sync(context, key, controller),
  });
}

function sync(context: ControllerContext, key: string, controller: Controller): void {
  const { api } = context;
  const { name } = parseKey(key);
  const namespace = api.get<Namespace>({ ...NAMESPACE, name });
  if (!namespace?.metadata.deletionTimestamp || !namespace.spec?.finalizers?.includes(FINALIZER)) return;
  const remaining = emptied(api, name);
  if (remaining.length > 0) {
    const conditions = conditionsOf(api, remaining, timestamp(context.clock));
    writeStatus(api, namespace, { phase: 'Terminating', conditions: merged(namespace.status?.conditions, conditions) });
    controller.enqueueAfter(key, RECHECK_MS);
    return;
  }
  const clone = structuredClone(namespace);
  const finalizers = (clone.spec?.finalizers ?? []).filter((finalizer) => finalizer !== FINALIZER);
  finalize(api, { ...clone, spec: { ...clone.spec, finalizers } });
}

/** Deletes the content, pods before all else, and returns what is still there. */
function emptied(api: ClusterApi, namespace: string): KubeObject[] {
  const pods = deleteAll(api, POD, namespace);
  if (pods.length > 0) return pods;
  const kinds = api.kinds().filter((kind) => api.describe(kind)?.namespaced && kind.kind !== POD.kind);
  const left = kinds.flatMap((kind) => deleteAll(api, kind, namespace));
  return [...new Map(left.map((object) => [object.metadata.uid, object])).values()];
}

function deleteAll(api: ClusterApi, kind: GroupVersionKind, namespace: string): KubeObject[] {
  for (const object of listed(api, kind, namespace)) {
    if (object.metadata.deletionTimestamp) continue;
    try {
      api.delete(refOf(object), { propagationPolicy: 'Background' });
    } catch (error) {
      if (!(error instanceof ApiStatusError) || error.code !== 404) throw error;
    }
  }
  return listed(api, kind, namespace);
}

function listed(api: ClusterApi, kind: GroupVersionKind, namespace: string): KubeObject[] {
  try {
    return api.list(kind, { namespace });
  } catch (error) {
    // A kind without a list holds nothing.
    if (error instanceof ApiStatusError) return [];
    throw error;
  }
}

/** The API server removes a namespace whose last finalizer is taken from its spec. */
function finalize(api: ClusterApi, namespace: Namespace): void {
  api.update(namespace, { manager: CONTROLLER_MANAGER });
}

function conditionsOf(api: ClusterApi, remaining: KubeObject[], now: string): Condition[] {
  const counts = tally(remaining.map((object) => `${api.describe(object)?.plural ?? object.kind}.${groupSuffix(object)}`));
  const finalizers = tally(remaining.flatMap((object) => object.metadata.finalizers ?? []));
  const content = counts.map(([plural, count]) => `${plural} has ${count} resource instances`).join(', ');
  const held = finalizers.map(([finalizer, count]) => `${finalizer} in ${count} resource instances`).join(', ');
  const fine = (type: string, reason: string, message: string): Condition => ({
    type,
    status: 'False',
    reason,
    message,
    lastTransitionTime: now,
  });
  return [
    fine('NamespaceDeletionDiscoveryFailure', 'ResourcesDiscovered', 'All resources successfully discovered'),
    fine('NamespaceDeletionGroupVersionParsingFailure', 'ParsedGroupVersions', 'All legacy kube types successfully parsed'),
    fine('NamespaceDeletionContentFailure', 'ContentDeleted', 'All content successfully deleted, may be waiting on finalization'),
    {
      type: 'NamespaceContentRemaining',
      status: 'True',
      reason: 'SomeResourcesRemain',
      message: `Some resources are remaining: ${content}`,
      lastTransitionTime: now,
    },
    held
      ? {
          type: 'NamespaceFinalizersRemaining',
          status: 'True',
          reason: 'SomeFinalizersRemain',
          message: `Some content in the namespace has finalizers remaining: ${held}`,
          lastTransitionTime: now,
        }
      : fine('NamespaceFinalizersRemaining', 'ContentHasNoFinalizers', 'All content-preserving finalizers finished'),
  ];
}

function groupSuffix({ apiVersion }: KubeObject): string {
  return apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : '';
}

function tally(names: string[]): [string, number][] {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts].sort(([a], [b]) => (a < b ? -1 : 1));
}

/** Keeps the transition times of conditions whose status did not change. */
function merged(before: Condition[] | undefined, next: Condition[]): Condition[] {
  return next.map((condition) => {
    const old = before?.find((other) => other.type === condition.type && other.status === condition.status);
    return old ? { ...condition, lastTransitionTime: old.lastTransitionTime } : condition;
  });
}
