// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the braces are Flux's.
/** Repositories that do not build, with what is said about them. */
import { configMap, SERVICE } from './manifests.ts';
import type { FailedCase } from './render-case.ts';

export const FAILED: FailedCase[] = [
  {
    title: 'refuses a remote base, and hides its credentials',
    files: { 'kustomization.yaml': 'resources: ["https://user:hunter2@git.example/org/repo//base?ref=v1&token=hunter2"]\n' },
    spec: {},
    message: /^remote base 'https:\/\/git\.example\/org\/repo\/\/base' is not followed/,
  },
  {
    title: 'refuses a remote file',
    files: { 'kustomization.yaml': 'resources: [a.yaml]\ncrds: ["http://example.com/crd.yaml"]\n', 'a.yaml': SERVICE },
    spec: {},
    message: /^remote base 'http:\/\/example\.com\/crd\.yaml' is not followed/,
  },
  {
    title: 'says that a base is missing',
    files: { 'kustomization.yaml': 'resources: [base]\n' },
    spec: {},
    message:
      /^kustomize build failed: accumulating resources: accumulation err='accumulating resources from 'base': open base: no such file or directory'/,
  },
  {
    title: 'says that a patch is missing',
    files: { 'dev/kustomization.yaml': 'resources: [a.yaml]\npatches: [{path: p.yaml}]\n', 'dev/a.yaml': SERVICE },
    spec: { path: 'dev' },
    message: /^kustomize build failed: .*open dev\/p\.yaml: no such file or directory/s,
  },
  {
    title: 'says that a component is missing',
    files: { 'kustomization.yaml': 'resources: [a.yaml]\n', 'a.yaml': SERVICE },
    spec: { components: ['none'] },
    message: /^kustomize build failed: accumulating components: .*'none'/s,
  },
  {
    title: 'says that the path is missing',
    files: { 'a.yaml': SERVICE },
    spec: { path: './apps/dev' },
    message: /^kustomization path not found: stat apps\/dev: no such file or directory$/,
  },
  {
    title: 'says that a base has no kustomization',
    files: { 'kustomization.yaml': 'resources: [base]\n', 'base/a.yaml': SERVICE },
    spec: {},
    message: /unable to find one of 'kustomization\.yaml', 'kustomization\.yml' or 'Kustomization' in directory 'base'/,
  },
  {
    title: 'says which manifest is broken',
    files: { 'kustomization.yaml': 'resources: [a.yaml]\n', 'a.yaml': 'kind: ConfigMap\n  name: [\n' },
    spec: {},
    message: /^kustomize build failed: .*yaml: line \d.* in File: a\.yaml/s,
  },
  {
    title: 'says which kustomization is broken',
    files: { 'dev/kustomization.yaml': 'resources: [a.yaml\nx: y\n' },
    spec: { path: 'dev' },
    message: /^invalid Kustomization in dev\/kustomization\.yaml: yaml: line \d/,
  },
  {
    title: 'refuses a file without a kind where there is no kustomization',
    files: { 'a.yaml': SERVICE, 'values.yaml': 'replicas: 2\n' },
    spec: {},
    message: /^kustomize build failed: .*values\.yaml/s,
  },
  {
    title: 'refuses several kustomizations in one directory',
    files: { 'kustomization.yaml': 'resources: [a.yaml]\n', Kustomization: 'resources: [a.yaml]\n', 'a.yaml': SERVICE },
    spec: {},
    message: /Found multiple kustomization files/,
  },
  {
    title: 'refuses a cycle',
    files: { 'a/kustomization.yaml': 'resources: [../b]\n', 'b/kustomization.yaml': 'resources: [../a]\n' },
    spec: { path: 'a' },
    message: /cycle detected: candidate root 'a' contains visited root 'a'/,
  },
  {
    title: 'refuses a path that leaves the repository',
    files: { 'dev/kustomization.yaml': 'resources: [../../secret.yaml]\n' },
    spec: { path: 'dev' },
    message: /path '\.\.\/\.\.\/secret\.yaml', named in 'dev', is not in or below the root of the repository$/,
  },
  {
    title: 'refuses an absolute path',
    files: { 'kustomization.yaml': 'configMapGenerator: [{name: a, files: [/etc/hostname]}]\n' },
    spec: {},
    message: /path '\/etc\/hostname'.* is not in or below the root/,
  },
  {
    title: 'refuses a Git LFS pointer',
    files: {
      'kustomization.yaml': 'resources: [a.yaml]\n',
      'a.yaml': 'version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n',
    },
    spec: {},
    message: /^'a\.yaml' is a Git LFS pointer/,
  },
  {
    title: 'refuses a symbolic link',
    files: { 'kustomization.yaml': 'resources: [link/a.yaml]\n', link: { type: 'symlink' } },
    spec: {},
    message: /^'link\/a\.yaml' leads through a symbolic link/,
  },
  {
    title: 'refuses a submodule',
    files: { 'kustomization.yaml': 'resources: [vendor]\n', vendor: { type: 'submodule' } },
    spec: {},
    message: /^'vendor' is in a Git submodule/,
  },
  {
    title: 'refuses more than 50 MB',
    files: {
      'kustomization.yaml': 'configMapGenerator: [{name: big, files: [big.bin]}]\n',
      'big.bin': new Uint8Array(50 * 1024 * 1024),
    },
    spec: {},
    message: /^the files of the build are larger than 50 MB/,
  },
  {
    title: 'refuses a file that is not UTF-8',
    files: { 'kustomization.yaml': new Uint8Array([0x72, 0xff, 0xfe, 0x0a]) },
    spec: {},
    message: /^invalid Kustomization in kustomization\.yaml: yaml: invalid UTF-8 text/,
  },
  {
    title: 'refuses a manifest that is not UTF-8',
    files: { 'kustomization.yaml': 'resources: [a.yaml]\n', 'a.yaml': new Uint8Array([0x61, 0x3a, 0x20, 0xff, 0x0a]) },
    spec: {},
    message: /^kustomize build failed: .*a\.yaml/s,
  },
  {
    title: 'fails on a variable without value and default',
    files: { 'a.yaml': configMap('a', '  text: "${unset} ${stage}"\n') },
    spec: { postBuild: { substitute: { stage: 'prod' } } },
    message:
      /^post build failed for 'ConfigMap\.v1\.\[noGrp\]\/a': envsubst error: variable substitution failed: variable not set \(strict mode\): "unset"$/,
  },
  {
    title: 'fails on a name of a variable that no reference can have',
    files: { 'a.yaml': configMap('a', '  text: "1"\n') },
    spec: { postBuild: { substitute: { 'a-b': 'x' } } },
    message: /^post build failed for .*: envsubst error: 'a-b' var name is invalid, must match/,
  },
  {
    title: 'does not show the value that breaks a manifest',
    files: { 'a.yaml': configMap('a', '  text: ${password}\n') },
    spec: { postBuild: { substituteFrom: [{ kind: 'Secret', name: 's' }] } },
    variables: { password: 'hunter2: *hunter2 "' },
    message: /^(?!.*hunter2)post build failed for 'ConfigMap\.v1\.\[noGrp\]\/a': envsubst error: YAMLToJSON: yaml: /s,
  },
  {
    title: 'refuses helm charts, for Flux does not inflate them',
    files: { 'kustomization.yaml': 'helmCharts: [{name: web, repo: "https://charts.example"}]\n' },
    spec: {},
    message: /must specify --enable-helm/,
  },
];
