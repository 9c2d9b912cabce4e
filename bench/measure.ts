/** Runs one process and measures it from outside: wall time, and the peak of its memory where the system tells. */
import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';

export interface Measured {
  /** Milliseconds from spawn to exit. */
  ms: number;
  /** Mebibytes, of the process itself; undefined where /proc is not there. */
  peakMiB: number | undefined;
}

export interface MeasureOptions {
  env: NodeJS.ProcessEnv;
  cwd: string;
  /** Ends the command. */
  signal?: AbortSignal;
}

/** @throws where the command fails, with what it printed: a failed run is no measurement; the signal's reason once it is over. */
export function measure(command: string, args: readonly string[], { env, cwd, signal }: MeasureOptions): Promise<Measured> {
  return new Promise((resolve, reject) => {
    const began = performance.now();
    const child = spawn(command, args, { env, cwd, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    let peakMiB: number | undefined;
    const look = async () => {
      const text = await readFile(`/proc/${child.pid}/status`, 'utf8').catch(() => '');
      const kib = Number(/^VmHWM:\s+(\d+)/m.exec(text)?.[1] ?? Number.NaN);
      if (!Number.isNaN(kib)) peakMiB = kib / 1_024;
    };
    const watch = setInterval(look, 20);
    child.stdout.on('data', (chunk) => {
      output += chunk;
    });
    child.stderr.on('data', (chunk) => {
      output += chunk;
    });
    const end = () => child.kill();
    signal?.addEventListener('abort', end);
    if (signal?.aborted) end();
    child.on('error', reject);
    child.on('close', (code) => {
      clearInterval(watch);
      signal?.removeEventListener('abort', end);
      const ms = performance.now() - began;
      if (signal?.aborted) reject(signal.reason);
      else if (code !== 0) reject(new Error(`${command} ${args.join(' ')} ended with ${code}:\n${output}`));
      else resolve({ ms, peakMiB });
    });
  });
}
