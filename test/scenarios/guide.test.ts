import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { explain, openStage, STAGE, type Stage } from './stage.ts';

const GOOD = ['ghcr.io/ebb-dev/sample-saas-app:1.0.0'];
const withoutKubectl = STAGE === 'sandbox' && spawnSync('kubectl', ['version', '--client']).status !== 0;

/** Every command of the guide as it is typed there; what the flux CLI does to the cluster is done here by kubectl. */
describe.skipIf(withoutKubectl)('the guide, followed by hand', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await openStage({ featureGates: { cancelHealthCheckOnNewRevision: true } });
  });
  afterAll(() => stage?.leave());

  const kustomizations = () => stage.kubectl('get', 'kustomizations', 'sample-app', '-n', 'flux-system');
  const events = () =>
    stage.kubectl(
      'get',
      'events',
      '-n',
      'flux-system',
      '--field-selector',
      'involvedObject.kind=Kustomization,involvedObject.name=sample-app',
    );
  const pull = () => stage.developer.git('pull', '--quiet', '--rebase', 'origin', 'main');
  const served = async (commit: string) => {
    await stage.fetchNow();
    await stage.untilAttempted(commit);
    await stage.untilWell();
  };

  describe('example rollback process', () => {
    let bad: string;
    beforeAll(async () => {
      bad = await stage.developer.release('1.1.0');
      await stage.fetchNow();
      await stage.untilAttempted(bad);
    });

    it('step 1, identify the issue: pods, sync status and events name it', async () => {
      await stage.until('a pod crashes', async () =>
        /CrashLoopBackOff|Error/.test(await stage.kubectl('get', 'pods', '-n', 'sample-saas-app')),
      );
      const pods = await stage.kubectl('get', 'pods', '-n', 'sample-saas-app');
      expect(pods).toMatch(/^NAME +READY +STATUS +RESTARTS +AGE$/m);
      expect(pods).toMatch(/^sample-saas-app-\S+ +1\/1 +Running/m);
      expect(pods).toMatch(/^sample-saas-app-\S+ +0\/1 +(CrashLoopBackOff|Error)/m);
      expect(await kustomizations()).toMatch(/^NAME +AGE +READY +STATUS$/m);
      expect(await kustomizations()).toMatch(/^sample-app +\S+ +(Unknown|False) /m);
      expect(await events()).toMatch(
        /Normal +Progressing +kustomization\/sample-app +.*Deployment\/sample-saas-app\/sample-saas-app configured/,
      );
    });

    it('step 2, revert in Git: by plain git', async () => {
      expect(await stage.developer.git('log', '--oneline', '-10')).toContain(`${bad.slice(0, 7)} sample-saas-app: release 1.1.0 to dev`);
      await stage.developer.git('revert', '--no-edit', 'HEAD');
      await stage.developer.git('push', '--quiet', 'origin', 'main');
    });

    it('step 3, verify: pods roll back before the eyes, and the endpoints are filled', async () => {
      const watch = watching(stage, 'get', 'pods', '-n', 'sample-saas-app', '-w');
      try {
        await served(await stage.developer.git('rev-parse', 'HEAD'));
        await stage.until('the watch tells that a pod of the bad release is gone', async () => /Terminating|Completed/.test(watch.text()));
      } finally {
        await watch.end();
      }
      expect(await kustomizations()).toMatch(/^sample-app +\S+ +True +Applied revision: main@sha1:[0-9a-f]{40}$/m);
      // Flux says Ready as soon as the new pods are; the old ones and the endpoints follow within moments.
      await stage.until('only good pods are left', async () => (await stage.images()).join() === GOOD.join());
      await stage.until('the endpoints of both pods are there', async () =>
        /^sample-saas-app +\d+\.\d+\.\d+\.\d+:\d+,\S+/m.test(await stage.kubectl('get', 'endpoints', '-n', 'sample-saas-app')),
      );
      await stage.answers(10);
    });

    it('is told by ebb as what it was: reverted, by hand', async () => {
      const history = explain(await stage.ebb('history', 'sample-app', '-o', 'json')).json<{
        deployments: { commit: string; outcome: string; revertedBy?: string; running: boolean }[];
      }>();
      const head = await stage.developer.git('rev-parse', 'HEAD');
      expect(history.deployments[0]).toMatchObject({ commit: head, running: true, outcome: 'succeeded' });
      expect(history.deployments[1]).toMatchObject({ commit: bad, outcome: 'reverted', revertedBy: head });
      const again = explain(await stage.ebb('rollback', 'sample-app', '--commit', bad, '--yes'));
      expect(again.code).toBe(0);
      expect(again.stdout).toContain('was already reverted by');
    });
  });

  it('strategy 1, git revert of a commit that is not the last', async () => {
    await pull();
    const bad = await stage.developer.release('1.3.0');
    await stage.developer.push('README: who to call', { 'README.md': '# Call Ann\n' });
    await stage.developer.git('revert', '--no-edit', bad);
    await stage.developer.git('push', '--quiet', 'origin', 'main');
    await served(await stage.developer.git('rev-parse', 'HEAD'));
    await stage.until('only good pods are left', async () => (await stage.images()).join() === GOOD.join());
    expect(explain(await stage.ebb('verify', 'sample-app')).code).toBe(0);
  });

  it('strategy 2, point to a previous commit: ebb tells what somebody pinned', async () => {
    await pull();
    const good = await stage.developer.git('rev-parse', 'HEAD');
    const bad = await stage.developer.release('1.3.0');
    await served(bad);
    const point = (to: string | null) =>
      stage.kubectl(
        'patch',
        'gitrepository',
        'flux-system',
        '-n',
        'flux-system',
        '--type',
        'merge',
        '--field-manager',
        'ann',
        '-p',
        JSON.stringify({ spec: { ref: { commit: to } } }),
      );
    await point(good);
    await stage.until('the good release is back', async () => (await stage.images()).join() === GOOD.join());
    await stage.untilWell();
    const status = explain(await stage.ebb('status', 'sample-app'));
    expect(status.code).toBe(0);
    expect(status.stdout).toContain(`pinned to ${good.slice(0, 8)}`);
    expect(explain(await stage.ebb('suspended')).stdout).toMatch(
      new RegExp(`gitrepository/flux-system/flux-system +pinned to ${good.slice(0, 8)} +\\(ann\\)`),
    );
    await stage.developer.git('revert', '--no-edit', bad);
    await stage.developer.git('push', '--quiet', 'origin', 'main');
    await point(null);
    await served(await stage.developer.git('rev-parse', 'HEAD'));
    await stage.until('only good pods are left', async () => (await stage.images()).join() === GOOD.join());
  });

  it('strategy 3, suspend, repair in Git, resume', async () => {
    await pull();
    const suspend = (value: boolean) =>
      stage.kubectl(
        'patch',
        'kustomization',
        'sample-app',
        '-n',
        'flux-system',
        '--type',
        'merge',
        '--field-manager',
        'flux',
        '-p',
        JSON.stringify({ spec: { suspend: value } }),
      );
    await suspend(true);
    expect(explain(await stage.ebb('suspended')).stdout).toMatch(/kustomization\/flux-system\/sample-app +suspended +\(flux\)/);
    const bad = await stage.developer.release('1.1.0');
    await stage.fetchNow();
    await stage.until(
      'the source has the bad release',
      async () => (await stage.source())?.status?.artifact?.revision.endsWith(bad) === true,
    );
    expect((await stage.kustomization()).status?.lastAttemptedRevision).not.toContain(bad);
    await stage.developer.git('revert', '--no-edit', 'HEAD');
    await stage.developer.git('push', '--quiet', 'origin', 'main');
    const repaired = await stage.developer.git('rev-parse', 'HEAD');
    await stage.fetchNow();
    await stage.until(
      'the source has the repair',
      async () => (await stage.source())?.status?.artifact?.revision.endsWith(repaired) === true,
    );
    await suspend(false);
    await stage.untilAttempted(repaired);
    await stage.untilWell();
    await stage.until('only good pods are left', async () => (await stage.images()).join() === GOOD.join());
    expect(explain(await stage.ebb('suspended')).stdout).toContain('nothing is held');
  });
});

/** kubectl left running, as one watches it in a terminal. */
function watching(stage: Stage, ...args: string[]): { text(): string; end(): Promise<void> } {
  const child: ChildProcess = spawn('kubectl', args, {
    env: { ...stage.env, KUBECONFIG: stage.kubeconfig },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const chunks: string[] = [];
  child.stdout?.on('data', (chunk: Buffer) => chunks.push(chunk.toString('utf8')));
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  return {
    text: () => chunks.join(''),
    end: () => {
      child.kill();
      return ended;
    },
  };
}
