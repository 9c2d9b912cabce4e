/** The kinds that are compared, and where the API serves them. */
import { type GroupVersionKind, groupOf, type ObjectRef } from '../../../src/api/kube.ts';

interface RecordedKind extends GroupVersionKind {
  plural: string;
  cluster?: true;
}

/** Every kind that is recorded. */
export const RECORDED: readonly RecordedKind[] = [
  { apiVersion: 'source.toolkit.fluxcd.io/v1', kind: 'GitRepository', plural: 'gitrepositories' },
  { apiVersion: 'kustomize.toolkit.fluxcd.io/v1', kind: 'Kustomization', plural: 'kustomizations' },
  { apiVersion: 'apps/v1', kind: 'Deployment', plural: 'deployments' },
  { apiVersion: 'apps/v1', kind: 'ReplicaSet', plural: 'replicasets' },
  { apiVersion: 'apps/v1', kind: 'StatefulSet', plural: 'statefulsets' },
  { apiVersion: 'apps/v1', kind: 'DaemonSet', plural: 'daemonsets' },
  { apiVersion: 'apps/v1', kind: 'ControllerRevision', plural: 'controllerrevisions' },
  { apiVersion: 'batch/v1', kind: 'Job', plural: 'jobs' },
  { apiVersion: 'v1', kind: 'Pod', plural: 'pods' },
  { apiVersion: 'v1', kind: 'Service', plural: 'services' },
  { apiVersion: 'v1', kind: 'Endpoints', plural: 'endpoints' },
  { apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', plural: 'endpointslices' },
  { apiVersion: 'v1', kind: 'ConfigMap', plural: 'configmaps' },
  { apiVersion: 'v1', kind: 'ServiceAccount', plural: 'serviceaccounts' },
  { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', plural: 'poddisruptionbudgets' },
  { apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler', plural: 'horizontalpodautoscalers' },
  { apiVersion: 'v1', kind: 'Namespace', plural: 'namespaces', cluster: true },
  { apiVersion: 'v1', kind: 'Event', plural: 'events' },
];

/** The path of all objects of a kind, in every namespace. */
export function pathOfKind(kind: GroupVersionKind): string {
  return `${root(kind.apiVersion)}/${recorded(kind).plural}`;
}

/** The path of one object. */
export function pathOf(ref: ObjectRef): string {
  const within = recorded(ref).cluster || ref.namespace === undefined ? '' : `/namespaces/${ref.namespace}`;
  return `${root(ref.apiVersion)}${within}/${recorded(ref).plural}/${ref.name}`;
}

function root(apiVersion: string): string {
  return groupOf(apiVersion) === '' ? `/api/${apiVersion}` : `/apis/${apiVersion}`;
}

function recorded({ apiVersion, kind }: GroupVersionKind): RecordedKind {
  const found = RECORDED.find((one) => one.kind === kind && groupOf(one.apiVersion) === groupOf(apiVersion));
  if (!found) throw new Error(`${apiVersion} ${kind} is not among the kinds that are compared`);
  return found;
}
