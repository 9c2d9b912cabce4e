import type { RenderingCase } from '../case.ts';
import { configMap, DEPLOYMENT } from '../manifests.ts';

export const GENERATORS: RenderingCase[] = [
  {
    name: 'generators-hashed',
    title: 'generated ConfigMaps and Secrets, named by their content, and what refers to them',
    files: {
      'kustomization.yaml': `resources: [deployment.yaml]
configMapGenerator:
  - name: settings
    files: [app.conf, renamed.conf=other/app.conf]
    envs: [settings.env]
    literals: [INLINE=a b, "QUOTED='x'"]
secretGenerator:
  - name: token
    literals: [key=value]
  - name: certificate
    type: kubernetes.io/tls
    files: [tls.crt, tls.key]
`,
      'deployment.yaml': DEPLOYMENT,
      'app.conf': 'a: 1\n# comment\n',
      'other/app.conf': 'b: 2',
      'settings.env': '# comment\nLEVEL=debug\nEMPTY=\nSPACED=a b \n\n',
      'tls.crt': 'certificate\n',
      'tls.key': 'key\n',
    },
    count: 4,
  },
  {
    name: 'generators-plain',
    title: 'generated ones without the hash, with labels and immutable',
    files: {
      'kustomization.yaml': `resources: [deployment.yaml]
generatorOptions:
  disableNameSuffixHash: true
  labels: {made: here}
  annotations: {note: "1"}
configMapGenerator:
  - name: settings
    literals: [a=b]
  - name: frozen
    literals: [a=b]
    options: {immutable: true, labels: {own: "yes"}}
secretGenerator:
  - {name: token, envs: [token.env], options: {disableNameSuffixHash: false}}
`,
      'deployment.yaml': DEPLOYMENT,
      'token.env': 'key=value',
    },
    count: 4,
  },
  {
    name: 'generators-merged',
    title: 'generated ones that an overlay merges into and replaces',
    files: {
      'base/kustomization.yaml': `resources: [deployment.yaml]
configMapGenerator:
  - {name: settings, literals: [a=1, b=1]}
  - {name: replaced, literals: [a=1, b=1]}
secretGenerator:
  - {name: token, literals: [key=base]}
`,
      'base/deployment.yaml': DEPLOYMENT,
      'dev/kustomization.yaml': `resources: [../base]
configMapGenerator:
  - {name: settings, behavior: merge, literals: [b=2, c=2]}
  - {name: replaced, behavior: replace, literals: [c=2]}
secretGenerator:
  - {name: token, behavior: merge, literals: [key=dev]}
`,
    },
    spec: { path: 'dev' },
    count: 4,
  },
  {
    name: 'generators-binary',
    title: 'bytes that are no text, an empty file, and text that YAML must quote',
    files: {
      'kustomization.yaml': `configMapGenerator:
  - {name: blob, files: [blob.bin, empty.txt, odd.txt], literals: ["number=1e3", "yes=no", "nothing=", "octal=0777", "date=2026-01-02"]}
secretGenerator:
  - {name: blob, files: [blob.bin]}
`,
      'blob.bin': new Uint8Array([0, 255, 254, 10, 13, 128]),
      'empty.txt': '',
      'odd.txt': '\ttab\r\n  indented \n"quotes" \'single\' #hash: {x}\nümläut ☃ 𝄞 \u0085 \u2028 end',
    },
    count: 2,
  },
  {
    name: 'generators-alone',
    title: 'a kustomization without resources, which Flux marks with the origin',
    files: { 'kustomization.yaml': 'configMapGenerator: [{name: one, literals: [a=b]}]\n' },
  },
  {
    name: 'builtin-plugins',
    title: 'generators and transformers from files',
    files: {
      'kustomization.yaml': 'resources: [a.yaml]\ngenerators: [generator.yaml]\ntransformers: [prefix.yaml, labels]\n',
      'a.yaml': configMap('a'),
      'generator.yaml':
        'apiVersion: builtin\nkind: ConfigMapGenerator\nmetadata: {name: made}\nname: made\nfiles: [texts/a.txt]\noptions: {disableNameSuffixHash: true}\n',
      'texts/a.txt': 'A',
      'prefix.yaml':
        'apiVersion: builtin\nkind: PrefixTransformer\nmetadata: {name: p}\nprefix: pre-\nfieldSpecs: [{path: metadata/name}]\n',
      'labels/kustomization.yaml': 'resources: [label.yaml]\n',
      'labels/label.yaml':
        'apiVersion: builtin\nkind: LabelTransformer\nmetadata: {name: label}\nlabels: {team: shop}\nfieldSpecs: [{path: metadata/labels, create: true}]\n',
    },
    count: 2,
  },
];
