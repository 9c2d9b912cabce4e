import { type ChildProcess, spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import type { BuiltDocument } from '../../core/rendering/manifests.ts';
import { encodeFrame, FrameReader } from './frames.ts';

/** The process has ended before it answered. */
export class EngineEnded extends Error {
  override readonly name = 'EngineEnded';
}

export interface GoAnswer {
  ok: boolean;
  documents?: BuiltDocument[];
  message?: string;
}

/** What the program of `render/` takes; see main.go there. */
export interface GoRequest {
  root: string;
  dir: string;
  /** Contents by path, base64. */
  files: Record<string, string>;
}

interface Waiting {
  resolve(answer: GoAnswer): void;
  reject(fault: Error): void;
  deadline: NodeJS.Timeout;
}

/** How long to wait for the end of a process that was told to end, in milliseconds. */
const END_GRACE = 2_000;

/** One run of the program. It keeps this process alive only while an answer is due. */
export class GoProcess {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, Waiting>();
  readonly #reader = new FrameReader();
  readonly #ended: Promise<void>;
  readonly #answerWithin: number;
  #lastId = 0;
  #fault: EngineEnded | undefined;

  /** @param answerWithin how long one answer may take, in milliseconds; the process is killed after that */
  constructor(program: string, answerWithin: number) {
    this.#answerWithin = answerWithin;
    // Without a PATH there is no git to fetch with.
    this.#child = spawn(program, [], { stdio: ['pipe', 'pipe', 'ignore'], env: { PATH: '' } });
    this.#child.stdout?.on('data', (chunk: Buffer) => this.#receive(chunk));
    this.#child.stdin?.on('error', () => this.#fail('stopped reading'));
    this.#child.on('error', (fault) => this.#fail(`could not be started: ${fault.message}`));
    this.#ended = new Promise((resolve) => {
      this.#child.on('close', (code, signal) => {
        this.#fail(`ended with ${signal ?? `exit code ${code}`}`);
        resolve();
      });
      this.#child.on('error', () => resolve());
    });
    this.#hold(false);
  }

  get alive(): boolean {
    return this.#fault === undefined;
  }

  /** @throws EngineEnded */
  ask(request: GoRequest): Promise<GoAnswer> {
    if (this.#fault) return Promise.reject(this.#fault);
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      const deadline = setTimeout(() => this.#overdue(), this.#answerWithin);
      this.#waiting.set(id, { resolve, reject, deadline });
      this.#hold(true);
      this.#child.stdin?.write(encodeFrame({ id, ...request }));
    });
  }

  async end(): Promise<void> {
    this.#hold(true);
    this.#child.stdin?.end();
    const kill = setTimeout(() => this.#child.kill('SIGKILL'), END_GRACE);
    await this.#ended;
    clearTimeout(kill);
  }

  #receive(chunk: Buffer): void {
    try {
      for (const message of this.#reader.take(chunk)) this.#answer(message as GoAnswer & { id: number });
    } catch {
      this.#fail('sent something that is not an answer');
      this.#child.kill('SIGKILL');
    }
  }

  #answer({ id, ...answer }: GoAnswer & { id: number }): void {
    const waiting = this.#waiting.get(id);
    if (!waiting) return;
    this.#waiting.delete(id);
    clearTimeout(waiting.deadline);
    if (this.#waiting.size === 0) this.#hold(false);
    waiting.resolve(answer);
  }

  #overdue(): void {
    this.#fail(`did not answer within ${this.#answerWithin / 1000} s`);
    this.#child.kill('SIGKILL');
  }

  #fail(what: string): void {
    this.#fault ??= new EngineEnded(`the build program ${what}`);
    for (const { reject, deadline } of this.#waiting.values()) {
      clearTimeout(deadline);
      reject(this.#fault);
    }
    this.#waiting.clear();
  }

  /** Whether this process waits for the child before it ends. */
  #hold(wanted: boolean): void {
    const handles = [this.#child, this.#child.stdin as Socket | null, this.#child.stdout as Socket | null];
    for (const handle of handles) {
      if (wanted) handle?.ref();
      else handle?.unref();
    }
  }
}
