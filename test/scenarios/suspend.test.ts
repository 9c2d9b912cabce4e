import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HELM_RELEASE, REQUESTED_AT } from '../../src/api/flux.ts';
import { explain, openStage, type Stage } from './stage.ts';

interface Held {
  kind: string;
  namespace: string;
  name: string;
  expired: boolean;
  hold: { kind: string; by?: string; manager?: string; reason?: string; until?: string };
}

const NAME = 'kustomization/flux-system/sample-app';
const CACHE = { ...HELM_RELEASE, namespace: 'shop', name: 'cache' };

describe('a target is suspended: by a rollback, by hand, by others', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await openStage({ featureGates: { cancelHealthCheckOnNewRevision: true } });
  });
  afterAll(() => stage?.leave());

  const head = async () => (await stage.developer.git('ls-remote', 'origin', 'refs/heads/main')).slice(0, 40);
  const holds = async () => explain(await stage.ebb('suspended', '-o', 'json')).json<{ holds: Held[] }>().holds;
  const traces = async () =>
    Object.keys((await stage.kustomization()).metadata.annotations ?? {}).filter((key) => key.startsWith('ebb.dev/'));
  /** A release that answers errors, running. */
  const release = async (version: string) => {
    const sha = await stage.developer.release(version);
    await stage.fetchNow();
    await stage.untilAttempted(sha);
    await stage.until('it runs', async () => (await stage.images()).join() === `ghcr.io/ebb-dev/sample-saas-app:${version}`);
    return sha;
  };

  it('rollback --strategy suspend: Flux stops, Git goes back, Flux goes on', async () => {
    const bad = await release('1.3.0');
    const rollback = explain(
      await stage.ebb('rollback', 'sample-app', '--strategy', 'suspend', '--reason', 'checkout fails', '--yes', '-o', 'json'),
    );
    expect(rollback.code).toBe(0);
    const report = rollback.json<{ verified: boolean; commit: string; steps: { kind: string }[] }>();
    expect(report.verified).toBe(true);
    expect(report.steps.map((step) => step.kind)).toEqual([
      'suspend',
      'commit',
      'fetch-source',
      'resume',
      'abandon',
      'reconcile',
      'verify',
    ]);
    expect(await head()).toBe(report.commit);
    await stage.developer.git('pull', '--quiet', 'origin', 'main');
    expect(await stage.developer.git('log', '-1', '--format=%B')).toContain(`This reverts commit ${bad}.`);
    expect((await stage.kustomization()).spec.suspend ?? false).toBe(false);
    expect(await traces()).toEqual([]);
    expect(await stage.images()).toEqual(['ghcr.io/ebb-dev/sample-saas-app:1.0.0']);
    await stage.answers(20);
  });

  it('ebb suspend says who, why and until when to everyone who looks', async () => {
    const suspend = explain(await stage.ebb('suspend', 'sample-app', '--reason', 'manual repair', '--for', '2h'));
    expect(suspend.code).toBe(0);
    expect(suspend.stdout).toContain(`✓ ${NAME} suspended until 20`);
    expect(suspend.stdout).toContain(`undo: ebb resume ${NAME}`);
    expect(await holds()).toMatchObject([
      { name: 'sample-app', expired: false, hold: { kind: 'suspend', by: 'Ann Lee <ann@example.com>', reason: 'manual repair' } },
    ]);
    expect((await stage.ebb('suspended')).stdout).toMatch(
      new RegExp(`${NAME} +suspended +Ann Lee <ann@example\\.com> +\\d+[sm] +(11\\dm|2h) left +manual repair`),
    );
    const status = explain(await stage.ebb('status', 'sample-app'));
    expect(status.stdout).toContain('■ suspended');
    expect(status.stdout).toMatch(/held +suspended by Ann Lee <ann@example\.com> \d+[sm] ago, for another (11\dm|2h): manual repair/);
    expect(status.stdout).toMatch(/ebb resume \S+ +lets Flux go on/);
  });

  it('it is not undone by the parent that declares the target', async () => {
    const token = new Date().toISOString();
    await stage.kubectl('annotate', '-n', 'flux-system', 'kustomization/flux-system', '--overwrite', `${REQUESTED_AT}=${token}`);
    await stage.until(
      'the parent has run',
      async () => (await stage.kustomization('flux-system')).status?.lastHandledReconcileAt === token,
    );
    await stage.untilWell('flux-system');
    expect((await stage.kustomization()).spec.suspend).toBe(true);
  });

  it('suspended again: asks before who, why and until when are replaced', async () => {
    const again = await stage.ebb('suspend', 'sample-app', '--reason', 'mine now');
    expect(again.code).toBe(2);
    expect(again.stderr).toContain('it is already suspended by Ann Lee');
    expect((await holds())[0]?.hold.reason).toBe('manual repair');
  });

  it('resume shows what Git brings, and waits until the target is well', async () => {
    const next = await stage.developer.release('1.0.1');
    await stage.fetchNow();
    await stage.until('the source has it', async () => (await stage.source())?.status?.artifact?.revision.endsWith(next) === true);
    expect(await stage.images()).toEqual(['ghcr.io/ebb-dev/sample-saas-app:1.0.0']);
    const resume = explain(await stage.ebb('resume', 'sample-app'));
    expect(resume.code).toBe(0);
    expect(resume.stdout).toMatch(new RegExp(`✓ ${NAME}: 2 of 2 pods ready`));
    expect(resume.stderr).toMatch(/Brings\n {2}[0-9a-f]{8} sample-saas-app: release 1\.0\.1 to dev/);
    expect(await stage.images()).toEqual(['ghcr.io/ebb-dev/sample-saas-app:1.0.1']);
    expect((await stage.kustomization()).status?.lastAppliedRevision).toContain(next);
    expect(await traces()).toEqual([]);
    expect(await holds()).toEqual([]);
    const again = explain(await stage.ebb('resume', 'sample-app'));
    expect([again.code, again.stdout]).toEqual([0, expect.stringContaining('is not suspended')]);
  });

  it('a suspension by other means is listed with what is known: its field manager', async () => {
    // As `flux suspend` does. What kubectl writes under its own name is gone with the next run of the parent, whenever that is.
    const manager = '--field-manager=flux';
    await stage.kubectl(
      'patch',
      '-n',
      'flux-system',
      'kustomization/sample-app',
      manager,
      '--type=merge',
      '-p',
      '{"spec":{"suspend":true}}',
    );
    const [held] = await holds();
    expect(held?.hold).toMatchObject({ kind: 'suspend', manager: 'flux' });
    expect(held?.hold.by).toBeUndefined();
    expect((await stage.ebb('suspended')).stdout).toMatch(new RegExp(`${NAME} +suspended +\\(flux\\) +\\d+[sm] +no end`));
    expect((await stage.ebb('status', 'sample-app')).stdout).toMatch(/held +suspended by someone through flux \d+[sm] ago/);
    expect((await stage.ebb('status')).stdout).toMatch(/sample-app .*suspended by someone through flux/);
  });

  it('a rollback of it is refused: exit code 3, by whom, and how to go on', async () => {
    const bad = await stage.developer.release('1.3.0');
    const refused = explain(await stage.ebb('rollback', 'sample-app', '--commit', bad, '--yes'));
    expect(refused.code).toBe(3);
    expect(refused.stdout).toContain(`${NAME} is suspended by someone through flux`);
    expect(refused.stdout).toContain('--accept TargetSuspended');
    expect(await head()).toBe(bad);
    expect((await stage.kustomization()).spec.suspend).toBe(true);
    const json = explain(await stage.ebb('rollback', 'sample-app', '--commit', bad, '--yes', '-o', 'json'));
    expect(json.code).toBe(3);
    expect(json.json()).toMatchObject({
      kind: 'Refusal',
      refusal: { reason: 'HazardBlocks', hazards: [{ name: 'TargetSuspended', severity: 'block' }] },
    });
  });

  it('with --accept TargetSuspended it goes on, and the commit says so', async () => {
    const bad = await head();
    const rollback = explain(await stage.ebb('rollback', 'sample-app', '--commit', bad, '--accept', 'TargetSuspended', '--yes'));
    expect(rollback.code).toBe(0);
    await stage.developer.git('pull', '--quiet', 'origin', 'main');
    expect(await stage.developer.git('log', '-1', '--format=%(trailers:key=Ebb-Accept,valueonly)')).toBe('TargetSuspended');
    expect((await stage.kustomization()).spec.suspend ?? false).toBe(false);
    expect(await stage.images()).toEqual(['ghcr.io/ebb-dev/sample-saas-app:1.0.1']);
    await stage.answers(20);
  });

  it('the refusal names who and why where ebb suspended', async () => {
    expect((await stage.ebb('suspend', 'sample-app', '--reason', 'database is being repaired', '--for', '1h')).code).toBe(0);
    const good = await head();
    const bad = await stage.developer.release('1.3.0');
    const refused = explain(await stage.ebb('rollback', 'sample-app', '--to', good, '--yes'));
    expect(refused.code).toBe(3);
    expect(refused.stdout).toContain('is suspended by Ann Lee <ann@example.com>: database is being repaired');
    // The suspend strategy is for exactly this: the one who holds it goes on.
    const own = explain(await stage.ebb('rollback', 'sample-app', '--strategy', 'suspend', '--commit', bad, '--yes'));
    expect(own.code).toBe(0);
    expect(await traces()).toEqual([]);
    await stage.answers(10);
  });

  it('a suspension that ran out is ended by ebb suspended --enforce, and Flux goes on by itself', async () => {
    expect((await stage.ebb('suspend', 'sample-app', '--for', '1s')).code).toBe(0);
    await stage.until('it ran out', async () => (await holds())[0]?.expired === true);
    expect((await stage.ebb('status', 'sample-app')).stdout).toContain('EXPIRED');
    const next = await stage.developer.release('1.5.0');
    await stage.fetchNow();
    const enforced = explain(await stage.ebb('suspended', '--enforce'));
    expect(enforced.code).toBe(0);
    expect(enforced.stdout).toContain(`✓ ${NAME} resumed`);
    await stage.untilAttempted(next);
    await stage.untilWell();
    expect(await traces()).toEqual([]);
  });

  it('a suspension that ran out does not stop the next rollback', async () => {
    const bad = await release('1.3.0');
    expect((await stage.ebb('suspend', 'sample-app', '--for', '1s')).code).toBe(0);
    await stage.until('it ran out', async () => (await holds())[0]?.expired === true);
    const rollback = explain(await stage.ebb('rollback', 'sample-app', '--commit', bad, '--yes'));
    expect(rollback.code).toBe(0);
    expect(await traces()).toEqual([]);
    expect(await stage.images()).toEqual(['ghcr.io/ebb-dev/sample-saas-app:1.5.0']);
  });

  it('a HelmRelease is suspended, listed and resumed alike', async () => {
    await stage.kubectl('create', 'namespace', 'shop');
    const chart = { spec: { chart: 'redis', sourceRef: { kind: 'HelmRepository', name: 'charts' } } };
    await stage.cluster.create({
      ...HELM_RELEASE,
      metadata: { name: CACHE.name, namespace: CACHE.namespace },
      spec: { interval: '10m', chart },
    });
    const suspend = explain(await stage.ebb('suspend', 'helmrelease/cache', '-n', 'shop', '--reason', 'chart is broken'));
    expect(suspend.code).toBe(0);
    expect((await stage.cluster.get(CACHE))?.spec).toMatchObject({ suspend: true });
    expect(await holds()).toMatchObject([
      { kind: 'HelmRelease', namespace: 'shop', name: 'cache', hold: { by: 'Ann Lee <ann@example.com>', reason: 'chart is broken' } },
    ]);
    expect((await stage.ebb('suspended')).stdout).toMatch(
      /helmrelease\/shop\/cache +suspended +Ann Lee <ann@example\.com> .*chart is broken/,
    );
    const status = explain(await stage.ebb('status', 'helmrelease/cache', '-n', 'shop'));
    expect(status.code).toBe(0);
    expect(status.stdout).toMatch(/held +suspended by Ann Lee/);
    expect(status.stdout).toMatch(/ebb resume helmrelease\/shop\/cache/);
    const resume = explain(await stage.ebb('resume', 'helmrelease/cache', '-n', 'shop'));
    expect(resume.code).toBe(0);
    expect((await stage.cluster.get(CACHE))?.spec).not.toHaveProperty('suspend');
    expect(await holds()).toEqual([]);
  });

  it('a rollback of a HelmRelease is refused, with where to go instead', async () => {
    const refused = explain(await stage.ebb('rollback', 'helmrelease/cache', '-n', 'shop', '--yes'));
    expect(refused.code).toBe(3);
    expect(refused.stdout).toContain('its chart and values are rolled back where Git declares them');
    expect(refused.stdout).toMatch(/ebb suspend helmrelease\/shop\/cache +stops it meanwhile/);
  });

  it('tells everyone who looks at Events', async () => {
    const events = await stage.cluster.list(
      { apiVersion: 'v1', kind: 'Event' },
      { namespace: 'flux-system', fieldSelector: 'involvedObject.name=sample-app' },
    );
    const told = events.filter((event) => (event.source as { component?: string }).component === 'ebb');
    expect(told.map((event) => event.reason)).toEqual(expect.arrayContaining(['Suspended', 'Resumed', 'HoldExpired', 'RollbackSucceeded']));
    expect(told.map((event) => event.message)).toContainEqual(expect.stringMatching(/suspended.* by Ann Lee <ann@example\.com>: /));
  });
});
