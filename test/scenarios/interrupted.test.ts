import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdtempSync, readdirSync, rmdirSync } from 'node:fs';
import { chmod, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { REPOSITORY } from '../../src/example/sandbox.ts';
import { type Killing, killing } from './stage/killing.ts';
import { explain, openStage, type Stage } from './stage.ts';

const REVERT = 'Revert "sample-saas-app: release 1.3.0 to dev"';
const GOOD = 'ghcr.io/ebb-dev/sample-saas-app:1.0.0';

/** Without the wait in which no container may restart: it is not what these stories are about. */
const ROLLBACK = ['rollback', 'sample-app', '--steady', '100ms'];

let stage: Stage;
beforeAll(async () => {
  stage = await openStage({ featureGates: { cancelHealthCheckOnNewRevision: true } });
});
afterAll(() => stage?.leave());

/** A release that Flux takes for healthy and that answers three requests in ten with 500. */
async function badRelease(): Promise<string> {
  const bad = await stage.developer.release('1.3.0');
  await stage.fetchNow();
  await stage.untilAttempted(bad);
  return bad;
}

/** Subjects of what main has on top of a commit, newest first. */
async function since(commit: string): Promise<string[]> {
  await stage.developer.git('fetch', '--quiet', 'origin');
  const log = await stage.developer.git('log', '--format=%s', `${commit}..origin/main`);
  return log === '' ? [] : log.split('\n');
}

async function openIds(): Promise<string[]> {
  return (await stage.ebb('resume-rollback', '-o', 'json')).json<{ rollbacks: { id: string }[] }>().rollbacks.map(({ id }) => id);
}

/** The good version runs, nothing is open, and nothing is left of suspensions and pins. */
async function expectGoodAndNothingLeft(): Promise<void> {
  expect(await openIds()).toEqual([]);
  await stage.until('the good version runs alone', async () => (await stage.images()).join() === GOOD);
  const { metadata, spec } = await stage.kustomization();
  expect(spec.suspend ?? false).toBe(false);
  expect(spec.sourceRef.name).toBe('flux-system');
  expect(Object.keys(metadata.annotations ?? {}).filter((name) => name.startsWith('ebb.dev/'))).toEqual([]);
  expect(await stage.source('sample-app-pin')).toBeUndefined();
  expect((await stage.ebb('suspended', '-o', 'json')).json()).toMatchObject({ holds: [] });
}

describe('Ctrl-C', () => {
  /** Presses Ctrl-C as soon as a text is printed. */
  async function until(text: string, ...args: string[]) {
    const keys = new AbortController();
    let printed = '';
    const tee = (piece: string) => {
      printed += piece;
      if (printed.includes(text)) keys.abort(new Error('SIGINT'));
    };
    return explain(await stage.ebbWith({ signal: keys.signal, tee }, ...args));
  }

  it.each([
    ['revert', ['commit', 'fetch-source', 'abandon', 'reconcile', 'verify']],
    ['suspend', ['suspend', 'commit', 'fetch-source', 'resume', 'abandon', 'reconcile', 'verify']],
  ])('at every step of %s: the rollback goes on from there, and makes one revert', async (strategy, kinds) => {
    const bad = await badRelease();
    const total = kinds.length;
    let args = [...ROLLBACK, '--strategy', strategy, '--yes'];
    for (const index of kinds.keys()) {
      const interrupted = await until(`[${index + 1}/${total}]`, ...args);
      expect(interrupted.code, kinds[index]).toBe(130);
      expect(interrupted.stderr).toMatch(/interrupted at step \d: /);
      expect(interrupted.stderr).toContain('every step that was done is written down');
      const [id] = await openIds();
      expect(interrupted.stderr).toContain(`ebb resume-rollback ${id}`);
      args = ['resume-rollback', id as string, '--yes'];
    }
    const id = args[1] as string;
    expect((await stage.ebb('resume-rollback')).stdout).toMatch(
      new RegExp(`${id} +kustomization/flux-system/sample-app +.*interrupted at step ${total}: verify `),
    );
    expect((await stage.ebb('status', 'sample-app')).stdout).toContain(`ebb resume-rollback ${id}`);
    const last = explain(await stage.ebb(...args, '-o', 'json'));
    expect(last.code).toBe(0);
    expect(last.json()).toMatchObject({ id, verified: true, outcome: 'succeeded' });
    expect(await since(bad)).toEqual([REVERT]);
    await expectGoodAndNothingLeft();
  });
});

describe('a process that is killed', () => {
  let deadly: Killing;
  beforeAll(() => {
    deadly = killing(stage);
  });

  /** @returns the rollback's id. */
  async function killedAt(points: string[], ...args: string[]): Promise<string> {
    const id = await deadly.killedAt(points, ...args);
    expect(await openIds()).toEqual((await deadly.passed(id, 'finished')) ? [] : [id]);
    return id;
  }

  async function resumed(id: string): Promise<void> {
    const last = explain(await stage.ebb('resume-rollback', id, '--yes', '-o', 'json'));
    expect(last.code).toBe(0);
    expect(last.json()).toMatchObject({ id, verified: true, outcome: 'succeeded' });
    const entries = await deadly.journal(id);
    const plan = entries.findLast((entry) => entry.entry === 'planned' || entry.entry === 'replanned');
    const done = new Set(entries.flatMap((entry) => (entry.entry === 'done' ? [entry.kind] : [])));
    expect([...done].sort()).toEqual((plan as { plan: { steps: { kind: string }[] } }).plan.steps.map(({ kind }) => kind).sort());
    expect(entries.at(-1)).toMatchObject({ entry: 'finished', outcome: 'succeeded' });
  }

  it('after each line of its journal goes on, and makes one revert', async () => {
    const bad = await badRelease();
    const steps = ['commit', 'fetch-source', 'abandon', 'reconcile', 'verify'];
    const id = await killedAt(['planned', ...steps.flatMap((kind) => [`started ${kind}`, `done ${kind}`])], ...ROLLBACK);
    await resumed(id);
    expect(await since(bad)).toEqual([REVERT]);
    await expectGoodAndNothingLeft();
  });

  it('while it pins, and while the revert ends the pin, leaves no source behind', async () => {
    const bad = await badRelease();
    const pin = await killedAt(
      ['started pin', 'done pin', 'started verify'],
      'pin',
      'sample-app',
      '--steady',
      '100ms',
      '--reason',
      'a look at it first',
    );
    await resumed(pin);
    await stage.until('the pinned version runs alone', async () => (await stage.images()).join() === GOOD);
    expect((await stage.kustomization()).spec.sourceRef.name).toBe('sample-app-pin');
    expect(await since(bad)).toEqual([]);
    const revert = await killedAt(['done commit', 'started unpin', 'done unpin', 'started reconcile'], ...ROLLBACK);
    await resumed(revert);
    expect(await since(bad)).toEqual([REVERT]);
    await expectGoodAndNothingLeft();
  });

  it('while it holds the target suspended leaves no suspension behind', async () => {
    const bad = await badRelease();
    const id = await killedAt(
      ['started suspend', 'done suspend', 'done commit', 'started resume', 'done resume'],
      ...ROLLBACK,
      '--strategy',
      'suspend',
    );
    await resumed(id);
    expect(await since(bad)).toEqual([REVERT]);
    await expectGoodAndNothingLeft();
  });

  it('between the push and its answer: the commit is found by its trailer, here and where the journal is not', async () => {
    const bad = await badRelease();
    const server = stage.git.directory(REPOSITORY);
    const hook = join(server, 'hooks', 'post-receive');
    await writeFile(hook, `#!/bin/sh\ntouch "$GIT_DIR/received"\nwhile [ ! -e "$GIT_DIR/answer" ]; do sleep 0.1; done\n`);
    await chmod(hook, 0o755);
    const { child, ended } = deadly.process(...ROLLBACK, '--yes');
    await stage.until('the push is received', async () => (await readdir(server)).includes('received'));
    child.kill('SIGKILL');
    await ended;
    await writeFile(join(server, 'answer'), '');
    await rm(hook);
    expect(await since(bad)).toEqual([REVERT]);
    const [id] = await openIds();
    const env = { EBB_STATE_DIR: join(stage.home, 'other', 'state'), EBB_CACHE_DIR: join(stage.home, 'other', 'cache') };
    const elsewhere = explain(await stage.ebbWith({ env }, ...ROLLBACK, '--yes', '-o', 'json'));
    expect(elsewhere.code).toBe(0);
    expect(elsewhere.json()).toMatchObject({ id, verified: true });
    expect(elsewhere.json<{ plan: { notes: string[] } }>().plan.notes.join()).toMatch(
      /commit [0-9a-f]{8} of this rollback is already in main/,
    );
    const here = explain(await stage.ebb('resume-rollback', id as string, '--yes'));
    expect(here.code).toBe(0);
    expect(await since(bad)).toEqual([REVERT]);
    await expectGoodAndNothingLeft();
  });
});

describe('a journal that cannot be written', () => {
  it('stops before anything is changed, and says where it wanted to write', async () => {
    const bad = await badRelease();
    const file = join(stage.home, 'a-file');
    await writeFile(file, '');
    for (const strategy of ['revert', 'suspend', 'pin']) {
      const rollback = explain(await stage.ebbWith({ env: { EBB_STATE_DIR: file } }, ...ROLLBACK, '--yes', '--strategy', strategy));
      expect(rollback.code).toBe(1);
      expect(rollback.stderr).toMatch(new RegExp(`cannot (read|write) the journal ${file}`));
      expect(rollback.stderr).toContain('a part of that path is a file, not a folder');
      expect(rollback.stderr).toContain('EBB_STATE_DIR');
    }
    expect(await since(bad)).toEqual([]);
    const { spec } = await stage.kustomization();
    expect(spec.suspend ?? false).toBe(false);
    expect(spec.sourceRef.name).toBe('flux-system');
    const events = await stage.cluster.list(
      { apiVersion: 'v1', kind: 'Event' },
      { namespace: 'flux-system', fieldSelector: 'involvedObject.name=sample-app' },
    );
    const head = await stage.developer.git('rev-parse', '--short=8', 'HEAD');
    expect(events.filter((event) => event.reason === 'RollbackStarted' && String(event.message).includes(head))).toEqual([]);
    expect((await stage.ebb(...ROLLBACK, '--yes', '--no-wait', '--commit', bad)).code).toBe(0);
    expect(await since(bad)).toEqual([REVERT]);
  });

  it.skipIf(!mayMount())(
    'because the disk got full stops where it is, and goes on when there is room: one revert all the same',
    async () => {
      const bad = await stage.developer.release('1.3.0');
      const disk = join(stage.home, 'disk');
      await mkdir(disk);
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', disk]);
      // While the commit is pushed something else takes all that is left, to the last byte.
      const tee = (text: string) => {
        if (text.includes('pushing to main')) fill(join(disk, 'rollbacks'));
      };
      try {
        const env = { EBB_STATE_DIR: disk };
        const full = explain(await stage.ebbWith({ env, tee }, ...ROLLBACK, '--yes', '--no-wait', '--commit', bad));
        expect(full.code).toBe(1);
        expect(full.stderr).toContain('no room to write the journal');
        expect(full.stderr).toContain('free some space');
        const [command] = /ebb resume-rollback rb-[0-9a-f]{12}/.exec(full.stderr) as RegExpExecArray;
        expect(await since(bad)).toEqual([REVERT]);
        execFileSync('mount', ['-o', 'remount,size=1m', disk]);
        const again = explain(await stage.ebbWith({ env }, ...command.split(' ').slice(1), '--yes'));
        expect(again.code).toBe(0);
        expect(await since(bad)).toEqual([REVERT]);
        expect((await stage.ebbWith({ env }, 'resume-rollback')).stdout).toContain('no rollback is open');
      } finally {
        execFileSync('umount', [disk]);
      }
    },
  );
});

describe('Ctrl-C before a plan is carried out', () => {
  it('while it plans changes nothing', async () => {
    const bad = await badRelease();
    for (const signal of [AbortSignal.abort(new Error('SIGINT')), AbortSignal.timeout(150)]) {
      const rollback = explain(await stage.ebbWith({ signal }, ...ROLLBACK, '--yes'));
      expect(rollback.code).toBe(130);
      expect(rollback.stderr).toMatch(/interrupted/i);
    }
    expect(await since(bad)).toEqual([]);
    expect(await openIds()).toEqual([]);
  });
});

/** Appends blank lines to a journal until there is no room for one more. */
function fill(folder: string): void {
  const [journal] = readdirSync(folder);
  for (const size of [65_536, 1_024, 1]) {
    try {
      for (;;) appendFileSync(join(folder, journal as string), '\n'.repeat(size));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
    }
  }
}

/** A small disk of one's own can be had by root alone. */
function mayMount(): boolean {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false;
  const folder = mkdtempSync(join(tmpdir(), 'ebb-mount-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4k', 'tmpfs', folder], { stdio: 'ignore' });
    execFileSync('umount', [folder]);
    return true;
  } catch {
    return false;
  } finally {
    rmdirSync(folder);
  }
}
