import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MARK, makeStateFolder, PREFIX, pidSpace, startOf } from './state-folder.ts';
import { sweepLeftovers } from './sweep.ts';

const children: ChildProcess[] = [];
let home: string;

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'ebb-sweep-'));
});

afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  await rm(home, { recursive: true, force: true });
});

async function runsWith(env: NodeJS.ProcessEnv): Promise<ChildProcess> {
  const child = spawn(process.execPath, ['-e', 'console.log("up"); setInterval(() => {}, 1000)'], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  await once(child.stdout, 'data');
  return child;
}

/** A folder whose owner has ended. */
async function leftFolder(owner?: object): Promise<string> {
  const folder = await makeStateFolder(home);
  // This process's id with another start: what a reused id looks like.
  const gone = { pid: process.pid, started: '1', space: await pidSpace() };
  await writeFile(join(folder, 'owner.json'), JSON.stringify(owner ?? gone));
  return folder;
}

describe.skipIf(process.platform !== 'linux')('sweeping what was left (on Linux)', () => {
  it('ends what ran for a folder whose owner is gone, and removes the folder', async () => {
    const folder = await leftFolder();
    const left = await runsWith({ [MARK]: folder });
    const ended = once(left, 'exit');
    expect(await sweepLeftovers(home)).toEqual([folder]);
    expect(await ended).toEqual([null, 'SIGKILL']);
    expect(existsSync(folder)).toBe(false);
  });

  it('ends nothing else', async () => {
    const folder = await leftFolder();
    const others = [await runsWith({ [MARK]: `${folder}2` }), await runsWith({ OTHER: folder }), await runsWith({})];
    expect(await sweepLeftovers(home)).toEqual([folder]);
    for (const { pid } of others) expect(await startOf(pid as number)).toBeDefined();
  });

  it('leaves a folder whose owner runs', async () => {
    const folder = await makeStateFolder(home);
    expect(await sweepLeftovers(home)).toEqual([]);
    expect(existsSync(folder)).toBe(true);
  });

  it('leaves a folder from where process ids mean others', async () => {
    await leftFolder({ pid: process.pid, started: '1', space: 'pid:[1]' });
    expect(await sweepLeftovers(home)).toEqual([]);
  });

  it('leaves a folder that is being made, and takes one that stayed so', async () => {
    const folder = join(home, `${PREFIX}new`);
    await mkdir(folder);
    expect(await sweepLeftovers(home)).toEqual([]);
    const longAgo = new Date(Date.now() - 3_600_000);
    await utimes(folder, longAgo, longAgo);
    expect(await sweepLeftovers(home)).toEqual([folder]);
  });

  it('leaves what has another name', async () => {
    await mkdir(join(home, 'ebb-clusters'));
    await utimes(join(home, 'ebb-clusters'), new Date(0), new Date(0));
    expect(await sweepLeftovers(home)).toEqual([]);
    expect(await readdir(home)).toEqual(['ebb-clusters']);
  });

  it('knows when this process started, and no process that has ended', async () => {
    expect(await startOf(process.pid)).toMatch(/^\d+$/);
    const child = await runsWith({});
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(await startOf(child.pid as number)).toBeUndefined();
  });
});
