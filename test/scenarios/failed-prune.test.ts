import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findCondition } from '../../src/api/conditions.ts';
import { READY } from '../../src/api/flux.ts';
import type { KubeObject } from '../../src/api/kube.ts';
import { explain, openStage, type Stage } from './stage.ts';

const OVERLAY = 'apps/sample-saas-app/overlays/dev/kustomization.yaml';
const FEED = { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'sample-saas-app', name: 'price-feed' };
const FINALIZER = 'example.com/export';

describe('a release takes an object out of Git whose deletion does not come to its end', () => {
  let stage: Stage;
  let removal: string;
  beforeAll(async () => {
    stage = await openStage();
    const overlay = await stage.developer.read(OVERLAY);
    const list = await stage.developer.read('clusters/dev/kustomization.yaml');
    const good = await stage.developer.push('sample-saas-app: read prices from a feed; keep the defaults of namespaces in Git', {
      [OVERLAY]: overlay.replace('resources:\n', 'resources:\n  - price-feed.yaml\n'),
      'apps/sample-saas-app/overlays/dev/price-feed.yaml': FEED_YAML,
      'clusters/dev/kustomization.yaml': `${list}  - namespace-defaults.yaml\n`,
      'clusters/dev/namespace-defaults.yaml': DEFAULTS,
      'namespace-defaults/kustomization.yaml': resources('default.yaml', 'limits.yaml'),
      'namespace-defaults/default.yaml': DEFAULT_NAMESPACE,
      'namespace-defaults/limits.yaml': LIMITS,
    });
    await deploy(good);
    await stage.until('the defaults are there', async () => (await defaults()) !== undefined);
    await stage.untilWell('namespace-defaults');
    // As the controller does that exports the feed.
    await setFinalizers([FINALIZER]);
  });
  afterAll(() => stage?.leave());

  const deploy = async (commit: string) => {
    await stage.fetchNow();
    await stage.untilAttempted(commit);
    await stage.untilWell();
  };
  const feed = () => stage.cluster.get<KubeObject>(FEED);
  const defaults = () => stage.kustomization('namespace-defaults').catch(() => undefined);
  const inventory = async (name = 'sample-app') =>
    ((await stage.kustomization(name)).status?.inventory?.entries ?? []).map((entry) => entry.id);
  const setFinalizers = (finalizers: string[]) =>
    stage.kubectl(
      ...['patch', 'configmap', FEED.name, '-n', FEED.namespace, '--field-manager=exporter', '--type=merge'],
      ...['-p', JSON.stringify({ metadata: { finalizers } })],
    );

  it('Flux calls the release a success and forgets the object, which is still there', async () => {
    const overlay = await stage.developer.read(OVERLAY);
    removal = await stage.developer.push('sample-saas-app: no more price feed', {
      [OVERLAY]: overlay.replace('  - price-feed.yaml\n', ''),
      'apps/sample-saas-app/overlays/dev/price-feed.yaml': null,
    });
    await deploy(removal);
    expect((await feed())?.metadata).toMatchObject({ deletionTimestamp: expect.any(String), finalizers: [FINALIZER] });
    expect((await inventory()).filter((id) => id.includes(FEED.name))).toEqual([]);
    const status = explain(await stage.ebb('status', 'sample-app'));
    expect(status.stdout).toMatch(
      /! Terminating {2}ConfigMap\/sample-saas-app\/price-feed\n.*whoever set the finalizer example\.com\/export has not let it go/,
    );
  });

  it('a rollback past it says what it waits for', async () => {
    const rollback = explain(await stage.ebb('rollback', 'sample-app', '--steady', '1s', '--timeout', '15s', '--yes'));
    expect(rollback.code).toBe(4);
    expect(rollback.stdout).toMatch(
      /… Deletion +ConfigMap\/sample-saas-app\/price-feed was deleted and is not gone: whoever set the finalizer example\.com\/export/,
    );
    expect((await feed())?.metadata.deletionTimestamp).toBeDefined();
    const status = explain(await stage.ebb('status', 'sample-app'));
    expect(status.stdout).toMatch(/✗ Terminating {2}ConfigMap\/sample-saas-app\/price-feed/);
  });

  it('and once the object is gone, it is created anew without waiting for the next interval', async () => {
    await setFinalizers([]);
    await stage.until('it is gone', async () => (await feed()) === undefined);
    const rollback = explain(await stage.ebb('rollback', 'sample-app', '--steady', '1s', '--timeout', '50s', '--yes'));
    expect(rollback.code).toBe(0);
    expect((await feed())?.metadata.deletionTimestamp).toBeUndefined();
    expect(await inventory()).toContain('sample-saas-app_price-feed__ConfigMap');
    await stage.answers(10);
  });

  it('where the API server refuses to delete it, Flux says so and keeps it in the inventory', async () => {
    const refused = await stage.developer.push('namespace-defaults: leave the default namespace alone', {
      'namespace-defaults/kustomization.yaml': resources('limits.yaml'),
      'namespace-defaults/default.yaml': null,
    });
    await stage.fetchNow();
    await stage.until('the deletion is refused', async () => {
      const { status } = await stage.kustomization('namespace-defaults');
      return status?.lastAttemptedRevision?.endsWith(refused) === true && findCondition(status.conditions, READY)?.reason === 'PruneFailed';
    });
    expect(await inventory('namespace-defaults')).toContain('_default__Namespace');
    const status = explain(await stage.ebb('status', 'namespace-defaults'));
    expect(status.stdout).toMatch(/✗ PruneFailed {2}Kustomization\/flux-system\/namespace-defaults\n.*this namespace may not be deleted/);
    expect(status.stdout).not.toContain('Untracked');
    const verify = explain(await stage.ebb('verify', 'namespace-defaults', '--timeout', '10m'));
    expect(verify.code).toBe(1);
    expect(verify.stdout).toMatch(/✗ FluxReady +PruneFailed: .*this namespace may not be deleted/);
  });

  it('a rollback past that is well again at once', async () => {
    const rollback = explain(await stage.ebb('rollback', 'namespace-defaults', '--steady', '1s', '--yes'));
    expect(rollback.code).toBe(0);
    expect(await inventory('namespace-defaults')).toEqual(expect.arrayContaining(['_default__Namespace', 'default_limits__LimitRange']));
    expect((await stage.ebb('status', 'namespace-defaults')).stdout).toContain('✓ well');
  });
});

const FEED_YAML = `apiVersion: v1
kind: ConfigMap
metadata:
  name: price-feed
data:
  url: https://prices.example.com
`;

const DEFAULTS = `apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata:
  name: namespace-defaults
  namespace: flux-system
spec:
  interval: 5m
  timeout: 30s
  path: ./namespace-defaults
  prune: true
  wait: true
  sourceRef:
    kind: GitRepository
    name: flux-system
`;

const DEFAULT_NAMESPACE = `apiVersion: v1
kind: Namespace
metadata:
  name: default
  labels:
    pod-security.kubernetes.io/enforce: restricted
`;

const LIMITS = `apiVersion: v1
kind: LimitRange
metadata:
  name: limits
  namespace: default
spec:
  limits:
    - type: Container
      default:
        memory: 128Mi
`;

function resources(...files: string[]): string {
  const list = files.map((file) => `  - ${file}\n`).join('');
  return `apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources:\n${list}`;
}
