// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the braces are Flux's.
/** Repositories that build, with the objects that Flux makes of them. */
import { configMap, DEPLOYMENT, SERVICE } from './manifests.ts';
import type { BuiltCase } from './render-case.ts';

const BASE = {
  'apps/base/kustomization.yaml': 'resources: [service.yaml, deployment.yaml]\n',
  'apps/base/deployment.yaml': DEPLOYMENT,
  'apps/base/service.yaml': SERVICE,
};

const COMPONENT = {
  'components/two/kustomization.yaml': `apiVersion: kustomize.config.k8s.io/v1alpha1
kind: Component
replicas: [{name: web, count: 2}]
`,
};

function container(fields: object): object {
  return { spec: { template: { spec: { containers: [fields] } } } };
}

export const BUILT: BuiltCase[] = [
  {
    title: 'builds an overlay on a base, in the order of the files',
    files: {
      ...BASE,
      'apps/dev/kustomization.yaml': 'resources: [../base]\nnamespace: dev\nimages: [{name: registry.example/web, newTag: "2.0"}]\n',
    },
    spec: { path: './apps/dev' },
    objects: [
      { kind: 'Service', metadata: { name: 'web', namespace: 'dev' } },
      { kind: 'Deployment', metadata: { namespace: 'dev' }, ...container({ image: 'registry.example/web:2.0' }) },
    ],
  },
  {
    title: 'names generated ConfigMaps and Secrets by their content and follows the references to them',
    files: {
      'kustomization.yaml': `resources: [deployment.yaml]
configMapGenerator:
  - name: settings
    files: [app.conf, renamed.conf=other/app.conf]
    envs: [settings.env]
secretGenerator:
  - name: token
    literals: [key=value]
`,
      'deployment.yaml': DEPLOYMENT,
      'app.conf': 'a: 1\n',
      'other/app.conf': 'b: 2\n',
      'settings.env': 'LEVEL=debug\n',
    },
    spec: { path: './' },
    objects: [
      { kind: 'Deployment', ...container({ envFrom: [{ configMapRef: { name: 'settings-6ctmg542tf' } }] }) },
      {
        kind: 'ConfigMap',
        metadata: { name: 'settings-6ctmg542tf' },
        data: { 'app.conf': 'a: 1\n', 'renamed.conf': 'b: 2\n', LEVEL: 'debug' },
      },
      { kind: 'Secret', metadata: { name: 'token-55ff4k8ggt' }, data: { key: 'dmFsdWU=' } },
    ],
  },
  {
    title: 'keeps binary files of a generator byte for byte',
    files: {
      'kustomization.yaml': 'configMapGenerator: [{name: blob, files: [blob.bin], options: {disableNameSuffixHash: true}}]\n',
      'blob.bin': new Uint8Array([0, 255, 254, 10, 128]),
    },
    spec: { path: '.' },
    objects: [{ kind: 'ConfigMap', binaryData: { 'blob.bin': 'AP/+CoA=' } }],
  },
  {
    title: 'marks objects with their origin where the kustomization has no resources, as Flux does',
    files: { 'kustomization.yaml': 'configMapGenerator: [{name: one, literals: [a=b]}]\n' },
    spec: {},
    objects: [
      {
        kind: 'ConfigMap',
        metadata: {
          annotations: {
            'config.kubernetes.io/origin':
              'configuredIn: kustomization.yaml\nconfiguredBy:\n  apiVersion: builtin\n  kind: ConfigMapGenerator\n',
          },
        },
      },
    ],
  },
  {
    title: 'applies patches of files, inline patches and JSON patches',
    files: {
      ...BASE,
      'apps/dev/kustomization.yml': `resources: [../base]
patches:
  - path: replicas.yaml
  - target: {kind: Service}
    patch: |-
      - {op: replace, path: /spec/ports/0/port, value: 8080}
  - target: {kind: Deployment, name: web}
    path: ../shared/label.json
`,
      'apps/dev/replicas.yaml': 'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {replicas: 3}\n',
      'apps/shared/label.json': '[{"op": "add", "path": "/metadata/labels", "value": {"tier": "front"}}]',
    },
    spec: { path: 'apps/dev' },
    objects: [
      { kind: 'Service', spec: { ports: [{ port: 8080 }] } },
      { kind: 'Deployment', metadata: { labels: { tier: 'front' } }, spec: { replicas: 3 } },
    ],
  },
  {
    title: 'applies the old patch fields',
    files: {
      ...BASE,
      'apps/dev/Kustomization': `bases: [../base]
patchesStrategicMerge:
  - replicas.yaml
  - |-
    apiVersion: v1
    kind: Service
    metadata: {name: web}
    spec: {type: NodePort}
patchesJson6902:
  - target: {group: apps, version: v1, kind: Deployment, name: web}
    path: pause.yaml
`,
      'apps/dev/replicas.yaml': 'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {replicas: 4}\n',
      'apps/dev/pause.yaml': '- {op: add, path: /spec/paused, value: true}\n',
    },
    spec: { path: 'apps/dev' },
    objects: [
      { kind: 'Service', spec: { type: 'NodePort' } },
      { kind: 'Deployment', spec: { replicas: 4, paused: true } },
    ],
  },
  {
    title: 'applies components of the kustomization and of the spec, and leaves out missing ones where told to',
    files: {
      ...BASE,
      ...COMPONENT,
      'components/labelled/kustomization.yaml':
        'apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nlabels: [{pairs: {team: shop}}]\n',
      'apps/dev/kustomization.yaml': 'resources: [../base]\ncomponents: [../../components/labelled]\n',
    },
    spec: { path: 'apps/dev', components: ['../../components/two', '../../components/none'], ignoreMissingComponents: true },
    objects: [
      { kind: 'Service', metadata: { labels: { team: 'shop' } } },
      { kind: 'Deployment', metadata: { labels: { team: 'shop' } }, spec: { replicas: 2 } },
    ],
  },
  {
    title: 'adds namespace, prefix, suffix, patches and images of the spec to those of the kustomization',
    files: {
      ...BASE,
      'apps/dev/kustomization.yaml': `resources: [../base]
namespace: dev
namePrefix: old-
images: [{name: registry.example/web, newTag: "2.0", newName: mirror.example/web}]
patches:
  - patch: |-
      apiVersion: apps/v1
      kind: Deployment
      metadata: {name: web}
      spec: {replicas: 3}
`,
    },
    spec: {
      path: 'apps/dev',
      targetNamespace: 'shop',
      namePrefix: 'eu-',
      nameSuffix: '-v2',
      images: [{ name: 'registry.example/web', newTag: '2.1' }],
      patches: [{ patch: '- {op: replace, path: /spec/replicas, value: 5}', target: { kind: 'Deployment' } }],
    },
    objects: [
      { kind: 'Service', metadata: { name: 'eu-web-v2', namespace: 'shop' } },
      {
        kind: 'Deployment',
        metadata: { name: 'eu-web-v2', namespace: 'shop' },
        spec: { replicas: 5, template: { spec: { containers: [{ image: 'mirror.example/web:2.1' }] } } },
      },
    ],
  },
  {
    title: 'sets common metadata on every object after the build, over what they have',
    files: {
      'kustomization.yaml': 'resources: [deployment.yaml]\n',
      'deployment.yaml': DEPLOYMENT.replace('  name: web\n', '  name: web\n  labels: {team: old, app: web}\n'),
    },
    spec: { commonMetadata: { labels: { team: 'shop' }, annotations: { note: 'yes' } } },
    objects: [
      {
        metadata: { labels: { team: 'shop', app: 'web' }, annotations: { note: 'yes' } },
        spec: { template: { metadata: { labels: { app: 'web' } } } },
      },
    ],
  },
  {
    title: 'makes a kustomization of all YAML files where there is none',
    files: {
      'plain/b.yaml': configMap('b', '  a: "1"\n'),
      'plain/a/deep/c.yml': configMap('c', '  a: "1"\n'),
      'plain/.hidden.yaml': configMap('hidden', '  a: "1"\n'),
      'plain/notes.txt': 'not a manifest',
      'plain/sub/kustomization.yaml': 'resources: [one.yaml]\nnamePrefix: sub-\n',
      'plain/sub/one.yaml': configMap('one', '  a: "1"\n'),
      'plain/sub/unused.yaml': 'not: a manifest\n',
      'elsewhere.yaml': configMap('elsewhere', '  a: "1"\n'),
    },
    spec: { path: './plain', targetNamespace: 'dev' },
    objects: ['hidden', 'c', 'b', 'sub-one'].map((name) => ({ kind: 'ConfigMap', metadata: { name, namespace: 'dev' } })),
  },
  {
    title: 'builds nothing of a directory without manifests',
    files: { 'empty/README.md': '# Nothing yet\n' },
    spec: { path: 'empty' },
    objects: [],
  },
  {
    title: 'leaves out what the source leaves out of its artifact',
    files: {
      '.sourceignore': '# comment\n/plain/drafts/\n*.skip.yaml\n!kept.skip.yaml\n',
      'plain/a.yaml': configMap('a', '  a: "1"\n'),
      'plain/b.skip.yaml': configMap('b', '  a: "1"\n'),
      'plain/kept.skip.yaml': configMap('kept', '  a: "1"\n'),
      'plain/drafts/c.yaml': configMap('c', '  a: "1"\n'),
      'plain/more/.sourceignore': 'd.yaml\n',
      'plain/more/d.yaml': configMap('d', '  a: "1"\n'),
      'plain/link.yaml': { type: 'symlink' },
    },
    spec: { path: 'plain' },
    objects: [{ metadata: { name: 'a' } }, { metadata: { name: 'kept' } }],
  },
  {
    title: 'leaves out what Flux leaves out by default',
    files: {
      'plain/a.yaml': configMap('a', '  a: "1"\n'),
      'plain/cloudbuild.yaml': 'steps: []\n',
      'plain/.github/workflow.yaml': 'on: push\n',
      'plain/b.yaml': configMap('b', '  a: "1"\n'),
    },
    spec: { path: 'plain' },
    objects: [{ metadata: { name: 'a' } }, { metadata: { name: 'b' } }],
  },
  {
    title: 'leaves out what the source says in place of the defaults',
    files: {
      'plain/a.yaml': configMap('a', '  a: "1"\n'),
      'plain/.github/kept.yaml': configMap('kept', '  a: "1"\n'),
      'plain/drafts/b.yaml': configMap('b', '  a: "1"\n'),
    },
    spec: { path: 'plain' },
    sourceIgnore: '# drafts are not for the cluster\ndrafts/\n',
    objects: [{ metadata: { name: 'kept' } }, { metadata: { name: 'a' } }],
  },
  {
    title: 'takes in what is below a directory that the source leaves out',
    files: {
      'apps/dev/a.yaml': configMap('a', '  a: "1"\n'),
      'apps/prod/b.yaml': 'not: a manifest\n',
      'c.yaml': 'not: a manifest\n',
    },
    spec: { path: './' },
    sourceIgnore: '/*\n!/apps/dev\n',
    objects: [{ metadata: { name: 'a' } }],
  },
  {
    title: 'leaves nothing out by default once an ignore file anywhere says something',
    files: {
      'dev/kustomization.yaml': 'configMapGenerator: [{name: picture, files: [a.png], options: {disableNameSuffixHash: true}}]\n',
      'dev/a.png': 'x',
      'elsewhere/deep/.sourceignore': 'nothing\n',
    },
    spec: { path: 'dev' },
    objects: [{ metadata: { name: 'picture' } }],
  },
  {
    title: 'substitutes variables in the text, so that a value takes the type that it reads as',
    files: {
      'kustomization.yaml': 'resources: [all.yaml]\n',
      'all.yaml': `apiVersion: apps/v1
kind: Deployment
metadata: {name: "web-\${stage}"}
spec:
  replicas: \${replicas:=1}
  paused: \${paused}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
data:
  plain: "\${text}"
  upper: "\${stage^^} \${#stage} \${stage:1:2} \${stage/r/R}"
  fallback: "\${none:-\${stage}-none}"
  escaped: "$\${stage} $HOME"
  block: |
    first \${stage}
    second
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: script
  annotations: {kustomize.toolkit.fluxcd.io/substitute: disabled}
data: {run: "echo \${unset} $$"}
`,
    },
    spec: {
      postBuild: { substitute: { stage: 'prod', paused: 'yes', text: 'two\nlines' }, substituteFrom: [{ kind: 'ConfigMap', name: 'v' }] },
    },
    variables: { stage: 'overridden', replicas: '3' },
    objects: [
      { kind: 'Deployment', metadata: { name: 'web-prod' }, spec: { replicas: 3, paused: true } },
      {
        kind: 'ConfigMap',
        data: {
          plain: 'twolines',
          upper: 'PROD 4 ro pRod',
          fallback: 'prod-none',
          escaped: '${stage} $HOME',
          block: 'first prod\nsecond\n',
        },
      },
      { kind: 'ConfigMap', data: { run: 'echo ${unset} $$' } },
    ],
  },
  {
    title: 'leaves the text alone where no variable is defined',
    files: { 'a.yaml': configMap('a', '  text: "${unset} $$"\n') },
    spec: { postBuild: { substitute: {} } },
    objects: [{ data: { text: '${unset} $$' } }],
  },
  {
    title: 'substitutes without variables where told to always',
    files: { 'a.yaml': configMap('a', '  text: "${unset:=fallback}"\n') },
    spec: { postBuild: { substituteStrategy: 'Always' } },
    objects: [{ data: { text: 'fallback' } }],
  },
  {
    title: 'takes lists apart',
    files: {
      'kustomization.yaml': 'resources: [list.yaml]\n',
      'list.yaml': `apiVersion: v1
kind: List
items:
  - {apiVersion: v1, kind: ConfigMap, metadata: {name: one}}
  - {apiVersion: v1, kind: ConfigMap, metadata: {name: two}}
`,
    },
    spec: {},
    objects: [{ metadata: { name: 'one' } }, { metadata: { name: 'two' } }],
  },
  {
    title: 'reads the configuration of transformers and generators, and the files that it names',
    files: {
      'kustomization.yaml': `resources: [service.yaml]
generators: [plugins/generate.yaml]
transformers:
  - plugins/dir
  - |-
    apiVersion: builtin
    kind: PatchTransformer
    metadata: {name: patch}
    path: patches/type.yaml
    target: {kind: Service}
`,
      'service.yaml': SERVICE,
      'plugins/generate.yaml':
        'apiVersion: builtin\nkind: ConfigMapGenerator\nmetadata: {name: made}\nname: made\nfiles: [texts/a.txt]\noptions: {disableNameSuffixHash: true}\n',
      'plugins/dir/kustomization.yaml': 'resources: [label.yaml]\n',
      'plugins/dir/label.yaml':
        'apiVersion: builtin\nkind: LabelTransformer\nmetadata: {name: label}\nlabels: {team: shop}\nfieldSpecs: [{path: metadata/labels, create: true}]\n',
      'patches/type.yaml': 'apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {type: NodePort}\n',
      'texts/a.txt': 'A',
    },
    spec: {},
    objects: [
      { kind: 'Service', metadata: { labels: { team: 'shop' } }, spec: { type: 'NodePort' } },
      { kind: 'ConfigMap', metadata: { name: 'made', labels: { team: 'shop' } }, data: { 'a.txt': 'A' } },
    ],
  },
  {
    title: 'applies replacements, configurations and custom resource definitions of files',
    files: {
      'kustomization.yaml': `resources: [service.yaml, widget.yaml]
replacements: [{path: replace/port.yaml}]
configurations: [config.yaml]
namePrefix: x-
`,
      'service.yaml': SERVICE,
      'widget.yaml': 'apiVersion: example.com/v1\nkind: Widget\nmetadata: {name: w}\nspec: {service: web, port: 0}\n',
      'replace/port.yaml': `source: {kind: Service, fieldPath: "spec.ports.0.port"}
targets: [{select: {kind: Widget}, fieldPaths: [spec.port]}]
`,
      'config.yaml': 'nameReference: [{kind: Service, version: v1, fieldSpecs: [{path: spec/service, kind: Widget}]}]\n',
    },
    spec: {},
    objects: [{ kind: 'Service' }, { kind: 'Widget', spec: { service: 'x-web', port: 80 } }],
  },
  {
    title: 'drops fields of the root kustomization that kustomize does not know, and takes numbers for text there, as Flux does',
    files: {
      'kustomization.yaml': 'Resources: [deployment.yaml]\nunknownField: true\nimages: [{name: registry.example/web, newTag: 1.25}]\n',
      'deployment.yaml': DEPLOYMENT,
    },
    spec: {},
    objects: [container({ image: 'registry.example/web:1.25' })],
  },
  {
    title: 'reads names that are unusual',
    files: {
      'apps with space/ä+@b/kustomization.yaml': 'resources: ["deploy [1].yaml"]\n',
      'apps with space/ä+@b/deploy [1].yaml': SERVICE,
    },
    spec: { path: './apps with space/ä+@b' },
    objects: [{ kind: 'Service' }],
  },
  {
    title: 'reads a path above the root as the root',
    files: { 'dev/a.yaml': configMap('a', '  a: "1"\n') },
    spec: { path: '../../dev/../dev' },
    objects: [{ metadata: { name: 'a' } }],
  },
];
