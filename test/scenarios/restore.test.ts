import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { explain, openStage, type Stage, serves } from './stage.ts';

interface PlanJson {
  plan: { id: string; affected: { target: { name: string } }[]; files: { path: string }[]; hazards: { name: string }[] };
}

const SAMPLE = 'apps/sample-saas-app/overlays/dev/kustomization.yaml';
const BILLING = 'apps/billing-worker/overlays/dev/kustomization.yaml';
const SHARED = 'apps/shared/kustomization.yaml';

describe('a bad release with other work on top of it, in a repository that is shared', () => {
  let stage: Stage;
  let good: string;
  let head: string;
  beforeAll(async () => {
    stage = await openStage({ featureGates: { cancelHealthCheckOnNewRevision: true } });
    good = await stage.developer.git('rev-parse', 'HEAD');
  });
  afterAll(() => stage?.leave());

  const pull = () => stage.developer.git('pull', '--quiet', 'origin', 'main');
  const names = ({ plan }: PlanJson) => plan.affected.map((other) => other.target.name);

  it('several commits, one of which touches another target, and unrelated work', async () => {
    await stage.developer.release('1.3.0');
    await stage.developer.configure('GREETING', 'Hallo aus dev', 'sample-saas-app: greet in German');
    await pull();
    const [sample, billing] = await Promise.all([stage.developer.read(SAMPLE), stage.developer.read(BILLING)]);
    await stage.developer.push('platform: a patch for both applications', {
      [SAMPLE]: `${sample}commonAnnotations:\n  example.com/team: platform\n`,
      [BILLING]: billing.replace(/newTag: .*/, 'newTag: 1.0.1'),
    });
    head = await stage.developer.push('docs: on call', { 'docs/on-call.md': '# On call\n' });
    await stage.fetchNow();
    await stage.untilAttempted(head);
    await stage.untilWell();
    await stage.untilWell('billing-worker');
    if (serves) await stage.until('users notice', async () => (await stage.requests(20)).failed > 0);
    await stage.until(
      'it runs alone',
      async () => (await stage.images('billing-worker')).join() === 'ghcr.io/ebb-dev/billing-worker:1.0.1',
    );
  });

  it('a revert would take the other target along: the plan shows what changes there, and what to do instead', async () => {
    const plan = explain(await stage.ebb('rollback', 'sample-app', '--to', good, '--dry-run'));
    expect(plan.code).toBe(0);
    expect(plan.stdout).toContain('revert 3 commits');
    expect(plan.stdout).toMatch(/Also changes, and is brought back as well\n\s+! kustomization\/flux-system\/billing-worker\n/);
    expect(plan.stdout).toMatch(/Deployment\/billing-worker\/billing-worker\n.*1\.0\.1 -> .*1\.0\.0/);
    expect(plan.stdout).toContain('--strategy restore changes only files that this target reads');
    const json = explain(await stage.ebb('rollback', 'sample-app', '--to', good, '--dry-run', '-o', 'json')).json<PlanJson>();
    expect(names(json)).toEqual(['billing-worker']);
    expect(json.plan.hazards.map((hazard) => hazard.name)).toContain('AffectsOthers');
  });

  it('a restore does not: its plan names nobody else and only files of this target', async () => {
    const plan = explain(await stage.ebb('rollback', 'sample-app', '--to', good, '--strategy', 'restore', '--dry-run'));
    expect(plan.code).toBe(0);
    expect(plan.stdout).toContain(`restore the files of kustomization/flux-system/sample-app to ${good.slice(0, 8)}`);
    expect(plan.stdout).not.toContain('Also changes');
    const json = explain(
      await stage.ebb('rollback', 'sample-app', '--to', good, '--strategy', 'restore', '--dry-run', '-o', 'json'),
    ).json<PlanJson>();
    expect(names(json)).toEqual([]);
    expect(json.plan.files.map((file) => file.path).sort()).toEqual(['apps/sample-saas-app/overlays/dev/config.env', SAMPLE]);
    expect(await stage.developer.git('ls-remote', 'origin', 'refs/heads/main')).toContain(head);
  });

  it('one commit on top: the target as it was, the other and the unrelated work as they are', async () => {
    const rollback = explain(
      await stage.ebb('rollback', 'sample-app', '--to', good, '--strategy', 'restore', '--reason', 'one request in three fails', '--yes'),
    );
    expect(rollback.code).toBe(0);
    expect(rollback.stdout).toContain('✓ rolled back');
    await pull();
    expect(await stage.developer.git('rev-list', '--count', `${head}..HEAD`)).toBe('1');
    const changed = await stage.developer.git('diff', '--name-only', good, 'HEAD');
    expect(changed.split('\n').sort()).toEqual([BILLING, 'docs/on-call.md']);
    const message = await stage.developer.git('log', '-1', '--format=%B');
    expect(message).toMatch(new RegExp(`^Restore sample-app to ${good.slice(0, 8)} `));
    expect(await stage.developer.git('log', '-1', '--format=%(trailers:key=Ebb-To,valueonly)')).toBe(good);
    expect(await stage.images()).toEqual(['ghcr.io/ebb-dev/sample-saas-app:1.0.0']);
    expect(await stage.images('billing-worker')).toEqual(['ghcr.io/ebb-dev/billing-worker:1.0.1']);
    await stage.answers(20);
  });

  it('history says that all three were rolled back, and which commit did it', async () => {
    const restored = await stage.developer.git('rev-parse', 'HEAD');
    const { deployments } = explain(await stage.ebb('history', 'sample-app', '-o', 'json')).json<{
      deployments: { commit: string; outcome: string; running: boolean; revertedBy?: string; reverts: string[] }[];
    }>();
    expect(deployments.map((record) => record.outcome)).toEqual([
      'succeeded',
      'rolled-back',
      'rolled-back',
      'rolled-back',
      expect.any(String),
    ]);
    expect(deployments[0]).toMatchObject({ commit: restored, running: true });
    expect(deployments.slice(1, 4).map((record) => record.revertedBy)).toEqual([restored, restored, restored]);
  });

  it('does nothing when it is asked again', async () => {
    const before = await stage.developer.git('ls-remote', 'origin', 'refs/heads/main');
    const again = explain(await stage.ebb('rollback', 'sample-app', '--to', good, '--strategy', 'restore', '--yes'));
    expect(again.code).toBe(0);
    expect(await stage.developer.git('ls-remote', 'origin', 'refs/heads/main')).toBe(before);
  });

  it('a bad value in what both applications share: the plan says that both change', async () => {
    await pull();
    const shared = await stage.developer.read(SHARED);
    const bad = await stage.developer.push('shared: a log level that does not exist', {
      [SHARED]: shared.replace('LOG_LEVEL=info', 'LOG_LEVEL=loud'),
    });
    await stage.fetchNow();
    await stage.untilAttempted(bad);
    await stage.until(
      'the other application notices',
      async () => (await stage.kustomization('billing-worker')).status?.lastAttemptedRevision?.endsWith(bad) === true,
    );
    // Where pods run no program, none of them fails by its settings: what is left is a version that nobody wants.
    if (serves) await stage.until('status names it', async () => (await stage.ebb('status', 'sample-app')).stdout.includes('✗ failing'));
    for (const strategy of ['revert', 'restore']) {
      const plan = explain(await stage.ebb('rollback', 'sample-app', '--strategy', strategy, '--dry-run'));
      expect(plan.code).toBe(0);
      expect(plan.stdout).toMatch(/Also changes, and is brought back as well\n\s+! kustomization\/flux-system\/billing-worker\n/);
      expect(plan.stdout).toMatch(/ask AffectsOthers {2}1 other target changes as well: kustomization\/flux-system\/billing-worker/);
      expect(plan.stdout).toContain('--strategy pin moves this target alone');
    }
  });

  it('and both are well after it', async () => {
    const rollback = explain(await stage.ebb('rollback', 'sample-app', '--yes', '-o', 'json'));
    expect(rollback.code).toBe(0);
    const { commit } = rollback.json<{ commit: string }>();
    await pull();
    expect(await stage.developer.read(SHARED)).toContain('LOG_LEVEL=info');
    await stage.until(
      'the other application follows',
      async () => (await stage.kustomization('billing-worker')).status?.lastAppliedRevision?.endsWith(commit) === true,
    );
    await stage.untilWell('billing-worker');
    await stage.answers(10);
  });
});
