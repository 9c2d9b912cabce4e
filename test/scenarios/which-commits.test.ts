import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { explain, openStage, type Stage } from './stage.ts';

const OVERLAY = 'apps/sample-saas-app/overlays/dev/kustomization.yaml';
const SETTINGS = 'apps/sample-saas-app/overlays/dev/config.env';
const NAME = 'kustomization/flux-system/sample-app';

describe('which commits are taken back, by the many ways of naming them', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await openStage({ featureGates: { cancelHealthCheckOnNewRevision: true } });
  });
  afterAll(() => stage?.leave());

  const git = (...args: string[]) => stage.developer.git(...args);
  const rollback = async (...args: string[]) => explain(await stage.ebb('rollback', 'sample-app', '--yes', '--no-wait', ...args));
  const refusalOf = async (...args: string[]) =>
    explain(await stage.ebb('rollback', 'sample-app', '--yes', '-o', 'json', ...args)).json<{
      refusal: { reason: string; message: string; next: string[] };
    }>().refusal;
  const set = (name: string, value: string) => stage.developer.configure(name, value, `Set ${name} to ${value}`);

  async function pull(): Promise<string> {
    await git('pull', '--quiet', '--rebase', 'origin', 'main');
    return git('rev-parse', 'HEAD');
  }

  async function tag(): Promise<string> {
    await pull();
    return /newTag: (.*)/.exec(await stage.developer.read(OVERLAY))?.[1] ?? '';
  }

  it('takes back one commit by --commit and leaves the newer ones', async () => {
    const bad = await stage.developer.release('1.0.1');
    await set('GREETING', 'Good morning');
    const done = await rollback('--commit', bad.slice(0, 9));
    expect(done.code).toBe(0);
    expect(await tag()).toBe('1.0.0');
    expect(await stage.developer.read(SETTINGS)).toContain('GREETING=Good morning');
    expect(done.stderr).toContain(`revert 1 commit of ${NAME}`);
    expect(done.stdout).toContain(`✓ pushed, without watching Flux: ${NAME} in `);
    expect(await git('log', '-1', '--format=%B')).toContain(`This reverts commit ${bad}.`);
  });

  it('says so where the commit was already reverted, and does nothing', async () => {
    const release = await git('log', '-1', '--format=%H', '--grep=^sample-saas-app: release 1.0.1');
    const before = await pull();
    const again = explain(await stage.ebb('rollback', 'sample-app', '--yes', '--commit', release));
    expect(again.code).toBe(0);
    expect(again.stdout).toContain(`${release.slice(0, 8)} was already reverted by ${before.slice(0, 8)}`);
    expect(again.stdout).toContain('nothing to do');
    expect(await pull()).toBe(before);
  });

  it('reverts a revert, and the release is back', async () => {
    const revert = await pull();
    const done = await rollback('--commit', revert);
    expect(done.code).toBe(0);
    expect(await tag()).toBe('1.0.1');
    expect(await git('log', '-1', '--format=%s')).toBe('Reapply "sample-saas-app: release 1.0.1 to dev"');
    const back = await rollback('--commit', 'HEAD');
    expect(back.code).toBe(0);
    expect(await tag()).toBe('1.0.0');
  });

  it('takes back several commits in one, whichever way round they are given', async () => {
    const good = await pull();
    const release = await stage.developer.release('1.5.0');
    const greeting = await set('GREETING', 'Hello again');
    const kept = await stage.developer.push('Say who owns this', { 'apps/sample-saas-app/OWNERS': 'ann\n' });
    const done = await rollback('--commit', release, '--commit', greeting);
    expect(done.code).toBe(0);
    await pull();
    expect(await git('rev-list', '--count', `${kept}..HEAD`)).toBe('1');
    expect(await git('diff', '--name-only', good, 'HEAD')).toBe('apps/sample-saas-app/OWNERS');
    const message = await git('log', '-1', '--format=%B');
    expect(message.indexOf(greeting)).toBeGreaterThan(0);
    expect(message.indexOf(release)).toBeGreaterThan(message.indexOf(greeting));
  });

  it('takes back a range A..B, without A', async () => {
    const a = await set('GREETING', 'Ahoy');
    await stage.developer.release('1.5.0');
    const b = await set('UPSTREAM_TIMEOUT_MS', '4000');
    const done = await rollback('--commit', `${a.slice(0, 10)}..${b.slice(0, 10)}`);
    expect(done.code).toBe(0);
    expect(done.stderr).toContain('revert 2 commits');
    await pull();
    expect(await git('diff', '--name-only', a, 'HEAD')).toBe('');
  });

  it('wants to know the side of a merge, and takes back all that it brought with -m 1', async () => {
    const before = await pull();
    await git('checkout', '--quiet', '-b', 'feature');
    await stage.developer.commit('Greet differently', {
      [SETTINGS]: (await stage.developer.read(SETTINGS)).replace(/GREETING=.*/, 'GREETING=Salut'),
    });
    await stage.developer.commit('Wait longer', {
      [SETTINGS]: (await stage.developer.read(SETTINGS)).replace(/UPSTREAM_TIMEOUT_MS=.*/, 'UPSTREAM_TIMEOUT_MS=6000'),
    });
    await git('checkout', '--quiet', 'main');
    await git('merge', '--quiet', '--no-ff', '--message', 'Merge branch feature', 'feature');
    const merge = await git('rev-parse', 'HEAD');
    await git('push', '--quiet', 'origin', 'main');
    const refusal = await refusalOf('--commit', merge);
    expect(refusal).toMatchObject({ reason: 'MergeNeedsMainline', message: expect.stringContaining('is a merge of') });
    expect(refusal.next.join('\n')).toContain('-m 1');
    expect(await pull()).toBe(merge);
    const wrong = explain(await stage.ebb('rollback', 'sample-app', '--yes', '--commit', merge, '-m', '3'));
    expect(wrong.code).toBe(2);
    expect(wrong.stderr).toContain('has 2 parents');
    const done = await rollback('--commit', merge, '-m', '1');
    expect(done.code).toBe(0);
    await pull();
    expect(await git('diff', '--name-only', before, 'HEAD')).toBe('');
    expect(await git('log', '-1', '--format=%B')).toContain(`This reverts commit ${merge}, reversing\nchanges made to ${before}.`);
  });

  it('goes back --to a tag, a short sha and a revision as Flux writes it', async () => {
    const good = await pull();
    await git('tag', 'v1.0.0', good);
    await git('push', '--quiet', 'origin', 'v1.0.0');
    for (const name of ['v1.0.0', good.slice(0, 7), `main@sha1:${good}`, `refs/heads/main@sha1:${good}`]) {
      await stage.developer.release('1.5.0');
      await set('GREETING', `Bonjour ${name.slice(0, 12)}`);
      const done = await rollback('--to', name);
      expect(done.code, name).toBe(0);
      await pull();
      expect(await git('diff', '--name-only', good, 'HEAD'), name).toBe('');
      expect(await git('log', '-1', '--format=%(trailers:key=Ebb-To,valueonly)')).not.toBe('');
    }
  });

  it('does nothing where Git is already there', async () => {
    const before = await pull();
    const done = explain(await stage.ebb('rollback', 'sample-app', '--yes', '--no-wait', '--to', 'HEAD'));
    expect(done.code).toBe(0);
    expect(await pull()).toBe(before);
  });

  it('refuses what is no commit, or no commit of the branch', async () => {
    const before = await pull();
    expect(await refusalOf('--commit', 'deadbeef')).toMatchObject({ reason: 'NoSuchCommit', message: 'no commit "deadbeef" in main' });
    expect(await refusalOf('--to', 'v9.9.9')).toMatchObject({ reason: 'NoSuchCommit', message: 'no commit "v9.9.9" in main' });
    expect(await refusalOf('--commit', 'HEAD..HEAD')).toMatchObject({ reason: 'NoSuchCommit' });
    for (const odd of ['--upload-pack=touch x', 'main; touch x', 'HEAD@{1}', ':/release', '...'])
      expect((await refusalOf(`--commit=${odd}`)).reason, odd).toBe('NoSuchCommit');
    await git('checkout', '--quiet', '-B', 'elsewhere');
    const other = await stage.developer.commit('Elsewhere', { 'docs/elsewhere.md': 'x\n' });
    await git('push', '--quiet', 'origin', 'elsewhere');
    await git('checkout', '--quiet', 'main');
    for (const flag of ['--to', '--commit']) {
      const refusal = await refusalOf(flag, other);
      expect(refusal).toMatchObject({ reason: 'NotAnAncestor', message: expect.stringContaining('is not in the history of main') });
    }
    expect(await pull()).toBe(before);
    expect((await stage.ebb('rollback', 'sample-app', '--commit', 'deadbeef')).code).toBe(3);
  });

  it('refuses to take back the first commit, whose files were worked on since, and names them', async () => {
    const root = await git('rev-list', '--max-parents=0', 'HEAD');
    const before = await pull();
    const done = explain(await stage.ebb('rollback', 'sample-app', '--yes', '--commit', root));
    expect(done.code).toBe(3);
    expect(done.stdout).toContain(SETTINGS);
    expect(done.stdout).toContain('a later commit changed it, and the revert would delete that too');
    expect(await pull()).toBe(before);
  });

  it('refuses what would leave a target that does not render', async () => {
    const added = await stage.developer.push('Count the pods', {
      'apps/sample-saas-app/overlays/dev/labels.yaml':
        'apiVersion: builtin\nkind: LabelTransformer\nmetadata:\n  name: team\nlabels:\n  team: checkout\nfieldSpecs:\n  - path: metadata/labels\n    create: true\n',
    });
    const used = await stage.developer.push('Use it', {
      [OVERLAY]: `${await stage.developer.read(OVERLAY)}transformers:\n  - labels.yaml\n`,
    });
    const refusal = await refusalOf('--commit', added);
    expect(refusal).toMatchObject({ reason: 'RenderFailed', message: expect.stringContaining(`${NAME} would not render any more`) });
    expect(refusal.message).toContain('labels.yaml');
    expect(await pull()).toBe(used);
    expect((await rollback('--commit', added, '--commit', used)).code).toBe(0);
  });

  it('refuses a commit that does not touch the target, and says what it touches', async () => {
    const other = await stage.developer.release('1.0.1', { app: 'billing-worker' });
    const refusal = await refusalOf('--commit', other);
    expect(refusal.reason).toBe('CommitOutsideTarget');
    expect(refusal.message).toContain(`changes nothing that ${NAME} is built from`);
    expect(refusal.message).toContain('apps/billing-worker/overlays/dev/kustomization.yaml');
    expect(refusal.next.join('\n')).toContain('ebb rollback kustomization/flux-system/billing-worker --commit');
    expect(await pull()).toBe(other);
  });

  it('works from a shallow clone as from a whole one', async () => {
    const good = await pull();
    await set('GREETING', 'Hola');
    const bad = await stage.developer.release('1.5.0');
    const shallow = await mkdtemp(join(tmpdir(), 'ebb-shallow-'));
    try {
      await git('clone', '--quiet', '--depth', '1', stage.gitUrl, shallow);
      const env = { EBB_CACHE_DIR: join(stage.home, 'shallow-cache') };
      const done = explain(
        await stage.ebbWith(
          { cwd: shallow, env },
          'rollback',
          'sample-app',
          '--yes',
          '--no-wait',
          '--to',
          good,
          '--author',
          'Cem Ö <cem@example.com>',
        ),
      );
      expect(done.code).toBe(0);
      await pull();
      expect(await git('diff', '--name-only', good, 'HEAD')).toBe('');
      expect(await git('rev-list', '--count', `${bad}..HEAD`)).toBe('1');
      expect(await git('log', '-1', '--format=%an')).toBe('Cem Ö');
      expect(await git('-C', shallow, 'rev-parse', '--is-shallow-repository')).toBe('true');
    } finally {
      await rm(shallow, { recursive: true, force: true });
    }
  });

  it('leaves a clone with work in it as it is: branch, index, files and stash', async () => {
    const good = await pull();
    const bad = await stage.developer.release('1.5.0');
    await git('checkout', '--quiet', '-b', 'work', good);
    const { folder } = stage.developer;
    await writeFile(join(folder, OVERLAY), `${await readFile(join(folder, OVERLAY), 'utf8')}# half done\n`);
    await git('add', OVERLAY);
    await writeFile(join(folder, SETTINGS), 'GREETING=not staged\n');
    await writeFile(join(folder, 'notes.txt'), 'not known to git\n');
    const look = async () => [
      await git('symbolic-ref', 'HEAD'),
      await git('rev-parse', 'HEAD'),
      await git('status', '--porcelain', '--branch'),
      await git('diff'),
      await git('diff', '--cached'),
      await git('for-each-ref'),
      await readFile(join(folder, 'notes.txt'), 'utf8'),
    ];
    const before = await look();
    const done = await rollback('--commit', bad);
    expect(done.code).toBe(0);
    expect(await look()).toEqual(before);
    await git('checkout', '--quiet', '--force', 'main');
    await rm(join(folder, 'notes.txt'));
    expect(await tag()).toBe('1.0.0');
  });
});
