import { readdirSync, rmSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { processIsAlive } from './live-process.ts';

export interface SecretFile {
  content: string;
  /** Runs as a program; else it is only read. */
  executable?: boolean;
}

const PREFIX = 'ebb-git-';
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Runs `use` with a directory (mode 0700) that holds `files` (0600), and removes it whatever happens: on return, on an error,
 * when the process exits or is ended by a signal. What a killed process left behind is removed by the next call.
 */
export async function withSecretFiles<T>(files: Record<string, SecretFile>, use: (directory: string) => Promise<T>): Promise<T> {
  if (Object.keys(files).length === 0) return use('');
  removeLeftovers();
  const directory = await mkdtemp(join(tmpdir(), `${PREFIX}${process.pid}-`));
  const release = removeOnExit(directory);
  try {
    for (const [name, file] of Object.entries(files)) {
      await writeFile(join(directory, name), file.content, { mode: file.executable ? 0o700 : 0o600, flag: 'wx' });
    }
    return await use(directory);
  } finally {
    await rm(directory, { recursive: true, force: true });
    release();
  }
}

function removeOnExit(directory: string): () => void {
  const remove = () => rmSync(directory, { recursive: true, force: true });
  const onSignal = (signal: NodeJS.Signals) => {
    remove();
    release();
    // Without a listener of the program's own, the signal ends the process as it would have done.
    if (process.listenerCount(signal) === 0) process.kill(process.pid, signal);
  };
  const release = () => {
    process.off('exit', remove);
    for (const signal of SIGNALS) process.off(signal, onSignal);
  };
  process.once('exit', remove);
  for (const signal of SIGNALS) process.on(signal, onSignal);
  return release;
}

function removeLeftovers(): void {
  for (const name of readdirSync(tmpdir())) {
    const owner = name.startsWith(PREFIX) ? Number(/^(\d+)-/.exec(name.slice(PREFIX.length))?.[1]) : Number.NaN;
    if (!Number.isInteger(owner) || processIsAlive(owner)) continue;
    try {
      rmSync(join(tmpdir(), name), { recursive: true, force: true });
    } catch {
      // Another user's: theirs to remove.
    }
  }
}
