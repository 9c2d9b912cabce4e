import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KubeObject } from '../../src/api/kube.ts';
import type { Workload } from '../../src/api/workloads.ts';
import type { Captured } from '../../src/cli/run-captured.ts';
import { explain, openStage, type Stage } from './stage.ts';

/** Several who end the same run at once, under a health check that may take ten minutes. */

const NAMESPACE = 'nested';

function kustomization(name: string, path: string): string {
  return `apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: { name: ${name}, namespace: flux-system }
spec:
  interval: 5m
  timeout: 10m
  path: ./${path}
  prune: true
  wait: true
  sourceRef: { kind: GitRepository, name: flux-system }
`;
}

/** What each release changes of the outer one, and the inner one with its Deployment. */
function nested(version: string): Record<string, string> {
  return {
    'apps/outer/release.yaml': `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: release, namespace: ${NAMESPACE} }\ndata: { version: "${version}" }\n`,
    'apps/inner/api.yaml': `apiVersion: apps/v1
kind: Deployment
metadata: { name: api, namespace: ${NAMESPACE} }
spec:
  replicas: 1
  selector: { matchLabels: { app: api } }
  template:
    metadata: { labels: { app: api } }
    spec:
      containers:
        - name: app
          image: ghcr.io/ebb-dev/sample-saas-app:${version}
          readinessProbe: { httpGet: { path: /readyz, port: 8080 }, periodSeconds: 1 }
`,
  };
}

describe('several runners at once', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await openStage({ timeout: '10m' });
    const list = await stage.developer.read('clusters/dev/kustomization.yaml');
    await stage.developer.push('nested: first release', {
      ...nested('1.0.0'),
      'apps/outer/kustomization.yaml': 'resources: [namespace.yaml, release.yaml, inner.yaml]\n',
      'apps/outer/namespace.yaml': `apiVersion: v1\nkind: Namespace\nmetadata: { name: ${NAMESPACE} }\n`,
      'apps/outer/inner.yaml': kustomization('inner', 'apps/inner'),
      'clusters/dev/outer.yaml': kustomization('outer', 'apps/outer'),
      'clusters/dev/kustomization.yaml': `${list}  - outer.yaml\n`,
    });
    await stage.fetchNow();
    await stage.until('outer is there', async () => (await stage.kubectl('get', 'kustomizations', '-n', 'flux-system')).includes('outer'));
    await stage.untilWell('outer');
  }, 300_000);
  afterAll(() => stage?.leave());

  const elsewhere = () => ({
    env: { EBB_STATE_DIR: join(stage.home, 'other', 'state'), EBB_CACHE_DIR: join(stage.home, 'other', 'cache') },
  });
  const rollback = (target: string) => ['rollback', target, '--yes', '--steady', '100ms', '-o', 'json'];
  const waits = async (name: string) =>
    (await stage.kustomization(name)).status?.conditions?.some(({ message }) => /health checks for revision/.test(message ?? '')) === true;

  /** Nothing of Ebb is left in the status of any workload. */
  async function expectNothingMarked(namespace: string): Promise<void> {
    for (const { status, metadata } of await stage.cluster.list<KubeObject>({ apiVersion: 'apps/v1', kind: 'Deployment' }, { namespace })) {
      expect((status as Workload['status'])?.conditions?.map(({ type }) => type)).not.toContain('Stalled');
      expect(metadata.managedFields?.filter(({ subresource }) => subresource === 'status').map(({ manager }) => manager)).not.toContain(
        'ebb',
      );
    }
  }

  /** Well, and long before the ten minutes of the bad version are over. */
  function expectWell(both: readonly Captured[]): void {
    for (const one of both) {
      explain(one);
      expect(one.code).toBe(0);
      expect(one.json()).toMatchObject({ verified: true });
    }
  }

  async function reverts(bad: string): Promise<number> {
    await stage.developer.git('fetch', '--quiet', 'origin');
    return Number(await stage.developer.git('rev-list', '--count', `${bad}..origin/main`));
  }

  it('of one target, two on one machine and a third on another: one revert, no mark, and the run is ended', async () => {
    const bad = await stage.developer.release('1.2.0');
    await stage.fetchNow();
    await stage.untilAttempted(bad);
    await stage.until('Flux waits', () => waits('sample-app'));
    const began = Date.now();
    const args = rollback('sample-app');
    expectWell(await Promise.all([stage.ebb(...args), stage.ebb(...args), stage.ebbWith(elsewhere(), ...args)]));
    expect(Date.now() - began).toBeLessThan(300_000);
    expect(await reverts(bad)).toBe(1);
    expect(await stage.images()).toEqual(['ghcr.io/ebb-dev/sample-saas-app:1.0.0']);
    await expectNothingMarked('sample-saas-app');
  });

  it('of a target and of the one that applies it: neither takes the mark out for good while the other needs it', async () => {
    const bad = await stage.developer.push('nested: release 1.2.0', nested('1.2.0'));
    await stage.fetchNow();
    await stage.until('both wait for the bad version', async () => (await waits('outer')) && (await waits('inner')));
    expectWell(await Promise.all([stage.ebb(...rollback('outer')), stage.ebbWith(elsewhere(), ...rollback('inner'))]));
    expect(await reverts(bad)).toBe(1);
    await stage.until(
      'the good version runs alone',
      async () => (await stage.images(NAMESPACE)).join() === 'ghcr.io/ebb-dev/sample-saas-app:1.0.0',
    );
    await expectNothingMarked(NAMESPACE);
  });
});
