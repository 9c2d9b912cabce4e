// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the braces are Flux's.
import type { RenderingCase } from '../case.ts';
import { configMap, DEPLOYMENT, SERVICE } from '../manifests.ts';

const APP = {
  'kustomization.yaml': 'resources: [deployment.yaml, service.yaml]\n',
  'deployment.yaml': DEPLOYMENT,
  'service.yaml': SERVICE,
};

export const FLUX_SPEC: RenderingCase[] = [
  {
    name: 'target-namespace',
    title: "targetNamespace over the kustomization's own namespace",
    files: { ...APP, 'kustomization.yaml': 'namespace: elsewhere\nresources: [deployment.yaml, service.yaml]\n' },
    count: 2,
  },
  {
    name: 'name-prefix-suffix',
    title: "the spec's prefix and suffix in place of the kustomization's",
    files: {
      ...APP,
      'kustomization.yaml':
        'namePrefix: own-\nnameSuffix: -own\nresources: [deployment.yaml, service.yaml]\nconfigMapGenerator: [{name: settings, literals: [a=b]}]\n',
    },
    spec: { namePrefix: 'eu-', nameSuffix: '-v2' },
    count: 3,
  },
  {
    name: 'common-metadata',
    title: 'commonMetadata over labels and annotations of the objects',
    files: {
      ...APP,
      'deployment.yaml': DEPLOYMENT.replace('labels: {app: web}', 'labels: {app: web, team: old}\n  annotations: {note: old}'),
    },
    spec: { commonMetadata: { labels: { team: 'shop' }, annotations: { note: 'new', 'example.com/owner': 'team: "shop"' } } },
    count: 2,
  },
  {
    name: 'spec-patches',
    title: "the spec's patches after the kustomization's: strategic and JSON, with and without a target",
    files: {
      ...APP,
      'kustomization.yaml': `resources: [deployment.yaml, service.yaml]
patches:
  - target: {kind: Deployment}
    patch: '[{"op": "add", "path": "/spec/minReadySeconds", "value": 5}]'
`,
    },
    spec: {
      patches: [
        { patch: 'apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\nspec:\n  minReadySeconds: 7\n  paused: true\n' },
        {
          patch: 'apiVersion: v1\nkind: any\nmetadata:\n  name: any\n  annotations:\n    by: strategic\n',
          target: { labelSelector: 'app=web', group: 'apps' },
        },
        {
          patch: '- op: add\n  path: /spec/ports/0/nodePort\n  value: null\n- op: add\n  path: /metadata/labels\n  value:\n    by: json',
          target: { kind: 'Service', name: 'web' },
        },
        {
          patch: '[{"op": "add", "path": "/metadata/annotations/by~1json", "value": "yes"}]',
          target: { annotationSelector: 'by=strategic' },
        },
      ],
    },
    count: 2,
  },
  {
    name: 'spec-images',
    title: "the spec's images, which change the kustomization's field by field",
    files: {
      ...APP,
      'kustomization.yaml': `resources: [deployment.yaml, service.yaml]
images:
  - {name: registry.example/web, newName: mirror.example/web, newTag: "2.0"}
  - {name: registry.example/migrate, digest: sha256:24a0c4b4a4c0eb97a1aabb8e29f18e917d05abfe1b7a7c07857230879ce7d3d3}
`,
    },
    spec: {
      images: [
        { name: 'registry.example/web', newTag: '2.1' },
        { name: 'registry.example/migrate', newName: 'mirror.example/migrate', newTag: '3.0' },
        { name: 'registry.example/new', newTag: '1' },
      ],
    },
    count: 2,
  },
  {
    name: 'spec-components',
    title: "the spec's components, missing ones left out",
    files: {
      'dev/kustomization.yaml': 'resources: [../a.yaml]\n',
      'a.yaml': configMap('a'),
      'component/kustomization.yaml':
        'apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nlabels: [{pairs: {component: "yes"}}]\nresources: [b.yaml]\n',
      'component/b.yaml': configMap('b'),
    },
    spec: { path: 'dev', components: ['../component', '../none', './none'], ignoreMissingComponents: true },
    count: 2,
  },
  {
    name: 'build-metadata',
    title: 'build metadata that the spec asks for',
    files: {
      'base/kustomization.yaml': 'resources: [a.yaml]\nnamePrefix: p-\n',
      'base/a.yaml': configMap('a'),
      'dev/kustomization.yaml': 'resources: [../base]\nbuildMetadata: [managedByLabel]\n',
    },
    spec: { path: 'dev', buildMetadata: ['originAnnotations', 'transformerAnnotations'] } as RenderingCase['spec'],
  },
  {
    name: 'all-of-the-spec',
    title: 'all of it together, on a kustomization that Flux generates',
    files: {
      'deployment.yaml': DEPLOYMENT,
      'more/service.yaml': SERVICE,
      'more/settings.yaml': configMap('settings', '  stage: ${stage}\n'),
    },
    spec: {
      namePrefix: 'eu-',
      nameSuffix: '-v2',
      commonMetadata: { labels: { team: 'shop' } },
      images: [{ name: 'registry.example/web', newTag: '3.0' }],
      patches: [{ patch: '[{"op": "add", "path": "/metadata/annotations", "value": {"stage": "${stage}"}}]', target: { kind: 'Service' } }],
      postBuild: { substitute: { stage: 'dev' } },
    },
    count: 3,
  },
];
