import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KubeObject } from '../../src/api/kube.ts';
import type { Pod, Workload } from '../../src/api/workloads.ts';
import { loseNode } from './stage/lose-node.ts';
import { explain, openStage, type Stage } from './stage.ts';

/** The good version is applied, and its pods find no room, or somebody else says how many there are. */

const IMAGE = 'ghcr.io/ebb-dev/sample-saas-app';
const APPS = ['crowded', 'guarded', 'scaled'];

interface Node extends KubeObject {
  status: { allocatable: { cpu: string } };
}

interface Parts {
  kind?: 'Deployment' | 'StatefulSet';
  version: string;
  replicas?: number;
  /** Lines of the spec. */
  spec?: string;
  cpu?: number;
}

function workload(name: string, { kind = 'Deployment', version, replicas = 2, spec = '', cpu }: Parts): string {
  return `apiVersion: apps/v1
kind: ${kind}
metadata:
  name: ${name}
spec:
  replicas: ${replicas}
${kind === 'StatefulSet' ? `  serviceName: ${name}\n` : ''}${spec}  selector:
    matchLabels: { app: ${name} }
  template:
    metadata:
      labels: { app: ${name} }
    spec:
      terminationGracePeriodSeconds: 1
      tolerations:
        - { key: node.kubernetes.io/unreachable, operator: Exists, effect: NoExecute, tolerationSeconds: 3 }
      containers:
        - name: app
          image: ${IMAGE}:${version}
          readinessProbe: { httpGet: { path: /readyz, port: 8080 }, periodSeconds: 1 }
${cpu === undefined ? '' : `          resources: { requests: { cpu: "${cpu}" } }\n`}`;
}

function budget(name: string): string {
  return `apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: { name: ${name} }
spec:
  maxUnavailable: 0
  selector: { matchLabels: { app: ${name} } }
`;
}

const AUTOSCALER = `apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: { name: shop }
spec:
  minReplicas: 3
  maxReplicas: 5
  scaleTargetRef: { apiVersion: apps/v1, kind: Deployment, name: shop }
`;

function kustomizationOf(name: string): string {
  return `apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata:
  name: ${name}
  namespace: flux-system
spec:
  interval: 5m
  timeout: 5m
  path: ./apps/${name}
  prune: true
  wait: true
  sourceRef:
    kind: GitRepository
    name: flux-system
`;
}

const IN_PLACE = '  strategy: { rollingUpdate: { maxUnavailable: 1, maxSurge: 0 } }\n';
const BESIDE = '  strategy: { rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } }\n';

describe('the good version finds no room, or others hold the number of its pods', () => {
  let stage: Stage;
  /** Cores that each of two pods asks for, so that a third finds no room. */
  let cpu: number;
  beforeAll(async () => {
    stage = await openStage({ timeout: '5m' });
    const [node] = await stage.cluster.list<Node>({ apiVersion: 'v1', kind: 'Node' });
    cpu = Math.floor(Number(node?.status.allocatable.cpu) * 0.4);
    const list = await stage.developer.read('clusters/dev/kustomization.yaml');
    await stage.developer.push('three apps', {
      ...Object.fromEntries(APPS.map((name) => [`clusters/dev/${name}.yaml`, kustomizationOf(name)])),
      ...Object.fromEntries(
        APPS.map((name) => [`apps/${name}/namespace.yaml`, `apiVersion: v1\nkind: Namespace\nmetadata: { name: ${name} }\n`]),
      ),
      'clusters/dev/kustomization.yaml': `${list}${APPS.map((name) => `  - ${name}.yaml\n`).join('')}`,
      'apps/crowded/kustomization.yaml': 'namespace: crowded\nresources: [namespace.yaml, web.yaml]\n',
      'apps/crowded/web.yaml': workload('web', { version: '1.0.0', spec: BESIDE, cpu }),
      'apps/guarded/kustomization.yaml': 'namespace: guarded\nresources: [namespace.yaml, api.yaml, db.yaml, budgets.yaml]\n',
      'apps/guarded/api.yaml': workload('api', { version: '1.0.0' }),
      'apps/guarded/db.yaml': workload('db', { kind: 'StatefulSet', version: '1.0.0' }),
      'apps/guarded/budgets.yaml': `${budget('api')}---\n${budget('db')}`,
      'apps/scaled/kustomization.yaml': 'namespace: scaled\nresources: [namespace.yaml, shop.yaml, autoscaler.yaml]\n',
      'apps/scaled/shop.yaml': workload('shop', { version: '1.0.0' }),
      'apps/scaled/autoscaler.yaml': AUTOSCALER,
    });
    await stage.fetchNow();
    await stage.until('all are there', async () => {
      const there = await stage.kubectl('get', 'kustomizations', '-n', 'flux-system');
      return APPS.every((name) => there.includes(name));
    });
    for (const name of APPS) await stage.untilWell(name);
  }, 300_000);
  afterAll(() => stage?.leave());

  const pods = async (namespace: string, app: string) =>
    (await stage.cluster.list<Pod>({ apiVersion: 'v1', kind: 'Pod' }, { namespace, labelSelector: `app=${app}` })).filter(
      ({ metadata }) => metadata.deletionTimestamp === undefined,
    );
  const runs = (version: string) => (pod: Pod) => pod.spec.containers[0]?.image === `${IMAGE}:${version}`;

  async function attempted(name: string, commit: string): Promise<void> {
    await stage.fetchNow();
    await stage.until(
      'Flux attempts it',
      async () => (await stage.kustomization(name)).status?.lastAttemptedRevision?.endsWith(commit) === true,
    );
  }

  it('old and new do not both fit, and the old may not go first: what is short, who holds it, and the command that makes room', async () => {
    const bad = await stage.developer.push('crowded: 1.0.1, replaced in place', {
      'apps/crowded/web.yaml': workload('web', { version: '1.0.1', spec: IN_PLACE, cpu }),
    });
    await attempted('crowded', bad);
    await stage.untilWell('crowded');
    let shown = '';
    const tee = (text: string) => {
      shown += text;
    };
    const rollback = stage.ebbWith({ tee }, 'rollback', 'crowded', '--commit', bad, '--yes', '--timeout', '10m');
    await stage.until('the rollback says what it waits for', async () =>
      shown.includes('Obstacle: no node takes new pods of Deployment/crowded/web'),
    );
    expect(shown).toContain(
      `1 Insufficient cpu; each asks for cpu ${cpu}; 2 pods of the other version hold room and may not go before new ones are ready (maxUnavailable comes to 0)`,
    );
    const command = `kubectl patch deployment web -n crowded --type merge -p '{"spec":{"strategy":{"rollingUpdate":{"maxUnavailable":1}}}}'`;
    const status = explain(await stage.ebb('status', 'crowded'));
    expect(status.stdout).toMatch(/✗ failing/);
    expect(status.stdout).toContain('1 Insufficient cpu');
    expect(status.stdout).toContain(command);
    const verify = explain(await stage.ebb('verify', 'crowded', '--timeout', '1s'));
    expect(verify.code).toBe(4);
    expect(verify.stdout).toContain('no node takes new pods of Deployment/crowded/web: 1 Insufficient cpu');
    expect(verify.stdout).toContain(command);

    const [, patch = ''] = /-p '(.*)'$/.exec(command) ?? [];
    await stage.kubectl('patch', 'deployment', 'web', '-n', 'crowded', '--type', 'merge', '-p', patch);
    expect(explain(await rollback).code).toBe(0);
    expect(await stage.images('crowded')).toEqual([`${IMAGE}:1.0.0`]);
  });

  it('a PodDisruptionBudget that allows nothing refuses an eviction, and keeps neither a rolling update nor a rollback', async () => {
    const [pod] = await pods('guarded', 'api');
    await stage.until('the budget knows the pods', async () => {
      const [found] = await stage.cluster.list<KubeObject>(
        { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget' },
        { namespace: 'guarded' },
      );
      return (found?.status as { currentHealthy?: number } | undefined)?.currentHealthy === 2;
    });
    const file = join(stage.home, 'eviction.json');
    await writeFile(
      file,
      JSON.stringify({ apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: pod?.metadata.name, namespace: 'guarded' } }),
    );
    const eviction = stage.kubectl('create', '--raw', `/api/v1/namespaces/guarded/pods/${pod?.metadata.name}/eviction`, '-f', file);
    await expect(eviction).rejects.toThrow("Cannot evict pod as it would violate the pod's disruption budget.");

    const bad = await stage.developer.push('guarded: 1.2.0', {
      'apps/guarded/api.yaml': workload('api', { version: '1.2.0' }),
      'apps/guarded/db.yaml': workload('db', { kind: 'StatefulSet', version: '1.2.0' }),
    });
    await attempted('guarded', bad);
    await stage.until('db-1 runs the bad version', async () =>
      (await pods('guarded', 'db')).some((one) => runs('1.2.0')(one) && one.status?.phase === 'Running'),
    );
    const rollback = explain(await stage.ebb('rollback', 'guarded', '--commit', bad, '--yes', '-o', 'json'));
    expect(rollback.code).toBe(0);
    // A deletion is no eviction, and db-1 was not ready: it counted for nothing in the budget.
    expect(rollback.json<{ steps: { kind: string; message: string }[] }>().steps).toContainEqual(
      expect.objectContaining({ kind: 'replace-broken-pods', message: 'deleted pod db-1' }),
    );
    expect(await stage.images('guarded')).toEqual([`${IMAGE}:1.0.0`]);
  });

  it('an autoscaler holds more pods than Git says: the rollback is well, and who holds them is said', async () => {
    const shop = () => stage.cluster.get<Workload>({ apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'scaled', name: 'shop' });
    await stage.until('the autoscaler has its three', async () => (await shop())?.spec.replicas === 3);
    await stage.untilWell('scaled');
    const held = 'a HorizontalPodAutoscaler holds Deployment/scaled/shop at 3 replicas';
    const verify = explain(await stage.ebb('verify', 'scaled', '--steady', '1s'));
    expect(verify.code).toBe(0);
    expect(verify.stdout).toContain(held);
    const status = explain(await stage.ebb('status', 'scaled'));
    expect(status.stdout).toContain(held);
    expect(status.stdout).toContain('✓ well');
    const bad = await stage.developer.push('scaled: 1.2.0', { 'apps/scaled/shop.yaml': workload('shop', { version: '1.2.0' }) });
    await attempted('scaled', bad);
    await stage.until('the bad version runs', async () => (await pods('scaled', 'shop')).some(runs('1.2.0')));
    expect(explain(await stage.ebb('rollback', 'scaled', '--commit', bad, '--yes', '--steady', '1s')).code).toBe(0);
    expect(await stage.images('scaled')).toEqual([`${IMAGE}:1.0.0`]);
  });

  // The last one: the cluster has one node.
  it('a node that does not answer any more is named, with the pods on it; a StatefulSet has none of that name elsewhere', async () => {
    const node = await loseNode(stage.cluster);
    const answers = `Node/${node} does not answer`;
    await stage.until('status names it', async () => (await stage.ebb('status', 'guarded')).stdout.includes(answers));
    await stage.until('the pods are given up', async () =>
      (await stage.cluster.list<Pod>({ apiVersion: 'v1', kind: 'Pod' }, { namespace: 'guarded', labelSelector: 'app=db' })).every(
        ({ metadata }) => metadata.deletionTimestamp !== undefined,
      ),
    );
    const verify = explain(await stage.ebb('verify', 'guarded', '--timeout', '1s'));
    expect(verify.code).toBe(4);
    expect(verify.stdout).toContain(
      `${answers} (its pods were given up), and Pods db-0, db-1 of StatefulSet/guarded/db on it are Terminating and stay so`,
    );
    expect(verify.stdout).toContain(`kubectl delete node ${node}`);
  });
});
