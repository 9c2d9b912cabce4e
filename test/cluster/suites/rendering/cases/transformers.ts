import type { RenderingCase } from '../case.ts';
import { AUTOSCALER, configMap, DEPLOYMENT, SERVICE } from '../manifests.ts';

const BASE = {
  'base/kustomization.yaml': 'resources: [service.yaml, deployment.yaml]\n',
  'base/deployment.yaml': DEPLOYMENT,
  'base/service.yaml': SERVICE,
};

const GADGET = `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: gadgets.rendering.example}
spec:
  group: rendering.example
  scope: Namespaced
  names: {kind: Gadget, plural: gadgets, singular: gadget, listKind: GadgetList}
  versions:
    - name: v1
      served: true
      storage: true
      schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}
`;

export const TRANSFORMERS: RenderingCase[] = [
  {
    name: 'components',
    title: 'components that patch and merge',
    files: {
      ...BASE,
      'components/two/kustomization.yaml': `apiVersion: kustomize.config.k8s.io/v1alpha1
kind: Component
replicas: [{name: web, count: 2}]
configMapGenerator: [{name: settings, behavior: merge, literals: [two=2]}]
patches: [{path: patch.yaml}]
`,
      'components/two/patch.yaml': 'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, annotations: {component: two}}\n',
      'dev/kustomization.yaml': `resources: [../base]
components: [../components/two]
configMapGenerator: [{name: settings, literals: [one=1]}]
patches:
  - target: {kind: Deployment}
    patch: |-
      - {op: replace, path: /spec/replicas, value: 0}
`,
    },
    spec: { path: 'dev' },
    count: 3,
  },
  {
    name: 'patches-strategic',
    title: 'strategic patches: inline, by file, several in one file, deletions and list directives',
    files: {
      ...BASE,
      'base/kustomization.yaml': 'resources: [service.yaml, deployment.yaml, doomed.yaml]\n',
      'base/doomed.yaml': configMap('doomed'),
      'dev/kustomization.yaml': `resources: [../base]
patches:
  - path: containers.yaml
  - path: several.yaml
  - patch: |-
      apiVersion: v1
      kind: Service
      metadata: {name: web, annotations: {patched: "yes"}}
      spec: {type: ClusterIP, sessionAffinity: ClientIP}
`,
      'dev/containers.yaml': `apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      initContainers:
        - {name: migrate, $patch: delete}
      containers:
        - name: web
          env: [{name: EXTRA, value: "1"}]
          envFrom: null
          resources: {limits: {memory: 64Mi}}
        - {name: sidecar, image: registry.example/sidecar:1.0}
`,
      'dev/several.yaml': `apiVersion: v1
kind: ConfigMap
metadata: {name: doomed}
$patch: delete
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, labels: {tier: front}}
`,
    },
    spec: { path: 'dev' },
    count: 2,
  },
  {
    name: 'patches-json',
    title: 'JSON patches, inline and by file, with targets by name, label and annotation',
    files: {
      ...BASE,
      'dev/kustomization.yaml': `resources: [../base]
patches:
  - path: patch.json
    target: {kind: Deployment, name: w.*}
  - path: patch.yaml
    target: {version: v1, kind: Service}
  - target: {labelSelector: app=web}
    patch: |
      - {op: add, path: /metadata/annotations, value: {by: label}}
  - target: {annotationSelector: by=label}
    patch: |
      - {op: add, path: /metadata/annotations/by~1annotation, value: "yes"}
      - {op: remove, path: /spec/template/spec/initContainers}
      - {op: copy, from: /spec/template/spec/containers/0/env/0, path: /spec/template/spec/containers/0/env/-}
      - {op: replace, path: /spec/template/spec/containers/0/env/1/name, value: COPIED}
`,
      'dev/patch.json':
        '[{"op": "test", "path": "/spec/replicas", "value": 0}, {"op": "add", "path": "/spec/minReadySeconds", "value": 5}]',
      'dev/patch.yaml': '- op: add\n  path: /spec/ports/-\n  value: {name: metrics, port: 9090}\n',
    },
    spec: { path: 'dev' },
    count: 2,
  },
  {
    name: 'patches-legacy',
    title: 'the older fields: bases, patchesStrategicMerge, patchesJson6902, commonLabels, commonAnnotations, imageTags of vars',
    files: {
      ...BASE,
      'dev/kustomization.yaml': `bases: [../base]
commonLabels: {team: shop}
commonAnnotations: {owner: "team: shop"}
patchesStrategicMerge:
  - patch.yaml
  - |-
    apiVersion: v1
    kind: Service
    metadata: {name: web, labels: {inline: "yes"}}
patchesJson6902:
  - {target: {group: apps, version: v1, kind: Deployment, name: web}, path: replicas.yaml}
vars:
  - {name: SERVICE, objref: {apiVersion: v1, kind: Service, name: web}}
`,
      'base/deployment.yaml': DEPLOYMENT.replace('value: plain', 'value: $(SERVICE)'),
      'dev/patch.yaml': 'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {revisionHistoryLimit: 3}\n',
      'dev/replicas.yaml': '- {op: replace, path: /spec/replicas, value: 0}\n',
    },
    spec: { path: 'dev' },
    count: 2,
  },
  {
    name: 'images-replicas',
    title: 'images by name, tag and digest, and replicas',
    files: {
      ...BASE,
      'dev/kustomization.yaml': `resources: [../base, stateful.yaml]
images:
  - {name: registry.example/web, newName: mirror.example:5000/shop/web, newTag: "2.0"}
  - {name: registry.example/migrate, digest: sha256:24a0c4b4a4c0eb97a1aabb8e29f18e917d05abfe1b7a7c07857230879ce7d3d3}
  - {name: registry.example/absent, newTag: v9}
replicas: [{name: db, count: 0}]
`,
      'dev/stateful.yaml': `apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db}
spec:
  replicas: 3
  serviceName: db
  selector: {matchLabels: {app: db}}
  template:
    metadata: {labels: {app: db}}
    spec: {containers: [{name: db, image: "registry.example/web@sha256:24a0c4b4a4c0eb97a1aabb8e29f18e917d05abfe1b7a7c07857230879ce7d3d3"}]}
`,
    },
    spec: { path: 'dev' },
    count: 3,
  },
  {
    name: 'replacements',
    title: 'replacements, inline and by file, with delimiters and created fields',
    files: {
      ...BASE,
      'dev/kustomization.yaml': `resources: [../base, source.yaml]
replacements:
  - source: {kind: ConfigMap, name: source, fieldPath: data.host}
    targets:
      - select: {kind: Deployment}
        fieldPaths: ["spec.template.spec.containers.[name=web].env.[name=MODE].value"]
        options: {delimiter: ".", index: 0}
      - select: {kind: Deployment}
        fieldPaths: [metadata.annotations.host]
        options: {create: true}
  - path: replacement.yaml
`,
      'dev/source.yaml': configMap('source', '  host: shop.example.com\n  port: "8443"\n'),
      'dev/replacement.yaml': `source: {kind: ConfigMap, name: source, fieldPath: data.port}
targets:
  - select: {kind: Service, name: web}
    fieldPaths: [metadata.annotations.port]
    options: {create: true}
`,
    },
    spec: { path: 'dev' },
    count: 3,
  },
  {
    name: 'names-references',
    title: 'prefix and suffix, and every reference to a renamed object',
    files: {
      'kustomization.yaml': `resources: [deployment.yaml, service.yaml, autoscaler.yaml, access.yaml, ingress.yaml]
namePrefix: eu-
nameSuffix: -v2
configMapGenerator: [{name: settings, literals: [a=b]}]
secretGenerator: [{name: token, literals: [key=value]}]
`,
      'deployment.yaml': DEPLOYMENT.replace('      containers:', '      serviceAccountName: web\n      containers:'),
      'service.yaml': SERVICE,
      'autoscaler.yaml': AUTOSCALER,
      'access.yaml': `apiVersion: v1
kind: ServiceAccount
metadata: {name: web}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: web}
rules: [{apiGroups: [""], resources: [configmaps], resourceNames: [settings], verbs: [get]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: web}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: web}
subjects: [{kind: ServiceAccount, name: web}]
`,
      'ingress.yaml': `apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: web}
spec:
  rules:
    - host: shop.example.com
      http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: web, port: {name: http}}}}]}
`,
    },
    count: 9,
  },
  {
    name: 'labels-selectors',
    title: 'labels with and without selectors and templates',
    files: {
      ...BASE,
      'dev/kustomization.yaml': `resources: [../base]
labels:
  - pairs: {stage: dev}
    includeSelectors: true
  - pairs: {team: shop}
    includeTemplates: true
  - pairs: {plain: "true"}
  - pairs: {extra: field}
    fields: [{path: spec/template/metadata/annotations, kind: Deployment, create: true}]
`,
    },
    spec: { path: 'dev' },
    count: 2,
  },
  {
    name: 'namespaces',
    title: 'a namespace over objects that have one, subjects among them',
    files: {
      'kustomization.yaml': 'namespace: namespaces\nresources: [objects.yaml]\n',
      'objects.yaml': `${configMap('a').replace('  name: a', '  name: a\n  namespace: elsewhere')}---
apiVersion: v1
kind: ServiceAccount
metadata: {name: web}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: rendering-namespaces}
rules: [{apiGroups: [""], resources: [pods], verbs: [get, list]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: rendering-namespaces}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: rendering-namespaces}
subjects: [{kind: ServiceAccount, name: web, namespace: elsewhere}, {kind: ServiceAccount, name: other, namespace: elsewhere}]
`,
    },
    spec: { targetNamespace: undefined },
    count: 4,
  },
  {
    name: 'custom-objects',
    title: 'a CRD with an object of it, and names that configurations teach',
    files: {
      'kustomization.yaml': `resources: [crd.yaml, gadget.yaml, web.yaml]
configurations: [names.yaml]
namePrefix: eu-
`,
      'crd.yaml': GADGET,
      'gadget.yaml':
        'apiVersion: rendering.example/v1\nkind: Gadget\nmetadata: {name: g}\nspec: {settings: web, items: [{a: 1, b: null}], ratio: 1.50}\n',
      'web.yaml': configMap('web'),
      'names.yaml': 'nameReference: [{kind: ConfigMap, fieldSpecs: [{kind: Gadget, path: spec/settings}]}]\n',
    },
    count: 3,
  },
  {
    name: 'nested-bases',
    title: 'overlays on overlays, a base that two share, and the older order',
    files: {
      'base/kustomization.yaml': `resources: [a.yaml]\n`,
      'base/a.yaml': configMap('a'),
      'left/kustomization.yml': 'resources: [../base]\nnamePrefix: left-\n',
      'right/Kustomization': 'resources: [../base/]\nnamePrefix: right-\n',
      'top/kustomization.yaml':
        'resources: [../left, ./../right, ns/]\nsortOptions: {order: legacy, legacySortOptions: {orderFirst: [ConfigMap]}}\n',
      'top/ns/kustomization.yaml': 'resources: [../../base]\nnameSuffix: -top\n',
    },
    spec: { path: './top/' },
    count: 3,
  },
  {
    name: 'unknown-fields',
    title: 'a kustomization with fields that nobody knows, and in other cases',
    files: {
      'kustomization.yaml': 'Resources: [a.yaml]\nunknownField: true\nNamePrefix: x-\nmetadata: {name: any}\nopenapi: {}\n',
      'a.yaml': configMap('a'),
    },
  },
];
