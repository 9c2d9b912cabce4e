import { describe, expect, it } from 'vitest';
import { fieldSetOf } from '../extract.ts';
import { formatPath } from '../fieldpath.ts';
import { pathsOf } from '../fieldset.ts';
import { declaredField } from '../shape.ts';
import type { Schema } from '../structure.ts';
import { admit } from '../validate.ts';
import { builtinKind, builtinKinds } from './kinds.ts';

const labels = { app: 'web' };
const podTemplate = { metadata: { labels }, spec: { containers: [{ name: 'api', image: 'api:1' }] } };
const workload = { selector: { matchLabels: labels }, template: podTemplate };
const jobTemplate = { spec: { template: { spec: { restartPolicy: 'Never', containers: [{ name: 'api', image: 'api:1' }] } } } };
const backend = { service: { name: 'web', port: { number: 80 } } };

/** One valid object of every kind, as it would stand in a repository: its fields beside apiVersion, kind and metadata. */
const MANIFESTS: [string, string, Record<string, unknown>][] = [
  ['v1', 'ConfigMap', { data: { a: '1' }, binaryData: { b: 'aGk=' }, immutable: true }],
  ['v1', 'Secret', { stringData: { a: '1' }, type: 'Opaque' }],
  ['v1', 'Service', { spec: { selector: labels, ports: [{ port: 80, targetPort: 'http' }] } }],
  ['v1', 'ServiceAccount', { imagePullSecrets: [{ name: 'pull' }], automountServiceAccountToken: false }],
  ['v1', 'Namespace', {}],
  ['v1', 'Pod', { spec: podTemplate.spec }],
  ['v1', 'PersistentVolumeClaim', { spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } } }],
  ['v1', 'PersistentVolume', { spec: { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'], nfs: { server: 's', path: '/' } } }],
  ['v1', 'LimitRange', { spec: { limits: [{ type: 'Container', default: { cpu: 1 } }] } }],
  ['v1', 'ResourceQuota', { spec: { hard: { pods: 10 } } }],
  ['v1', 'Node', { spec: { taints: [{ key: 'a', effect: 'NoSchedule' }] } }],
  ['v1', 'Endpoints', { subsets: [{ addresses: [{ ip: '10.0.0.1' }], ports: [{ port: 80 }] }] }],
  ['v1', 'ReplicationController', { spec: { selector: labels, template: podTemplate } }],
  ['v1', 'Event', { involvedObject: { kind: 'Pod', name: 'p' }, reason: 'R', message: 'm', type: 'Normal', count: 1 }],
  ['apps/v1', 'Deployment', { spec: workload }],
  ['apps/v1', 'StatefulSet', { spec: { ...workload, serviceName: 'web', volumeClaimTemplates: [{ metadata: { name: 'd' }, spec: {} }] } }],
  ['apps/v1', 'DaemonSet', { spec: workload }],
  ['apps/v1', 'ReplicaSet', { spec: workload }],
  ['apps/v1', 'ControllerRevision', { revision: 1, data: { any: ['thing'] } }],
  ['batch/v1', 'Job', jobTemplate],
  ['batch/v1', 'CronJob', { spec: { schedule: '* * * * *', jobTemplate } }],
  [
    'autoscaling/v2',
    'HorizontalPodAutoscaler',
    { spec: { maxReplicas: 3, scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' } } },
  ],
  ['autoscaling/v1', 'HorizontalPodAutoscaler', { spec: { maxReplicas: 3, scaleTargetRef: { kind: 'Deployment', name: 'web' } } }],
  ['policy/v1', 'PodDisruptionBudget', { spec: { minAvailable: '50%', selector: { matchLabels: labels } } }],
  ['networking.k8s.io/v1', 'Ingress', { spec: { rules: [{ host: 'h', http: { paths: [{ path: '/', pathType: 'Prefix', backend }] } }] } }],
  ['networking.k8s.io/v1', 'IngressClass', { spec: { controller: 'example.com/c' } }],
  ['networking.k8s.io/v1', 'NetworkPolicy', { spec: { podSelector: {}, ingress: [{ ports: [{ port: 80 }] }] } }],
  ['rbac.authorization.k8s.io/v1', 'Role', { rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }] }],
  ['rbac.authorization.k8s.io/v1', 'ClusterRole', { rules: [{ nonResourceURLs: ['/metrics'], verbs: ['get'] }] }],
  ['rbac.authorization.k8s.io/v1', 'RoleBinding', { roleRef: { kind: 'Role', name: 'r' }, subjects: [{ kind: 'User', name: 'u' }] }],
  ['rbac.authorization.k8s.io/v1', 'ClusterRoleBinding', { roleRef: { kind: 'ClusterRole', name: 'r' } }],
  ['discovery.k8s.io/v1', 'EndpointSlice', { addressType: 'IPv4', endpoints: [{ addresses: ['10.0.0.1'] }], ports: [{ port: 80 }] }],
  ['coordination.k8s.io/v1', 'Lease', { spec: { holderIdentity: 'x', renewTime: '2026-01-01T00:00:00.000000Z' } }],
  ['storage.k8s.io/v1', 'StorageClass', { provisioner: 'example.com/p' }],
  ['scheduling.k8s.io/v1', 'PriorityClass', { value: 1 }],
  [
    'admissionregistration.k8s.io/v1',
    'ValidatingWebhookConfiguration',
    { webhooks: [{ name: 'a.b.c', admissionReviewVersions: ['v1'], sideEffects: 'None', clientConfig: { url: 'https://h' } }] },
  ],
  [
    'admissionregistration.k8s.io/v1',
    'MutatingWebhookConfiguration',
    {
      webhooks: [
        { name: 'a.b.c', admissionReviewVersions: ['v1'], sideEffects: 'None', clientConfig: { service: { name: 's', namespace: 'n' } } },
      ],
    },
  ],
  [
    'apiextensions.k8s.io/v1',
    'CustomResourceDefinition',
    {
      spec: {
        group: 'example.com',
        scope: 'Namespaced',
        names: { plural: 'widgets', kind: 'Widget' },
        versions: [
          { name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-anything': 1 } } },
        ],
      },
    },
  ],
  ['apiregistration.k8s.io/v1', 'APIService', { spec: { group: 'g', version: 'v1', groupPriorityMinimum: 1, versionPriority: 1 } }],
  ['events.k8s.io/v1', 'Event', { eventTime: '2026-01-01T00:00:00.000000Z', reason: 'R', regarding: { kind: 'Pod', name: 'p' } }],
];

function schemaOf(apiVersion: string, kind: string): Schema {
  const schema = builtinKind(apiVersion, kind);
  if (!schema) throw new Error(`no ${apiVersion} ${kind}`);
  return schema;
}

describe('built-in kinds', () => {
  it.each(MANIFESTS)('%s %s takes a valid manifest, and reports a typo at every level', (apiVersion, kind, fields) => {
    const object = { apiVersion, kind, metadata: { name: 'x', labels }, ...fields };
    expect(admit(schemaOf(apiVersion, kind), object, 'Strict')).toMatchObject({ causes: [], unknown: [] });
    const misspelt = { ...object, metadata: { name: 'x', lables: {} }, spce: {} };
    expect(admit(schemaOf(apiVersion, kind), misspelt, 'Strict').unknown.sort()).toEqual(['metadata.lables', 'spce']);
  });

  it('are all among the manifests above', () => {
    const described = builtinKinds().map(({ apiVersion, kind }) => `${apiVersion} ${kind}`);
    expect(MANIFESTS.map(([apiVersion, kind]) => `${apiVersion} ${kind}`).sort()).toEqual(described.sort());
  });

  it('declare every key of a keyed list and every required field', () => {
    const broken = builtinKinds().flatMap(({ kind, schema }) => undeclared(schema, kind));
    expect(broken).toEqual([]);
  });
});

function undeclared(schema: Schema, path: string): string[] {
  const items = schema.items;
  const keys = [...(schema.listMapKeys ?? []), ...(schema.patchMergeKey ? [schema.patchMergeKey] : [])];
  const open = items?.preserveUnknownFields === true;
  return [
    ...keys.filter((key) => items && !open && !declaredField(items, key)).map((key) => `${path}[${key}]`),
    ...(schema.required ?? []).filter((name) => !declaredField(schema, name)).map((name) => `${path}.${name}`),
    ...Object.entries(schema.properties ?? {}).flatMap(([name, child]) => undeclared(child, `${path}.${name}`)),
    ...(items ? undeclared(items, `${path}[]`) : []),
  ];
}

describe('how the lists and maps of a pod are owned', () => {
  const ownedPaths = (spec: Record<string, unknown>) =>
    pathsOf(fieldSetOf(schemaOf('v1', 'Pod'), { spec }))
      .map(formatPath)
      .filter((path) => path !== '.spec');

  it.each<[string, Record<string, unknown>, string[]]>([
    ['tolerations as a whole', { tolerations: [{ key: 'a' }] }, ['.spec.tolerations']],
    ['the node selector as a whole', { nodeSelector: { a: 'b' } }, ['.spec.nodeSelector']],
    [
      'volumes by name',
      { volumes: [{ name: 'v', emptyDir: {} }] },
      ['', '.emptyDir', '.name'].map((field) => `.spec.volumes[name="v"]${field}`),
    ],
    [
      'host aliases by address',
      { hostAliases: [{ ip: '1.2.3.4' }] },
      ['.spec.hostAliases[ip="1.2.3.4"]', '.spec.hostAliases[ip="1.2.3.4"].ip'],
    ],
    [
      'spread constraints by topology and policy',
      { topologySpreadConstraints: [{ topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule', maxSkew: 1 }] },
      ['', '.maxSkew', '.topologyKey', '.whenUnsatisfiable'].map(
        (field) => `.spec.topologySpreadConstraints[topologyKey="zone",whenUnsatisfiable="DoNotSchedule"]${field}`,
      ),
    ],
    [
      'ports by number and protocol, also where the protocol is left out; mounts by path; envFrom as a whole',
      {
        containers: [
          { name: 'c', ports: [{ containerPort: 80 }], volumeMounts: [{ mountPath: '/d', name: 'v' }], envFrom: [{ prefix: 'P' }] },
        ],
      },
      [
        '.spec.containers[name="c"]',
        '.spec.containers[name="c"].envFrom',
        '.spec.containers[name="c"].name',
        '.spec.containers[name="c"].ports[containerPort=80,protocol="TCP"]',
        '.spec.containers[name="c"].ports[containerPort=80,protocol="TCP"].containerPort',
        '.spec.containers[name="c"].volumeMounts[mountPath="/d"]',
        '.spec.containers[name="c"].volumeMounts[mountPath="/d"].mountPath',
        '.spec.containers[name="c"].volumeMounts[mountPath="/d"].name',
      ],
    ],
  ])('%s', (_, spec, expected) => {
    expect(ownedPaths(spec)).toEqual(expected);
  });
});
