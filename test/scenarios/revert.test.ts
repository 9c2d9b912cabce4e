import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { explain, openStage, type Stage, serves } from './stage.ts';

describe('a release that crashes at start is taken back by a revert in Git', () => {
  let stage: Stage;
  let bad: string;
  beforeAll(async () => {
    stage = await openStage();
  });
  afterAll(() => stage?.leave());

  it('runs a good release to begin with', async () => {
    expect(await stage.images()).toEqual(['ghcr.io/ebb-dev/sample-saas-app:1.0.0']);
    await stage.answers(10);
    expect((await stage.ebb('status', 'sample-app')).stdout).toContain('✓ well');
  });

  it('names what is wrong on one screen, with the log of the crash and the command to type', async () => {
    bad = await stage.developer.release('1.1.0');
    await stage.fetchNow();
    await stage.untilAttempted(bad);
    await stage.until('status names the crash', async () => (await stage.ebb('status', 'sample-app')).stdout.includes('CrashLoopBackOff'));
    const status = explain(await stage.ebb('status', 'sample-app'));
    expect(status.code).toBe(0);
    expect(status.stdout).toContain('✗ failing');
    expect(status.stdout).toMatch(/exit code 1/);
    expect(status.stdout).toContain('sample-saas-app: 1.0.0 -> 1.1.0');
    expect(status.stdout).toMatch(/ebb rollback kustomization\/flux-system\/sample-app\s+goes back to [0-9a-f]{8}/);
  });

  it('shows the plan and changes nothing on a dry run', async () => {
    const head = await stage.developer.git('ls-remote', 'origin', 'refs/heads/main');
    const plan = explain(await stage.ebb('rollback', 'sample-app', '--dry-run'));
    expect(plan.code).toBe(0);
    expect(plan.stdout).toContain('1.1.0 -> ');
    expect(plan.stdout).toContain('dry run: nothing was changed');
    expect(await stage.developer.git('ls-remote', 'origin', 'refs/heads/main')).toBe(head);
  });

  it('goes back: one commit in Git, the good image in the cluster, requests answered', async () => {
    const rollback = explain(
      await stage.ebb(
        'rollback',
        'sample-app',
        '--yes',
        '--reason',
        'checkout is down',
        '-o',
        'json',
        ...(serves ? ['--http-check', 'sample-saas-app/sample-saas-app:http/'] : []),
      ),
    );
    expect(rollback.code).toBe(0);
    const report = rollback.json<{ verified: boolean; outcome: string; commit: string; id: string }>();
    expect(report).toMatchObject({ verified: true, outcome: 'succeeded' });
    await stage.developer.git('pull', '--quiet', 'origin', 'main');
    expect(await stage.developer.git('rev-parse', 'HEAD')).toBe(report.commit);
    expect(await stage.developer.git('rev-list', '--count', `${bad}..HEAD`)).toBe('1');
    const message = await stage.developer.git('log', '-1', '--format=%B');
    expect(message).toContain('Revert "sample-saas-app: release 1.1.0 to dev"');
    expect(message).toContain(`This reverts commit ${bad}.`);
    expect(message).toContain('checkout is down');
    expect(await stage.developer.git('log', '-1', '--format=%(trailers:key=Ebb-Rollback,valueonly)')).toBe(report.id);
    expect(await stage.developer.git('log', '-1', '--format=%an <%ae>')).toBe('Ann Lee <ann@example.com>');
    expect(await stage.developer.git('diff', '--name-only', `${bad}~1`, 'HEAD')).toBe('');
    expect(await stage.images()).toEqual(['ghcr.io/ebb-dev/sample-saas-app:1.0.0']);
    await stage.answers(20);
  });

  it('tells the story in history and in Events', async () => {
    const history = explain(await stage.ebb('history', 'sample-app', '-o', 'json')).json<{
      deployments: { commit: string; outcome: string; running: boolean }[];
    }>();
    expect(history.deployments.map(({ outcome, running }) => ({ outcome, running }))).toEqual([
      { outcome: 'succeeded', running: true },
      { outcome: 'rolled-back', running: false },
      expect.objectContaining({ running: false }),
    ]);
    const events = await stage.cluster.list(
      { apiVersion: 'v1', kind: 'Event' },
      { namespace: 'flux-system', fieldSelector: 'involvedObject.name=sample-app' },
    );
    expect(events.map((event) => event.reason)).toEqual(expect.arrayContaining(['RollbackStarted', 'RollbackSucceeded']));
  });

  it('does nothing when it is asked again', async () => {
    const head = await stage.developer.git('ls-remote', 'origin', 'refs/heads/main');
    const again = explain(await stage.ebb('rollback', 'sample-app', '--yes'));
    expect(again.code).toBe(0);
    expect(await stage.developer.git('ls-remote', 'origin', 'refs/heads/main')).toBe(head);
    const commit = explain(await stage.ebb('rollback', 'sample-app', '--yes', '--commit', bad));
    expect(commit.code).toBe(0);
    expect(commit.stdout).toContain('was already reverted by');
  });

  it('does not claim to go back where the last good deployment renders as what runs', async () => {
    const release = async (version: string) => {
      const sha = await stage.developer.release(version);
      await stage.fetchNow();
      await stage.untilAttempted(sha);
      await stage.untilWell();
      return sha;
    };
    await release('1.3.0');
    await stage.developer.release('1.0.1');
    const same = await release('1.3.0');
    const refused = explain(await stage.ebb('rollback', 'sample-app', '--yes'));
    expect(refused.code).toBe(3);
    expect(refused.stdout).toContain(
      `what runs (${same.slice(0, 8)} "sample-saas-app: release 1.3.0 to dev") renders exactly as the last good deployment`,
    );
    expect(refused.stdout).toMatch(/ebb rollback \S+ --to REVISION/);
    expect((await stage.developer.git('ls-remote', 'origin', 'refs/heads/main')).slice(0, 40)).toBe(same);
  });
});
