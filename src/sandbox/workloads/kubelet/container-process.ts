/** The process of one container run: in a process group of its own, so that nothing it starts outlives it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { constants } from 'node:os';
import type { LogFile } from './log-file.ts';
import type { Reaper } from './reaper.ts';

/** How long the pipes of a process that ended may still bring output of what it left behind. Real time. */
const DRAIN_MS = 1_000;

interface ProcessSpec {
  argv: string[];
  env: Record<string, string>;
  cwd: string;
}

export interface Exit {
  /** As a container runtime reports it: 128 + the number of the signal for one that a signal ended. */
  exitCode: number;
  /** Why it could not even be started. */
  startError?: string;
}

export interface ContainerProcess {
  signal(signal: NodeJS.Signals): void;
  /** Ends the whole group at once. */
  kill(): void;
}

interface Launch {
  spec: ProcessSpec;
  log: LogFile;
  reaper: Reaper;
  /** Called when the process really runs. */
  started(): void;
  /** Called once, when the process has ended, its group is gone and its output is written. */
  ended(exit: Exit): void;
}

/** Starts a process, without a shell. */
export function launch({ spec, log, reaper, started, ended }: Launch): ContainerProcess {
  const [command = '', ...args] = spec.argv;
  const child = spawn(command, args, { cwd: spec.cwd, env: spec.env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  const { pid } = child;
  child.stdout.on('data', (chunk: Buffer) => log.write('stdout', chunk));
  child.stderr.on('data', (chunk: Buffer) => log.write('stderr', chunk));
  if (pid !== undefined) reaper.watch(pid);
  child.once('spawn', started);

  const finish = (exit: Exit) => {
    if (pid !== undefined) {
      killGroup(pid);
      reaper.release(pid);
    }
    log.end();
    ended(exit);
  };
  void outcomeOf(child).then(async (exit) => {
    if (pid !== undefined) killGroup(pid);
    await drained(child);
    finish(exit);
  });

  return {
    signal: (signal) => void child.kill(signal),
    kill: () => {
      if (pid !== undefined && child.exitCode === null && child.signalCode === null) killGroup(pid);
    },
  };
}

function outcomeOf(child: ChildProcess): Promise<Exit> {
  return new Promise((resolve) => {
    child.once('error', (error: NodeJS.ErrnoException) => {
      // `error` also tells of a failed kill, which ends nothing.
      if (child.pid === undefined) resolve({ exitCode: 128, startError: error.message });
    });
    child.once('exit', (code, signal) => {
      const number = signal ? constants.signals[signal] : 0;
      resolve({ exitCode: code ?? 128 + number });
    });
  });
}

function drained(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.pid === undefined || (child.stdout?.closed && child.stderr?.closed)) return resolve();
    const limit = setTimeout(resolve, DRAIN_MS);
    child.once('close', () => {
      clearTimeout(limit);
      resolve();
    });
  });
}

function killGroup(group: number): void {
  try {
    process.kill(-group, 'SIGKILL');
  } catch {
    // Gone already.
  }
}
