import { mkdir, readFile, rm, rmdir, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import type { Clock } from '../../ports.ts';
import { processIsAlive, startOfProcess } from './live-process.ts';

export interface LockOptions {
  clock: Clock;
  log: (line: string) => void;
  signal?: AbortSignal;
}

interface Holder {
  pid: number;
  /** When the process started, in the kernel's own count; tells a reused pid. Linux alone. */
  started?: string;
  host: string;
}

const HEARTBEAT_MS = 5_000;
/** A holder on another machine, or one that cannot be read, counts as gone after so long without a heartbeat. */
const SILENT_MS = 60_000;
const POLL_MS = 40;
const TELL_AFTER_POLLS = 50;

/**
 * Runs `work` while holding the lock file `path`; waits for another holder, and takes over from one that is gone: its process
 * has ended, or, on another host, its heartbeat has stopped.
 */
export async function withLock<T>(path: string, options: LockOptions, work: () => Promise<T>): Promise<T> {
  await acquire(path, options);
  const heartbeat = setInterval(() => void utimes(path, new Date(), new Date()).catch(() => undefined), HEARTBEAT_MS);
  heartbeat.unref();
  try {
    return await work();
  } finally {
    clearInterval(heartbeat);
    await rm(path, { force: true });
  }
}

async function acquire(path: string, options: LockOptions): Promise<void> {
  const mine = JSON.stringify(thisProcess());
  for (let polls = 1; !(await create(path, mine)); polls += 1) {
    if (await isStale(path)) {
      await breakLock(path, options);
      continue;
    }
    if (polls === TELL_AFTER_POLLS) options.log(`Waiting for another process that is using the cache (${await describe(path)})`);
    await options.clock.sleep(POLL_MS, options.signal);
  }
}

async function create(path: string, content: string): Promise<boolean> {
  try {
    await writeFile(path, content, { flag: 'wx', mode: 0o600 });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Between seeing a stale lock and removing it another process may have done both; so removal itself is guarded, and looks again. */
async function breakLock(path: string, options: LockOptions): Promise<void> {
  const guard = `${path}.breaking`;
  try {
    await mkdir(guard);
  } catch {
    const age = await ageOf(guard);
    if (age !== undefined && age > SILENT_MS) await rmdir(guard).catch(() => undefined);
    return options.clock.sleep(POLL_MS, options.signal);
  }
  try {
    if (await isStale(path)) {
      options.log(`Taking over the cache from a process that has ended (${await describe(path)})`);
      await rm(path, { force: true });
    }
  } finally {
    await rmdir(guard).catch(() => undefined);
  }
}

async function isStale(path: string): Promise<boolean> {
  const age = await ageOf(path);
  if (age === undefined) return false;
  const holder = await readHolder(path);
  if (holder === undefined || holder.host !== hostname()) return age > SILENT_MS;
  if (!processIsAlive(holder.pid)) return true;
  const started = startOfProcess(holder.pid);
  return holder.started !== undefined && started !== undefined && started !== holder.started;
}

async function ageOf(path: string): Promise<number | undefined> {
  try {
    return Date.now() - (await stat(path)).mtimeMs;
  } catch {
    return undefined;
  }
}

async function readHolder(path: string): Promise<Holder | undefined> {
  try {
    const value = JSON.parse(await readFile(path, 'utf8')) as Partial<Holder>;
    return typeof value.pid === 'number' && typeof value.host === 'string' ? (value as Holder) : undefined;
  } catch {
    return undefined;
  }
}

async function describe(path: string): Promise<string> {
  const holder = await readHolder(path);
  return holder ? `process ${holder.pid} on ${holder.host}` : 'unknown process';
}

function thisProcess(): Holder {
  const started = startOfProcess(process.pid);
  return { pid: process.pid, host: hostname(), ...(started === undefined ? {} : { started }) };
}
