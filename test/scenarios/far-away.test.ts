import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findCondition } from '../../src/api/conditions.ts';
import { GIT_REPOSITORY, KUSTOMIZATION, READY, REQUESTED_AT } from '../../src/api/flux.ts';
import { explain, openStage, type Stage } from './stage.ts';

/** A version is late because Flux does not come to it: its source looks seldom or fails, or a run failed and the next one is far away. */

const OVERLAY = 'apps/sample-saas-app/overlays/dev';
const SOURCE = { ...GIT_REPOSITORY, namespace: 'flux-system', name: 'flux-system' };

describe('a version that Flux does not come to', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await openStage({ timeout: '5m' });
    // Neither the source nor a run that failed comes back by itself as long as this story lasts.
    const sync = await stage.developer.read('clusters/dev/flux-system/gotk-sync.yaml');
    const app = await stage.developer.read('clusters/dev/sample-app.yaml');
    await released(
      await stage.developer.push('sample-saas-app: look seldom', {
        'clusters/dev/flux-system/gotk-sync.yaml': sync.replace('interval: 1m', 'interval: 1h'),
        'clusters/dev/sample-app.yaml': app.replace(/interval: .*/, 'interval: 1h\n  retryInterval: 1h'),
      }),
    );
    await stage.until('Flux looks once an hour', async () => {
      const source = await stage.source();
      return source?.spec.interval === '1h' && (await stage.kustomization()).spec.retryInterval === '1h';
    });
  });
  afterAll(() => stage?.leave());

  const released = async (commit: string) => {
    await applied(commit);
    await stage.untilWell();
  };
  /** Flux may miss the event of an artifact: it is asked again. */
  const applied = (commit: string) =>
    stage.until(`Flux is at ${commit.slice(0, 8)}`, async () => {
      if ((await stage.kustomization()).status?.lastAttemptedRevision?.endsWith(commit)) return true;
      await stage.fetchNow();
      return false;
    });
  const ask = () =>
    stage.cluster.patch(
      { ...KUSTOMIZATION, namespace: 'flux-system', name: 'sample-app' },
      { metadata: { annotations: { [REQUESTED_AT]: new Date().toISOString() } } },
      { type: 'merge' },
    );
  const told = async (what: RegExp) => {
    let out = '';
    await stage.until(`status tells ${what}`, async () => {
      out = (await stage.ebb('status', 'sample-app')).stdout;
      return what.test(out);
    });
    return out;
  };

  it('the source looks seldom: verify says so, and how it is fetched now', async () => {
    await stage.developer.git('pull', '--quiet', 'origin', 'main');
    const commit = await stage.developer.configure('GREETING', 'morning', 'sample-saas-app: greet in the morning');
    const verify = explain(await stage.ebb('verify', 'sample-app', '--revision', commit, '--timeout', '1s'));
    expect(verify.code).toBe(4);
    expect(verify.stdout).toContain('GitRepository/flux-system/flux-system has not fetched it yet, and looks every 1h');
    expect(verify.stdout).toContain('flux reconcile source git flux-system -n flux-system');
  });

  it('the source fails: verify and status say why', async () => {
    await stage.cluster.patch(SOURCE, { spec: { ref: { branch: 'gone' } } }, { type: 'merge' });
    await stage.until('the source fails', async () => findCondition((await stage.source())?.status?.conditions, READY)?.status === 'False');
    const head = await stage.developer.git('rev-parse', 'origin/main');
    const verify = explain(await stage.ebb('verify', 'sample-app', '--revision', head, '--timeout', '1s'));
    expect(verify.code).toBe(4);
    expect(verify.stdout).toMatch(
      /GitRepository\/flux-system\/flux-system cannot fetch it: GitOperationFailed: .*refs\/heads\/gone.*, and looks every 1h/,
    );
    const status = explain(await stage.ebb('status', 'sample-app'));
    expect(status.stdout).toMatch(/✗ GitOperationFailed {2}GitRepository\/flux-system\/flux-system\n/);
    expect(status.stdout).toContain('flux reconcile source git flux-system -n flux-system');
    await stage.cluster.patch(SOURCE, { spec: { ref: { branch: 'main' } } }, { type: 'merge' });
    await released(head);
  });

  it('a run failed and the next one is far away: told until when, and a rollback does not wait for it', async () => {
    const overlay = await stage.developer.read(`${OVERLAY}/kustomization.yaml`);
    const bad = await stage.developer.push('sample-saas-app: a file that is not there', {
      [`${OVERLAY}/kustomization.yaml`]: overlay.replace('resources:\n', 'resources:\n  - missing.yaml\n'),
    });
    await applied(bad);
    const status = await told(/✗ BuildFailed/);
    const [, at = ''] =
      /Flux tries again at (\S+), 1h\S* after it failed .*; now: flux reconcile kustomization sample-app -n flux-system/.exec(status) ?? [];
    const failedAt = findCondition((await stage.kustomization()).status?.conditions, READY)?.lastTransitionTime ?? '';
    expect(Date.parse(at) - Date.parse(failedAt)).toBe(3_600_000);
    expect(explain(await stage.ebb('rollback', 'sample-app', '--steady', '1s', '--timeout', '5m', '--yes')).code).toBe(0);
    await ask();
    await stage.untilWell();
  });
});
