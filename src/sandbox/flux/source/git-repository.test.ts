/** A GitRepository: what is checked out, how it is told, and what happens when it cannot be. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { GitRepositoryRef } from '../../../api/flux.ts';
import { configMap, TestBed, type TestBedOptions } from '../test-bed.ts';

let bed: TestBed;

async function start(options: TestBedOptions = {}): Promise<void> {
  bed = await TestBed.start(options);
  await bed.repository();
}

afterEach(() => bed.stop());

function condition(type: string) {
  return bed.condition(bed.source(), type);
}

async function failed(): Promise<string> {
  await bed.until('the failure', () => condition('FetchFailed')?.status === 'True');
  return condition('FetchFailed')?.message ?? '';
}

async function artifactFiles(): Promise<string[]> {
  const folder = await mkdtemp(path.join(tmpdir(), 'ebb-artifact-'));
  try {
    const answer = await fetch(bed.source().status?.artifact?.url ?? '');
    const file = path.join(folder, 'artifact.tar.gz');
    await writeFile(file, Buffer.from(await answer.arrayBuffer()));
    const listing = execFileSync('tar', ['-tzf', file], { encoding: 'utf8' });
    return listing
      .split('\n')
      .filter((line) => line && !line.endsWith('/'))
      .sort();
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

describe('a repository that is there', () => {
  beforeEach(() => start());

  it('gets an artifact that tells what it is', async () => {
    const sha = await bed.commit(
      { 'apps/web/a.yaml': configMap('a', {}) },
      `Release 1 with a subject that is far too long to be told in full`,
    );
    bed.createSource();
    await bed.begin();
    await bed.fetched(sha);
    const revision = `main@sha1:${sha}`;
    await bed.until('ready', () => condition('Ready')?.status === 'True');
    expect(condition('Ready')).toMatchObject({ reason: 'Succeeded', message: `stored artifact for revision '${revision}'` });
    expect(condition('ArtifactInStorage')).toMatchObject({ status: 'True', reason: 'Succeeded' });
    expect(condition('Reconciling')).toBeUndefined();
    const { artifact, observedGeneration } = bed.source().status ?? {};
    expect(observedGeneration).toBe(bed.source().metadata.generation);
    expect(artifact).toMatchObject({ revision, path: `gitrepository/flux-system/fleet/${sha}.tar.gz` });
    const bytes = Buffer.from(await (await fetch(artifact?.url ?? '')).arrayBuffer());
    expect(`sha256:${createHash('sha256').update(bytes).digest('hex')}`).toBe(artifact?.digest);
    expect(bytes.length).toBe(artifact?.size);
    const [event] = bed.events({ kind: 'GitRepository', name: 'fleet' });
    expect(event).toMatchObject({
      type: 'Normal',
      reason: 'NewArtifact',
      message: "stored artifact for commit 'Release 1 with a subject that is far too long to b...'",
      source: { component: 'source-controller' },
    });
    expect(event?.metadata.annotations).toEqual({
      'source.toolkit.fluxcd.io/revision': revision,
      'source.toolkit.fluxcd.io/digest': artifact?.digest,
    });
  });

  it('is looked at again at every interval, and says that nothing changed', async () => {
    const sha = await bed.commit({ 'a.txt': '1' });
    bed.createSource({ interval: '1m' });
    await bed.begin();
    await bed.fetched(sha);
    await bed.until('ready', () => condition('Ready')?.status === 'True');
    await bed.pass(60_000);
    const message = `GitOperationSucceeded: no changes since last reconcilation: observed revision 'main@sha1:${sha}'`;
    await bed.until('the look', () => bed.messages('fleet', 'GitRepository').includes(message));
    const next = await bed.commit({ 'a.txt': '2' });
    await bed.pass(60_000);
    await bed.fetched(next);
  });

  it('counts the same message instead of repeating it', async () => {
    await bed.commit({ 'a.txt': '1' });
    bed.createSource({ interval: '1m' });
    await bed.begin();
    const unchanged = () => bed.events({ kind: 'GitRepository', name: 'fleet' }).filter(({ reason }) => reason === 'GitOperationSucceeded');
    await bed.until('ready', () => condition('Ready')?.status === 'True');
    for (const times of [1, 2, 3]) {
      await bed.pass(60_000);
      await bed.until(`look ${times}`, () => unchanged()[0]?.count === times);
    }
    expect(unchanged()).toHaveLength(1);
  });

  it('does nothing while suspended, and catches up afterwards', async () => {
    const sha = await bed.commit({ 'a.txt': '1' });
    bed.createSource();
    await bed.begin();
    await bed.fetched(sha);
    bed.patchSource({ suspend: true });
    const next = await bed.commit({ 'a.txt': '2' });
    await bed.reconcile('source');
    expect(bed.source().status?.artifact?.revision).toContain(sha);
    expect(bed.source().status?.observedGeneration).toBe(bed.source().metadata.generation);
    bed.patchSource({ suspend: false });
    await bed.fetched(next);
  });

  it('leaves out what is ignored', async () => {
    const files = { 'apps/a.yaml': '', 'logo.png': '', '.github/ci.yaml': '', 'docs/x.md': '', '.gitignore': 'tmp' };
    const sha = await bed.commit(files);
    bed.createSource();
    await bed.begin();
    await bed.fetched(sha);
    expect(await artifactFiles()).toEqual(['apps/a.yaml', 'docs/x.md']);
    bed.patchSource({ ignore: '/docs\n' });
    await bed.until('the new rule', () => (bed.source().status as { observedIgnore?: string } | undefined)?.observedIgnore === '/docs\n');
    expect(await artifactFiles()).toEqual(['.github/ci.yaml', 'apps/a.yaml', 'logo.png']);
  });

  it('takes in what it includes', async () => {
    const sha = await bed.commit({ 'a.yaml': '1' });
    await bed.repository('library');
    await bed.commit({ 'charts/b.yaml': '2' }, 'Begin', 'library');
    bed.createSource({ include: [{ repository: { name: 'library' }, fromPath: 'charts', toPath: 'vendor' }] });
    await bed.begin();
    await bed.until('the wait', () => condition('IncludeUnavailable')?.status === 'True');
    bed.createSource({ url: bed.git.cloneUrl('library') }, 'library');
    await bed.begin();
    await bed.until('the library', () => bed.source('library').status?.artifact);
    await bed.pass(30_000);
    await bed.fetched(sha);
    expect(await artifactFiles()).toEqual(['a.yaml', 'vendor/b.yaml']);
  });

  it('that is deleted takes its artifact with it', async () => {
    const sha = await bed.commit({ 'a.txt': '1' });
    bed.createSource();
    await bed.begin();
    await bed.fetched(sha);
    const url = bed.source().status?.artifact?.url ?? '';
    expect((await fetch(url)).status).toBe(200);
    bed.api.delete({ apiVersion: 'source.toolkit.fluxcd.io/v1', kind: 'GitRepository', namespace: 'flux-system', name: 'fleet' });
    await bed.until('it to be gone', () => bed.api.list({ apiVersion: 'source.toolkit.fluxcd.io/v1', kind: 'GitRepository' }).length === 0);
    expect((await fetch(url)).status).toBe(404);
  });

  it('serves nothing but artifacts', async () => {
    const sha = await bed.commit({ 'a.txt': '1' });
    bed.createSource();
    await bed.begin();
    await bed.fetched(sha);
    const { origin } = new URL(bed.source().status?.artifact?.url ?? '');
    for (const target of [
      '/',
      '/..%2f..%2fetc/passwd',
      '/gitrepository/flux-system/fleet/',
      `/gitrepository/flux-system/other/${sha}.tar.gz`,
    ]) {
      expect((await fetch(origin + target)).status).toBe(404);
    }
  });

  it('is built anew by a process that does not have the artifact', async () => {
    const sha = await bed.commit({ 'a.txt': '1' });
    bed.createSource();
    await bed.begin();
    await bed.fetched(sha);
    const before = bed.source().status?.artifact;
    await bed.stopFlux();
    await bed.startFlux();
    await bed.until('another server', () => bed.source().status?.artifact && bed.source().status?.artifact?.url !== before?.url);
    expect(bed.source().status?.artifact?.digest).toBe(before?.digest);
  });
});

describe('spec.ref', () => {
  let first: string;
  let second: string;
  let third: string;

  beforeEach(async () => {
    await start();
    first = await bed.commit({ 'a.txt': '1' });
    await bed.inCopy(['tag', '--annotate', '--message', 'One', 'v1.0.0']);
    second = await bed.commit({ 'a.txt': '2' });
    await bed.inCopy(['tag', 'v1.1.0']);
    await bed.inCopy(['tag', 'v2.0.0-rc.1']);
    third = await bed.commit({ 'a.txt': '3' });
  });

  const revisionFor = async (ref: GitRepositoryRef): Promise<string> => {
    bed.createSource({ ref });
    await bed.begin();
    await bed.until('an artifact', () => bed.source().status?.artifact);
    return bed.source().status?.artifact?.revision ?? '';
  };

  it('branch', async () => expect(await revisionFor({ branch: 'main' })).toBe(`main@sha1:${third}`));
  it('name', async () => expect(await revisionFor({ name: 'refs/heads/main' })).toBe(`refs/heads/main@sha1:${third}`));
  it('name of a tag', async () => expect(await revisionFor({ name: 'refs/tags/v1.0.0' })).toBe(`refs/tags/v1.0.0@sha1:${first}`));
  it('annotated tag', async () => expect(await revisionFor({ tag: 'v1.0.0' })).toBe(`v1.0.0@sha1:${first}`));
  it('semver', async () => expect(await revisionFor({ semver: '>=1.0.0' })).toBe(`v1.1.0@sha1:${second}`));
  it('commit', async () => expect(await revisionFor({ commit: first })).toBe(`sha1:${first}`));
  it('branch and commit', async () => expect(await revisionFor({ branch: 'main', commit: second })).toBe(`main@sha1:${second}`));
  it('tag before semver and branch', async () => {
    expect(await revisionFor({ branch: 'main', semver: '>=1.0.0', tag: 'v1.0.0' })).toBe(`v1.0.0@sha1:${first}`);
  });
  it('name before tag', async () => {
    expect(await revisionFor({ name: 'refs/heads/main', tag: 'v1.0.0' })).toBe(`refs/heads/main@sha1:${third}`);
  });

  it('can be pinned to a commit and let go again', async () => {
    expect(await revisionFor({ branch: 'main' })).toBe(`main@sha1:${third}`);
    bed.patchSource({ ref: { commit: first } }, 'ebb');
    await bed.fetched(first);
    expect(bed.source().status?.artifact?.revision).toBe(`main@sha1:${first}`);
    bed.patchSource({ ref: { commit: null } }, 'ebb');
    await bed.fetched(third);
  });

  it.each([
    [{ branch: 'nothing' }, `couldn't find remote ref "refs/heads/nothing"`],
    [{ tag: 'nothing' }, `couldn't find remote ref "refs/tags/nothing"`],
    [{ name: 'refs/heads/nothing' }, "unable to resolve ref 'refs/heads/nothing' to a specific commit"],
    [{ semver: '>=9' }, 'no match found for semver: >=9'],
    [{ semver: 'newest' }, 'semver parse error: improper constraint: newest'],
    [{ commit: '0123456789012345678901234567890123456789' }, 'object not found'],
    [{ branch: '--upload-pack=touch x' }, "couldn't find remote ref"],
  ])('%j that does not exist says so', async (ref, message) => {
    bed.createSource({ ref });
    await bed.begin();
    const seen = await failed();
    expect(seen).toContain('failed to checkout and determine revision: ');
    expect(seen).toContain(message);
    expect(condition('Ready')).toMatchObject({ status: 'False', reason: 'GitOperationFailed', message: seen });
    expect(condition('Reconciling')?.reason).toBe('ProgressingWithRetry');
  });

  it('takes no commit that the branch does not hold', async () => {
    await bed.inCopy(['checkout', '--quiet', '-b', 'side', first]);
    const aside = await bed.commit({ 'b.txt': 'x' });
    bed.createSource({ ref: { branch: 'main', commit: aside } });
    await bed.begin();
    expect(await failed()).toContain(`unable to resolve commit object for '${aside}': object not found`);
  });
});

describe('a repository that asks for credentials', () => {
  beforeEach(() => start({ git: { users: [{ username: 'flux', password: 'pa:ss' }], tokens: ['t0ken'] } }));

  const secret = (stringData: Record<string, string>) =>
    bed.create({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'git', namespace: 'flux-system' }, stringData });

  it.each([[{ username: 'flux', password: 'pa:ss' }], [{ bearerToken: 't0ken' }]])('lets %j in', async (data) => {
    const sha = await bed.commit({ 'a.txt': '1' });
    secret(data);
    bed.createSource({ secretRef: { name: 'git' } });
    await bed.begin();
    await bed.fetched(sha);
  });

  it('refuses wrong ones, and no message tells them', async () => {
    await bed.commit({ 'a.txt': '1' });
    secret({ username: 'flux', password: 'not-the-one' });
    bed.createSource({ secretRef: { name: 'git' } });
    await bed.begin();
    expect(await failed()).toBe(
      `failed to checkout and determine revision: unable to clone '${bed.git.cloneUrl('fleet')}': authentication required`,
    );
    const told = JSON.stringify([bed.source(), bed.events({ kind: 'GitRepository', name: 'fleet' }), bed.logged]);
    expect(told).not.toContain('not-the-one');
    expect(told).not.toContain(Buffer.from('flux:not-the-one').toString('base64'));
  });

  it('refuses none at all, and none that can be found', async () => {
    bed.createSource();
    await bed.begin();
    expect(await failed()).toContain('authentication required');
    bed.patchSource({ secretRef: { name: 'git' } });
    await bed.until('the other failure', () => condition('FetchFailed')?.reason === 'AuthenticationFailed');
    expect(condition('FetchFailed')?.message).toContain('secrets "git" not found');
  });
});

describe('a repository that cannot be had', () => {
  beforeEach(() => start());

  it('because nobody answers is tried again with back-off, and keeps the last artifact', async () => {
    const sha = await bed.commit({ 'a.txt': '1' });
    bed.createSource();
    await bed.begin();
    await bed.fetched(sha);
    bed.patchSource({ url: 'http://127.0.0.1:1/fleet.git' });
    expect(await failed()).toContain('dial tcp 127.0.0.1:1: connect: connection refused');
    expect(bed.source().status?.artifact?.revision).toContain(sha);
    const warnings = () => bed.events({ kind: 'GitRepository', name: 'fleet' }).find(({ type }) => type === 'Warning')?.count ?? 0;
    for (const [delay, attempts] of [
      [750, 2],
      [1_500, 3],
      [3_000, 4],
    ] as const) {
      await bed.pass(delay - 1);
      expect(warnings()).toBe(attempts - 1);
      await bed.pass(1);
      await bed.until(`attempt ${attempts}`, () => warnings() === attempts);
    }
    bed.patchSource({ url: bed.git.cloneUrl('fleet') });
    await bed.until('recovery', () => condition('Ready')?.status === 'True');
    expect(condition('FetchFailed')).toBeUndefined();
    expect(bed.messages('fleet', 'GitRepository')).toContain(`Succeeded: stored artifact for commit 'main@sha1:${sha}'`);
  });

  it('because it does not exist', async () => {
    bed.createSource({ url: `${bed.git.url}/nothing.git` });
    await bed.begin();
    expect(await failed()).toContain(`unable to clone '${bed.git.url}/nothing.git': repository not found: repository not found`);
  });

  it('because it is empty', async () => {
    bed.createSource();
    await bed.begin();
    expect(await failed()).toBe('git repository is empty');
    expect(condition('Ready')?.reason).toBe('EmptyGitRepository');
  });

  it('because the sandbox has no program for it stalls and says so', async () => {
    bed.createSource({ url: 'ssh://git@example.com/fleet.git' });
    await bed.begin();
    expect(await failed()).toBe('the embedded cluster does not support Git over SSH');
    expect(condition('Stalled')).toMatchObject({ status: 'True' });
    expect(bed.source().status?.observedGeneration).toBe(bed.source().metadata.generation);
  });
});
