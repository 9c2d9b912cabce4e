// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the braces are Flux's.
import type { RenderingCase } from '../case.ts';
import { configMap, DEPLOYMENT } from '../manifests.ts';

const live = (kind: 'ConfigMap' | 'Secret', name: string, data: Record<string, string>) => ({
  apiVersion: 'v1',
  kind,
  metadata: { name },
  data:
    kind === 'Secret' ? Object.fromEntries(Object.entries(data).map(([key, value]) => [key, Buffer.from(value).toString('base64')])) : data,
});

export const SUBSTITUTION: RenderingCase[] = [
  {
    name: 'substitute-expressions',
    title: 'defaults, escapes and functions of variables',
    files: {
      'a.yaml': configMap(
        'a-${stage}',
        [
          '  plain: ${stage}',
          '  default: "${unset:=fallback} ${unset:-other} ${empty:-empty} ${stage:=unused}"',
          '  escaped: "$${stage} $$ $stage $(stage)"',
          '  length: "has ${#stage}"',
          '  substring: "${word:1} ${word:1:2}"',
          '  replaced: "${word/l/L} ${word//l/L} ${word/#he/HE} ${word/%lo/LO}"',
          '  trimmed: "${word#h} ${word##*l} ${word%o} ${word%%l*}"',
          '  cases: "${word^} ${word^^} ${stage,} ${stage,,}"',
          '  nested: "${unset:=${stage}}"',
          '  script: |',
          '    #!/bin/sh',
          '    echo "$${HOME}" # ${stage}',
          '    if [ -n "$X" ]; then echo "$1"; fi',
          '',
        ].join('\n'),
      ),
    },
    spec: { postBuild: { substitute: { stage: 'dev', word: 'hello', empty: '' } } },
  },
  {
    name: 'substitute-values',
    title: 'values that become numbers, booleans, lists and nothing, and line breaks that are taken out',
    files: {
      'a.yaml': configMap('a', '  text: "v${number}"\n  lines: ${lines}\n  quoted: "is ${quote}"\n'),
      'deployment.yaml': DEPLOYMENT.replace('replicas: 0', 'replicas: ${zero}\n  paused: ${paused}').replace(
        '{name: migrate, image: registry.example/migrate:1.0}',
        "{name: migrate, image: registry.example/migrate:1.0, args: ['${args}']}",
      ),
    },
    spec: { postBuild: { substitute: { number: '12', zero: '0', paused: 'true', lines: 'one\ntwo', args: '--a=1', quote: "it's {x}" } } },
    count: 2,
  },
  {
    name: 'substitute-from',
    title: 'variables of ConfigMaps and Secrets, the last one and the inline ones winning, an optional one missing',
    files: { 'a.yaml': configMap('a', '  text: "${one} ${two} ${three} ${lines}"\n') },
    spec: {
      postBuild: {
        substitute: { three: 'inline' },
        substituteFrom: [
          { kind: 'ConfigMap', name: 'substitute-from-first' },
          { kind: 'ConfigMap', name: 'substitute-from-missing', optional: true },
          { kind: 'Secret', name: 'substitute-from-second' },
        ],
      },
    },
    live: [
      live('ConfigMap', 'substitute-from-first', { one: '1', two: '1', three: '1', lines: 'a\nb\n' }),
      live('Secret', 'substitute-from-second', { two: '2', three: '2' }),
    ],
  },
  {
    name: 'substitute-disabled',
    title: 'objects that keep their text, by annotation and by label',
    files: {
      'a.yaml': configMap('a', '  text: ${stage}\n').replace(
        '  name: a',
        '  name: a\n  annotations: {kustomize.toolkit.fluxcd.io/substitute: disabled}',
      ),
      'b.yaml': configMap('b', '  text: ${stage}\n').replace(
        '  name: b',
        '  name: b\n  labels: {kustomize.toolkit.fluxcd.io/substitute: disabled}',
      ),
      'c.yaml': configMap('c', '  text: ${stage}\n').replace(
        '  name: c',
        '  name: c\n  labels: {kustomize.toolkit.fluxcd.io/substitute: Disabled}',
      ),
    },
    spec: { postBuild: { substitute: { stage: 'dev' } } },
    count: 3,
  },
  {
    name: 'substitute-nothing',
    title: 'text with variables where none is defined',
    files: { 'a.yaml': configMap('a', '  text: "${stage} $${stage}"\n') },
    spec: { postBuild: { substitute: {} } },
  },
  {
    name: 'substitute-always',
    title: 'the strategy Always without a variable',
    files: { 'a.yaml': configMap('a', '  text: "${stage:=none} $${stage}"\n') },
    spec: { postBuild: { substituteStrategy: 'Always' } },
  },
  {
    name: 'substitute-generated',
    title: 'variables in generated objects, whose hash is of the text before',
    files: {
      'kustomization.yaml': 'configMapGenerator: [{name: "a", literals: ["text=${stage}"], files: [b.txt]}]\n',
      'b.txt': 'x=${stage:=y}\n$$\n',
    },
    spec: { postBuild: { substitute: { stage: 'dev' } } },
  },
  {
    name: 'substitute-kinds',
    title: 'variables in keys, names, kinds and comments',
    files: {
      'a.yaml': `apiVersion: v1
kind: \${kind}
metadata:
  name: a # \${gone}
  labels: {"\${key}": "\${value}"}
data:
  "\${key}": "\${value}"
`,
    },
    spec: { postBuild: { substitute: { kind: 'ConfigMap', key: 'k', value: 'v' } } },
  },
  {
    name: 'substitute-emptied',
    title: 'a value of nothing where text is expected',
    files: { 'a.yaml': configMap('a', '  text: "${empty}"\n  kept: x${empty}\n') },
    spec: { postBuild: { substitute: { empty: '' } } },
  },
];
