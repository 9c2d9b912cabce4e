import { appendFile, chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Developer, developerAt } from '../../src/example/developer.ts';
import { REPOSITORY } from '../../src/example/sandbox.ts';
import { explain, openStage, type Stage } from './stage.ts';

/**
 * Runs at the server when a push to main has been received and before main is moved: somebody else's commit, which waits
 * in a list, gets there first.
 */
const OVERTAKEN = `#!/bin/sh
[ "$1" = refs/heads/main ] || exit 0
next=$(head -n 1 "$GIT_DIR/overtaking" 2>/dev/null)
[ -n "$next" ] || exit 0
sed -i 1d "$GIT_DIR/overtaking"
unset GIT_QUARANTINE_PATH
git update-ref refs/heads/main "$next"
`;

/** Without the wait in which no container may restart: it is not what these stories are about. */
const ROLLBACK = ['rollback', 'sample-app', '--steady', '100ms'];

describe('somebody else pushes while a rollback is under way', () => {
  let stage: Stage;
  let bob: Developer;
  let server: string;
  beforeAll(async () => {
    stage = await openStage({ featureGates: { cancelHealthCheckOnNewRevision: true } });
    bob = await developerAt(stage.gitUrl, { name: 'Bob Roe', email: 'bob@example.com' });
    server = stage.git.directory(REPOSITORY);
    await writeFile(join(server, 'hooks', 'update'), OVERTAKEN);
    await chmod(join(server, 'hooks', 'update'), 0o755);
  });
  afterAll(async () => {
    await bob?.leave();
    await stage?.leave();
  });

  /** A release that Flux takes for healthy and that answers three requests in ten with 500. */
  async function badRelease(): Promise<string> {
    const bad = await stage.developer.release('1.3.0');
    await stage.fetchNow();
    await stage.untilAttempted(bad);
    return bad;
  }

  /** Bob's commits, of which each gets to main just before a push of somebody else does. */
  async function bobOvertakes(...changes: (() => Promise<string>)[]): Promise<string[]> {
    await bob.git('pull', '--quiet', '--rebase', 'origin', 'main');
    const commits: string[] = [];
    for (const change of changes) commits.push(await change());
    await bob.git('push', '--quiet', '--force', 'origin', 'HEAD:refs/heads/bob');
    await appendFile(join(server, 'overtaking'), commits.map((commit) => `${commit}\n`).join(''));
    return commits;
  }

  async function main(): Promise<string> {
    await stage.developer.git('fetch', '--quiet', 'origin');
    return stage.developer.git('rev-parse', 'origin/main');
  }

  /** Subjects of what main has on top of a commit, newest first. */
  async function since(commit: string): Promise<string[]> {
    await main();
    const log = await stage.developer.git('log', '--format=%s', `${commit}..origin/main`);
    return log === '' ? [] : log.split('\n');
  }

  const overlay = 'apps/sample-saas-app/overlays/dev/kustomization.yaml';
  const committed = (version: string) => async () =>
    bob.commit(`sample-saas-app: release ${version} to dev`, {
      [overlay]: (await bob.read(overlay)).replace(/newTag: .*/, `newTag: ${version}`),
    });
  const REVERT = 'Revert "sample-saas-app: release 1.3.0 to dev"';

  it('plans again by itself when the commit is of no concern, and puts one revert on top of it', async () => {
    const bad = await badRelease();
    const questions: string[] = [];
    const rollback = explain(
      await stage.ebbWith(
        {
          answer: async (question) => {
            questions.push(question);
            if (questions.length === 1) await bob.push('Describe the on-call rota', { 'docs/on-call.md': 'Bob has the pager.\n' });
            return 'y';
          },
        },
        ...ROLLBACK,
      ),
    );
    expect(rollback.code).toBe(0);
    expect(questions).toEqual(['Roll back? [y/N]']);
    expect(rollback.stderr).toMatch(/main moved from [0-9a-f]{8} to [0-9a-f]{8}: planned again/);
    expect(await since(bad)).toEqual([REVERT, 'Describe the on-call rota']);
    expect(await stage.developer.git('show', 'origin/main:docs/on-call.md')).toBe('Bob has the pager.');
    expect(await stage.developer.git('diff', '--name-only', `${bad}~1`, 'origin/main')).toBe('docs/on-call.md');
    expect(await stage.images()).toEqual(['ghcr.io/ebb-dev/sample-saas-app:1.0.0']);
  });

  it('goes on with the other plan where --yes was given, and takes back both releases in one commit', async () => {
    const bad = await badRelease();
    await bobOvertakes(committed('1.4.0'));
    const rollback = explain(await stage.ebb(...ROLLBACK, '--yes'));
    expect(rollback.code).toBe(0);
    expect(rollback.stderr).toContain('revert 2 commits');
    expect(await since(bad)).toEqual([
      expect.stringMatching(/^Revert 2 commits of sample-app, back to "/),
      'sample-saas-app: release 1.4.0 to dev',
    ]);
    expect(await stage.developer.git('diff', '--name-only', `${bad}~1`, 'origin/main')).toBe('');
    expect(await stage.images()).toEqual(['ghcr.io/ebb-dev/sample-saas-app:1.0.0']);
  });

  it.each([
    ['on one machine', {}],
    ['on two machines', { other: true }],
  ])('makes one revert where two people roll back at once %s, and both end well', async (_where, { other }: { other?: boolean }) => {
    const bad = await badRelease();
    const env: Record<string, string> = other
      ? { EBB_STATE_DIR: join(stage.home, 'other', 'state'), EBB_CACHE_DIR: join(stage.home, 'other', 'cache') }
      : {};
    const both = await Promise.all([
      stage.ebb(...ROLLBACK, '--yes', '-o', 'json'),
      stage.ebbWith({ env, cwd: bob.folder }, ...ROLLBACK, '--yes', '-o', 'json'),
    ]);
    for (const rollback of both) {
      explain(rollback);
      expect(rollback.code).toBe(0);
      expect(rollback.json()).toMatchObject({ verified: true, outcome: 'succeeded', commit: await main() });
    }
    expect(await since(bad)).toEqual([REVERT]);
  });

  it('asks again when another release came meanwhile, for the plan is another one, and a no changes nothing', async () => {
    const bad = await badRelease();
    const questions: string[] = [];
    const rollback = explain(
      await stage.ebbWith(
        {
          answer: async (question) => {
            questions.push(question);
            if (questions.length > 1) return 'n';
            await bob.release('1.4.0');
            return 'y';
          },
        },
        ...ROLLBACK,
      ),
    );
    expect(questions).toEqual(['Roll back? [y/N]', expect.stringContaining('The branch moved and this is the plan now. Go on?')]);
    expect(rollback.code).toBe(3);
    expect(rollback.stderr).toContain('revert 2 commits');
    expect(rollback.stderr).toContain('sample-saas-app: release 1.4.0 to dev');
    expect(rollback.stdout).toContain('nothing was changed');
    expect(await since(bad)).toEqual(['sample-saas-app: release 1.4.0 to dev']);
    expect((await stage.ebb('resume-rollback', '-o', 'json')).json()).toMatchObject({ rollbacks: [] });
    // Back to a good state: both releases.
    const both = explain(await stage.ebb(...ROLLBACK, '--yes', '--no-wait', '--commit', `${bad}~1..HEAD`));
    expect(both.code).toBe(0);
    expect(await stage.developer.git('diff', '--name-only', `${bad}~1`, await main())).toBe('');
  });

  it('does the same when the commit arrives while the push is received', async () => {
    const bad = await stage.developer.release('1.3.0');
    const [overtaking] = await bobOvertakes(() => bob.commit('Describe the dashboards', { 'docs/dashboards.md': 'On the wall.\n' }));
    const rollback = explain(await stage.ebb(...ROLLBACK, '--commit', bad, '--no-wait', '--yes'));
    expect(rollback.code).toBe(0);
    expect(rollback.stdout).toContain('✓ pushed, without watching Flux');
    expect(await since(bad)).toEqual([REVERT, 'Describe the dashboards']);
    expect(await stage.developer.git('rev-parse', 'origin/main~1')).toBe(overtaking);
  });

  it('finds the revert that somebody made while it asked, and does not ask again', async () => {
    const bad = await stage.developer.release('1.3.0');
    const questions: string[] = [];
    const rollback = explain(
      await stage.ebbWith(
        {
          answer: async (question) => {
            questions.push(question);
            const env = { EBB_STATE_DIR: join(stage.home, 'other', 'state'), EBB_CACHE_DIR: join(stage.home, 'other', 'cache') };
            await stage.ebbWith({ env, cwd: bob.folder }, ...ROLLBACK, '--commit', bad, '--no-wait', '--yes');
            return 'y';
          },
        },
        ...ROLLBACK,
        '--commit',
        bad,
        '--no-wait',
      ),
    );
    expect(rollback.code).toBe(0);
    expect(questions).toHaveLength(1);
    expect(rollback.stderr).toMatch(/commit [0-9a-f]{8} is already in main/);
    expect(await since(bad)).toEqual([REVERT]);
  });

  it('gives up clearly on a branch that moves again and again, and goes on once it rests', async () => {
    const bad = await stage.developer.release('1.3.0');
    await bobOvertakes(...[1, 2, 3, 4, 5, 6].map((n) => () => bob.commit(`Note ${n}`, { 'docs/notes.md': `${n}\n` })));
    const rollback = explain(await stage.ebb(...ROLLBACK, '--commit', bad, '--no-wait', '--yes', '-o', 'json'));
    expect(rollback.code).toBe(1);
    const report = rollback.json<{ id: string; message: string; next: string[] }>();
    expect(report.message).toBe('main moved 6 times while this ran: somebody else is at work on it; nothing was pushed');
    expect(report.next).toContain(`ebb resume-rollback ${report.id}`);
    expect(await since(bad)).toEqual(['Note 6', 'Note 5', 'Note 4', 'Note 3', 'Note 2', 'Note 1']);
    const resumed = explain(await stage.ebb('resume-rollback', report.id, '--yes'));
    expect(resumed.code).toBe(0);
    expect(await since(bad)).toEqual([REVERT, 'Note 6', 'Note 5', 'Note 4', 'Note 3', 'Note 2', 'Note 1']);
  });
});
