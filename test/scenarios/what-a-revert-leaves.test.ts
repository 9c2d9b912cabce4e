import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Pod, Workload } from '../../src/api/workloads.ts';
import { explain, openStage, type Stage } from './stage.ts';

/** What a commit that takes a bad one back does not bring back by itself, on any Flux. */

interface PlanJson {
  plan: { steps: { kind: string }[] };
}

interface ReportJson {
  verified: boolean;
  steps: { kind: string; found: boolean; message: string }[];
}

const NAMESPACE = 'state';
const APP = 'apps/state';

function kustomizationOf(): string {
  return `apiVersion: kustomize.toolkit.fluxcd.io/v1
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
}

function settings(answer: string): string {
  return `apiVersion: v1
kind: ConfigMap
metadata:
  name: settings
data:
  UPSTREAM_TIMEOUT_MS: "${answer}"
`;
}

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

const ENV_FROM = '          envFrom: [{ configMapRef: { name: settings } }]\n';

function files(version: string, answer: string): Record<string, string> {
  return {
    [`${APP}/kustomization.yaml`]: `namespace: ${NAMESPACE}\nresources: [namespace.yaml, settings.yaml, db.yaml, api.yaml]\n`,
    [`${APP}/namespace.yaml`]: `apiVersion: v1\nkind: Namespace\nmetadata: { name: ${NAMESPACE} }\n`,
    [`${APP}/settings.yaml`]: settings(answer),
    [`${APP}/db.yaml`]: workload('StatefulSet', 'db', version),
    [`${APP}/api.yaml`]: workload('Deployment', 'api', '1.0.0', ENV_FROM),
  };
}

describe('what a revert alone does not bring back', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await openStage({ timeout: '5m' });
    const list = await stage.developer.read('clusters/dev/kustomization.yaml');
    await stage.developer.push('state: first release', {
      ...files('1.0.0', '5000'),
      'clusters/dev/state.yaml': kustomizationOf(),
      'clusters/dev/kustomization.yaml': `${list}  - state.yaml\n`,
    });
    await stage.fetchNow();
    await stage.until('state is there', async () => (await stage.kubectl('get', 'kustomizations', '-n', 'flux-system')).includes('state'));
    await stage.untilWell('state');
  }, 240_000);
  afterAll(() => stage?.leave());

  const pods = async (app: string) =>
    (await stage.cluster.list<Pod>({ apiVersion: 'v1', kind: 'Pod' }, { namespace: NAMESPACE, labelSelector: `app=${app}` })).filter(
      ({ metadata }) => metadata.deletionTimestamp === undefined,
    );
  const uids = async (app: string) => (await pods(app)).map(({ metadata }) => metadata.uid).sort();

  async function attempted(commit: string): Promise<void> {
    await stage.fetchNow();
    await stage.until(
      'Flux attempts it',
      async () => (await stage.kustomization('state')).status?.lastAttemptedRevision?.endsWith(commit) === true,
    );
  }

  it('a StatefulSet whose new pod never got ready: exactly that pod is deleted, after saying so', async () => {
    const before = new Map((await pods('db')).map(({ metadata }) => [metadata.name, metadata.uid]));
    await attempted(await stage.developer.push('state: database 1.2.0', { [`${APP}/db.yaml`]: workload('StatefulSet', 'db', '1.2.0') }));
    await stage.until('db-1 runs the bad version and is not ready', async () =>
      (await pods('db')).some(
        ({ metadata, spec, status }) =>
          metadata.name === 'db-1' &&
          spec.containers[0]?.image.endsWith(':1.2.0') === true &&
          status?.phase === 'Running' &&
          status.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'False') === true,
      ),
    );
    const plan = explain(await stage.ebb('rollback', 'state', '--dry-run'));
    expect(plan.stdout).toContain(
      'delete pods of the bad version that never got ready, one at a time: StatefulSet/state/db would wait for them for ever',
    );
    const rollback = explain(await stage.ebb('rollback', 'state', '--yes', '-o', 'json'));
    expect(rollback.code).toBe(0);
    const { verified, steps } = rollback.json<ReportJson>();
    expect(verified).toBe(true);
    expect(steps.find(({ kind }) => kind === 'replace-broken-pods')).toMatchObject({ found: false, message: 'deleted pod db-1' });
    const after = await pods('db');
    expect(after.map(({ spec }) => spec.containers[0]?.image)).toEqual(Array(2).fill('ghcr.io/ebb-dev/sample-saas-app:1.0.0'));
    expect(after.find(({ metadata }) => metadata.name === 'db-0')?.metadata.uid).toBe(before.get('db-0'));
  });

  it('pods that read a ConfigMap by its plain name: they are restarted once, and nothing restarts them again', async () => {
    await attempted(await stage.developer.push('state: shorter timeout', { [`${APP}/settings.yaml`]: settings('1') }));
    await stage.untilWell('state');
    // Pods that start now start with the bad value.
    await stage.kubectl('delete', 'pods', '-l', 'app=api', '-n', NAMESPACE, '--grace-period=1');
    await stage.kubectl('rollout', 'status', 'deployment/api', '-n', NAMESPACE);
    const bad = await uids('api');
    const plan = explain(await stage.ebb('rollback', 'state', '--dry-run', '-o', 'json')).json<PlanJson>().plan;
    expect(plan.steps.map(({ kind }) => kind)).toContain('restart');
    expect(explain(await stage.ebb('rollback', 'state', '--dry-run', '--no-restart')).stdout).not.toContain('restart Deployment');
    const rollback = explain(await stage.ebb('rollback', 'state', '--yes', '-o', 'json'));
    expect(rollback.code).toBe(0);
    expect(rollback.json<ReportJson>().steps.find(({ kind }) => kind === 'restart')).toMatchObject({
      message: 'restarted Deployment/state/api',
    });
    const good = await uids('api');
    expect(good.filter((uid) => bad.includes(uid))).toEqual([]);

    const generation = async () =>
      (await stage.cluster.get<Workload>({ apiVersion: 'apps/v1', kind: 'Deployment', namespace: NAMESPACE, name: 'api' }))?.metadata
        .generation;
    const at = await generation();
    await attempted(await stage.developer.push('state: a comment', { [`${APP}/settings.yaml`]: `# answers in time\n${settings('5000')}` }));
    await stage.untilWell('state');
    expect(await generation()).toBe(at);
    expect(await uids('api')).toEqual(good);
  });
});
