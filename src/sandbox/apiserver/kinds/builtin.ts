/** The kinds that this API server has without a CRD; names, verbs and subresources as `kubectl api-resources` shows them. */
import { builtinSchema } from '../fields/schema.ts';
import { apiVersionOf, type Resource, type Subresource, type Verb } from './resource.ts';

const ALL_VERBS: readonly Verb[] = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'];
const STATUS: Subresource = { name: 'status', verbs: ['get', 'patch', 'update'] };
const SCALE: Subresource = {
  name: 'scale',
  verbs: ['get', 'patch', 'update'],
  responseKind: { apiVersion: 'autoscaling/v1', kind: 'Scale' },
};
const PROXY_VERBS = ['create', 'delete', 'get', 'patch', 'update'];

interface Declared extends Partial<Omit<Resource, 'kind' | 'plural'>> {
  kind: string;
  plural: string;
  status?: boolean;
  scalable?: boolean;
}

function resource(group: string, version: string, declared: Declared): Resource {
  const { kind, plural, status = false, scalable = false, ...rest } = declared;
  const subresources = [...(scalable ? [SCALE] : []), ...(rest.subresources ?? []), ...(status ? [STATUS] : [])];
  return {
    group,
    version,
    kind,
    plural,
    singular: kind.toLowerCase(),
    listKind: `${kind}List`,
    shortNames: [],
    categories: [],
    namespaced: true,
    verbs: ALL_VERBS,
    hasGeneration: false,
    hasStatus: status,
    origin: 'builtin',
    storageVersion: version,
    storageKey: group ? `${plural}.${group}` : plural,
    schema: builtinSchema({ apiVersion: apiVersionOf({ group, version }), kind }),
    selectableFields: [],
    ...(scalable ? { scale: { specReplicas: 'spec.replicas', statusReplicas: 'status.replicas' } } : {}),
    ...rest,
    subresources: [...subresources].sort((a, b) => a.name.localeCompare(b.name)),
  };
}

const PROXY_OPTIONS = (kind: string): Subresource => ({ name: 'proxy', verbs: PROXY_VERBS, responseKind: { apiVersion: 'v1', kind } });

const POD_FIELDS = [
  'spec.nodeName',
  'spec.restartPolicy',
  'spec.schedulerName',
  'spec.serviceAccountName',
  'spec.hostNetwork',
  'status.phase',
  'status.podIP',
  'status.nominatedNodeName',
];
const EVENT_FIELDS = ['kind', 'namespace', 'name', 'uid', 'apiVersion', 'resourceVersion', 'fieldPath'];

function core(): Resource[] {
  const declared: Declared[] = [
    { kind: 'ConfigMap', plural: 'configmaps', shortNames: ['cm'] },
    {
      kind: 'Endpoints',
      plural: 'endpoints',
      shortNames: ['ep'],
      deprecation: 'v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice',
    },
    {
      kind: 'Event',
      plural: 'events',
      shortNames: ['ev'],
      selectableFields: [...EVENT_FIELDS.map((field) => `involvedObject.${field}`), 'reason', 'reportingComponent', 'source', 'type'],
    },
    { kind: 'LimitRange', plural: 'limitranges', shortNames: ['limits'] },
    {
      kind: 'Namespace',
      plural: 'namespaces',
      shortNames: ['ns'],
      namespaced: false,
      status: true,
      verbs: ALL_VERBS.filter((verb) => verb !== 'deletecollection'),
      selectableFields: ['status.phase'],
    },
    { kind: 'Node', plural: 'nodes', shortNames: ['no'], namespaced: false, status: true, selectableFields: ['spec.unschedulable'] },
    { kind: 'PersistentVolumeClaim', plural: 'persistentvolumeclaims', shortNames: ['pvc'], status: true },
    { kind: 'PersistentVolume', plural: 'persistentvolumes', shortNames: ['pv'], namespaced: false, status: true },
    {
      kind: 'Pod',
      plural: 'pods',
      shortNames: ['po'],
      categories: ['all'],
      status: true,
      hasGeneration: true,
      subresources: [
        { name: 'binding', verbs: ['create'], responseKind: { apiVersion: 'v1', kind: 'Binding' } },
        { name: 'eviction', verbs: ['create'], responseKind: { apiVersion: 'policy/v1', kind: 'Eviction' } },
        { name: 'log', verbs: ['get'] },
        PROXY_OPTIONS('PodProxyOptions'),
      ],
      selectableFields: POD_FIELDS,
    },
    { kind: 'ResourceQuota', plural: 'resourcequotas', shortNames: ['quota'], status: true },
    { kind: 'Secret', plural: 'secrets', selectableFields: ['type'] },
    { kind: 'ServiceAccount', plural: 'serviceaccounts', shortNames: ['sa'] },
    {
      kind: 'Service',
      plural: 'services',
      shortNames: ['svc'],
      categories: ['all'],
      status: true,
      subresources: [PROXY_OPTIONS('ServiceProxyOptions')],
      selectableFields: ['spec.clusterIP', 'spec.type'],
    },
  ];
  return declared.map((entry) => resource('', 'v1', entry));
}

function workloads(): Resource[] {
  const all = { categories: ['all'], status: true, hasGeneration: true };
  const apps: Declared[] = [
    { kind: 'ControllerRevision', plural: 'controllerrevisions' },
    { kind: 'DaemonSet', plural: 'daemonsets', shortNames: ['ds'], ...all },
    { kind: 'Deployment', plural: 'deployments', shortNames: ['deploy'], scalable: true, ...all },
    { kind: 'ReplicaSet', plural: 'replicasets', shortNames: ['rs'], scalable: true, selectableFields: ['status.replicas'], ...all },
    { kind: 'StatefulSet', plural: 'statefulsets', shortNames: ['sts'], scalable: true, ...all },
  ];
  const batch: Declared[] = [
    { kind: 'CronJob', plural: 'cronjobs', shortNames: ['cj'], ...all },
    { kind: 'Job', plural: 'jobs', selectableFields: ['status.successful'], ...all },
  ];
  return [...apps.map((entry) => resource('apps', 'v1', entry)), ...batch.map((entry) => resource('batch', 'v1', entry))];
}

function policies(): Resource[] {
  const clusterWide = { namespaced: false };
  const extension = { namespaced: false, hasGeneration: true, categories: ['api-extensions'] };
  return [
    resource('autoscaling', 'v2', {
      kind: 'HorizontalPodAutoscaler',
      plural: 'horizontalpodautoscalers',
      shortNames: ['hpa'],
      categories: ['all'],
      status: true,
    }),
    resource('policy', 'v1', {
      kind: 'PodDisruptionBudget',
      plural: 'poddisruptionbudgets',
      shortNames: ['pdb'],
      status: true,
      hasGeneration: true,
    }),
    resource('discovery.k8s.io', 'v1', { kind: 'EndpointSlice', plural: 'endpointslices', hasGeneration: true }),
    resource('networking.k8s.io', 'v1', {
      kind: 'IngressClass',
      plural: 'ingressclasses',
      singular: 'ingressclass',
      hasGeneration: true,
      ...clusterWide,
    }),
    resource('networking.k8s.io', 'v1', { kind: 'Ingress', plural: 'ingresses', shortNames: ['ing'], status: true, hasGeneration: true }),
    resource('networking.k8s.io', 'v1', { kind: 'NetworkPolicy', plural: 'networkpolicies', shortNames: ['netpol'], hasGeneration: true }),
    resource('rbac.authorization.k8s.io', 'v1', { kind: 'ClusterRoleBinding', plural: 'clusterrolebindings', ...clusterWide }),
    resource('rbac.authorization.k8s.io', 'v1', { kind: 'ClusterRole', plural: 'clusterroles', ...clusterWide }),
    resource('rbac.authorization.k8s.io', 'v1', { kind: 'RoleBinding', plural: 'rolebindings' }),
    resource('rbac.authorization.k8s.io', 'v1', { kind: 'Role', plural: 'roles' }),
    resource('apiextensions.k8s.io', 'v1', {
      kind: 'CustomResourceDefinition',
      plural: 'customresourcedefinitions',
      shortNames: ['crd', 'crds'],
      status: true,
      ...extension,
    }),
    resource('coordination.k8s.io', 'v1', { kind: 'Lease', plural: 'leases' }),
    resource('storage.k8s.io', 'v1', { kind: 'StorageClass', plural: 'storageclasses', shortNames: ['sc'], ...clusterWide }),
    resource('scheduling.k8s.io', 'v1', {
      kind: 'PriorityClass',
      plural: 'priorityclasses',
      shortNames: ['pc'],
      hasGeneration: true,
      ...clusterWide,
    }),
    resource('admissionregistration.k8s.io', 'v1', {
      kind: 'MutatingWebhookConfiguration',
      plural: 'mutatingwebhookconfigurations',
      ...extension,
    }),
    resource('admissionregistration.k8s.io', 'v1', {
      kind: 'ValidatingWebhookConfiguration',
      plural: 'validatingwebhookconfigurations',
      ...extension,
    }),
    resource('events.k8s.io', 'v1', {
      kind: 'Event',
      plural: 'events',
      shortNames: ['ev'],
      storageKey: 'events',
      selectableFields: [...EVENT_FIELDS.map((field) => `regarding.${field}`), 'reason', 'reportingController', 'type'],
    }),
  ];
}

/** Kinds that are answered but never stored: reviews. */
function reviews(): Resource[] {
  const review = { namespaced: false, verbs: ['create'] as const };
  return [
    resource('authentication.k8s.io', 'v1', { kind: 'SelfSubjectReview', plural: 'selfsubjectreviews', ...review }),
    resource('authorization.k8s.io', 'v1', { kind: 'SelfSubjectAccessReview', plural: 'selfsubjectaccessreviews', ...review }),
    resource('authorization.k8s.io', 'v1', { kind: 'SelfSubjectRulesReview', plural: 'selfsubjectrulesreviews', ...review }),
  ];
}

/** Every built-in resource, in the order in which discovery lists them. */
export function builtinResources(): Resource[] {
  return [...core(), ...workloads(), ...policies(), ...reviews()];
}
