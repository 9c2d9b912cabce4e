/** What is released badly and taken back. A new row of the table is a new entry here. */
import type { KubeObject } from '../../../src/api/kube.ts';
import { chartFiles, chartPath } from '../../../test/scenarios/stage/chart.ts';
import { BAD, GOOD, helmRelease, kustomization, service, settings, type WorkloadKind, workload } from './manifests.ts';

/** Where an application lives. */
export interface Place {
  /** Of its Kustomization, of its GitRepository and of the repository. */
  name: string;
  namespace: string;
  /** How long Flux waits for the bad version. */
  minutes: number;
}

export interface Kind {
  name: string;
  /** For the table. */
  says: string;
  /** In how many milliseconds the good spec is to be in the cluster, in nine of ten rollbacks. */
  aim: number;
  /** In the order in which they depend on each other: the last one is rolled back. */
  kustomizations(place: Place): KubeObject[];
  /** The repository with the good version. */
  files(place: Place): Record<string, string>;
  /** The files that a release changes. */
  release(place: Place, version: string): Record<string, string>;
  /** Where a release shows. */
  workload: { kind: WorkloadKind; name: string };
  /** A revert alone does not bring it back: until its pod is deleted, Kubernetes waits for it. */
  needsMore?: true;
}

/** In milliseconds: Flux looks at health every five seconds; Helm's end is seen by the Kustomization's next look. */
const ONE_LOOK = 6_000;
const TWO_LOOKS = 11_000;

function plain(kind: WorkloadKind, more: Pick<Kind, 'needsMore'> = {}): Kind {
  return {
    name: kind.toLowerCase(),
    says: kind,
    aim: ONE_LOOK,
    kustomizations: ({ name, namespace, minutes }) => [
      kustomization({ name, namespace, source: name, path: './app', timeout: `${minutes}m` }),
    ],
    files: () => ({ 'app/settings.yaml': settings('app'), 'app/workload.yaml': workload(kind, 'app', GOOD) }),
    release: (_, version) => ({ 'app/workload.yaml': workload(kind, 'app', version) }),
    workload: { kind, name: 'app' },
    ...more,
  };
}

const PARTS = Array.from({ length: 10 }, (_, index) => `part-${index + 1}`);

const THIRTY: Kind = {
  ...plain('Deployment'),
  name: 'thirty',
  says: '30 objects, one Deployment of them fails',
  files: () => {
    const files = PARTS.map((part) => [
      `app/${part}.yaml`,
      [workload('Deployment', part, GOOD), service(part), settings(part)].join('---\n'),
    ]);
    return Object.fromEntries(files);
  },
  release: (_, version) => ({
    'app/part-5.yaml': [workload('Deployment', 'part-5', version), service('part-5'), settings('part-5')].join('---\n'),
  }),
  workload: { kind: 'Deployment', name: 'part-5' },
};

const HELM: Kind = {
  name: 'helm',
  says: 'HelmRelease under a Kustomization',
  aim: TWO_LOOKS,
  // The Kustomization outlasts Helm's action: that one decides.
  kustomizations: ({ name, namespace, minutes }) => [
    kustomization({ name, namespace, source: name, path: './app', timeout: `${minutes + 5}m` }),
  ],
  files: (place) => ({ ...chartFiles('app'), ...HELM.release(place, GOOD) }),
  release: ({ name, namespace, minutes }, version) => ({
    'app/release.yaml': helmRelease({
      name: 'app',
      namespace,
      chart: chartPath('app'),
      source: name,
      timeout: `${minutes}m`,
      version,
    }),
  }),
  workload: { kind: 'Deployment', name: 'app' },
};

const DEPENDS: Kind = {
  ...plain('Deployment'),
  name: 'depends',
  says: 'Deployment, two levels of `dependsOn` above it on the same source',
  kustomizations: ({ name, namespace, minutes }) => {
    const same = { namespace, source: name, timeout: `${minutes}m` };
    return [
      kustomization({ ...same, name: `${name}-base`, path: './base' }),
      kustomization({ ...same, name: `${name}-platform`, path: './platform', dependsOn: `${name}-base` }),
      kustomization({ ...same, name, path: './app', dependsOn: `${name}-platform` }),
    ];
  },
  files: () => ({
    'base/workload.yaml': workload('Deployment', 'base', GOOD),
    'platform/workload.yaml': workload('Deployment', 'platform', GOOD),
    'app/workload.yaml': workload('Deployment', 'app', GOOD),
  }),
};

export const KINDS: readonly Kind[] = [
  plain('Deployment'),
  plain('DaemonSet'),
  plain('StatefulSet', { needsMore: true }),
  THIRTY,
  HELM,
  DEPENDS,
];

/** The files of a bad release. */
export function badRelease(kind: Kind, place: Place): Record<string, string> {
  return kind.release(place, BAD);
}
