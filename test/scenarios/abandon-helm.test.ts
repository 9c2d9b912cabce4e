import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findCondition } from '../../src/api/conditions.ts';
import { HELM_RELEASE, type HelmRelease, READY } from '../../src/api/flux.ts';
import { chartFiles, chartPath } from './stage/chart.ts';
import { explain, helm, openStage, type Stage } from './stage.ts';

const RELEASE = { ...HELM_RELEASE, namespace: 'shop', name: 'shop' };
const FILE = 'apps/shop/release.yaml';

/** What a HelmRelease waits for keeps two controllers waiting: Helm's action for its own timeout, and the Kustomization for the HelmRelease. */
describe.skipIf(!helm)('a HelmRelease whose upgrade never gets ready, under long timeouts (needs a helm-controller)', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await openStage({ timeout: '9m' });
    await stage.developer.push('shop: a chart and a release of it', await shopFiles(stage));
    await stage.fetchNow();
    await stage.until('shop is there', async () => (await stage.cluster.get(RELEASE)) !== undefined);
    await stage.untilWell('shop');
  });
  afterAll(() => stage?.leave());

  const images = () => stage.images('shop');
  const release = async () => (await stage.cluster.get<HelmRelease>(RELEASE)) as HelmRelease;

  it('is rolled back without waiting for either', async () => {
    const text = await stage.developer.read(FILE);
    const bad = await stage.developer.push('shop: version 1.2.0', { [FILE]: text.replace('version: 1.0.0', 'version: 1.2.0') });
    await stage.fetchNow();
    await stage.until('the upgrade runs', async () => (await images()).includes('ghcr.io/ebb-dev/sample-saas-app:1.2.0'));
    await stage.until('the Kustomization waits for it', async () => {
      const { status } = await stage.kustomization('shop');
      return (
        status?.lastAttemptedRevision?.endsWith(bad) === true &&
        status.conditions?.some(({ message }) => /health checks for revision/.test(message ?? '')) === true
      );
    });
    const rollback = explain(await stage.ebb('rollback', 'shop', '--yes', '--steady', '1s', '-o', 'json'));
    expect(rollback.code).toBe(0);
    const { verified, steps } = rollback.json<{ verified: boolean; steps: { kind: string; found: boolean; message: string }[] }>();
    expect(verified).toBe(true);
    expect(steps.find(({ kind }) => kind === 'abandon')).toMatchObject({
      found: false,
      message: expect.stringMatching(
        /^ended the Helm action of helmrelease\/shop\/shop after \S+, 7m\S* before its timeout \(Stalled on Deployment\/shop\/shop, taken out again\)$/,
      ),
    });
    expect(await images()).toEqual(['ghcr.io/ebb-dev/sample-saas-app:1.0.0']);
    expect(findCondition((await release()).status?.conditions, READY)?.status).toBe('True');
  });

  it('leaves no condition behind', async () => {
    const deployment = await stage.cluster.get({ apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'shop', name: 'shop' });
    const { conditions = [] } = (deployment?.status ?? {}) as { conditions?: { type: string }[] };
    expect(conditions.map(({ type }) => type).sort()).toEqual(['Available', 'Progressing']);
  });
});

async function shopFiles(stage: Stage): Promise<Record<string, string>> {
  const folder = 'clusters/dev/kustomization.yaml';
  return {
    ...chartFiles('shop'),
    'apps/shop/namespace.yaml': 'apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n',
    [FILE]: `apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: shop, namespace: shop}
spec:
  interval: 10m
  timeout: 8m
  chart:
    spec:
      chart: ${chartPath('shop')}
      sourceRef: {kind: GitRepository, name: flux-system, namespace: flux-system}
  values:
    version: 1.0.0
`,
    'clusters/dev/shop.yaml': (await stage.developer.read('clusters/dev/billing-worker.yaml'))
      .replace('name: billing-worker', 'name: shop')
      .replace(/path: \S+/, 'path: ./apps/shop')
      .replace(/timeout: \S+/, 'timeout: 9m'),
    [folder]: `${await stage.developer.read(folder)}  - shop.yaml\n`,
  };
}
