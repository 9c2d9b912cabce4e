import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeStateFolder } from './state-folder.ts';
import { type Program, Supervisor } from './supervisor.ts';

const RUNS = 'process.stdout.write("up\\n"); setInterval(() => {}, 1000)';
const ENDS = 'console.error("no such thing"); process.exit(3)';

function node(name: Program['name'], code: string): Program {
  return { name, file: process.execPath, args: ['-e', code], env: { PATH: '' } };
}

let home: string;
let folder: string;
let supervisor: Supervisor;

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'ebb-supervisor-'));
  folder = await makeStateFolder(home);
  supervisor = new Supervisor(folder);
});

afterEach(async () => {
  await supervisor.stop();
  await rm(home, { recursive: true, force: true });
});

/** Whether the kernel knows it; our reaper asks about its children at once. */
function exists(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

describe('a supervisor', () => {
  it('starts programs, keeps what they print, and ends them all with the folder', async () => {
    const pids = [await supervisor.start(node('etcd', RUNS)), await supervisor.start(node('kwok', RUNS))];
    expect(supervisor.processes).toEqual([
      { name: 'etcd', pid: pids[0] },
      { name: 'kwok', pid: pids[1] },
    ]);
    await expect.poll(() => readFile(supervisor.logFile('etcd'), 'utf8'), { timeout: 20_000 }).toBe('up\n');
    await supervisor.stop();
    expect(pids.filter(exists)).toEqual([]);
    expect(existsSync(folder)).toBe(false);
  });

  it('names a program that ended by itself, with what it said', async () => {
    await supervisor.start(node('etcd', ENDS));
    await expect(supervisor.trouble).rejects.toThrow('etcd ended (exit code 3); its last lines were:\n  no such thing');
  });

  it('says which program there is not', async () => {
    const start = supervisor.start({ name: 'kwok', file: join(home, 'none'), args: [], env: {} });
    await expect(start).rejects.toThrow(/^kwok did not start: .*ENOENT/);
  });

  it('ends the programs itself where the reaper is killed', async () => {
    const pid = await supervisor.start(node('etcd', RUNS));
    process.kill(supervisor.pid as number, 'SIGKILL');
    await expect(supervisor.trouble).rejects.toThrow(/the process that looks after the programs .* ended/);
    await expect.poll(() => exists(pid), { timeout: 20_000 }).toBe(false);
  });
});

it('is not needed for its reaper to end everything', async () => {
  const reaper = spawn(process.execPath, [fileURLToPath(new URL('./reaper.mjs', import.meta.url)), folder], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const order = { ...node('etcd', RUNS), cwd: folder, log: join(folder, 'log', 'etcd') };
  reaper.stdin.write(`${JSON.stringify(order)}\n`);
  const [line] = (await once(reaper.stdout, 'data')) as [Buffer];
  const { pid } = (JSON.parse(line.toString()) as { started: { pid: number } }).started;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) reaper.kill(signal);
  expect(exists(pid)).toBe(true);
  // What the kernel does for a process that is killed.
  reaper.stdin.destroy();
  expect(await once(reaper, 'exit')).toEqual([0, null]);
  expect(exists(pid)).toBe(false);
  expect(existsSync(folder)).toBe(false);
});
