/** An application of which a revert alone does not bring everything back: a StatefulSet, and Deployments that read configuration when they start. */
import type { Pod } from '../../../src/api/workloads.ts';
import { openStage, type Stage } from '../stage.ts';
import type { StageOptions } from './ground.ts';

export const NAMESPACE = 'state';
export const APP = 'apps/state';

/** Manifests by their path: what a release of the database or of the settings changes. */
export const release = {
  database: (version: string) => ({ [`${APP}/db.yaml`]: workload('StatefulSet', 'db', version) }),
  settings: (timeout: string, comment = '') => ({
    [`${APP}/settings.yaml`]: `${comment}apiVersion: v1
kind: ConfigMap
metadata:
  name: settings
data:
  UPSTREAM_TIMEOUT_MS: "${timeout}"
`,
  }),
};

const KUSTOMIZATION = `apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata:
  name: state
  namespace: flux-system
spec:
  interval: 5m
  timeout: 5m
  path: ./${APP}
  prune: true
  wait: true
  sourceRef:
    kind: GitRepository
    name: flux-system
`;

const ENV_FROM = '          envFrom: [{ configMapRef: { name: settings } }]\n';
/** One file of a volume, as it was when the container started. */
const SUB_PATH = `          volumeMounts: [{ name: settings, mountPath: /etc/timeout, subPath: UPSTREAM_TIMEOUT_MS }]
      volumes: [{ name: settings, configMap: { name: settings } }]
`;

function workload(kind: 'StatefulSet' | 'Deployment', name: string, version: string, more = ''): string {
  return `apiVersion: apps/v1
kind: ${kind}
metadata:
  name: ${name}
spec:
  replicas: 2
${kind === 'StatefulSet' ? `  serviceName: ${name}\n` : ''}  selector:
    matchLabels: { app: ${name} }
  template:
    metadata:
      labels: { app: ${name} }
    spec:
      terminationGracePeriodSeconds: 1
      containers:
        - name: app
          image: ghcr.io/ebb-dev/sample-saas-app:${version}
          readinessProbe: { httpGet: { path: /readyz, port: 8080 }, periodSeconds: 1 }
${more}`;
}

export interface StateStage extends Stage {
  /** Of a workload, that are not going away. */
  pods(app: string): Promise<Pod[]>;
  uids(app: string): Promise<(string | undefined)[]>;
  /** Waits until Flux works on this commit. */
  attempted(commit: string): Promise<void>;
  /** Ends the pods of a Deployment, and waits for the next ones: they read what is there now. */
  startAnew(deployment: string): Promise<void>;
}

/** Opens a stage on which the application is well: `db`, `api` and `web`, of which the last two read the settings. */
export async function openStateStage(options: StageOptions = {}): Promise<StateStage> {
  const stage = await openStage({ timeout: '5m', ...options });
  try {
    const list = await stage.developer.read('clusters/dev/kustomization.yaml');
    await stage.developer.push('state: first release', {
      [`${APP}/kustomization.yaml`]: `namespace: ${NAMESPACE}\nresources: [namespace.yaml, settings.yaml, db.yaml, api.yaml, web.yaml]\n`,
      [`${APP}/namespace.yaml`]: `apiVersion: v1\nkind: Namespace\nmetadata: { name: ${NAMESPACE} }\n`,
      ...release.settings('5000'),
      ...release.database('1.0.0'),
      [`${APP}/api.yaml`]: workload('Deployment', 'api', '1.0.0', ENV_FROM),
      [`${APP}/web.yaml`]: workload('Deployment', 'web', '1.0.0', SUB_PATH),
      'clusters/dev/state.yaml': KUSTOMIZATION,
      'clusters/dev/kustomization.yaml': `${list}  - state.yaml\n`,
    });
    await stage.fetchNow();
    await stage.until('state is there', async () => (await stage.kubectl('get', 'kustomizations', '-n', 'flux-system')).includes('state'));
    await stage.untilWell('state');
    return { ...stage, ...manners(stage) };
  } catch (error) {
    await stage.leave();
    throw error;
  }
}

function manners(stage: Stage): Pick<StateStage, 'pods' | 'uids' | 'attempted' | 'startAnew'> {
  const pods: StateStage['pods'] = async (app) => {
    const all = await stage.cluster.list<Pod>({ apiVersion: 'v1', kind: 'Pod' }, { namespace: NAMESPACE, labelSelector: `app=${app}` });
    return all.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
  };
  return {
    pods,
    uids: async (app) => (await pods(app)).map(({ metadata }) => metadata.uid).sort(),
    attempted: async (commit) => {
      await stage.fetchNow();
      await stage.until(
        'Flux attempts it',
        async () => (await stage.kustomization('state')).status?.lastAttemptedRevision?.endsWith(commit) === true,
      );
    },
    startAnew: async (deployment) => {
      await stage.kubectl('delete', 'pods', '-l', `app=${deployment}`, '-n', NAMESPACE, '--grace-period=1');
      await stage.kubectl('rollout', 'status', `deployment/${deployment}`, '-n', NAMESPACE);
    },
  };
}
