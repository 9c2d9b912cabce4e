/** One process at a time, told by a file that lives as long as its owner. */
import { mkdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

/** Milliseconds between two signs of life of an owner, and without one until it counts as gone. */
const BEAT = 5_000;
const GONE_AFTER = 60_000;

interface Owner {
  pid: number;
  host: string;
}

export interface Lock {
  release(): void;
}

/**
 * Waits until the file is ours. An owner that is gone is passed over; should two think so at once, both get it, so what is done under
 * it must be harmless when done twice.
 * @param onWait hears once whom we wait for.
 */
export async function acquire(file: string, onWait: (pid: number) => void): Promise<Lock> {
  mkdirSync(dirname(file), { recursive: true });
  const own = JSON.stringify({ pid: process.pid, host: hostname(), since: Date.now() });
  for (let told = false; !claim(file, own); await pause(500)) {
    const owner = ownerOf(file);
    if (owner === undefined || told) continue;
    onWait(owner.pid);
    told = true;
  }
  const timer = setInterval(() => attempt(() => utimesSync(file, new Date(), new Date())), BEAT).unref();
  return {
    release: () => {
      clearInterval(timer);
      if (attempt(() => readFileSync(file, 'utf8')) === own) rmSync(file, { force: true });
    },
  };
}

/** Whether the process runs; one of another user's does too. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function claim(file: string, own: string): boolean {
  try {
    writeFileSync(file, own, { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  if (isAbandoned(file)) {
    // Only one of those who see this moves it away.
    const aside = `${file}-${process.pid}`;
    attempt(() => renameSync(file, aside));
    rmSync(aside, { force: true });
  }
  return false;
}

function isAbandoned(file: string): boolean {
  const seen = attempt(() => statSync(file));
  if (seen === undefined) return false;
  if (Date.now() - seen.mtimeMs > GONE_AFTER) return true;
  const owner = ownerOf(file);
  return owner !== undefined && owner.host === hostname() && !isAlive(owner.pid);
}

/** Undefined where nobody has it, or where it is being written. */
function ownerOf(file: string): Owner | undefined {
  return attempt(() => JSON.parse(readFileSync(file, 'utf8')) as Owner);
}

function attempt<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch {
    return undefined;
  }
}
