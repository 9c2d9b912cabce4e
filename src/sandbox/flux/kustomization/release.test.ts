/** A release from Git to the cluster: good, bad, taken back. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { KustomizationSpec } from '../../../api/flux.ts';
import type { Workload } from '../../../api/workloads.ts';
import { deployment, TestBed, type TestBedOptions } from '../test-bed.ts';

let bed: TestBed;

afterEach(() => bed.stop());

function imageOf(name = 'web'): string | undefined {
  return bed.get<Workload>('Deployment', name)?.spec.template.spec.containers[0]?.image;
}

/** `web:1` runs and is healthy; resolves to its commit. */
async function deployGood(spec: Partial<KustomizationSpec> = {}, options: TestBedOptions = {}): Promise<string> {
  bed = await TestBed.start(options);
  await bed.repository();
  const sha = await bed.commit({ 'apps/web/web.yaml': deployment('web:1') }, 'Release 1');
  await bed.deploy(sha, { wait: true, timeout: '4m', ...spec });
  if (spec.wait !== false) await bed.checking(sha);
  else await bed.applied(sha);
  bed.setDeployment('web', 'healthy');
  await bed.pass(5_000);
  await bed.applied(sha);
  return sha;
}

/** `web:2` is applied and never gets ready; resolves to its commit while its health checks run. */
async function deployBad(): Promise<string> {
  const sha = await bed.commit({ 'apps/web/web.yaml': deployment('web:2') }, 'Release 2');
  await bed.reconcile('source');
  await bed.checking(sha);
  bed.setDeployment('web', 'broken');
  return sha;
}

describe('a good release', () => {
  it('is fetched, applied, found healthy and recorded', async () => {
    const sha = await deployGood();
    const revision = `main@sha1:${sha}`;
    const { status, metadata } = bed.kustomization();
    expect(bed.ready()).toMatchObject({ reason: 'ReconciliationSucceeded', message: `Applied revision: ${revision}` });
    expect(bed.condition(bed.kustomization(), 'Reconciling')).toBeUndefined();
    expect(bed.condition(bed.kustomization(), 'Healthy')).toMatchObject({
      status: 'True',
      reason: 'Succeeded',
      message: 'Health check passed in 5s',
    });
    expect(status).toMatchObject({
      lastAppliedRevision: revision,
      lastAttemptedRevision: revision,
      observedGeneration: metadata.generation,
    });
    expect(status?.inventory?.entries).toEqual([{ id: 'shop_web_apps_Deployment', v: 'v1' }]);
    expect(status?.history).toMatchObject([
      { lastReconciledStatus: 'ReconciliationSucceeded', metadata: { revision }, totalReconciliations: 1 },
    ]);
    expect(bed.messages()).toEqual([
      'Progressing: Deployment/shop/web created',
      'Progressing: Health check passed in 5s',
      'ReconciliationSucceeded: Reconciliation finished in 5s, next run in 10m0s',
    ]);
    expect(bed.logged).toEqual([]);
  });

  it('tells its revision in the annotations of every event', async () => {
    const sha = await deployGood();
    const events = bed.events({ kind: 'Kustomization', name: 'web' });
    const revisions = events.map(({ metadata }) => metadata.annotations?.['kustomize.toolkit.fluxcd.io/revision']);
    expect(new Set(revisions)).toEqual(new Set([`main@sha1:${sha}`]));
    expect(events.at(-1)?.metadata.annotations?.['kustomize.toolkit.fluxcd.io/commit_status']).toBe('update');
    expect(events[0]).toMatchObject({
      source: { component: 'kustomize-controller' },
      involvedObject: { kind: 'Kustomization', name: 'web' },
    });
  });

  it('runs again at every interval, without a change and without an event about objects', async () => {
    await deployGood();
    const before = bed.kustomization().status?.history?.[0]?.totalReconciliations ?? 0;
    await bed.pass(10 * 60_000);
    await bed.until('the next run', () => bed.kustomization().status?.history?.[0]?.totalReconciliations === before + 1);
    await bed.until('ready again', () => bed.ready()?.status === 'True');
    expect(bed.messages().at(-1)).toBe('ReconciliationSucceeded: Reconciliation finished in 0s, next run in 10m0s');
    expect(bed.messages().filter((message) => message.includes('Deployment/'))).toHaveLength(1);
  });

  it('without health checks counts as applied right away, and is not called healthy', async () => {
    bed = await TestBed.start();
    await bed.repository();
    const sha = await bed.commit({ 'apps/web/web.yaml': deployment('web:1') });
    await bed.deploy(sha);
    await bed.applied(sha);
    expect(bed.condition(bed.kustomization(), 'Healthy')).toBeUndefined();
  });
});

describe('a release that never gets healthy', () => {
  it('fails when its time is up; it was attempted, not applied', async () => {
    const good = await deployGood();
    const bad = await deployBad();
    await bed.pass(4 * 60_000 - 1_000);
    expect(bed.ready()?.status).toBe('Unknown');
    await bed.pass(1_000);
    await bed.until('the failure', () => bed.ready()?.status === 'False');
    const message = "health check failed after 4m0s: timeout waiting for: [Deployment/shop/web status: 'InProgress']";
    expect(bed.ready()).toMatchObject({ reason: 'HealthCheckFailed', message });
    expect(bed.condition(bed.kustomization(), 'Healthy')).toMatchObject({ status: 'False', reason: 'HealthCheckFailed' });
    expect(bed.condition(bed.kustomization(), 'Reconciling')).toMatchObject({ status: 'True', reason: 'ProgressingWithRetry' });
    expect(bed.kustomization().status).toMatchObject({
      lastAppliedRevision: `main@sha1:${good}`,
      lastAttemptedRevision: `main@sha1:${bad}`,
    });
    expect(imageOf()).toBe('web:2');
    expect(bed.messages().at(-1)).toBe(`HealthCheckFailed: ${message}`);
    expect(bed.events({ kind: 'Kustomization', name: 'web' }).at(-1)?.type).toBe('Warning');
    expect(bed.kustomization().status?.history?.map(({ lastReconciledStatus }) => lastReconciledStatus)).toEqual([
      'HealthCheckFailed',
      'ReconciliationSucceeded',
    ]);
  });

  it('is tried again after the retry interval', async () => {
    await deployGood({ retryInterval: '1m' });
    const bad = await deployBad();
    await bed.pass(4 * 60_000);
    await bed.until('the failure', () => bed.ready()?.status === 'False');
    await bed.pass(60_000);
    await bed.checking(bad);
    bed.setDeployment('web', 'healthy');
    await bed.pass(5_000);
    await bed.applied(bad);
  });

  it('fails at the next poll where an object says that it has failed', async () => {
    await deployGood();
    await deployBad();
    const conditions = [{ type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded', message: '' }];
    const ref = { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'shop', name: 'web' };
    bed.api.patch(ref, { status: { conditions } }, { type: 'merge', subresource: 'status', manager: 'kube-controller-manager' });
    await bed.pass(5_000);
    await bed.until('the failure', () => bed.ready()?.status === 'False');
    expect(bed.ready()?.message).toBe(
      "health check failed after 5s: failed early due to stalled resources: [Deployment/shop/web status: 'Failed']",
    );
  });
});

describe('the revert of a release whose health checks run', () => {
  it('waits out the timeout of the bad release', async () => {
    await deployGood();
    const bad = await deployBad();
    await bed.pass(6_000);
    const revert = await bed.revert(bad);
    await bed.reconcile('source');
    await bed.pass(4 * 60_000 - 6_000 - 1_000);
    expect(imageOf()).toBe('web:2');
    expect(bed.kustomization().status?.lastAttemptedRevision).toContain(bad);
    await bed.pass(1_000);
    await bed.attempted(revert);
    await bed.until('the good image', () => imageOf() === 'web:1');
    bed.setDeployment('web', 'healthy');
    await bed.pass(5_000);
    await bed.applied(revert);
  });

  it('runs once, however often it was asked for meanwhile', async () => {
    await deployGood();
    const bad = await deployBad();
    const revert = await bed.revert(bad);
    await bed.reconcile('source');
    const asked = [1, 2, 3].map(() => bed.request('kustomization', 'web'));
    await bed.pass(4 * 60_000);
    await bed.checking(revert);
    bed.setDeployment('web', 'healthy');
    await bed.pass(5_000);
    await bed.applied(revert);
    expect(bed.kustomization().status?.lastHandledReconcileAt).toBe(asked[2]);
    await bed.pass(60_000);
    // One for the good release, one for its revert: they built the same.
    expect(bed.kustomization().status?.history?.map(({ totalReconciliations }) => totalReconciliations)).toEqual([2, 1]);
  });

  it('overwrites the revision of the good release in the history', async () => {
    const good = await deployGood();
    const bad = await deployBad();
    expect(bed.kustomization().status?.history?.[0]?.metadata?.revision).toContain(good);
    const revert = await bed.revert(bad);
    await bed.reconcile('source');
    await bed.pass(4 * 60_000);
    await bed.checking(revert);
    bed.setDeployment('web', 'healthy');
    await bed.pass(5_000);
    await bed.applied(revert);
    const history = bed.kustomization().status?.history ?? [];
    expect(history.map(({ lastReconciledStatus, metadata }) => [lastReconciledStatus, metadata?.revision])).toEqual([
      ['ReconciliationSucceeded', `main@sha1:${revert}`],
      ['HealthCheckFailed', `main@sha1:${bad}`],
    ]);
    expect(history[0]?.totalReconciliations).toBe(2);
  });

  it('is applied at once with the gate CancelHealthCheckOnNewRevision', async () => {
    await deployGood({}, { featureGates: { cancelHealthCheckOnNewRevision: true } });
    const bad = await deployBad();
    await bed.pass(6_000);
    const revert = await bed.revert(bad);
    await bed.reconcile('source');
    await bed.until('the good image', () => imageOf() === 'web:1');
    await bed.checking(revert);
    expect(bed.messages()).toContain(
      'HealthCheckCanceled: Health checks canceled due to new reconciliation triggered by GitRepository/flux-system/fleet',
    );
    bed.setDeployment('web', 'healthy');
    await bed.pass(5_000);
    await bed.applied(revert);
    expect(bed.kustomization().status?.history).toHaveLength(1);
  });

  it('is applied within a poll when Stalled is written into the status of what the bad run waits for', async () => {
    await deployGood();
    const bad = await deployBad();
    await bed.pass(6_000);
    const revert = await bed.revert(bad);
    await bed.reconcile('source');
    bed.setDeployment('web', 'broken', [{ type: 'Stalled', status: 'True', reason: 'RolledBack', message: 'rolled back' }]);
    await bed.pass(5_000);
    await bed.until('the good image', () => imageOf() === 'web:1');
    expect(bed.messages()).toContain(
      "HealthCheckFailed: health check failed after 10s: failed early due to stalled resources: [Deployment/shop/web status: 'Failed']",
    );
    await bed.checking(revert);
    bed.setDeployment('web', 'healthy');
    await bed.pass(5_000);
    await bed.applied(revert);
    expect(bed.get<Workload>('Deployment', 'web')?.metadata.managedFields?.map(({ manager }) => manager)).toEqual([
      'kustomize-controller',
      'kube-controller-manager',
    ]);
  });

  it('does not get free by suspending and resuming', async () => {
    await deployGood();
    const bad = await deployBad();
    const revert = await bed.revert(bad);
    await bed.reconcile('source');
    bed.patchKustomization({ suspend: true });
    bed.patchKustomization({ suspend: false });
    await bed.pass(4 * 60_000 - 1_000);
    expect(imageOf()).toBe('web:2');
    await bed.pass(1_000);
    await bed.attempted(revert);
  });
});

describe('a release that cannot be applied', () => {
  beforeEach(async () => {
    await deployGood({ wait: false });
  });

  const attempt = async (files: Record<string, string | null>): Promise<string> => {
    const sha = await bed.commit(files);
    await bed.reconcile('source');
    await bed.until('the end of the run', () => bed.ready()?.status === 'False');
    return sha;
  };

  it('because it cannot be built writes no history and keeps what runs', async () => {
    const sha = await attempt({ 'apps/web/web.yaml': 'kind: [' });
    expect(bed.ready()?.reason).toBe('BuildFailed');
    expect(bed.ready()?.message).toContain('kustomize build failed');
    expect(bed.kustomization().status?.lastAttemptedRevision).toContain(sha);
    expect(bed.kustomization().status?.history).toHaveLength(1);
    expect(imageOf()).toBe('web:1');
  });

  it('because its path is gone is not even attempted', async () => {
    const sha = await attempt({ 'apps/web/web.yaml': null, 'README.md': 'moved' });
    expect(bed.ready()).toMatchObject({
      reason: 'ArtifactFailed',
      message: 'kustomization path not found: stat apps/web: no such file or directory',
    });
    expect(bed.kustomization().status?.lastAttemptedRevision).not.toContain(sha);
  });

  it('because one object is invalid changes none of the stage and keeps the inventory', async () => {
    const invalid = 'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: zz, namespace: shop}\nspec: {replicas: many}\n';
    await attempt({ 'apps/web/web.yaml': deployment('web:2'), 'apps/web/zz.yaml': invalid });
    expect(bed.ready()?.reason).toBe('ReconciliationFailed');
    expect(bed.ready()?.message).toContain('Deployment/shop/zz dry-run failed');
    expect(imageOf()).toBe('web:1');
    expect(bed.kustomization().status?.inventory?.entries).toHaveLength(1);
    expect(bed.kustomization().status?.history?.[0]?.lastReconciledStatus).toBe('ReconciliationFailed');
  });

  it('because a kind is unknown says which', async () => {
    await attempt({ 'apps/web/thing.yaml': 'apiVersion: example.com/v1\nkind: Thing\nmetadata: {name: a, namespace: shop}\n' });
    expect(bed.ready()?.message).toContain('Thing/shop/a dry-run failed: no matches for kind "Thing" in version "example.com/v1"');
  });

  it('because its namespace is missing says which', async () => {
    await attempt({ 'apps/web/else.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: nowhere}\n' });
    expect(bed.ready()?.message).toContain('ConfigMap/nowhere/a not found: namespaces "nowhere" not found');
  });
});
