/** The programs as children of a reaper: a process of its own that ends them when this process ends, however it ends. */
import { type ChildProcess, spawn } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { packageRoot } from '../../../src/example/assets.ts';
import { type End, ProgramEnded } from './program-ended.ts';
import type { ProgramName } from './program-name.ts';
import { MARK } from './state-folder.ts';

export interface Program {
  name: ProgramName;
  file: string;
  args: readonly string[];
  env: Readonly<Record<string, string>>;
}

export interface Running {
  name: ProgramName;
  pid: number;
}

type Answer = { started: Running } | { failed: { name: ProgramName; message: string } } | { ended: End };

interface Waiting {
  resolve: (pid: number) => void;
  reject: (error: Error) => void;
}

export class Supervisor {
  /** Rejects when a program ended that nobody stopped; never resolves. */
  readonly trouble: Promise<never>;
  /** What was started and runs. */
  readonly processes: Running[] = [];
  readonly #folder: string;
  readonly #reaper: ChildProcess;
  readonly #gone: Promise<void>;
  readonly #waiting = new Map<ProgramName, Waiting>();
  readonly #programs = new Map<ProgramName, Program>();
  /** Who hears of the end of a program that is ended on purpose. */
  readonly #ending = new Map<ProgramName, () => void>();
  #fail: (error: Error) => void = () => {};
  #stopping = false;

  /** @param folder the state folder, which the reaper removes at the end. */
  constructor(folder: string) {
    this.#folder = folder;
    this.trouble = new Promise((_, reject) => {
      this.#fail = reject;
    });
    // Heard by whoever waits; where nobody does yet, it is no unhandled rejection.
    this.trouble.catch(() => {});
    this.#reaper = spawn(process.execPath, [join(packageRoot(), 'test', 'cluster', 'boot', 'reaper.mjs'), folder], {
      cwd: folder,
      stdio: ['pipe', 'pipe', 'inherit'],
      // A session of its own: a signal to this process's group must not end the reaper before it did its work.
      detached: true,
      env: { [MARK]: folder },
    });
    this.#reaper.stdin?.on('error', () => {});
    if (this.#reaper.stdout) createInterface({ input: this.#reaper.stdout }).on('line', (line) => this.#hear(JSON.parse(line) as Answer));
    this.#reaper.once('error', (error) => this.#fail(error));
    this.#gone = new Promise((resolve) => this.#reaper.once('close', () => resolve()));
    this.#gone.then(() => this.#orphaned());
  }

  /** The reaper's process id. */
  get pid(): number | undefined {
    return this.#reaper.pid;
  }

  /** Starts a program; its output goes to a file of its own. @returns its process id. */
  async start(program: Program): Promise<number> {
    const { name, file, args, env } = program;
    this.#programs.set(name, program);
    const started = new Promise<number>((resolve, reject) => this.#waiting.set(name, { resolve, reject }));
    const order = { name, file, args, env: { ...env, [MARK]: this.#folder }, cwd: this.#folder, log: this.logFile(name) };
    this.#reaper.stdin?.write(`${JSON.stringify(order)}\n`);
    return Promise.race([started, this.trouble]);
  }

  /** Ends a program as a crash would, and starts it anew as it was. @returns its new process id. */
  async restart(name: ProgramName): Promise<number> {
    const program = this.#programs.get(name);
    const running = this.processes.find((one) => one.name === name);
    if (!program || !running) throw new Error(`${name} does not run`);
    const ended = new Promise<void>((resolve) => this.#ending.set(name, resolve));
    process.kill(running.pid, 'SIGKILL');
    await Promise.race([ended, this.trouble]);
    return this.start(program);
  }

  logFile(name: ProgramName): string {
    return join(this.#folder, 'log', name);
  }

  /** Ends all of it at once and removes the state folder. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.#reaper.stdin?.end();
    await this.#gone;
    await rm(this.#folder, { recursive: true, force: true, maxRetries: 5 });
  }

  #hear(answer: Answer): void {
    if ('started' in answer) {
      this.processes.push(answer.started);
      this.#waiting.get(answer.started.name)?.resolve(answer.started.pid);
    } else if ('failed' in answer) {
      this.#waiting.get(answer.failed.name)?.reject(new Error(`${answer.failed.name} did not start: ${answer.failed.message}`));
    } else {
      this.#lose(answer.ended);
    }
  }

  async #lose(end: End): Promise<void> {
    const index = this.processes.findIndex(({ name }) => name === end.name);
    if (index >= 0) this.processes.splice(index, 1);
    const onPurpose = this.#ending.get(end.name);
    this.#ending.delete(end.name);
    if (onPurpose) onPurpose();
    else if (!this.#stopping) this.#fail(await ProgramEnded.of(end, this.logFile(end.name)));
  }

  /** The reaper itself was ended by somebody: what it started is this process's to end. */
  #orphaned(): void {
    if (this.#stopping) return;
    for (const { pid } of this.processes.splice(0)) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // Gone already.
      }
    }
    this.#fail(new Error('the process that looks after the programs of the control plane ended, and they with it'));
  }
}
