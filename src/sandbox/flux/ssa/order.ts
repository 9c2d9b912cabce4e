/** In which order and in which stages objects are applied. Source: fluxcd/pkg ssa/sort.go, ssa/utils/is.go. */
import { groupOf, type KubeObject, type ObjectRef, refOf } from '../../../api/kube.ts';

const FIRST = [
  'CustomResourceDefinition',
  'Namespace',
  'ClusterRole',
  'ClusterClass',
  'RuntimeClass',
  'PriorityClass',
  'StorageClass',
  'VolumeSnapshotClass',
  'IngressClass',
  'GatewayClass',
  'ClusterRoleBinding',
  'ResourceQuota',
  'ServiceAccount',
  'Role',
  'RoleBinding',
  'ConfigMap',
  'Secret',
  'Service',
  'LimitRange',
  'Deployment',
  'StatefulSet',
  'CronJob',
  'PodDisruptionBudget',
];
const LAST = ['MutatingWebhookConfiguration', 'ValidatingWebhookConfiguration'];
const POSITIONS = new Map([
  ...FIRST.map((kind, index) => [kind, index - FIRST.length] as const),
  ...LAST.map((kind, index) => [kind, index + 1] as const),
]);

export function byApplyOrder(left: ObjectRef, right: ObjectRef): number {
  return (
    (POSITIONS.get(left.kind) ?? 0) - (POSITIONS.get(right.kind) ?? 0) ||
    compare(groupOf(left.apiVersion), groupOf(right.apiVersion)) ||
    compare(left.kind, right.kind) ||
    compare(left.namespace ?? '', right.namespace ?? '') ||
    compare(left.name, right.name)
  );
}

/** Definitions and namespaces, then classes, then the rest; each in the order in which it is applied, none of them empty. */
export function stagesOf(objects: readonly KubeObject[]): { objects: KubeObject[]; waits: boolean }[] {
  const sorted = [...objects].sort((left, right) => byApplyOrder(refOf(left), refOf(right)));
  const definitions = sorted.filter(isDefinition);
  const classes = sorted.filter((object) => !isDefinition(object) && object.kind.endsWith('Class'));
  const rest = sorted.filter((object) => !definitions.includes(object) && !classes.includes(object));
  return [
    { objects: definitions, waits: true },
    { objects: classes, waits: true },
    { objects: rest, waits: false },
  ].filter((stage) => stage.objects.length > 0);
}

function isDefinition({ apiVersion, kind }: KubeObject): boolean {
  if (kind === 'Namespace') return apiVersion === 'v1';
  if (kind === 'ClusterRole') return groupOf(apiVersion) === 'rbac.authorization.k8s.io';
  return kind === 'CustomResourceDefinition' && groupOf(apiVersion) === 'apiextensions.k8s.io';
}

function compare(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
