/**
 * Ends and removes what a control plane left whose owner and reaper were both killed. Needs /proc, so it does nothing on
 * other systems than Linux.
 */
import { readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MARK, type Owner, PREFIX, pidSpace, readOwner, startOf } from './state-folder.ts';

/** A folder that says nothing about its owner is being made, or was left by a process killed just then; ms. */
const BEING_MADE = 60_000;

/** @returns the folders that were removed. */
export async function sweepLeftovers(parent = tmpdir()): Promise<string[]> {
  const space = await pidSpace();
  if (space === undefined) return [];
  const names = await readdir(parent).catch(() => []);
  const folders = names.filter((name) => name.startsWith(PREFIX)).map((name) => join(parent, name));
  const left = await Promise.all(folders.map(async (folder) => ((await isLeft(folder, space)) ? folder : undefined)));
  const removed = left.filter((folder) => folder !== undefined);
  for (const folder of removed) await sweep(folder);
  return removed;
}

async function isLeft(folder: string, space: string): Promise<boolean> {
  const owner = await readOwner(folder);
  if (owner === undefined) {
    const found = await stat(folder).catch(() => undefined);
    return found?.isDirectory() === true && found.uid === process.getuid?.() && Date.now() - found.mtimeMs > BEING_MADE;
  }
  return owner.space === space && !(await isAlive(owner));
}

async function isAlive({ pid, started }: Owner): Promise<boolean> {
  return started !== undefined && (await startOf(pid)) === started;
}

/** The owner is gone. A reaper that is at work ends it all by itself; without one, it is ours to end. */
async function sweep(folder: string): Promise<void> {
  for (const pid of await processesOf(folder)) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // Gone by itself.
    }
  }
  await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
}

/**
 * Processes that were started for a folder. They say so themselves in their environment, which only their own user can
 * read or have set; a process that has got the id of one of them since does not.
 */
async function processesOf(folder: string): Promise<number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const marked = await Promise.all(pids.map(async (pid) => ((await marks(pid)).includes(`${MARK}=${folder}`) ? [pid] : [])));
  return marked.flat();
}

async function marks(pid: number): Promise<string[]> {
  const environment = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '');
  return environment.split('\0');
}
