import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HOLD_UNTIL, PINNED_COMMIT } from '../../src/api/annotations.ts';
import { RECONCILE_ANNOTATION, REQUESTED_AT } from '../../src/api/flux.ts';
import { explain, openStage, type Stage } from './stage.ts';

interface HoldsJson {
  holds: {
    kind: string;
    name: string;
    expired: boolean;
    hold: { kind: string; by?: string; reason?: string; until?: string; commit?: string };
  }[];
  ended: { held: { name: string }; outcome: { kind: string } }[];
}

const NAME = 'kustomization/flux-system/sample-app';

describe('a target is pinned to its last good version while Git waits', () => {
  let stage: Stage;
  let good: string;
  let bad: string;
  beforeAll(async () => {
    stage = await openStage({ featureGates: { cancelHealthCheckOnNewRevision: true } });
    good = await stage.developer.git('rev-parse', 'HEAD');
  });
  afterAll(() => stage?.leave());

  const head = async () => (await stage.developer.git('ls-remote', 'origin', 'refs/heads/main')).slice(0, 40);
  const holds = async () => explain(await stage.ebb('suspended', '-o', 'json')).json<HoldsJson>().holds;
  /** Has the parent, which declares the target, applied again; resolves when it has. */
  const runParent = async () => {
    const token = new Date().toISOString();
    await stage.kubectl('annotate', '-n', 'flux-system', 'kustomization/flux-system', '--overwrite', `${REQUESTED_AT}=${token}`);
    await stage.until(
      'the parent has run',
      async () => (await stage.kustomization('flux-system')).status?.lastHandledReconcileAt === token,
    );
    await stage.untilWell('flux-system');
  };
  /** A release that answers errors, running, and found by its users. */
  const release = async (version: string) => {
    const sha = await stage.developer.release(version);
    await stage.fetchNow();
    await stage.untilAttempted(sha);
    await stage.until('it runs', async () => (await stage.images()).join() === `ghcr.io/ebb-dev/sample-saas-app:${version}`);
    return sha;
  };
  const runsGood = async () => {
    expect(await stage.images()).toEqual(['ghcr.io/ebb-dev/sample-saas-app:1.0.0']);
    await stage.answers(20);
  };

  it('brings the good version back without a commit', async () => {
    bad = await release('1.3.0');
    const pin = explain(
      await stage.ebb('pin', 'sample-app', '--to', good, '--reason', 'review takes until noon', '--for', '2h', '--steady', '1s', '--yes'),
    );
    expect(pin.code).toBe(0);
    expect(pin.stderr).toContain(`pin ${NAME} to ${good.slice(0, 8)}`);
    expect(pin.stdout).toMatch(new RegExp(`✓ pinned ${NAME} to ${good.slice(0, 8)} in .*\\n +until +20\\d\\d-`));
    expect(pin.stdout).toMatch(/ebb rollback kustomization\/flux-system\/sample-app\s+lands the revert in Git and ends the pin/);
    expect(await head()).toBe(bad);
    await runsGood();
  });

  it('is not undone by the parent that declares the target', async () => {
    await runParent();
    const object = await stage.kustomization();
    expect(object.spec.sourceRef).toMatchObject({ kind: 'GitRepository', name: 'sample-app-pin' });
    expect(object.metadata.annotations?.[PINNED_COMMIT]).toBe(good);
    await stage.untilWell();
    await runsGood();
  });

  it('and nobody else moves: the other consumer of the source still follows the branch', async () => {
    const billing = await stage.developer.release('1.0.1', { app: 'billing-worker' });
    await stage.fetchNow();
    await stage.until(
      'billing-worker follows',
      async () => (await stage.kustomization('billing-worker')).status?.lastAppliedRevision?.endsWith(billing) === true,
    );
    expect(await stage.images('billing-worker')).toEqual(['ghcr.io/ebb-dev/billing-worker:1.0.1']);
    expect((await stage.source())?.spec.ref).toEqual({ branch: 'main' });
    await runsGood();
  });

  it('everyone who looks sees who, why and until when', async () => {
    const status = explain(await stage.ebb('status', 'sample-app'));
    expect(status.stdout).toMatch(
      new RegExp(
        `held +pinned to ${good.slice(0, 8)} by Ann Lee <ann@example\\.com> \\d+[sm] ago, for another (11\\dm|2h): review takes until noon`,
      ),
    );
    expect(status.stdout).toMatch(/ebb rollback \S+ +lands the revert in Git and ends the pin/);
    expect(status.stdout).toMatch(/ebb unpin \S+/);
    expect((await stage.ebb('status')).stdout).toMatch(/sample-app .*pinned to [0-9a-f]{8} by Ann Lee/);
    const list = explain(await stage.ebb('suspended'));
    expect(list.stdout).toMatch(
      new RegExp(`${NAME} +pinned to ${good.slice(0, 8)} +Ann Lee <ann@example\\.com> .*left +review takes until noon`),
    );
    const object = await stage.kustomization();
    expect(Date.parse(object.metadata.annotations?.[HOLD_UNTIL] ?? '')).toBeGreaterThan(Date.now());
  });

  it('pinned again, to where it is: another time, the same way back', async () => {
    const again = explain(
      await stage.ebb('pin', 'sample-app', '--reason', 'review takes all day', '--for', '8h', '--steady', '1s', '--yes'),
    );
    expect(again.code).toBe(0);
    const [hold] = await holds();
    expect(hold).toMatchObject({ name: 'sample-app', hold: { kind: 'pin', reason: 'review takes all day', commit: good } });
    expect(Date.parse(hold?.hold.until ?? '') - Date.now()).toBeGreaterThan(7 * 3_600_000);
    await runsGood();
  });

  it('unpin without a revert follows Git again: the plan says that the bad release returns', async () => {
    const plan = explain(await stage.ebb('unpin', 'sample-app', '--dry-run'));
    expect(plan.code).toBe(0);
    expect(plan.stdout).toMatch(/Brings\n {2}[0-9a-f]{8} sample-saas-app: release 1\.3\.0 to dev/);
    expect(plan.stdout).toMatch(/:1\.0\.0 -> \S+:1\.3\.0/);
    expect(plan.stdout).toContain('what it was pinned away from returns');
    expect(plan.stdout).toContain(`ebb rollback ${NAME} lands the revert first`);
    const unasked = await stage.ebb('unpin', 'sample-app');
    expect([unasked.code, unasked.stderr]).toEqual([2, expect.stringContaining('--yes answers yes')]);
    expect((await stage.kustomization()).spec.sourceRef.name).toBe('sample-app-pin');
    const unpin = explain(await stage.ebb('unpin', 'sample-app', '--yes'));
    expect(unpin.code).toBe(0);
    expect(await stage.images()).toEqual(['ghcr.io/ebb-dev/sample-saas-app:1.3.0']);
    const object = await stage.kustomization();
    expect(object.spec.sourceRef).toEqual({ kind: 'GitRepository', name: 'flux-system' });
    expect(Object.keys(object.metadata.annotations ?? {}).filter((key) => key.startsWith('ebb.dev/'))).toEqual([]);
    expect(object.metadata.annotations?.[RECONCILE_ANNOTATION]).toBeUndefined();
    expect(await stage.source('sample-app-pin')).toBeUndefined();
    expect(await holds()).toEqual([]);
  });

  it('a rollback of a pinned target lands the revert and ends the pin; the bad version never returns', async () => {
    expect(explain(await stage.ebb('pin', 'sample-app', '--to', good, '--steady', '1s', '--yes')).code).toBe(0);
    await runsGood();
    const before = await head();
    const rollback = explain(await stage.ebb('rollback', 'sample-app', '--steady', '1s', '--yes', '-o', 'json'));
    expect(rollback.code).toBe(0);
    const report = rollback.json<{ verified: boolean; commit: string; steps: { kind: string }[] }>();
    expect(report.verified).toBe(true);
    expect(report.steps.map((step) => step.kind)).toEqual(['commit', 'fetch-source', 'unpin', 'abandon', 'reconcile', 'verify']);
    await stage.developer.git('pull', '--quiet', 'origin', 'main');
    expect(await head()).toBe(report.commit);
    expect(await stage.developer.git('rev-list', '--count', `${before}..HEAD`)).toBe('1');
    expect(await stage.developer.git('log', '-1', '--format=%B')).toContain(`This reverts commit ${bad}.`);
    expect((await stage.kustomization()).spec.sourceRef).toEqual({ kind: 'GitRepository', name: 'flux-system' });
    expect(await holds()).toEqual([]);
    await runsGood();
    await runParent();
    await runsGood();
    expect(await stage.images('billing-worker')).toEqual(['ghcr.io/ebb-dev/billing-worker:1.0.1']);
  });

  it('a pin that ran out is said to have, and is ended by ebb suspended --enforce', async () => {
    bad = await release('1.3.0');
    expect(explain(await stage.ebb('pin', 'sample-app', '--for', '1s', '--steady', '1s', '--yes')).code).toBe(0);
    await stage.until('it ran out', async () => (await holds())[0]?.expired === true);
    const list = explain(await stage.ebb('suspended'));
    expect(list.stdout).toContain('EXPIRED');
    expect(list.stdout).toContain('ebb suspended --enforce');
    const enforced = explain(await stage.ebb('suspended', '--enforce'));
    expect(enforced.code).toBe(0);
    expect(enforced.stdout).toMatch(/✓ kustomization\/flux-system\/sample-app/);
    expect((await stage.kustomization()).spec.sourceRef.name).toBe('flux-system');
    await stage.until(
      'the release of Git runs again',
      async () => (await stage.images()).join() === 'ghcr.io/ebb-dev/sample-saas-app:1.3.0',
    );
    expect((await stage.ebb('suspended', '--enforce')).stdout).toContain('no hold has run out');
  });

  it('a pin that ran out does not stand in the way of the next rollback', async () => {
    await stage.untilWell();
    expect(explain(await stage.ebb('pin', 'sample-app', '--for', '1s', '--steady', '1s', '--yes')).code).toBe(0);
    await stage.until('it ran out', async () => (await holds())[0]?.expired === true);
    expect((await stage.ebb('status', 'sample-app')).stdout).toContain('EXPIRED');
    const rollback = explain(await stage.ebb('rollback', 'sample-app', '--steady', '1s', '--yes'));
    expect(rollback.code).toBe(0);
    expect(await holds()).toEqual([]);
    expect(await stage.developer.git('ls-remote', 'origin', 'refs/heads/main')).not.toContain(bad);
    await runsGood();
  });

  it('the whole source, where that is wanted: the plan shows every consumer, and all move', async () => {
    await stage.developer.git('pull', '--quiet', 'origin', 'main');
    const before = await stage.developer.git('rev-parse', 'HEAD');
    const billing = await stage.developer.release('1.0.0', { app: 'billing-worker' });
    await release('1.3.0');
    await stage.until(
      'billing-worker follows',
      async () => (await stage.kustomization('billing-worker')).status?.lastAppliedRevision?.includes(await head()) === true,
    );
    const plan = explain(await stage.ebb('pin', 'sample-app', '--scope', 'source', '--to', before, '--dry-run'));
    expect(plan.code).toBe(0);
    expect(plan.stdout).toMatch(/Also changes, and is brought back as well\n\s+! kustomization\/flux-system\/billing-worker/);
    expect(plan.stdout).toContain('these move as well, and nothing changes for them: kustomization/flux-system/flux-system');
    const pin = explain(await stage.ebb('pin', 'sample-app', '--scope', 'source', '--to', before, '--steady', '1s', '--yes'));
    expect(pin.code).toBe(0);
    await stage.until(
      'billing-worker moves too',
      async () => (await stage.images('billing-worker')).join() === 'ghcr.io/ebb-dev/billing-worker:1.0.1',
    );
    await runsGood();
    expect((await stage.source())?.spec.ref).toMatchObject({ branch: 'main', commit: before });
    await runParent();
    expect((await stage.source())?.spec.ref?.commit).toBe(before);
    expect(billing).not.toBe(before);
    expect((await stage.ebb('suspended')).stdout).toMatch(
      new RegExp(`gitrepository/flux-system/flux-system +pinned to ${before.slice(0, 8)}`),
    );
    expect((await stage.ebb('status', 'billing-worker')).stdout).toContain(`pinned to ${before.slice(0, 8)}`);
  });

  it('and a rollback unpins it: the source follows its branch again, with the revert in it', async () => {
    const rollback = explain(await stage.ebb('rollback', 'sample-app', '--steady', '1s', '--yes'));
    expect(rollback.code).toBe(0);
    expect((await stage.source())?.spec.ref).toEqual({ branch: 'main' });
    expect(await holds()).toEqual([]);
    await runsGood();
    await stage.until(
      'billing-worker follows Git',
      async () => (await stage.images('billing-worker')).join() === 'ghcr.io/ebb-dev/billing-worker:1.0.0',
    );
  });
});
