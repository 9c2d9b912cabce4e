import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { explain, openStage, type Stage } from './stage.ts';

const DEPLOYMENT = 'apps/sample-saas-app/base/deployment.yaml';
const SETTINGS = 'apps/sample-saas-app/overlays/dev/config.env';
const PROBES = 'apps/sample-saas-app/overlays/dev/fast-probes.yaml';
const OVERLAY = 'apps/sample-saas-app/overlays/dev/kustomization.yaml';

interface Conflict {
  file: string;
  path: string;
  base: unknown;
  ours: unknown;
  theirs: unknown;
}

describe('a release is taken back on whose lines others have worked since', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await openStage({ featureGates: { cancelHealthCheckOnNewRevision: true } });
  });
  afterAll(() => stage?.leave());

  const takeBack = async (commit: string, ...more: string[]) =>
    explain(await stage.ebb('rollback', 'sample-app', '--yes', '--no-wait', '--commit', commit, ...more));

  async function edit(subject: string, path: string, change: (text: string) => string): Promise<string> {
    const text = await stage.developer.read(path);
    const changed = change(text);
    if (changed === text) throw new Error(`${subject}: nothing changed in ${path}`);
    return stage.developer.push(subject, { [path]: changed });
  }

  async function mainHas(path: string): Promise<string> {
    await stage.developer.git('pull', '--quiet', '--rebase', 'origin', 'main');
    return stage.developer.read(path);
  }

  const head = () => stage.developer.git('ls-remote', 'origin', 'refs/heads/main');

  /** What a refused rollback said, and that it changed nothing anywhere. */
  async function refusedWithoutATrace(commit: string, ...more: string[]) {
    const before = await head();
    const json = explain(await stage.ebb('rollback', 'sample-app', '--yes', '--commit', commit, '-o', 'json', ...more));
    const text = await takeBack(commit, ...more);
    expect([json.code, text.code]).toEqual([3, 3]);
    expect(await head()).toBe(before);
    expect(await stage.developer.git('ls-remote', 'origin')).not.toContain('ebb');
    expect((await stage.ebb('resume-rollback')).stdout).toContain('no rollback is open');
    const { refusal } = json.json<{ refusal: { reason: string; message: string; conflicts?: Conflict[]; next: string[] } }>();
    return { refusal, text: text.stdout };
  }

  it('keeps a later change of the next field, and every comment', async () => {
    const bad = await edit('Ask for more memory', DEPLOYMENT, (text) =>
      text.replace('cpu: 50m\n              memory: 64Mi', 'cpu: 50m\n              memory: 96Mi'),
    );
    const later = await edit('Ask for more CPU', DEPLOYMENT, (text) =>
      text.replace(
        'cpu: 50m\n              memory: 96Mi',
        '# Measured in the load test.\n              cpu: 60m\n              memory: 96Mi # see the dashboard',
      ),
    );
    await stage.fetchNow();
    await stage.untilAttempted(later);
    await expect(stage.developer.git('revert', '--no-edit', bad)).rejects.toThrow('could not revert');
    await stage.developer.git('revert', '--abort');
    const rollback = await takeBack(bad);
    expect(rollback.code).toBe(0);
    expect(rollback.stderr).toMatch(/conflicts as text in apps\/sample-saas-app\/base\/deployment\.yaml; merged field by field/);
    expect(rollback.stderr).toContain('spec.template.spec.containers[app].resources.requests.memory: 96Mi -> 64Mi');
    expect(rollback.stderr).not.toContain('requests.cpu');
    expect(await mainHas(DEPLOYMENT)).toContain(
      '# Measured in the load test.\n              cpu: 60m\n              memory: 64Mi # see the dashboard\n',
    );
    expect(await stage.developer.git('show', '--format=', '--numstat', 'HEAD')).toBe(`1\t1\t${DEPLOYMENT}`);
  });

  it('stops where the same field was changed later, with the field and all three values', async () => {
    const bad = await edit('Probe every two seconds', PROBES, (text) => text.replace('periodSeconds: 1', 'periodSeconds: 2'));
    await edit('Probe every four seconds', PROBES, (text) => text.replace('periodSeconds: 2', 'periodSeconds: 4'));
    const { refusal, text } = await refusedWithoutATrace(bad);
    expect(refusal.reason).toBe('RevertConflict');
    expect(refusal.conflicts).toEqual([
      expect.objectContaining({
        file: PROBES,
        path: 'spec.template.spec.containers[app].readinessProbe.periodSeconds',
        base: 2,
        ours: 4,
        theirs: 1,
      }),
    ]);
    expect(text).toContain(PROBES);
    expect(text).toContain('Deployment');
    expect(text).toMatch(/the bad commit set +2/);
    expect(text).toMatch(/it was before +1/);
    expect(text).toMatch(/now it is +4/);
    expect(text).toMatch(/next: +ebb rollback/);
  });

  it('restores the files where a revert conflicts, which is the offer it makes', async () => {
    const good = await stage.developer.git('log', '-1', '--format=%H', '--grep=^Revert "Ask for more memory"');
    const { code } = explain(await stage.ebb('rollback', 'sample-app', '--yes', '--no-wait', '--strategy', 'restore', '--to', good));
    expect(code).toBe(0);
    expect(await mainHas(PROBES)).toContain('periodSeconds: 1');
    expect(await stage.developer.git('diff', '--name-only', good, 'HEAD')).toBe('');
  });

  it('says so where the file was deleted since', async () => {
    const bad = await edit('Probe every three seconds', PROBES, (text) => text.replace('periodSeconds: 1', 'periodSeconds: 3'));
    const probes = await stage.developer.read(PROBES);
    const overlay = await stage.developer.read(OVERLAY);
    await stage.developer.push('Do without fast probes', {
      [PROBES]: null,
      [OVERLAY]: overlay.replace('patches:\n  - path: fast-probes.yaml\n', ''),
    });
    const { refusal, text } = await refusedWithoutATrace(bad);
    expect(refusal.conflicts?.[0]).toMatchObject({ file: PROBES });
    expect(text).toContain(PROBES);
    expect(text).toContain('a later commit deleted it');
    await stage.developer.push('Have fast probes again', {
      [PROBES]: probes.replace('periodSeconds: 3', 'periodSeconds: 1'),
      [OVERLAY]: overlay,
    });
  });

  it('follows a file that was renamed since', async () => {
    const bad = await edit('Give up after ten failures', PROBES, (text) => text.replace('failureThreshold: 3', 'failureThreshold: 10'));
    const renamed = 'apps/sample-saas-app/overlays/dev/probes.yaml';
    const [probes, overlay] = [await stage.developer.read(PROBES), await stage.developer.read(OVERLAY)];
    await stage.developer.push('Call it what it is', {
      [PROBES]: null,
      [renamed]: probes,
      [OVERLAY]: overlay.replace('fast-probes.yaml', 'probes.yaml'),
    });
    const rollback = await takeBack(bad);
    expect(rollback.code).toBe(0);
    expect(await mainHas(renamed)).toBe(probes.replace('failureThreshold: 10', 'failureThreshold: 3'));
    expect(await stage.developer.git('show', '--format=', '--name-only', 'HEAD')).toBe(renamed);
  });

  it('stops at a file that is no YAML, and says which one', async () => {
    const bad = await stage.developer.configure('UPSTREAM_TIMEOUT_MS', '10', 'Be impatient');
    await stage.developer.configure('UPSTREAM_TIMEOUT_MS', '20', 'Be less impatient');
    const { refusal, text } = await refusedWithoutATrace(bad);
    expect(refusal).toMatchObject({ reason: 'RevertConflict', message: expect.stringContaining(SETTINGS) });
    expect(text).toContain('not a YAML file');
    expect(text).toContain('--strategy restore');
  });

  it('writes nothing of a range of which one commit conflicts', async () => {
    const first = await edit('Keep ten old sets', DEPLOYMENT, (text) =>
      text.replace('revisionHistoryLimit: 5', 'revisionHistoryLimit: 10'),
    );
    await edit('Run two more seconds', DEPLOYMENT, (text) =>
      text.replace('terminationGracePeriodSeconds: 10', 'terminationGracePeriodSeconds: 12'),
    );
    const last = await stage.developer.git('rev-parse', 'HEAD');
    await edit('Run twenty seconds', DEPLOYMENT, (text) =>
      text.replace('terminationGracePeriodSeconds: 12', 'terminationGracePeriodSeconds: 20'),
    );
    const { refusal } = await refusedWithoutATrace(`${first}~1..${last}`);
    expect(refusal.message).toContain(last.slice(0, 8));
    expect(refusal.conflicts).toEqual([
      expect.objectContaining({ path: 'spec.template.spec.terminationGracePeriodSeconds', base: 12, ours: 20, theirs: 10 }),
    ]);
  });
});
