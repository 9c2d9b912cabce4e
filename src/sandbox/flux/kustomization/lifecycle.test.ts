/** Suspending, asking for runs, depending on others, pruning and deleting. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { KUSTOMIZATION } from '../../../api/flux.ts';
import { configMap, deployment, TestBed } from '../test-bed.ts';

let bed: TestBed;

beforeEach(async () => {
  bed = await TestBed.start();
  await bed.repository();
});

afterEach(() => bed.stop());

const WEB = { ...KUSTOMIZATION, namespace: 'flux-system', name: 'web' };
const A = { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'shop', name: 'a' };

async function begin(files: Record<string, string>, spec: Parameters<TestBed['createKustomization']>[0] = {}): Promise<string> {
  const sha = await bed.commit(files);
  await bed.deploy(sha, spec);
  await bed.applied(sha);
  return sha;
}

describe('a suspended Kustomization', () => {
  it('applies nothing, keeps a stale Ready, and still answers requests', async () => {
    const first = await begin({ 'apps/web/a.yaml': configMap('a', { key: '1' }) });
    bed.patchKustomization({ suspend: true });
    const second = await bed.commit({ 'apps/web/a.yaml': configMap('a', { key: '2' }) });
    await bed.reconcile('source');
    await bed.reconcile('kustomization');
    await bed.pass(30 * 60_000);
    const { status, metadata } = bed.kustomization();
    expect(bed.ready()?.status).toBe('True');
    expect(status?.lastAttemptedRevision).toContain(first);
    expect(status?.observedGeneration).toBe(metadata.generation);
    expect(bed.source().status?.artifact?.revision).toContain(second);
    expect(bed.get('ConfigMap', 'a')).toMatchObject({ data: { key: '1' } });
  });

  it('catches up when it is resumed', async () => {
    await begin({ 'apps/web/a.yaml': configMap('a', { key: '1' }) });
    bed.patchKustomization({ suspend: true });
    const second = await bed.commit({ 'apps/web/a.yaml': configMap('a', { key: '2' }) });
    await bed.reconcile('source');
    bed.patchKustomization({ suspend: false });
    await bed.applied(second);
    expect(bed.get('ConfigMap', 'a')).toMatchObject({ data: { key: '2' } });
  });

  it('goes on with a run that had begun', async () => {
    const sha = await bed.commit({ 'apps/web/web.yaml': deployment('web:1') });
    await bed.deploy(sha, { wait: true });
    await bed.checking(sha);
    bed.patchKustomization({ suspend: true });
    bed.setDeployment('web', 'healthy');
    await bed.pass(5_000);
    await bed.applied(sha);
  });

  it('leaves everything behind when it is deleted', async () => {
    await begin({ 'apps/web/a.yaml': configMap('a', {}) });
    bed.patchKustomization({ suspend: true });
    bed.api.delete(WEB);
    await bed.until('it to be gone', () => !bed.api.get(WEB));
    expect(bed.api.get(A)).toBeDefined();
  });
});

describe('a deleted Kustomization', () => {
  it.each([
    [{}, 'deleted'],
    [{ prune: false }, 'kept'],
    [{ deletionPolicy: 'Orphan' as const }, 'kept'],
    [{ prune: false, deletionPolicy: 'Delete' as const }, 'deleted'],
    [{ deletionPolicy: 'WaitForTermination' as const }, 'deleted'],
  ])('with %j: what it applied is %s', async (spec, fate) => {
    await begin({ 'apps/web/a.yaml': configMap('a', {}) }, spec);
    bed.api.delete(WEB);
    await bed.until('it to be gone', () => !bed.api.get(WEB));
    expect(bed.api.get(A) ? 'kept' : 'deleted').toBe(fate);
  });

  it('waits for the end of what it deletes where the policy says so', async () => {
    await begin({ 'apps/web/a.yaml': configMap('a', {}, ', finalizers: [example.com/hold]') }, { deletionPolicy: 'WaitForTermination' });
    bed.api.delete(WEB);
    await bed.until('the deletion', () => bed.api.get(A)?.metadata.deletionTimestamp);
    await bed.pass(4_000);
    expect(bed.api.get(WEB)).toBeDefined();
    bed.patch(A, { metadata: { finalizers: null } });
    await bed.pass(2_000);
    await bed.until('it to be gone', () => !bed.api.get(WEB));
  });
});

describe('a request', () => {
  it('is answered when the run has ended, not before', async () => {
    const sha = await bed.commit({ 'apps/web/web.yaml': deployment('web:1') });
    await bed.deploy(sha, { wait: true });
    await bed.checking(sha);
    bed.setDeployment('web', 'healthy');
    await bed.pass(5_000);
    await bed.applied(sha);
    bed.setDeployment('web', 'broken');
    const token = bed.request('kustomization', 'web');
    await bed.checking(sha);
    await bed.pass(10_000);
    expect(bed.kustomization().status?.lastHandledReconcileAt).toBeUndefined();
    bed.setDeployment('web', 'healthy');
    await bed.pass(5_000);
    await bed.until('the answer', () => bed.kustomization().status?.lastHandledReconcileAt === token);
  });

  it('is not made by a change of other metadata', async () => {
    await begin({ 'apps/web/a.yaml': configMap('a', {}) });
    const runs = () => bed.kustomization().status?.history?.[0]?.totalReconciliations;
    const before = runs();
    bed.patch(WEB, { metadata: { annotations: { note: 'x' }, labels: { y: 'z' } } });
    await bed.pass(1_000);
    expect(runs()).toBe(before);
  });
});

describe('pruning', () => {
  it('deletes what has left the source, after the apply and before health is checked', async () => {
    await begin({ 'apps/web/a.yaml': configMap('a', {}), 'apps/web/b.yaml': configMap('b', {}) });
    bed.patchKustomization({ wait: true, timeout: '1m' });
    const sha = await bed.commit({ 'apps/web/b.yaml': null, 'apps/web/web.yaml': deployment('web:1') });
    await bed.reconcile('source');
    await bed.checking(sha);
    expect(bed.get('ConfigMap', 'b')).toBeUndefined();
    expect(bed.kustomization().status?.inventory?.entries.map(({ id }) => id)).toEqual(['shop_a__ConfigMap', 'shop_web_apps_Deployment']);
    expect(bed.messages()).toContain('Progressing: ConfigMap/shop/b deleted');
  });

  it('keeps it without prune: true, and forgets it', async () => {
    await begin({ 'apps/web/a.yaml': configMap('a', {}), 'apps/web/b.yaml': configMap('b', {}) }, { prune: false });
    const sha = await bed.commit({ 'apps/web/b.yaml': null });
    await bed.reconcile('source');
    await bed.applied(sha);
    expect(bed.get('ConfigMap', 'b')).toBeDefined();
    expect(bed.kustomization().status?.inventory?.entries).toHaveLength(1);
  });

  it('spares what no longer carries the owner labels', async () => {
    await begin({ 'apps/web/a.yaml': configMap('a', {}), 'apps/web/b.yaml': configMap('b', {}) });
    bed.patch({ ...A, name: 'b' }, { metadata: { labels: { 'kustomize.toolkit.fluxcd.io/name': 'other' } } });
    const sha = await bed.commit({ 'apps/web/b.yaml': null });
    await bed.reconcile('source');
    await bed.applied(sha);
    expect(bed.get('ConfigMap', 'b')).toBeDefined();
  });
});

describe('dependsOn', () => {
  const begun = async () => {
    const sha = await bed.commit({ 'apps/db/db.yaml': deployment('db:1', 'db'), 'apps/web/a.yaml': configMap('a', {}) });
    bed.createKustomization({ path: './apps/db', wait: true, timeout: '1m', suspend: true }, 'db');
    await bed.deploy(sha, { dependsOn: [{ name: 'db' }] });
    bed.patchKustomization({ suspend: false }, 'db');
    await bed.until('db to be checked', () => bed.condition(bed.kustomization('db'), 'Healthy')?.status === 'Unknown');
    return sha;
  };

  it('waits for the other to be ready and looks again every thirty seconds', async () => {
    const sha = await begun();
    await bed.until('the refusal', () => bed.ready()?.reason === 'DependencyNotReady');
    expect(bed.ready()?.message).toBe("dependency 'flux-system/db' is not ready");
    expect(bed.messages()).toContain('DependencyNotReady: Dependencies do not meet ready condition, retrying in 30s');
    bed.setDeployment('db', 'healthy');
    await bed.pass(5_000);
    await bed.applied(sha, 'db');
    expect(bed.ready()?.status).toBe('False');
    await bed.pass(25_000);
    await bed.applied(sha);
  });

  it('of the same source waits for the same revision', async () => {
    await begun();
    bed.setDeployment('db', 'healthy');
    await bed.pass(30_000);
    await bed.until('web to be ready', () => bed.ready()?.status === 'True');
    bed.patchKustomization({ suspend: true }, 'db');
    await bed.commit({ 'README.md': 'more' });
    await bed.reconcile('source');
    await bed.until('the refusal', () => bed.ready()?.reason === 'DependencyNotReady');
    expect(bed.ready()?.message).toBe("dependency 'flux-system/db' revision is not up to date");
  });

  it('on what does not exist says so', async () => {
    await bed.commit({ 'apps/web/a.yaml': configMap('a', {}) });
    bed.createSource();
    bed.createKustomization({ dependsOn: [{ name: 'nothing', namespace: 'shop' }] });
    await bed.begin();
    await bed.until('the refusal', () => bed.ready()?.reason === 'DependencyNotReady');
    expect(bed.ready()?.message).toContain("dependency 'shop/nothing' not found");
  });
});

describe('a source', () => {
  it('that is missing is waited for by the retry interval', async () => {
    bed.createKustomization({ retryInterval: '1m' });
    await bed.begin();
    await bed.until('the refusal', () => bed.ready()?.status === 'False');
    expect(bed.ready()).toMatchObject({ reason: 'ArtifactFailed', message: 'GitRepository.source.toolkit.fluxcd.io "fleet" not found' });
  });

  it('without an artifact is waited for, and its first artifact starts the run', async () => {
    bed.createSource({ ref: { branch: 'nothing' } });
    bed.createKustomization();
    await bed.begin();
    await bed.until('the refusal', () => bed.ready()?.status === 'False');
    expect(bed.ready()).toMatchObject({ reason: 'ArtifactFailed', message: 'Source artifact not found, retrying in 30s' });
    const sha = await bed.commit({ 'apps/web/a.yaml': configMap('a', {}) });
    bed.patchSource({ ref: { branch: 'main' } });
    await bed.applied(sha);
  });

  it('of a kind that is not served is refused for good', async () => {
    bed.createKustomization({ sourceRef: { kind: 'ExternalArtifact', name: 'x' } });
    await bed.begin();
    await bed.until('the refusal', () => bed.condition(bed.kustomization(), 'Stalled')?.status === 'True');
    expect(bed.ready()?.message).toContain('ExternalArtifact feature gate is disabled');
  });
});

describe('variables', () => {
  it('of substituteFrom are read as they are now', async () => {
    bed.create({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'vars', namespace: 'flux-system' },
      data: { tier: 'gold', zone: 'a' },
    });
    const data = { password: Buffer.from('s3cret').toString('base64') };
    bed.create({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'keys', namespace: 'flux-system' }, data });
    const substituteFrom = [
      { kind: 'ConfigMap' as const, name: 'vars' },
      { kind: 'Secret' as const, name: 'keys' },
      { kind: 'Secret' as const, name: 'none', optional: true },
    ];
    const spec = { postBuild: { substitute: { zone: 'b' }, substituteFrom } };
    await begin({ 'apps/web/a.yaml': configMap('a', { all: ['tier', 'zone', 'password'].map((name) => `\${${name}}`).join(' ') }) }, spec);
    expect(bed.get('ConfigMap', 'a')).toMatchObject({ data: { all: 'gold b s3cret' } });
    bed.patch({ apiVersion: 'v1', kind: 'ConfigMap', namespace: 'flux-system', name: 'vars' }, { data: { tier: 'iron' } });
    await bed.reconcile('kustomization');
    expect(bed.get('ConfigMap', 'a')).toMatchObject({ data: { all: 'iron b s3cret' } });
  });

  it('that are missing fail the build', async () => {
    await bed.commit({ 'apps/web/a.yaml': configMap('a', {}) });
    bed.createSource();
    bed.createKustomization({ postBuild: { substituteFrom: [{ kind: 'Secret', name: 'none' }] } });
    await bed.begin();
    await bed.until('the failure', () => bed.ready()?.reason === 'BuildFailed');
    expect(bed.ready()?.message).toBe(
      `post build failed for 'ConfigMap.v1.[noGrp]/a': substitute from 'Secret/none' error: secrets "none" not found`,
    );
  });
});

describe('healthChecks', () => {
  it('wait for the named objects alone, also for one that is not there', async () => {
    const sha = await bed.commit({ 'apps/web/a.yaml': configMap('a', {}), 'apps/web/web.yaml': deployment('web:1') });
    const healthChecks = [
      { kind: 'Deployment', name: 'other', namespace: 'shop' },
      { apiVersion: 'v1', kind: 'ConfigMap', name: 'a', namespace: 'shop' },
    ];
    await bed.deploy(sha, { healthChecks, timeout: '30s' });
    await bed.checking(sha);
    await bed.pass(30_000);
    await bed.until('the failure', () => bed.ready()?.status === 'False');
    expect(bed.ready()?.message).toBe("health check failed after 30s: timeout waiting for: [Deployment/shop/other status: 'NotFound']");
  });

  it('skip what is not reconciled', async () => {
    const disabled = deployment('web:1').replace(
      'namespace: shop}',
      'namespace: shop, annotations: {kustomize.toolkit.fluxcd.io/reconcile: disabled}}',
    );
    await begin({ 'apps/web/a.yaml': configMap('a', {}), 'apps/web/web.yaml': disabled }, { wait: true });
    expect(bed.kustomization().status?.inventory?.entries).toHaveLength(2);
  });
});
