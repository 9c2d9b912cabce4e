/** What commands meet when their permissions are tried: a target with every kind that a rule is about, and held ones. */
import { GIT_REPOSITORY, HELM_RELEASE, KUSTOMIZATION } from '../../src/api/flux.ts';
import type { KubeObject } from '../../src/api/kube.ts';
import type { Sha } from '../../src/core/commit.ts';
import type { Stage } from '../scenarios/stage.ts';

export const EVERYTHING = 'everything';
export const WEB = 'web';
export const PINNED = 'pinned';
export const PARKED = 'parked';
export const SHOP = 'shop';

const IMAGE = 'ghcr.io/ebb-dev/sample-saas-app';

export interface World {
  /** A commit before the newest release of `everything` and of `web`. */
  before: Sha;
  /** What commands may change: two equal ones mean that nothing was done. */
  fingerprint(): Promise<string>;
  /** Puts everything back to where commands begin. */
  restore(): Promise<void>;
}

export async function makeWorld(stage: Stage): Promise<World> {
  await stage.cluster.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'everything' } });
  await stage.cluster.create({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'settings', namespace: 'flux-system' },
    data: { GREETING: 'hello' },
  });
  await stage.cluster.create(helmRelease());
  await stage.developer.push('Add what permissions are tried on', files());
  await stage.fetchNow();
  const applied = (name: string, commit: Sha) =>
    stage.until(`Flux applies ${commit.slice(0, 8)} for ${name}`, async () => {
      const object = await stage.cluster.get({ ...KUSTOMIZATION, namespace: 'flux-system', name });
      return (object?.status as { lastAppliedRevision?: string } | undefined)?.lastAppliedRevision?.endsWith(commit) === true;
    });
  const head = () => stage.developer.git('ls-remote', 'origin', 'refs/heads/main').then((line) => line.slice(0, 40));
  const first = await head();
  for (const name of [EVERYTHING, WEB, PINNED, PARKED]) await applied(name, first);
  let count = 0;
  /** A release of everything and of web, applied. @returns the commit. */
  const release = async (paths: Record<string, string>) => {
    const commit = await stage.developer.push(`Release ${++count}`, paths);
    await stage.fetchNow();
    return commit;
  };
  const commit = await release({ 'apps/web/web.yaml': web('next'), 'apps/everything/configmap.yaml': configMap('everything', 'next') });
  for (const name of [EVERYTHING, WEB]) await applied(name, commit);
  await hold(stage);
  return {
    before: first,
    fingerprint: () => fingerprint(stage),
    restore: async () => {
      await stage.developer.git('fetch', '--quiet', 'origin', 'main');
      if ((await stage.developer.git('show', 'origin/main:apps/web/web.yaml')).includes('release: first')) {
        await applied(WEB, await release({ 'apps/web/web.yaml': web('next') }));
      }
      await hold(stage);
    },
  };
}

/** As the administrator, for a rule may be missing: pins one, suspends one with a hold that has run out, and lets go of the others. */
async function hold(stage: Stage): Promise<void> {
  const done = async (...args: string[]) => {
    const ended = await stage.ebbWith({ env: { KUBECONFIG: stage.kubeconfig } }, ...args);
    if (ended.code !== 0) throw new Error(`ebb ${args.join(' ')} ended with ${ended.code}: ${ended.stderr}${ended.stdout}`);
  };
  const annotated = async (name: string) => (await stage.kustomization(name)).metadata.annotations ?? {};
  const web = await stage.kustomization(WEB);
  if (web.spec.suspend) await done('resume', WEB, '--no-wait');
  if (web.spec.sourceRef.name !== 'flux-system') await done('unpin', WEB, '--yes', '--no-wait');
  if ((await annotated(PINNED))['ebb.dev/pinned-commit'] === undefined) {
    const head = await stage.developer.git('rev-parse', 'origin/main');
    await done('pin', PINNED, '--to', `${head}~1`, '--yes', '--no-wait');
  }
  if (!(await stage.kustomization(PARKED)).spec.suspend) await done('suspend', PARKED, '--for', '1s', '--reason', 'parked', '--yes');
  const shop = await stage.cluster.get({ ...HELM_RELEASE, namespace: 'flux-system', name: SHOP });
  if ((shop?.spec as { suspend?: boolean } | undefined)?.suspend) await done('resume', `helmrelease/${SHOP}`);
  await stage.until('the hold has run out', async () => {
    const { holds } = (await stage.ebbWith({ env: { KUBECONFIG: stage.kubeconfig } }, 'suspended', '-o', 'json')).json<{
      holds: { name: string; expired: boolean }[];
    }>();
    return holds.some((one) => one.name === PARKED && one.expired);
  });
}

async function fingerprint(stage: Stage): Promise<string> {
  const lists = await Promise.all([KUSTOMIZATION, GIT_REPOSITORY, HELM_RELEASE].map((kind) => stage.cluster.list<KubeObject>(kind)));
  const objects = lists.flat().map(({ kind, metadata, spec }) => {
    const { 'reconcile.fluxcd.io/requestedAt': _, ...annotations } = metadata.annotations ?? {};
    return { kind, name: metadata.name, annotations, spec };
  });
  const [heads, open] = await Promise.all([stage.developer.git('ls-remote', 'origin'), stage.ebb('resume-rollback', '-o', 'json')]);
  return JSON.stringify([heads, objects, open.json<{ rollbacks: unknown[] }>().rollbacks], null, 1);
}

function files(): Record<string, string> {
  const kustomizations = [EVERYTHING, WEB, PINNED, PARKED].map(kustomization);
  return {
    'clusters/dev/kustomization.yaml':
      'apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: [flux-system, sample-app.yaml, billing-worker.yaml, privilege.yaml]\n',
    'clusters/dev/privilege.yaml': kustomizations.join('---\n'),
    'apps/everything/everything.yaml': everything(),
    'apps/everything/configmap.yaml': configMap('everything', 'first'),
    'apps/web/web.yaml': web('first'),
    'apps/pinned/configmap.yaml': configMap('pinned', 'first'),
    'apps/parked/configmap.yaml': configMap('parked', 'first'),
  };
}

function kustomization(name: string): string {
  return `apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: ${name}, namespace: flux-system}
spec:
  interval: 5m
  retryInterval: 2s
  timeout: 20s
  path: ./apps/${name}
  prune: true
  targetNamespace: everything
  sourceRef: {kind: GitRepository, name: flux-system}
${name === EVERYTHING ? '  postBuild: {substituteFrom: [{kind: ConfigMap, name: settings}]}\n' : ''}`;
}

function configMap(name: string, value: string): string {
  return `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}}\ndata: {value: ${value}, greeting: "\${GREETING:-none}"}\n`;
}

/**
 * Workloads of the three kinds that read configuration under its own name, which each release changes, and a StatefulSet whose
 * template each release changes. All are well.
 */
function web(release: string): string {
  const of = (kind: string, name: string, annotations: string, more: string) => `apiVersion: apps/v1
kind: ${kind}
metadata: {name: ${name}}
spec:
  selector: {matchLabels: {app: ${name}}}
  template:
    metadata: {labels: {app: ${name}}, annotations: {${annotations}}}
    spec: {containers: [{name: app, image: "${IMAGE}:1.0.0", envFrom: [{configMapRef: {name: web}}]}]}
${more}`;
  const none = '  replicas: 0\n';
  return [
    of('Deployment', 'web-deployment', '', none),
    of('StatefulSet', 'web-set', '', `${none}  serviceName: web\n`),
    of('DaemonSet', 'web-daemon', '', ''),
    of('StatefulSet', 'web-ordered', `release: ${release}`, `${none}  serviceName: web\n`),
    configMap('web', release),
  ].join('---\n');
}

/** One object of each kind that a rule is about; its pods crash, so that there are logs to read. */
function everything(): string {
  const pod = `    metadata: {labels: {app: everything}}
    spec: {containers: [{name: app, image: "${IMAGE}:1.1.0", env: [{name: VALUE, valueFrom: {configMapKeyRef: {name: everything, key: value}}}]}]}
`;
  const workload = (kind: string, more: string) => `apiVersion: apps/v1
kind: ${kind}
metadata: {name: everything}
spec:
  selector: {matchLabels: {app: everything}}
  template:
${pod}${more}`;
  const job = (indent: string) => `${indent}template:
${indent}  spec: {restartPolicy: Never, containers: [{name: app, image: "${IMAGE}:1.1.0"}]}
`;
  return [
    workload('Deployment', '  replicas: 1\n'),
    workload('StatefulSet', '  replicas: 0\n  serviceName: everything\n').replaceAll('app: everything', 'app: everything-set'),
    workload('DaemonSet', '')
      .replaceAll('app: everything', 'app: everything-daemon')
      .replace('    spec: {', '    spec: {nodeSelector: {no: node}, '),
    `apiVersion: batch/v1\nkind: Job\nmetadata: {name: everything}\nspec:\n  suspend: true\n${job('  ')}`,
    `apiVersion: batch/v1\nkind: CronJob\nmetadata: {name: everything}\nspec:\n  schedule: "0 0 1 1 *"\n  suspend: true\n  jobTemplate:\n    spec:\n${job('      ')}`,
    'apiVersion: v1\nkind: Service\nmetadata: {name: everything}\nspec: {selector: {app: everything}, ports: [{name: http, port: 80, targetPort: 8080}]}\n',
    'apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: everything}\nspec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Mi}}}\n',
    'apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: everything}\nspec: {defaultBackend: {service: {name: everything, port: {name: http}}}}\n',
    `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: things.example.com}
spec:
  group: example.com
  scope: Namespaced
  names: {plural: things, singular: thing, kind: Thing}
  versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}]
`,
    ...plain(),
  ].join('---\n');
}

/** Kinds of which nothing but that they are there is looked at. */
function plain(): string[] {
  const rbac = 'rbac.authorization.k8s.io/v1';
  const role = (kind: string) => `roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ${kind}, name: everything}\nsubjects: []\n`;
  return [
    ['v1', 'Namespace', ''],
    ['v1', 'ServiceAccount', ''],
    [rbac, 'ClusterRole', 'rules: []\n'],
    [rbac, 'ClusterRoleBinding', role('ClusterRole')],
    [rbac, 'Role', 'rules: []\n'],
    [rbac, 'RoleBinding', role('Role')],
    ['scheduling.k8s.io/v1', 'PriorityClass', 'value: 1\n'],
    ['storage.k8s.io/v1', 'StorageClass', 'provisioner: example.com/none\n'],
    ['networking.k8s.io/v1', 'IngressClass', 'spec: {controller: example.com/none}\n'],
    ['networking.k8s.io/v1', 'NetworkPolicy', 'spec: {podSelector: {matchLabels: {app: nothing}}}\n'],
    [
      'autoscaling/v2',
      'HorizontalPodAutoscaler',
      'spec: {maxReplicas: 1, scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: everything}}\n',
    ],
    ['policy/v1', 'PodDisruptionBudget', 'spec: {minAvailable: 0, selector: {matchLabels: {app: everything}}}\n'],
  ].map(([apiVersion, kind, rest]) => `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: {name: everything}\n${rest}`);
}

function helmRelease(): KubeObject {
  return {
    ...HELM_RELEASE,
    metadata: { name: SHOP, namespace: 'flux-system' },
    spec: { interval: '10m', chart: { spec: { chart: 'shop', sourceRef: { kind: 'HelmRepository', name: 'absent' } } } },
  };
}
