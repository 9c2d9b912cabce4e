/**
 * What a control plane is made of, and which Go module builds it. The versions are those of `test/cluster/modules/<module>/go.mod`;
 * there are several modules because their dependencies contradict each other.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../../src/example/assets.ts';

export const PROGRAMS = [
  'etcd',
  'kube-apiserver',
  'kube-controller-manager',
  'kube-scheduler',
  'kubectl',
  'kwok',
  'source-controller',
  'kustomize-controller',
  'helm-controller',
  'notification-controller',
  'flux',
] as const;

export type ProgramName = (typeof PROGRAMS)[number];

export interface Program {
  name: ProgramName;
  /** Import path of its main package. */
  package: string;
}

/** Manifests that a Go module brings beside its code. */
export interface Manifests {
  /** A package of the module that has them. */
  package: string;
  /** Folder in that module. */
  from: string;
  /** Folder in what is built. */
  to: string;
  /** Only these; all YAML files of the folder without it. */
  ofKind?: string;
}

export interface Module {
  /** Its folder in `test/cluster/modules`. */
  name: string;
  programs: readonly Program[];
  manifests: readonly Manifests[];
  /** Variables that tell a program its version: they are set by whoever builds it, and are a placeholder otherwise. */
  variables: (goMod: string) => Record<string, string>;
  /** Set where the programs are built in a copy of their own module: what must be added to it, path to content. */
  builtInCopyWith?: Record<string, string>;
}

const NONE = () => ({});

export const MODULES: readonly Module[] = [
  { name: 'etcd', programs: [{ name: 'etcd', package: 'go.etcd.io/etcd/server/v3' }], manifests: [], variables: NONE },
  {
    name: 'kubernetes',
    programs: (['kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kubectl'] as const).map((name) => ({
      name,
      package: `k8s.io/kubernetes/cmd/${name}`,
    })),
    manifests: [],
    variables: kubernetesVersion,
  },
  {
    name: 'kwok',
    programs: [{ name: 'kwok', package: 'sigs.k8s.io/kwok/cmd/kwok' }],
    manifests: (['node', 'pod'] as const).map((what) => ({
      package: 'sigs.k8s.io/kwok/cmd/kwok',
      from: `kustomize/stage/${what}/fast`,
      to: `stages/${what}`,
      ofKind: 'Stage',
    })),
    variables: NONE,
  },
  { name: 'source-controller', ...fluxControllers('source-controller') },
  { name: 'flux', ...fluxControllers('kustomize-controller', 'helm-controller') },
  { name: 'notification-controller', ...fluxControllers('notification-controller') },
  {
    name: 'flux-cli',
    programs: [{ name: 'flux', package: 'github.com/fluxcd/flux2/v2/cmd/flux' }],
    manifests: [],
    variables: (goMod) => ({ 'main.VERSION': requiredVersion(goMod, 'github.com/fluxcd/flux2/v2').slice(1) }),
    // It embeds the manifests of `flux install`, which its release makes and its module leaves out.
    builtInCopyWith: { 'cmd/flux/manifests/placeholder.yaml': '{}\n' },
  },
];

function fluxControllers(...names: (ProgramName & `${string}-controller`)[]): Omit<Module, 'name'> {
  const programs = names.map((name) => ({ name, package: `github.com/fluxcd/${name}` }));
  return {
    programs,
    manifests: programs.map((program) => ({ package: program.package, from: 'config/crd/bases', to: `crds/${program.name}` })),
    variables: NONE,
  };
}

/** As hack/lib/version.sh of Kubernetes sets them; charts ask for the version that the API server tells. */
function kubernetesVersion(goMod: string): Record<string, string> {
  const version = requiredVersion(goMod, 'k8s.io/kubernetes');
  const [, major = '', minor = ''] = /^v(\d+)\.(\d+)/.exec(version) ?? [];
  const packages = ['k8s.io/component-base/version', 'k8s.io/client-go/pkg/version'];
  return Object.fromEntries(
    packages.flatMap((path) => [
      [`${path}.gitVersion`, version],
      [`${path}.gitMajor`, major],
      [`${path}.gitMinor`, minor],
    ]),
  );
}

/** @throws Error where the module is not required. */
export function requiredVersion(goMod: string, path: string): string {
  const line = goMod.split('\n').find((text) =>
    text
      .replace(/^require/, '')
      .trim()
      .startsWith(`${path} v`),
  );
  const version = line === undefined ? undefined : /\s(v\S+)/.exec(line)?.[1];
  if (version === undefined) throw new Error(`go.mod does not require ${path}`);
  return version;
}

export function moduleFolder(module: Module): string {
  return join(packageRoot(), 'test', 'cluster', 'modules', module.name);
}

export function goModOf(module: Module): string {
  return readFileSync(join(moduleFolder(module), 'go.mod'), 'utf8');
}
