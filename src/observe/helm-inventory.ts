/** What helm-controller applied for a HelmRelease. */
import { HELM_NAME_LABEL, HELM_NAMESPACE_LABEL, HELM_RELEASE, type HelmRelease } from '../api/flux.ts';
import { inventoryOf } from '../api/inventory.ts';
import { type ObjectRef, objectKey } from '../api/kube.ts';
import type { Cluster } from '../ports.ts';

const LABELLED = [
  ...['Deployment', 'StatefulSet', 'DaemonSet'].map((kind) => ({ apiVersion: 'apps/v1', kind })),
  { apiVersion: 'v1', kind: 'Service' },
];

/**
 * Found by the owner labels in the namespace of the release, for an action under way has applied more than the status tells;
 * and in `status.inventory` (helm-controller 1.5, Flux 2.8), which knows other namespaces too.
 * @returns nothing where the release is not there. @throws Failure of the cluster
 */
export async function helmInventory(cluster: Cluster, { namespace, name }: { namespace: string; name: string }): Promise<ObjectRef[]> {
  const release = await cluster.get<HelmRelease>({ ...HELM_RELEASE, namespace, name });
  return release ? installedBy(cluster, release) : [];
}

/** The same of a release that was read already; nothing of one that is installed into another cluster. @throws Failure of the cluster */
export async function installedBy(cluster: Cluster, release: HelmRelease): Promise<ObjectRef[]> {
  const { metadata, spec } = release;
  if (spec.kubeConfig !== undefined) return [];
  const namespace = spec.targetNamespace ?? metadata.namespace;
  const labelSelector = `${HELM_NAME_LABEL}=${metadata.name},${HELM_NAMESPACE_LABEL}=${metadata.namespace}`;
  const lists = await Promise.all(LABELLED.map((kind) => cluster.list(kind, { namespace, labelSelector })));
  const labelled = lists.flat().map(({ apiVersion, kind, metadata: { name } }) => ({ apiVersion, kind, namespace, name }));
  return [...new Map([...inventoryOf(release), ...labelled].map((ref) => [objectKey(ref), ref])).values()];
}
