/**
 * What a new cluster starts with. The roles are those that users bind to and those that let everybody find out what is
 * served. Source: plugin/pkg/auth/authorizer/rbac/bootstrappolicy of kubernetes.
 */
import type { KubeObject } from '../../api/kube.ts';

const RBAC = 'rbac.authorization.k8s.io';
const BOOTSTRAP = { 'kubernetes.io/bootstrapping': 'rbac-defaults' };

interface Rule {
  apiGroups?: string[];
  resources?: string[];
  nonResourceURLs?: string[];
  verbs: string[];
}

const READ = ['get', 'list', 'watch'];
const WRITE = ['create', 'delete', 'deletecollection', 'patch', 'update'];

const NAMESPACED: readonly Rule[] = [
  {
    apiGroups: [''],
    resources: [
      'configmaps',
      'endpoints',
      'persistentvolumeclaims',
      'persistentvolumeclaims/status',
      'pods',
      'services',
      'services/status',
      'serviceaccounts',
    ],
    verbs: [],
  },
  { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: [] },
  {
    apiGroups: ['apps'],
    resources: [
      'controllerrevisions',
      'daemonsets',
      'daemonsets/status',
      'deployments',
      'deployments/scale',
      'deployments/status',
      'replicasets',
      'replicasets/scale',
      'replicasets/status',
      'statefulsets',
      'statefulsets/scale',
      'statefulsets/status',
    ],
    verbs: [],
  },
  { apiGroups: ['autoscaling'], resources: ['horizontalpodautoscalers', 'horizontalpodautoscalers/status'], verbs: [] },
  { apiGroups: ['batch'], resources: ['cronjobs', 'cronjobs/status', 'jobs', 'jobs/status'], verbs: [] },
  { apiGroups: ['policy'], resources: ['poddisruptionbudgets', 'poddisruptionbudgets/status'], verbs: [] },
  { apiGroups: ['networking.k8s.io'], resources: ['ingresses', 'ingresses/status', 'networkpolicies'], verbs: [] },
];

const VIEW_ONLY: Rule = {
  apiGroups: [''],
  resources: [
    'events',
    'limitranges',
    'namespaces',
    'namespaces/status',
    'pods/log',
    'pods/status',
    'resourcequotas',
    'resourcequotas/status',
  ],
  verbs: READ,
};

const EDIT_ONLY: readonly Rule[] = [
  { apiGroups: [''], resources: ['pods/proxy', 'services/proxy', 'secrets'], verbs: READ },
  { apiGroups: [''], resources: ['pods/proxy', 'services/proxy', 'secrets', 'events'], verbs: WRITE },
  { apiGroups: [''], resources: ['pods/eviction'], verbs: ['create'] },
];

const ADMIN_ONLY: readonly Rule[] = [{ apiGroups: [RBAC], resources: ['rolebindings', 'roles'], verbs: [...READ, ...WRITE] }];

function rules(verbs: string[]): Rule[] {
  return NAMESPACED.map((rule) => ({ ...rule, verbs }));
}

const VIEW = [...rules(READ), VIEW_ONLY];
const EDIT = [...VIEW, ...rules(WRITE), ...EDIT_ONLY];

const DISCOVERY_PATHS = [
  '/api',
  '/api/*',
  '/apis',
  '/apis/*',
  '/healthz',
  '/livez',
  '/openapi',
  '/openapi/*',
  '/readyz',
  '/version',
  '/version/',
];
const PUBLIC_PATHS = ['/healthz', '/livez', '/readyz', '/version', '/version/'];
const REVIEWS: Rule[] = [
  { apiGroups: ['authorization.k8s.io'], resources: ['selfsubjectaccessreviews', 'selfsubjectrulesreviews'], verbs: ['create'] },
  { apiGroups: ['authentication.k8s.io'], resources: ['selfsubjectreviews'], verbs: ['create'] },
];

const ROLES: Record<string, Rule[]> = {
  'cluster-admin': [
    { apiGroups: ['*'], resources: ['*'], verbs: ['*'] },
    { nonResourceURLs: ['*'], verbs: ['*'] },
  ],
  admin: [...EDIT, ...ADMIN_ONLY],
  edit: EDIT,
  view: VIEW,
  'system:basic-user': REVIEWS,
  'system:discovery': [{ nonResourceURLs: DISCOVERY_PATHS, verbs: ['get'] }],
  'system:public-info-viewer': [{ nonResourceURLs: PUBLIC_PATHS, verbs: ['get'] }],
};

const BINDINGS: Record<string, string> = {
  'cluster-admin': 'system:masters',
  'system:basic-user': 'system:authenticated',
  'system:discovery': 'system:authenticated',
  'system:public-info-viewer': 'system:authenticated',
};

function role(name: string, list: Rule[]): KubeObject {
  return { apiVersion: `${RBAC}/v1`, kind: 'ClusterRole', metadata: { name, labels: BOOTSTRAP }, rules: structuredClone(list) };
}

function binding(name: string, group: string): KubeObject {
  return {
    apiVersion: `${RBAC}/v1`,
    kind: 'ClusterRoleBinding',
    metadata: { name, labels: BOOTSTRAP },
    roleRef: { apiGroup: RBAC, kind: 'ClusterRole', name },
    subjects: [{ apiGroup: RBAC, kind: 'Group', name: group }],
  };
}

/** The objects, in an order in which they can be created. */
export function firstObjects(): KubeObject[] {
  const namespaces = ['default', 'kube-system', 'kube-public'];
  return [
    ...namespaces.map((name) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } })),
    ...Object.entries(ROLES).map(([name, list]) => role(name, list)),
    ...Object.entries(BINDINGS).map(([name, group]) => binding(name, group)),
  ];
}
