import { spawn } from 'node:child_process';
import { parse } from 'node:path';
import { StringDecoder } from 'node:string_decoder';
import { Failure } from '../../core/failure.ts';
import { type GitConfig, gitEnvironment } from './environment.ts';

export interface GitCall {
  args: string[];
  /** The repository; absent for commands that need none, or that find one from `cwd`. */
  gitDir?: string;
  cwd?: string;
  config?: GitConfig;
  env?: Record<string, string>;
  input?: Buffer | string;
  /** Lines of stderr while the command runs, progress included. */
  onLine?: (line: string) => void;
  /** Ends the command when it has said nothing for so many milliseconds. */
  quietLimitMs?: number;
  /** Keeps the terminal, for a program that may ask there. Else neither Ctrl-C reaches git nor can anything prompt: the caller decides when to stop. */
  terminal?: boolean;
  signal?: AbortSignal;
}

export interface GitResult {
  code: number;
  stdout: Buffer;
  /** Without progress lines. */
  stderr: string;
  /** Ended because it said nothing for too long. */
  timedOut: boolean;
}

/** The root directory: a working directory that is always there, so that ENOENT on start can only mean git itself. */
export const NEUTRAL_DIRECTORY = parse(process.cwd()).root;

/**
 * Runs git once, never through a shell, and resolves whatever its exit code is.
 * @throws Failure GitMissing where there is no git; Interrupted when `signal` aborts.
 */
export function runGit(call: GitCall): Promise<GitResult> {
  return new Promise((resolve, reject) => {
    if (call.signal?.aborted) return reject(interrupted(call.args));
    const child = spawn('git', call.args, {
      cwd: call.cwd ?? NEUTRAL_DIRECTORY,
      env: gitEnvironment(call.config, { ...(call.gitDir === undefined ? {} : { GIT_DIR: call.gitDir }), ...call.env }),
      stdio: ['pipe', 'pipe', 'pipe'],
      detached: !call.terminal,
    });
    const stop = () => kill(child.pid, !call.terminal);
    const watchdog = new Watchdog(call.quietLimitMs, stop);
    const stdout: Buffer[] = [];
    const stderr = new LineSplitter(call.onLine);
    call.signal?.addEventListener('abort', stop, { once: true });
    child.stdout.on('data', (chunk: Buffer) => {
      watchdog.heard();
      stdout.push(chunk);
    });
    child.stderr.on('data', (chunk: Buffer) => {
      watchdog.heard();
      stderr.push(chunk);
    });
    // A command that ends before it has read its input says why on stderr.
    child.stdin.on('error', () => undefined);
    child.on('error', (error) => {
      watchdog.end();
      call.signal?.removeEventListener('abort', stop);
      reject(gitMissing(error));
    });
    child.on('close', (code, killedBy) => {
      watchdog.end();
      call.signal?.removeEventListener('abort', stop);
      if (call.signal?.aborted) return reject(interrupted(call.args));
      const text = stderr.end() + (killedBy && !watchdog.fired ? `git was ended by ${killedBy}\n` : '');
      resolve({ code: code ?? 128, stdout: Buffer.concat(stdout), stderr: text, timedOut: watchdog.fired });
    });
    child.stdin.end(call.input);
  });
}

/** The failure for a git that does not start. */
export function gitMissing(cause: unknown): Failure {
  return new Failure('GitMissing', 'The git program could not be started.', {
    seen: cause instanceof Error ? cause.message : String(cause),
    causes: ['git is not installed', 'git is not on PATH'],
    next: ['Install git 2.38 or newer and try again', 'git --version'],
    cause,
  });
}

function interrupted(args: string[]): Failure {
  return new Failure('Interrupted', `git ${args[0] ?? ''} was interrupted.`);
}

function kill(pid: number | undefined, group: boolean): void {
  if (pid === undefined) return;
  const send = (signal: NodeJS.Signals) => {
    try {
      process.kill(group ? -pid : pid, signal);
    } catch {
      // It has ended on its own.
    }
  };
  send('SIGTERM');
  setTimeout(() => send('SIGKILL'), 2000).unref();
}

class Watchdog {
  fired = false;
  readonly #limit: number | undefined;
  readonly #bite: () => void;
  #timer: NodeJS.Timeout | undefined;

  constructor(limit: number | undefined, bite: () => void) {
    this.#limit = limit;
    this.#bite = bite;
    this.heard();
  }

  heard(): void {
    if (this.#limit === undefined) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.fired = true;
      this.#bite();
    }, this.#limit);
  }

  end(): void {
    clearTimeout(this.#timer);
  }
}

/** Git ends the lines of its progress with CR and all others with LF, ssh with CR LF; what is kept are the others. */
class LineSplitter {
  readonly #onLine: ((line: string) => void) | undefined;
  readonly #kept: string[] = [];
  readonly #decoder = new StringDecoder('utf8');
  #rest = '';

  constructor(onLine: ((line: string) => void) | undefined) {
    this.#onLine = onLine;
  }

  push(chunk: Buffer): void {
    const pieces = (this.#rest + this.#decoder.write(chunk)).split(/(?<=\n|\r(?!\n))/);
    // A CR at the end may be followed by its LF in the next chunk.
    this.#rest = pieces.at(-1)?.endsWith('\n') ? '' : (pieces.pop() ?? '');
    for (const piece of pieces) this.#take(piece);
  }

  end(): string {
    if (this.#rest !== '') this.#take(this.#rest);
    this.#rest = '';
    return this.#kept.join('');
  }

  #take(piece: string): void {
    const line = piece.replace(/[\r\n]+$/, '').trimEnd();
    if (line !== '') this.#onLine?.(line);
    if (!piece.endsWith('\r')) this.#kept.push(`${line}\n`);
  }
}
