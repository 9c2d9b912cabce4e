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
}

/** @throws where the command fails, with what it printed: a failed run is no measurement. */
export function measure(command: string, args: readonly string[], { env, cwd }: MeasureOptions): Promise<Measured> {
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
    child.on('error', reject);
    child.on('close', (code) => {
      clearInterval(watch);
      const ms = performance.now() - began;
      if (code !== 0) reject(new Error(`${command} ${args.join(' ')} ended with ${code}:\n${output}`));
      else resolve({ ms, peakMiB });
    });
  });
}
