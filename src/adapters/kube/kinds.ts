/**
 * Which resource a kind is: what Ebb reads all the time from a table, so that the first request is the one wanted, all
 * else by asking the API server.
 */
import { type GroupVersionKind, groupOf } from '../../api/kube.ts';

export interface Resource {
  plural: string;
  namespaced: boolean;
}

/** Kinds whose plural is the lower-case kind with an `s`, by group. */
const NAMESPACED: Record<string, readonly string[]> = {
  '': ['Pod', 'Service', 'ConfigMap', 'Secret', 'Event', 'ServiceAccount', 'PersistentVolumeClaim', 'ReplicationController'],
  apps: ['Deployment', 'ReplicaSet', 'StatefulSet', 'DaemonSet', 'ControllerRevision'],
  batch: ['Job', 'CronJob'],
  autoscaling: ['HorizontalPodAutoscaler'],
  policy: ['PodDisruptionBudget'],
  'discovery.k8s.io': ['EndpointSlice'],
  'events.k8s.io': ['Event'],
  'coordination.k8s.io': ['Lease'],
  'rbac.authorization.k8s.io': ['Role', 'RoleBinding'],
  'kustomize.toolkit.fluxcd.io': ['Kustomization'],
  'helm.toolkit.fluxcd.io': ['HelmRelease'],
  'source.toolkit.fluxcd.io': ['Bucket', 'HelmChart'],
  'notification.toolkit.fluxcd.io': ['Alert', 'Provider', 'Receiver'],
};
const IRREGULAR: Record<string, Resource> = {
  '/Namespace': { plural: 'namespaces', namespaced: false },
  '/Node': { plural: 'nodes', namespaced: false },
  '/Endpoints': { plural: 'endpoints', namespaced: true },
  'networking.k8s.io/Ingress': { plural: 'ingresses', namespaced: true },
  'networking.k8s.io/NetworkPolicy': { plural: 'networkpolicies', namespaced: true },
  'source.toolkit.fluxcd.io/GitRepository': { plural: 'gitrepositories', namespaced: true },
  'source.toolkit.fluxcd.io/OCIRepository': { plural: 'ocirepositories', namespaced: true },
  'source.toolkit.fluxcd.io/HelmRepository': { plural: 'helmrepositories', namespaced: true },
  'apiextensions.k8s.io/CustomResourceDefinition': { plural: 'customresourcedefinitions', namespaced: false },
};

/** The resource of a kind that needs no looking up. */
export function knownResource({ apiVersion, kind }: GroupVersionKind): Resource | undefined {
  const group = groupOf(apiVersion);
  if (NAMESPACED[group]?.includes(kind)) return { plural: `${kind.toLowerCase()}s`, namespaced: true };
  return IRREGULAR[`${group}/${kind}`];
}

/** The root of a group and version: `/api/v1`, `/apis/apps/v1`. */
export function groupPath(apiVersion: string): string {
  const parts = apiVersion.split('/').map(encodeURIComponent);
  return `${parts.length === 1 ? '/api' : '/apis'}/${parts.join('/')}`;
}

export interface ResourceAddress {
  apiVersion: string;
  plural: string;
  /** Absent: cluster-scoped, or all namespaces. */
  namespace?: string | undefined;
  name?: string;
  subresource?: string | undefined;
}

/** The path of a resource. Source: https://kubernetes.io/docs/reference/using-api/api-concepts/ */
export function resourcePath({ apiVersion, plural, namespace, name, subresource }: ResourceAddress): string {
  const parts = namespace === undefined ? [] : ['namespaces', namespace];
  parts.push(plural);
  if (name !== undefined) parts.push(name);
  if (subresource !== undefined) parts.push(subresource);
  return `${groupPath(apiVersion)}/${parts.map(encodeURIComponent).join('/')}`;
}

/** One entry of a discovery document (meta/v1 APIResource). */
interface ApiResource {
  name: string;
  kind: string;
  namespaced: boolean;
}

/** The resource of `kind` in the document that a group and version answer with; undefined where it does not serve it. */
export function resourceIn(document: unknown, kind: string): Resource | undefined {
  const { resources } = (document ?? {}) as { resources?: ApiResource[] };
  const found = resources?.find((resource) => resource.kind === kind && !resource.name.includes('/'));
  return found && { plural: found.name, namespaced: found.namespaced };
}
