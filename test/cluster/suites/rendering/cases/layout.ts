import type { RenderingCase } from '../case.ts';
import { configMap, DEPLOYMENT, SERVICE } from '../manifests.ts';

export const LAYOUT: RenderingCase[] = [
  {
    name: 'generated',
    title: 'a folder without a kustomization: nested, hidden, .yml, and a folder that has one',
    files: {
      'b.yaml': configMap('b'),
      '0.yaml': '# only a comment\n',
      'a.yml': configMap('a'),
      'notes.txt': 'kind: none',
      'c.json': '{}',
      'D.YAML': 'kind: none',
      'deep/er/c.yaml': configMap('c'),
      '.hidden/d.yaml': configMap('d'),
      '.e.yaml': configMap('e'),
      'own/kustomization.yaml': 'resources: [f.yaml]\nnamePrefix: own-\n',
      'own/f.yaml': configMap('f'),
      'own/g.yaml': configMap('g'),
    },
    count: 6,
  },
  { name: 'generated-empty', title: 'a folder without manifests', files: { 'README.md': 'nothing\n' }, count: 0 },
  {
    name: 'documents',
    title: 'several documents in one file, comments, CRLF, anchors and empty documents',
    files: {
      'kustomization.yaml': 'resources:\r\n  - a.yaml # comment\r\n  - crlf.yaml\r\n',
      'a.yaml': `# a comment
---
# only a comment
---
apiVersion: v1
kind: ConfigMap
metadata: &meta
  name: anchored
  labels: &labels {app: web}
  annotations:
    <<: *labels
    more: "1"
data:
  folded: >-
    one
    two

    three
  literal: |+
    keep

  single: 'it''s'
...
---
${configMap('second')}
---
`,
      'crlf.yaml': configMap('crlf', '  a: b\n  text: |\n    one\n    two\n').replaceAll('\n', '\r\n'),
    },
    count: 3,
  },
  {
    name: 'scalars',
    title: 'numbers, booleans, dates, long and odd text, as YAML 1.1 reads them',
    files: {
      'a.yaml': configMap(
        'a',
        [
          '  on: "on"',
          "  'yes': 'yes'",
          '  "1": "0x1F"',
          '  exp: "1e3"',
          '  octal: "0777"',
          '  date: "2026-01-02"',
          '  tilde: "~"',
          '  colon: "a: b"',
          '  hash: "a #b"',
          '  trailing: "x "',
          '  tab: "\\t"',
          '  unicode: "\\u2028 \\U0001F600 ☃"',
          `  long: ${'word '.repeat(60)}end`,
          '',
        ].join('\n'),
      ),
      'b.yaml':
        'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: b, annotations: {big: "12345678901234567890", float: "1.10"}}\nbinaryData: {x: AAEC}\nimmutable: true\n',
    },
    count: 2,
  },
  {
    name: 'lists',
    title: 'lists, and what is in them',
    files: {
      'list.yaml': `apiVersion: v1
kind: List
items:
  - {apiVersion: v1, kind: ConfigMap, metadata: {name: one}}
  - {apiVersion: v1, kind: ConfigMap, metadata: {name: two}, data: {a: b}}
`,
      'typed.yaml':
        'apiVersion: v1\nkind: ConfigMapList\nitems:\n  - {apiVersion: v1, kind: ConfigMap, metadata: {name: three}, data: {a: b}}\n',
    },
    count: 3,
  },
  {
    name: 'cluster-scoped',
    title: 'a CRD and cluster-scoped objects among namespaced ones',
    files: {
      'all.yaml': `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.rendering.example}
spec:
  group: rendering.example
  scope: Namespaced
  names: {kind: Widget, plural: widgets, singular: widget, listKind: WidgetList}
  versions:
    - name: v1
      served: true
      storage: true
      schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}
---
apiVersion: rendering.example/v1
kind: Widget
metadata: {name: w}
spec: {replicas: 2, items: [{a: 1}]}
---
apiVersion: scheduling.k8s.io/v1
kind: PriorityClass
metadata: {name: rendering-cluster-scoped}
value: 1000
---
apiVersion: v1
kind: Namespace
metadata: {name: rendering-made}
---
${configMap('a')}`,
    },
    count: 5,
  },
  {
    name: 'native-kinds',
    title: 'what the controller fills in for kinds it knows: protocols of ports, text of Secrets',
    files: {
      'secret.yaml': 'apiVersion: v1\nkind: Secret\nmetadata: {name: token}\nstringData: {a: "text"}\ndata: {b: Yg==}\n',
      'deployment.yaml': DEPLOYMENT,
      'service.yaml': SERVICE,
    },
    count: 3,
  },
  {
    name: 'local-config',
    title: 'objects that are for the build alone',
    files: {
      'kustomization.yaml': 'resources: [a.yaml, local.yaml]\n',
      'a.yaml': configMap('a'),
      'local.yaml': configMap('local').replace(
        '  name: local',
        '  name: local\n  annotations: {config.kubernetes.io/local-config: "true"}',
      ),
    },
  },
  {
    name: 'json-files',
    title: 'manifests in JSON, and a kustomization in JSON',
    files: {
      'kustomization.yaml': '{"resources": ["a.json"], "namePrefix": "j-"}',
      'a.json': '{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}, "data": {"a": "\\u00fc\\n"}}',
    },
  },
  {
    name: 'paths',
    title: 'names of files with spaces, letters beyond ASCII and dots',
    files: {
      'dev ümläut/kustomization.yaml': 'resources: ["../a b.yaml", "./../c..d.yaml", "../e f"]\n',
      'a b.yaml': configMap('a'),
      'c..d.yaml': configMap('c'),
      'e f/kustomization.yaml': 'resources: ["ü.yaml"]\n',
      'e f/ü.yaml': configMap('u'),
    },
    spec: { path: './dev ümläut' },
    count: 3,
  },
];
