import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findCondition } from '../../src/api/conditions.ts';
import { KUSTOMIZATION, READY, REQUESTED_AT } from '../../src/api/flux.ts';
import { explain, openStage, type Stage } from './stage.ts';

const CHAIN = ['infrastructure', 'platform', 'sample-app'];
const INFRASTRUCTURE = 'kustomization/flux-system/infrastructure';
const PLATFORM = 'kustomization/flux-system/platform';

describe('three Kustomizations that depend on each other: infrastructure, platform, sample-app', () => {
  let stage: Stage;
  /** The release that came while platform was suspended. */
  let suspended: string;
  beforeAll(async () => {
    stage = await openStage({ featureGates: { cancelHealthCheckOnNewRevision: true } });
    await stage.developer.push('make sample-app depend on platform, and that on infrastructure', {
      'clusters/dev/infrastructure.yaml': kustomization('infrastructure'),
      'clusters/dev/platform.yaml': kustomization('platform', 'infrastructure'),
      'clusters/dev/sample-app.yaml': `${await stage.developer.read('clusters/dev/sample-app.yaml')}${dependsOn('platform')}`,
      'clusters/dev/kustomization.yaml': `${await stage.developer.read('clusters/dev/kustomization.yaml')}  - infrastructure.yaml\n  - platform.yaml\n`,
      'infrastructure/kustomization.yaml': resources('namespace.yaml', 'gateway.yaml'),
      'infrastructure/namespace.yaml': 'apiVersion: v1\nkind: Namespace\nmetadata:\n  name: infrastructure\n',
      'infrastructure/gateway.yaml': gateway(8080),
      'platform/kustomization.yaml': resources('settings.yaml'),
      'platform/settings.yaml': settings('plain'),
    });
    await stage.fetchNow();
    await stage.until('the chain is there', async () => (await stage.kustomization()).spec.dependsOn !== undefined);
    await settled();
  });
  afterAll(() => stage?.leave());

  /** As `flux reconcile kustomization` does: Flux by itself looks every 30 s at what waits. */
  const reconcile = (name: string) =>
    stage.cluster.patch(
      { ...KUSTOMIZATION, namespace: 'flux-system', name },
      { metadata: { annotations: { [REQUESTED_AT]: new Date().toISOString() } } },
      { type: 'merge' },
    );
  const headOf = async () => (await stage.developer.git('ls-remote', 'origin', 'refs/heads/main')).slice(0, 40);
  const readyOf = async (name: string) => findCondition((await stage.kustomization(name)).status?.conditions, READY);
  const untilAt = (name: string, commit: string) =>
    stage.until(
      `${name} is at ${commit.slice(0, 8)}`,
      async () => (await stage.kustomization(name)).status?.lastAppliedRevision?.endsWith(commit) === true,
    );
  const settled = async () => {
    const head = await headOf();
    for (const name of CHAIN) {
      if ((await stage.kustomization(name)).status?.lastAppliedRevision?.endsWith(head) !== true) await reconcile(name);
      await untilAt(name, head);
      await stage.untilWell(name);
    }
  };
  const untilReason = (name: string, reason: string) =>
    stage.until(`${name} is ${reason}`, async () => (await readyOf(name))?.reason === reason);
  const rollback = async (...args: string[]) => explain(await stage.ebb('rollback', ...args, '--steady', '1s', '--yes'));

  it('a bad release of the first: status and verify of the last name it, and not only the one in between', async () => {
    await stage.developer.push('infrastructure: listen on 99999', { 'infrastructure/gateway.yaml': gateway(99_999) });
    await stage.fetchNow();
    await untilReason('infrastructure', 'ReconciliationFailed');
    await untilReason('platform', 'DependencyNotReady');
    await untilReason('sample-app', 'DependencyNotReady');
    const status = explain(await stage.ebb('status', 'sample-app'));
    expect(status.stdout).toContain('✗ failing');
    expect(status.stdout).toMatch(
      /✗ ReconciliationFailed {2}Kustomization\/flux-system\/infrastructure\n.*Service\/infrastructure\/gateway/,
    );
    expect(status.stdout).toContain(`kustomization/flux-system/sample-app waits for ${PLATFORM} waits for ${INFRASTRUCTURE}`);
    expect(status.stdout).toMatch(new RegExp(`ebb status ${INFRASTRUCTURE}`));
    const verify = explain(await stage.ebb('verify', 'sample-app', '--timeout', '10m'));
    expect(verify.code).toBe(1);
    expect(verify.stdout).toContain(`waits for ${INFRASTRUCTURE}, which is not ready: ReconciliationFailed: `);
  });

  it('a rollback of the last would not be applied: refused, with the one to roll back first', async () => {
    const before = await headOf();
    const refused = explain(await stage.ebb('rollback', 'sample-app', '--to', 'HEAD~1', '--yes'));
    expect(refused.code).toBe(3);
    expect(refused.stdout).toContain('DependencyNotReady');
    expect(refused.stdout).toContain(`ebb rollback ${INFRASTRUCTURE} first`);
    expect(await headOf()).toBe(before);
  });

  it('a rollback of the first brings all three back', async () => {
    expect((await rollback('infrastructure')).code).toBe(0);
    await settled();
    expect((await stage.ebb('status', 'sample-app')).stdout).toContain('✓ well');
  });

  it('a bad release of the one in between does not build, and the last names it', async () => {
    const bad = await stage.developer.push('platform: add limits', {
      'platform/kustomization.yaml': resources('settings.yaml', 'limits.yaml'),
    });
    await stage.fetchNow();
    await untilAt('infrastructure', bad);
    await reconcile('platform');
    await untilReason('platform', 'BuildFailed');
    await untilReason('sample-app', 'DependencyNotReady');
    const status = explain(await stage.ebb('status', 'sample-app'));
    expect(status.stdout).toMatch(/✗ BuildFailed {2}Kustomization\/flux-system\/platform/);
  });

  it('a rollback of the one in between brings it and the last back', async () => {
    expect((await rollback('platform')).code).toBe(0);
    await settled();
  });

  it('a bad release of the last: its rollback waits for the other two, no longer than they need', async () => {
    const bad = await stage.developer.release('1.1.0');
    await stage.fetchNow();
    await untilAt('infrastructure', bad);
    await reconcile('platform');
    await untilAt('platform', bad);
    await reconcile('sample-app');
    await stage.untilAttempted(bad);
    const done = await rollback('sample-app');
    expect(done.code).toBe(0);
    expect(done.stderr).toMatch(/waiting for kustomization\/flux-system\/(platform|infrastructure): /);
    expect(await stage.images()).toEqual(['ghcr.io/ebb-dev/sample-saas-app:1.0.0']);
  });

  it('a dependency that somebody suspended stands in the way for good, and is named', async () => {
    expect(explain(await stage.ebb('suspend', 'platform', '--reason', 'moving the settings')).code).toBe(0);
    suspended = await stage.developer.release('1.3.0');
    await stage.fetchNow();
    await untilReason('sample-app', 'DependencyNotReady');
    const status = explain(await stage.ebb('status', 'sample-app'));
    expect(status.stdout).toMatch(/✗ Suspended {2}Kustomization\/flux-system\/platform/);
    const refused = explain(await stage.ebb('rollback', 'sample-app', '--commit', suspended, '--yes'));
    expect(refused.code).toBe(3);
    expect(refused.stdout).toContain(`ebb resume ${PLATFORM} first`);
  });

  it('who writes the commit all the same is told at once why nothing comes of it', async () => {
    const args = ['--commit', suspended, '--accept', 'DependencyNotReady', '--timeout', '10m'];
    const accepted = await rollback('sample-app', ...args);
    expect(accepted.code).toBe(1);
    expect(accepted.stdout).toMatch(/waits for kustomization\/flux-system\/platform, which is not ready: Suspended: /);
    expect(accepted.stdout).toContain(`ebb resume ${PLATFORM}`);
    expect(explain(await stage.ebb('resume', 'platform')).code).toBe(0);
    await settled();
    expect((await stage.ebb('status', 'sample-app')).stdout).toContain('✓ well');
  });
});

function kustomization(name: string, dependency?: string): string {
  return `apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata:
  name: ${name}
  namespace: flux-system
spec:
  interval: 5m
  timeout: 30s
  path: ./${name}
  prune: true
  wait: true
  sourceRef:
    kind: GitRepository
    name: flux-system
${dependency === undefined ? '' : dependsOn(dependency)}`;
}

function dependsOn(name: string): string {
  return `  dependsOn:\n    - name: ${name}\n`;
}

function resources(...files: string[]): string {
  const list = files.map((file) => `  - ${file}\n`).join('');
  return `apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources:\n${list}`;
}

function gateway(port: number): string {
  return `apiVersion: v1
kind: Service
metadata:
  name: gateway
  namespace: infrastructure
spec:
  type: ExternalName
  externalName: gateway.example.com
  ports:
    - name: http
      port: ${port}
`;
}

function settings(look: string): string {
  return `apiVersion: v1
kind: ConfigMap
metadata:
  name: platform-look
  namespace: infrastructure
data:
  look: ${look}
`;
}
