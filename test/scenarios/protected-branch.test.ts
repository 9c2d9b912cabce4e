import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { explain, openStage, type Stage } from './stage.ts';

const NAME = 'kustomization/flux-system/sample-app';
const BRANCH = 'ebb/take-back-1.3.0';

describe('the branch is protected: a rollback waits for a review, and the users do not', () => {
  let stage: Stage;
  let bad: string;
  let id: string;
  let commit: string;
  beforeAll(async () => {
    stage = await openStage({ featureGates: { cancelHealthCheckOnNewRevision: true } });
    bad = await stage.developer.release('1.3.0');
    await stage.fetchNow();
    await stage.untilAttempted(bad);
    await stage.untilWell();
    await stage.protectMain(true);
  });
  afterAll(() => stage?.leave());

  const head = async (branch = 'main') => (await stage.developer.git('ls-remote', 'origin', `refs/heads/${branch}`)).slice(0, 40);

  it('the push is refused: exit code 1, the words of the server, and what to do', async () => {
    const rollback = explain(await stage.ebb('rollback', 'sample-app', '--reason', 'one request in three fails', '--yes'));
    expect(rollback.code).toBe(1);
    expect(rollback.stdout).toContain('push to main refused: the branch is protected');
    expect(rollback.stdout).toContain('GH006: Protected branch update failed for refs/heads/main');
    expect(rollback.stdout).toMatch(/--push-branch ebb\/rb-\S+ +with the same command/);
    expect(rollback.stdout).toMatch(new RegExp(`ebb pin ${NAME}`));
    expect(await head()).toBe(bad);
    expect((await stage.kustomization()).spec.suspend ?? false).toBe(false);
  });

  it('says the same to a machine', async () => {
    const rollback = explain(await stage.ebb('rollback', 'sample-app', '--yes', '-o', 'json'));
    expect(rollback.code).toBe(1);
    const report = rollback.json<{ id: string; outcome: string; verified: boolean; next: string[] }>();
    expect(report).toMatchObject({ outcome: 'failed', verified: false });
    expect(report.next.join('\n')).toContain('--push-branch');
    id = report.id;
  });

  it('--push-branch puts the same commit on a branch of its own, and the cluster is left alone', async () => {
    const rollback = explain(
      await stage.ebb('rollback', 'sample-app', '--reason', 'one request in three fails', '--push-branch', BRANCH, '--yes', '-o', 'json'),
    );
    expect(rollback.code).toBe(0);
    const report = rollback.json<{ id: string; commit: string; next: string[] }>();
    commit = report.commit;
    expect(report.id).toBe(id);
    expect(await head(BRANCH)).toBe(commit);
    expect(await head()).toBe(bad);
    await stage.developer.git('fetch', '--quiet', 'origin');
    expect(await stage.developer.git('rev-list', '--parents', '-1', commit)).toBe(`${commit} ${bad}`);
    const message = await stage.developer.git('log', '-1', '--format=%B', commit);
    expect(message).toContain(`This reverts commit ${bad}.`);
    expect(message).toContain(`Ebb-Rollback: ${id}`);
    expect(await stage.images()).toEqual(['ghcr.io/ebb-dev/sample-saas-app:1.3.0']);
  });

  it('asked for again, the branch is found to have it', async () => {
    const again = explain(await stage.ebb('rollback', 'sample-app', '--push-branch', BRANCH, '--yes'));
    expect(again.code).toBe(0);
    expect(again.stdout).toContain(`commit   ${commit} in ${BRANCH}`);
    expect(await head(BRANCH)).toBe(commit);
  });

  it('and the report says where the commit is', async () => {
    const other = explain(await stage.ebb('rollback', 'sample-app', '--push-branch', 'ebb/other', '--yes'));
    expect(other.code).toBe(0);
    expect(other.stdout).toMatch(/commit +[0-9a-f]{40} in ebb\/other/);
    expect(other.stdout).toContain('open a pull request from ebb/other into main');
    await stage.developer.git('push', '--quiet', 'origin', ':refs/heads/ebb/other');
  });

  it('a pin brings the good version back at once', async () => {
    const pin = explain(await stage.ebb('pin', 'sample-app', '--reason', 'waits for review', '--for', '2h', '--yes'));
    expect(pin.code).toBe(0);
    expect(await stage.images()).toEqual(['ghcr.io/ebb-dev/sample-saas-app:1.0.0']);
    await stage.answers(20);
    expect(await head()).toBe(bad);
  });

  it('merged: the rollback finds its own commit and only finishes, with no second revert', async () => {
    // What a forge does when the pull request is merged.
    await stage.protectMain(false);
    await stage.developer.git('fetch', '--quiet', 'origin');
    await stage.developer.git('checkout', '--quiet', '-B', 'main', 'origin/main');
    await stage.developer.git('merge', '--quiet', '--no-ff', '-m', `Merge branch '${BRANCH}'`, commit);
    await stage.developer.git('push', '--quiet', 'origin', 'main');
    await stage.protectMain(true);
    const merge = await head();
    const plan = explain(await stage.ebb('rollback', 'sample-app', '--dry-run'));
    expect(plan.code).toBe(0);
    expect(plan.stdout).toContain(`commit ${commit.slice(0, 8)} of this rollback is already in main`);
    expect(plan.stdout).not.toMatch(/commit and push/);
    const rollback = explain(await stage.ebb('rollback', 'sample-app', '--yes', '-o', 'json'));
    expect(rollback.code).toBe(0);
    expect(rollback.json()).toMatchObject({ id, verified: true, outcome: 'succeeded' });
    expect(await head()).toBe(merge);
    expect((await stage.kustomization()).spec.sourceRef).toEqual({ kind: 'GitRepository', name: 'flux-system' });
    expect((await stage.kustomization()).status?.lastAppliedRevision).toContain(merge);
    expect((await stage.ebb('suspended')).stdout).toContain('nothing is held');
    expect(await stage.images()).toEqual(['ghcr.io/ebb-dev/sample-saas-app:1.0.0']);
    await stage.answers(20);
  });

  it('history tells it as one rollback', async () => {
    const { deployments } = explain(await stage.ebb('history', 'sample-app', '-o', 'json')).json<{
      deployments: { commit: string; outcome: string; running: boolean; revertedBy?: string }[];
    }>();
    const merge = await head();
    expect(deployments.find((record) => record.commit === bad)).toMatchObject({ outcome: 'rolled-back', revertedBy: merge });
    expect(deployments.filter((record) => record.running).map((record) => record.commit)).toEqual([merge]);
    const again = explain(await stage.ebb('rollback', 'sample-app', '--commit', bad, '--yes'));
    expect(again.code).toBe(0);
    expect(again.stdout).toContain('was already reverted by');
  });

  it('a bad release that came by a merge goes back as a whole, without being asked for its side', async () => {
    await stage.protectMain(false);
    await stage.developer.git('pull', '--quiet', 'origin', 'main');
    const before = await head();
    const path = 'apps/sample-saas-app/overlays/dev/kustomization.yaml';
    await stage.developer.git('checkout', '--quiet', '-b', 'release');
    await stage.developer.commit('sample-saas-app: release 1.4.0 to dev', {
      [path]: (await stage.developer.read(path)).replace(/newTag: .*/, 'newTag: 1.4.0'),
    });
    await stage.developer.commit('sample-saas-app: greet in German', {
      'apps/sample-saas-app/overlays/dev/config.env': 'GREETING=Hallo\n',
    });
    await stage.developer.git('checkout', '--quiet', '-B', 'main', before);
    await stage.developer.git('merge', '--quiet', '--no-ff', '-m', 'Merge the release', 'release');
    await stage.developer.git('push', '--quiet', 'origin', 'main');
    const merge = await head();
    const plan = explain(await stage.ebb('rollback', 'sample-app', '--to', before, '--dry-run'));
    expect(plan.code).toBe(0);
    expect(plan.stdout).toMatch(new RegExp(`Takes back\\n {2}${merge.slice(0, 8)} Merge the release`));
    const rollback = explain(await stage.ebb('rollback', 'sample-app', '--to', before, '--yes', '--no-wait'));
    expect(rollback.code).toBe(0);
    await stage.developer.git('pull', '--quiet', 'origin', 'main');
    expect(await stage.developer.git('diff', '--name-only', before, 'HEAD')).toBe('');
    expect(await stage.developer.git('log', '-1', '--format=%B')).toContain(
      `This reverts commit ${merge}, reversing\nchanges made to ${before}.`,
    );
  });
});
