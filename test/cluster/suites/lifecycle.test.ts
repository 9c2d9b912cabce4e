/** How a control plane ends: when it is asked to, when a program of it fails, and when whoever started it is killed. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { MARK } from '../boot/state-folder.ts';
import { sweepLeftovers } from '../boot/sweep.ts';
import { startControlPlane } from '../control-plane.ts';
import { untilGone } from './boot/gone.ts';
import { processesMarked } from './boot/marked.ts';

const script = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..', 'scripts', 'cluster.mjs');
/** Temporary files of these tests alone: another test's boot must not sweep what one of these is to sweep. */
let home: string;

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'ebb-lifecycle-'));
  vi.stubEnv('TMPDIR', home);
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await sweepLeftovers(home);
  await rm(home, { recursive: true, force: true });
});

/** `npm run cluster -- --empty -o json`, when it runs. */
async function startByCommand(): Promise<{ parent: ChildProcess; folder: string; reaper: number; programs: number[] }> {
  const parent = spawn(process.execPath, [script, '--empty', '-o', 'json'], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = (await once(createInterface({ input: parent.stdout }), 'line')) as [string];
  const folder = dirname((JSON.parse(line) as { logs: string }).logs);
  const all = await processesMarked(MARK, folder);
  const reaper = all.find(({ command }) => command.includes('reaper.mjs'))?.pid ?? 0;
  return { parent, folder, reaper, programs: all.map(({ pid }) => pid).filter((pid) => pid !== reaper) };
}

it('ends with the process that started it, though that is killed', async () => {
  const { parent, folder, reaper, programs } = await startByCommand();
  expect(programs).toHaveLength(9);
  parent.kill('SIGKILL');
  await untilGone([reaper, ...programs], folder);
  expect(await readdir(home)).toEqual([]);
});

it('ends on Ctrl-C with exit code 0 and leaves nothing', async () => {
  const { parent, folder, reaper, programs } = await startByCommand();
  parent.kill('SIGINT');
  expect(await once(parent, 'exit')).toEqual([0, null]);
  await untilGone([reaper, ...programs], folder, 0);
});

it('is swept away by the next one where even its reaper was killed', async () => {
  const { parent, folder, reaper, programs } = await startByCommand();
  expect(await sweepLeftovers(home)).toEqual([]);
  process.kill(reaper, 'SIGSTOP');
  parent.kill('SIGKILL');
  await once(parent, 'exit');
  process.kill(reaper, 'SIGKILL');
  expect((await processesMarked(MARK, folder)).map(({ pid }) => pid)).toEqual(expect.arrayContaining(programs));
  expect(await sweepLeftovers(home)).toEqual([folder]);
  await untilGone([reaper, ...programs], folder);
});

it('does not start where a program fails, names it, and leaves nothing', async () => {
  const start = startControlPlane({ flags: { 'kube-scheduler': ['--no-such-flag'] } });
  await expect(start).rejects.toThrow(/^kube-scheduler ended \(exit code 1\); its last lines were:\n[\s\S]*unknown flag: --no-such-flag/);
  expect(await readdir(home)).toEqual([]);
});

it('tells of a program that ends later', async () => {
  let hear = (_error: Error) => {};
  const trouble = new Promise<Error>((resolve) => {
    hear = resolve;
  });
  const plane = await startControlPlane({ onTrouble: (error) => hear(error) });
  try {
    const { pid } = plane.processes.find(({ name }) => name === 'helm-controller') as { pid: number };
    process.kill(pid, 'SIGKILL');
    expect((await trouble).message).toMatch(/^helm-controller ended \(signal SIGKILL\); its last lines were:\n[\s\S]*"starting/i);
    expect(plane.processes.map(({ name }) => name)).not.toContain('helm-controller');
  } finally {
    await plane.stop();
  }
  expect(await readdir(home)).toEqual([]);
});
