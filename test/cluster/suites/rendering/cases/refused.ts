// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the braces are Flux's.
import type { RefusedCase } from '../case.ts';
import { configMap, SERVICE } from '../manifests.ts';

export const REFUSED: RefusedCase[] = [
  {
    name: 'refused-remote-base',
    title: 'a remote base',
    files: { 'kustomization.yaml': 'resources: ["https://127.0.0.1:1/org/repo//base?ref=v1"]\n' },
    message: /^kustomize build failed: accumulating resources: .* failed to run '.*git fetch/s,
    ebb: {
      says: /^remote base 'https:\/\/127\.0\.0\.1:1\/org\/repo\/\/base' is not followed/,
      because: 'Ebb asks nobody: even with --no-remote-bases the controller tries the URL first',
    },
  },
  {
    name: 'refused-remote-file',
    title: 'a remote file',
    files: { 'kustomization.yaml': 'resources: ["https://127.0.0.1:1/a.yaml"]\n' },
    message: /^kustomize build failed: accumulating resources: .*connection refused/s,
    ebb: {
      says: /^remote base 'https:\/\/127\.0\.0\.1:1\/a\.yaml' is not followed/,
      because: 'Ebb asks nobody: even with --no-remote-bases the controller tries the URL first',
    },
  },
  { name: 'refused-path', title: 'a path that is missing', files: { 'a.yaml': SERVICE }, spec: { path: 'none' }, message: /./ },
  {
    name: 'refused-path-file',
    title: 'a path that is a file',
    files: { 'a.yaml': SERVICE },
    spec: { path: 'a.yaml' },
    message: /kustomization\.yaml: not a directory/,
    ebb: {
      says: /^kustomization path not found: 'refused-path-file\/a\.yaml' is a file, not a directory$/,
      because: 'the controller says what it stumbled over, Ebb what is wrong',
    },
  },
  { name: 'refused-missing-base', title: 'a base that is missing', files: { 'kustomization.yaml': 'resources: [base]\n' }, message: /./ },
  {
    name: 'refused-empty-base',
    title: 'a base without a kustomization',
    files: { 'kustomization.yaml': 'resources: [base]\n', 'base/a.yaml': SERVICE },
    message: /unable to find one of 'kustomization\.yaml', 'kustomization\.yml' or 'Kustomization'/,
  },
  {
    name: 'refused-missing-file',
    title: 'a resource that is missing',
    files: { 'kustomization.yaml': 'resources: [a.yaml, none.yaml]\n', 'a.yaml': SERVICE },
    message: /open refused-missing-file\/none\.yaml: no such file or directory/,
  },
  {
    name: 'refused-missing-patch',
    title: 'a patch that is missing',
    files: { 'kustomization.yaml': 'resources: [a.yaml]\npatches: [{path: none.yaml}]\n', 'a.yaml': SERVICE },
    message: /failed to get the patch file from path\(none\.yaml\)/,
  },
  {
    name: 'refused-missing-generator-file',
    title: 'a file of a generator that is missing',
    files: { 'kustomization.yaml': 'configMapGenerator: [{name: a, files: [none.txt]}]\n' },
    message: /file sources: \[none\.txt\]/,
  },
  {
    name: 'refused-component',
    title: 'a component of the spec that is missing',
    files: { 'kustomization.yaml': 'resources: [a.yaml]\n', 'a.yaml': SERVICE },
    spec: { components: ['none'] },
    message: /^kustomize build failed: accumulating components: /,
  },
  {
    name: 'refused-component-absolute',
    title: 'a component of the spec that is not local',
    files: { 'kustomization.yaml': 'resources: [a.yaml]\n', 'a.yaml': SERVICE },
    spec: { components: ['/etc'] },
    message: /^component path '\/etc' must be local and relative$/,
  },
  {
    name: 'refused-component-as-base',
    title: 'a component used as a base',
    files: {
      'kustomization.yaml': 'resources: [part]\n',
      'part/kustomization.yaml': 'apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nresources: [a.yaml]\n',
      'part/a.yaml': SERVICE,
    },
    message: /expected kind != 'Component'/,
  },
  {
    name: 'refused-outside',
    title: 'a path that leaves the repository',
    files: { 'kustomization.yaml': 'resources: [../../../../etc/passwd]\n' },
    message: /fs-security-constraint read \S*\/etc\/passwd: path '\S*\/etc\/passwd' is not in or below/,
    ebb: {
      says: /fs-security-constraint .* path '\.\.\/\.\.\/\.\.\/\.\.\/etc\/passwd', named in 'refused-outside', is not in or below the root of the repository$/,
      because: "where the path ends up depends on the controller's own folders; Ebb says the path that is written",
    },
  },
  {
    name: 'refused-absolute',
    title: 'an absolute path',
    files: { 'kustomization.yaml': 'configMapGenerator: [{name: a, files: [/etc/hostname]}]\n' },
    message: /fs-security-constraint read \/etc\/hostname: path '\/etc\/hostname' is not in or below/,
    ebb: {
      says: /fs-security-constraint .* path '\/etc\/hostname', named in 'refused-absolute', is not in or below the root of the repository$/,
      because: 'Ebb also says which kustomization names it',
    },
  },
  {
    name: 'refused-link',
    title: 'a symbolic link that a kustomization names',
    files: { 'kustomization.yaml': 'resources: [link.yaml]\n', 'link.yaml': { link: 'a.yaml' }, 'a.yaml': SERVICE },
    message: /open refused-link\/link\.yaml: no such file or directory/,
    ebb: {
      says: /^'refused-link\/link\.yaml' leads through a symbolic link, and Flux leaves symbolic links out of its artifacts$/,
      because: 'the file is there for everybody who looks; Ebb says why Flux does not see it',
    },
  },
  {
    name: 'refused-link-folder',
    title: 'a base behind a symbolic link',
    files: {
      'kustomization.yaml': 'resources: [link]\n',
      link: { link: 'base' },
      'base/kustomization.yaml': 'resources: [a.yaml]\n',
      'base/a.yaml': SERVICE,
    },
    message: /open refused-link-folder\/link: no such file or directory/,
    ebb: {
      says: /^'refused-link-folder\/link' leads through a symbolic link, and Flux leaves symbolic links out of its artifacts$/,
      because: 'the folder is there for everybody who looks; Ebb says why Flux does not see it',
    },
  },
  {
    name: 'refused-ignored',
    title: 'a file that the source leaves out by default',
    files: { 'kustomization.yaml': 'configMapGenerator: [{name: a, files: [picture.png]}]\n', 'picture.png': 'x' },
    message: /open refused-ignored\/picture\.png: no such file or directory/,
  },
  {
    name: 'refused-cycle',
    title: 'bases in a circle',
    files: { 'a/kustomization.yaml': 'resources: [../b]\n', 'b/kustomization.yaml': 'resources: [../a]\n' },
    spec: { path: 'a' },
    message: /cycle detected: candidate root 'refused-cycle\/a' contains visited root 'refused-cycle\/a'/,
  },
  {
    name: 'refused-twice',
    title: 'one object twice',
    files: { 'kustomization.yaml': 'resources: [a.yaml, b.yaml]\n', 'a.yaml': SERVICE, 'b.yaml': SERVICE },
    message: /may not add resource with an already registered id: Service/,
  },
  {
    name: 'refused-two-kustomizations',
    title: 'two kustomizations in one folder',
    files: { 'kustomization.yaml': 'resources: [a.yaml]\n', Kustomization: 'resources: [a.yaml]\n', 'a.yaml': SERVICE },
    message: /Found multiple kustomization files under: refused-two-kustomizations/,
  },
  {
    name: 'refused-manifest',
    title: 'a manifest that is no YAML',
    files: { 'kustomization.yaml': 'resources: [a.yaml]\n', 'a.yaml': 'kind: ConfigMap\n  name: [\n' },
    message: /MalformedYAMLError: yaml: line 2: mapping values are not allowed in this context in File: a\.yaml/,
  },
  {
    name: 'refused-kustomization',
    title: 'a kustomization that is no YAML',
    files: { 'kustomization.yaml': 'resources: [a.yaml\nx: y\n' },
    message: /^error converting YAML to JSON: yaml: line 1: /,
    ebb: {
      says: /^invalid Kustomization in refused-kustomization\/kustomization\.yaml: yaml: line \d: /,
      because: 'Ebb also says which file; what a broken text lacks is a matter of the parser',
    },
  },
  {
    name: 'refused-kustomization-type',
    title: 'a kustomization with a field of the wrong type',
    files: { 'kustomization.yaml': 'resources: a.yaml\n', 'a.yaml': SERVICE },
    message: /cannot unmarshal string into Go struct field Kustomization\.resources of type \[\]string$/,
    ebb: {
      says: /^invalid Kustomization in refused-kustomization-type\/kustomization\.yaml: json: cannot unmarshal string into Go struct field Kustomization\.resources of type array$/,
      because: 'Ebb also says which file',
    },
  },
  {
    name: 'refused-repeated-key',
    title: 'a manifest with a key twice',
    files: { 'kustomization.yaml': 'resources: [a.yaml]\n', 'a.yaml': `${configMap('a')}  key: again\n` },
    message: /mapping key "key" already defined at line 7/,
  },
  {
    name: 'refused-no-object',
    title: 'a file without a kind where there is no kustomization',
    files: { 'a.yaml': SERVICE, 'values.yaml': 'replicas: 2\n' },
    message: /^failed to decode Kubernetes YAML from refused-no-object\/values\.yaml: missing Resource metadata$/,
    ebb: {
      says: /accumulating resources from '\.\/values\.yaml': missing Resource metadata/,
      because: 'the controller decodes each file before kustomize does; Ebb leaves it to kustomize',
    },
  },
  {
    name: 'refused-broken-generated',
    title: 'a file that is no YAML where there is no kustomization',
    files: { 'a.yaml': SERVICE, 'deep/broken.yaml': 'a: [\n' },
    message:
      /^failed to decode Kubernetes YAML from refused-broken-generated\/deep\/broken\.yaml: MalformedYAMLError: yaml: line 1: did not find expected node content$/,
    ebb: {
      says: /accumulating resources from '\.\/deep\/broken\.yaml': MalformedYAMLError: yaml: line 1: did not find expected node content/,
      because: 'the controller decodes each file before kustomize does; Ebb leaves it to kustomize',
    },
  },
  {
    name: 'refused-patch-target',
    title: 'a strategic patch of an object that is not there',
    files: {
      'kustomization.yaml': 'resources: [a.yaml]\npatches: [{path: patch.yaml}]\n',
      'a.yaml': SERVICE,
      'patch.yaml': 'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: none}\nspec: {replicas: 1}\n',
    },
    message: /no resource matches strategic merge patch "Deployment\.v1\.apps\/none/,
  },
  {
    name: 'refused-patch-path',
    title: 'a JSON patch of a field that is not there',
    files: {
      'kustomization.yaml':
        'resources: [a.yaml]\npatches: [{target: {kind: Service}, patch: "- {op: replace, path: /spec/none/x, value: 1}"}]\n',
      'a.yaml': SERVICE,
    },
    message: /replace operation does not apply: doc is missing path: \/spec\/none\/x/,
  },
  {
    name: 'refused-replacement',
    title: 'a replacement whose source is not there',
    files: {
      'kustomization.yaml':
        'resources: [a.yaml]\nreplacements: [{source: {kind: ConfigMap, name: none, fieldPath: data.x}, targets: [{select: {kind: Service}, fieldPaths: [metadata.name]}]}]\n',
      'a.yaml': SERVICE,
    },
    message: /nothing selected by ConfigMap/,
  },
  {
    name: 'refused-helm',
    title: 'helm charts of kustomize',
    files: { 'kustomization.yaml': 'helmCharts: [{name: web, repo: "https://127.0.0.1:1"}]\n' },
    message: /must specify --enable-helm/,
  },
  {
    name: 'refused-lfs',
    title: 'a pointer of Git LFS in place of a manifest',
    files: {
      'kustomization.yaml': 'resources: [a.yaml]\n',
      'a.yaml': 'version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n',
    },
    message: /accumulating resources from 'a\.yaml': missing Resource metadata/,
    ebb: { says: /^'refused-lfs\/a\.yaml' is a Git LFS pointer/, because: 'Ebb says what it is' },
  },
  {
    name: 'refused-unset',
    title: 'a variable without value and default',
    files: { 'a.yaml': configMap('a', '  text: "${unset} ${stage}"\n') },
    spec: { postBuild: { substitute: { stage: 'dev' } } },
    message: /variable not set \(strict mode\): "unset"$/,
  },
  {
    name: 'refused-variable-name',
    title: 'a name of a variable that no reference can have',
    files: { 'a.yaml': configMap('a') },
    spec: { postBuild: { substitute: { 'a-b': 'x' } } },
    message: /envsubst error: 'a-b' var name is invalid/,
  },
  {
    name: 'refused-expression',
    title: 'an expression that cannot be read',
    files: { 'a.yaml': configMap('a', '  text: "${stage"\n') },
    spec: { postBuild: { substitute: { stage: 'dev' } } },
    message: /variable substitution failed: missing closing brace$/,
  },
  {
    name: 'refused-value',
    title: 'a value that breaks the manifest',
    files: { 'a.yaml': configMap('a', '  text: ${stage}\n') },
    spec: { postBuild: { substitute: { stage: 'a: *b "' } } },
    message: /envsubst error: YAMLToJSON: yaml: line 3: /,
  },
  {
    name: 'refused-substitute-from',
    title: 'variables of a ConfigMap that is missing',
    files: { 'a.yaml': configMap('a') },
    spec: { postBuild: { substituteFrom: [{ kind: 'ConfigMap', name: 'refused-none' }] } },
    message: /substitute from 'ConfigMap\/refused-none' error: configmaps "refused-none" not found$/,
  },
  {
    name: 'refused-substitute-secret',
    title: 'variables of a Secret that is missing',
    files: { 'a.yaml': configMap('a') },
    spec: { postBuild: { substituteFrom: [{ kind: 'Secret', name: 'refused-none' }] } },
    message: /substitute from 'Secret\/refused-none' error: secrets "refused-none" not found$/,
  },
  {
    name: 'refused-default-ignore',
    title: 'a base that only the source leaves out',
    files: { 'kustomization.yaml': 'resources: [base]\n', 'base/kustomization.yaml': 'resources: [a.yaml]\n', 'base/a.yaml': SERVICE },
    alone: { ignore: '/base/\n' },
    message: /accumulating resources from 'base': open base: no such file or directory/,
  },
];
