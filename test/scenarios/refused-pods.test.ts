import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KubeObject } from '../../src/api/kube.ts';
import { explain, openStage, type Stage } from './stage.ts';

/** Flux's apply went well, and the API server takes no pods of it: known by name within seconds, whatever the timeout. */

const NAMESPACE = 'sample-saas-app';

describe('a version whose pods the API server refuses', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await openStage({ timeout: '5m' });
    await released(await stage.developer.configure('GREETING', 'hello', 'sample-saas-app: greet'));
  });
  afterAll(() => stage?.leave());

  const released = async (commit: string) => {
    await stage.fetchNow();
    await stage.untilAttempted(commit);
    await stage.untilWell();
  };
  const livingPods = async () => {
    const pods = await stage.cluster.list<KubeObject>({ apiVersion: 'v1', kind: 'Pod' }, { namespace: NAMESPACE });
    return pods.filter(({ metadata }) => metadata.deletionTimestamp === undefined).length;
  };
  /** As `status` and `verify` tell it: without it the controller waits longer and longer before it tries again. */
  const touch = () => stage.kubectl('annotate', 'deployment', NAMESPACE, '-n', NAMESPACE, `looked-at=${Date.now()}`, '--overwrite');
  const told = async (what: RegExp) => {
    let out = '';
    await stage.until(`status tells ${what}`, async () => {
      out = (await stage.ebb('status', 'sample-app')).stdout;
      return what.test(out);
    });
    return out;
  };

  it('by a quota, on the way back: the rollback names it while it waits, and ends well once it is gone', async () => {
    await stage.until('no pod is on its way out', async () => (await livingPods()) === 2);
    await stage.cluster.create({
      apiVersion: 'v1',
      kind: 'ResourceQuota',
      metadata: { name: 'two-pods', namespace: NAMESPACE },
      spec: { hard: { pods: '2' } },
    });
    await stage.until('the quota is counted', async () => {
      const quota = await stage.cluster.get({ apiVersion: 'v1', kind: 'ResourceQuota', namespace: NAMESPACE, name: 'two-pods' });
      return (quota?.status as { used?: Record<string, string> } | undefined)?.used?.pods === '2';
    });
    const rollback = stage.ebb('rollback', 'sample-app', '--steady', '1s', '--timeout', '2m', '--yes');
    const status = await told(/✗ QuotaExceeded {2}Deployment\/sample-saas-app\/sample-saas-app\n/);
    expect(status).toContain('gets no new pods: ResourceQuota two-pods is used up: requested: pods=1, used: pods=2, limited: pods=2');
    expect(status).toContain('kubectl edit resourcequota two-pods -n sample-saas-app');
    const verify = explain(await stage.ebb('verify', 'sample-app', '--timeout', '1s'));
    expect(verify.code).toBe(4);
    expect(verify.stdout).toMatch(
      /… Obstacle +Deployment\/sample-saas-app\/sample-saas-app gets no new pods: ResourceQuota two-pods is used up/,
    );
    await stage.kubectl('delete', 'resourcequota', 'two-pods', '-n', NAMESPACE);
    await touch();
    const ended = explain(await rollback);
    expect(ended.code).toBe(0);
    expect(ended.stderr).toMatch(/Obstacle: .*ResourceQuota two-pods is used up/);
    await stage.answers(5);
  });

  it('by a LimitRange: it will not get better by waiting, and verify does not wait', async () => {
    await stage.developer.git('pull', '--quiet', 'origin', 'main');
    await stage.cluster.create({
      apiVersion: 'v1',
      kind: 'LimitRange',
      metadata: { name: 'small', namespace: NAMESPACE },
      spec: { limits: [{ type: 'Container', max: { memory: '100Mi' } }] },
    });
    const commit = await stage.developer.configure('GREETING', 'hey', 'sample-saas-app: greet otherwise');
    await stage.fetchNow();
    await stage.untilAttempted(commit);
    const status = await told(/✗ LimitRange {2}Deployment\/sample-saas-app\/sample-saas-app\n/);
    expect(status).toContain('a LimitRange refuses it: maximum memory usage per Container is 100Mi, but limit is 128Mi');
    expect(status).toContain('kubectl describe limitrange -n sample-saas-app');
    const verify = explain(await stage.ebb('verify', 'sample-app', '--timeout', '4m'));
    expect(verify.code).toBe(1);
    expect(verify.stdout).toMatch(/✗ Obstacle +Deployment\/sample-saas-app\/sample-saas-app gets no new pods: a LimitRange refuses it/);
    await stage.kubectl('delete', 'limitrange', 'small', '-n', NAMESPACE);
    await touch();
    expect(explain(await stage.ebb('verify', 'sample-app', '--steady', '1s', '--timeout', '3m')).code).toBe(0);
  });
});
