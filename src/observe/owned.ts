/** What carries a Kustomization's owner labels, against its inventory: left behind, stuck while it is deleted, or gone. */
import { OWNER_NAME_LABEL, OWNER_NAMESPACE_LABEL } from '../api/flux.ts';
import { formatRef, type GroupVersionKind, groupOf, type KubeObject, type ObjectRef, objectKey, refOf } from '../api/kube.ts';
import type { Target } from '../api/target.ts';
import type { OwnedState, TargetState } from '../core/world.ts';
import type { Cluster } from '../ports.ts';
import type { Lacks } from './lacks.ts';
import { listNamed } from './named-object.ts';

/**
 * Flux applies definitions, namespaces and classes before it tries the rest (fluxcd/pkg ssa/manager_apply.go), so it is
 * those that an apply which fails half-way leaves; the rest only where the API server changes its mind after a dry run.
 * Secrets are nothing that Ebb reads.
 */
const KINDS: GroupVersionKind[] = Object.entries({
  v1: ['Namespace', 'ServiceAccount', 'ConfigMap', 'Service', 'PersistentVolumeClaim'],
  'apiextensions.k8s.io/v1': ['CustomResourceDefinition'],
  'rbac.authorization.k8s.io/v1': ['ClusterRole', 'ClusterRoleBinding', 'Role', 'RoleBinding'],
  'scheduling.k8s.io/v1': ['PriorityClass'],
  'storage.k8s.io/v1': ['StorageClass'],
  'apps/v1': ['Deployment', 'StatefulSet', 'DaemonSet'],
  'batch/v1': ['Job', 'CronJob'],
  'networking.k8s.io/v1': ['Ingress', 'IngressClass', 'NetworkPolicy'],
  'autoscaling/v2': ['HorizontalPodAutoscaler'],
  'policy/v1': ['PodDisruptionBudget'],
}).flatMap(([apiVersion, kinds]) => kinds.map((kind) => ({ apiVersion, kind })));

/** @throws Failure of the cluster, but for Forbidden. */
export async function observeOwned(
  cluster: Cluster,
  { target, inventory, elsewhere }: Pick<TargetState, 'target' | 'inventory' | 'elsewhere'>,
  lacks: Lacks,
): Promise<OwnedState> {
  if (elsewhere) return { untracked: [], terminating: [], missing: [] };
  const found = await Promise.all(KINDS.map(async (kind) => ({ kind, objects: await ownedOf(cluster, kind, target, lacks) })));
  const objects = found.flatMap((list) => list.objects ?? []);
  const there = new Set(objects.map((object) => objectKey(refOf(object))));
  const listed = new Set(found.flatMap(({ kind, objects }) => (objects ? [nameOf(kind)] : [])));
  const owned: OwnedState = { untracked: [], terminating: [], missing: [] };
  owned.missing = await gone(
    cluster,
    inventory.filter((ref) => listed.has(nameOf(ref)) && !there.has(objectKey(ref))),
    lacks,
  );
  const tracked = new Set(inventory.map(objectKey));
  for (const object of objects) {
    const ref = refOf(object);
    const isTracked = tracked.has(objectKey(ref));
    const { deletionTimestamp: since, finalizers = [] } = object.metadata;
    if (since !== undefined) owned.terminating.push({ ref, since, finalizers, tracked: isTracked });
    else if (!isTracked && !isMade(object)) owned.untracked.push(ref);
  }
  return owned;
}

/** Looked at once more by name: what Flux found there and left alone is in the inventory without its labels. */
async function gone(cluster: Cluster, refs: readonly ObjectRef[], lacks: Lacks): Promise<ObjectRef[]> {
  const found = await Promise.all(refs.map((ref) => named(cluster, ref, lacks)));
  return refs.filter((_, index) => found[index]?.length === 0);
}

/** Undefined where one may not look. */
function named(cluster: Cluster, ref: ObjectRef, lacks: Lacks): Promise<KubeObject[] | undefined> {
  return lacks.or(listNamed(cluster, ref), undefined, `whether ${formatRef(ref)} is there is not known`);
}

function nameOf({ apiVersion, kind }: GroupVersionKind): string {
  return `${groupOf(apiVersion)}/${kind}`;
}

/** By a controller, from an object that Flux applied: it may have its labels too, and goes with it. */
function isMade(object: KubeObject): boolean {
  return object.metadata.ownerReferences?.some((owner) => owner.controller) === true;
}

/** Undefined where one may not look. */
async function ownedOf(
  cluster: Cluster,
  kind: GroupVersionKind,
  { namespace, name }: Target,
  lacks: Lacks,
): Promise<KubeObject[] | undefined> {
  const labelSelector = `${OWNER_NAME_LABEL}=${name},${OWNER_NAMESPACE_LABEL}=${namespace}`;
  const consequence = 'whether a release that failed left such objects behind is not known';
  const objects = await lacks.or(cluster.list(kind, { labelSelector }), undefined, consequence);
  return objects?.map((object) => ({ ...object, ...kind }));
}
