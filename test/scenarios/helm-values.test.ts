import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HELM_RELEASE, type HelmRelease } from '../../src/api/flux.ts';
import { chartFiles, chartPath } from './stage/chart.ts';
import { explain, helm, openStage, type Stage } from './stage.ts';

const VALUES = 'apps/shop/values.yaml';
const FOLDER = 'clusters/dev/kustomization.yaml';
const NAME = 'helmrelease/shop/shop';
const RELEASE = { ...HELM_RELEASE, namespace: 'shop', name: 'shop' };

describe.skipIf(!helm)('a HelmRelease, its chart and its values in Git (needs a helm-controller)', () => {
  let stage: Stage;
  let bad: string;
  beforeAll(async () => {
    stage = await openStage({ timeout: '30s' });
    const commit = await stage.developer.push('shop: a chart and its values', await shopFiles(stage));
    await stage.fetchNow();
    await stage.until('shop is there', async () => (await stage.cluster.get(RELEASE)) !== undefined);
    await stage.untilWell('shop');
    expect((await stage.kustomization('shop')).status?.lastAppliedRevision).toContain(commit);
    await runs('1.0.0');
  });
  afterAll(() => stage?.leave());

  const runs = (version: string) =>
    stage.until(`${version} runs`, async () => (await stage.images('shop')).join() === `ghcr.io/ebb-dev/sample-saas-app:${version}`);
  const release = async () => (await stage.cluster.get<HelmRelease>(RELEASE)) as HelmRelease;
  const ready = async () => (await release()).status?.conditions?.find((condition) => condition.type === 'Ready');

  it('begins well, and ebb sees through to what the release runs', async () => {
    const status = explain(await stage.ebb('status', 'helmrelease/shop', '-n', 'shop'));
    expect(status.code).toBe(0);
    expect(status.stdout).toContain('✓ well');
    expect(status.stdout).toContain('Deployment/shop/shop');
    expect(explain(await stage.ebb('verify', 'helmrelease/shop', '-n', 'shop', '--steady', '1s')).code).toBe(0);
  });

  it('a bad value fails the upgrade; ebb status names the pod that never gets ready, and where to go', async () => {
    bad = await setVersion('1.2.0');
    await stage.until('the upgrade runs', async () => (await stage.images('shop')).includes('ghcr.io/ebb-dev/sample-saas-app:1.2.0'));
    await stage.until('it failed', async () => (await ready())?.reason === 'UpgradeFailed');
    const status = explain(await stage.ebb('status', 'helmrelease/shop', '-n', 'shop'));
    expect(status.stdout).toContain('✗ failing');
    expect(status.stdout).toContain('UpgradeFailed');
    expect(status.stdout).toMatch(/ebb rollback kustomization\/flux-system\/shop +takes back what Git last changed/);
  });

  it('ebb verify of the release fails, with the reason', async () => {
    const verify = explain(await stage.ebb('verify', 'helmrelease/shop', '-n', 'shop', '--steady', '1s', '--timeout', '20s'));
    expect(verify.code).toBe(1);
    expect(verify.stdout).toMatch(/✗ FluxReady +UpgradeFailed/);
  });

  it('the Kustomization says what of it is not well', async () => {
    const status = explain(await stage.ebb('status', 'shop'));
    expect(status.stdout).toContain('HelmRelease/shop/shop');
    expect(status.stdout).not.toContain('✓ well');
  });

  it('a rollback of the release is refused with a pointer to the Kustomization, which is the right one', async () => {
    const refused = explain(await stage.ebb('rollback', 'helmrelease/shop', '-n', 'shop', '--yes', '-o', 'json'));
    expect(refused.code).toBe(3);
    const { refusal } = refused.json<{ refusal: { reason: string; next: string[] } }>();
    expect(refusal.reason).toBe('NotAKustomization');
    expect(refusal.next[0]).toBe('ebb rollback kustomization/flux-system/shop');
    expect(refusal.next[1]).toContain(`ebb suspend ${NAME}`);
  });

  it('that rollback brings the value back, and with it the release', async () => {
    const rollback = explain(await stage.ebb('rollback', 'kustomization/flux-system/shop', '--steady', '1s', '--yes'));
    expect(rollback.code).toBe(0);
    await runs('1.0.0');
    await stage.until('the release is well again', async () => (await ready())?.status === 'True');
    await stage.developer.git('pull', '--quiet', 'origin', 'main');
    expect(await stage.developer.git('log', '-1', '--format=%B')).toContain(`This reverts commit ${bad}.`);
    expect((await stage.developer.read(VALUES)).includes('version: 1.0.0')).toBe(true);
    expect(explain(await stage.ebb('verify', 'helmrelease/shop', '-n', 'shop', '--steady', '1s')).code).toBe(0);
    expect(explain(await stage.ebb('status', 'shop')).stdout).toContain('✓ well');
  });

  async function setVersion(version: string): Promise<string> {
    const text = await stage.developer.read(VALUES);
    const commit = await stage.developer.push(`shop: version ${version}`, {
      [VALUES]: text.replace(/version: \S+/, `version: ${version}`),
    });
    await stage.fetchNow();
    await stage.until(
      'Flux attempts it',
      async () => (await stage.kustomization('shop')).status?.lastAttemptedRevision?.endsWith(commit) === true,
    );
    return commit;
  }
});

async function shopFiles(stage: Stage): Promise<Record<string, string>> {
  return {
    ...chartFiles('shop'),
    'apps/shop/namespace.yaml': 'apiVersion: v1\nkind: Namespace\nmetadata:\n  name: shop\n',
    [VALUES]: `apiVersion: v1
kind: ConfigMap
metadata:
  name: shop-values
  namespace: shop
  labels:
    # Else helm-controller sees a change only at its next interval.
    reconcile.fluxcd.io/watch: Enabled
data:
  values.yaml: |
    version: 1.0.0
`,
    'apps/shop/release.yaml': `apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata:
  name: shop
  namespace: shop
spec:
  interval: 10m
  timeout: 15s
  chart:
    spec:
      chart: ${chartPath('shop')}
      sourceRef:
        kind: GitRepository
        name: flux-system
        namespace: flux-system
  valuesFrom:
    - kind: ConfigMap
      name: shop-values
`,
    'clusters/dev/shop.yaml': (await stage.developer.read('clusters/dev/billing-worker.yaml'))
      .replace('name: billing-worker', 'name: shop')
      .replace(/path: \S+/, 'path: ./apps/shop'),
    [FOLDER]: `${await stage.developer.read(FOLDER)}  - shop.yaml\n`,
  };
}
