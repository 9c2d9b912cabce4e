import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { gitEnvironment } from './environment.ts';
import { gitMissing, NEUTRAL_DIRECTORY } from './git-process.ts';

/** What a parser makes of the bytes so far: an answer and its length, or how many bytes it needs at least. */
export type Parsed<T> = { value: T; length: number } | { atLeast: number };

/** Thrown when a batch process ends with questions open: what it said last. */
export class BatchEnded extends Error {
  override readonly name = 'BatchEnded';
  readonly stderr: string;

  constructor(command: string, stderr: string) {
    super(`git ${command} ended: ${stderr.trim()}`);
    this.stderr = stderr;
  }
}

interface Question<T> {
  resolve(value: T): void;
  reject(error: unknown): void;
}

interface Running<T> {
  child: ChildProcessWithoutNullStreams;
  open: Question<T>[];
}

/**
 * A git process that answers one question after another (`cat-file --batch-command`, `mktree --batch`), started with the first
 * question and again after it has died. It keeps Node alive only while a question is open.
 */
export class BatchProcess<T> {
  readonly #gitDir: string;
  readonly #args: string[];
  readonly #parse: (bytes: Buffer) => Parsed<T>;
  #running: Running<T> | undefined;

  constructor(gitDir: string, args: string[], parse: (bytes: Buffer) => Parsed<T>) {
    this.#gitDir = gitDir;
    this.#args = args;
    this.#parse = parse;
  }

  /** @throws BatchEnded when the process dies before it has answered; Failure GitMissing. */
  ask(question: Buffer | string): Promise<T> {
    this.#running ??= this.#start();
    const running = this.#running;
    return new Promise((resolve, reject) => {
      if (running.open.length === 0) keepAlive(running.child, true);
      running.open.push({ resolve, reject });
      running.child.stdin.write(question);
    });
  }

  /** Ends the process; questions still open are rejected. */
  async close(): Promise<void> {
    const child = this.#running?.child;
    this.#running = undefined;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    await new Promise<void>((resolve) => {
      keepAlive(child, true);
      child.once('close', () => resolve());
      child.stdin.end();
    });
  }

  #start(): Running<T> {
    const child = spawn('git', this.#args, {
      cwd: NEUTRAL_DIRECTORY,
      env: gitEnvironment([], { GIT_DIR: this.#gitDir }),
      stdio: ['pipe', 'pipe', 'pipe'],
      // Ctrl-C in a terminal goes to the whole group: the program decides itself when it stops reading.
      detached: true,
    });
    const running: Running<T> = { child, open: [] };
    const stderr: Buffer[] = [];
    const answers = new AnswerBuffer(this.#parse);
    child.stdin.on('error', () => undefined);
    child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
    child.stdout.on('data', (chunk: Buffer) => {
      for (const value of answers.push(chunk)) running.open.shift()?.resolve(value);
      if (running.open.length === 0) keepAlive(child, false);
    });
    child.on('error', (error) => this.#ended(running, gitMissing(error)));
    child.on('close', () => this.#ended(running, new BatchEnded(this.#args[0] ?? '', Buffer.concat(stderr).toString('utf8'))));
    keepAlive(child, false);
    return running;
  }

  #ended(running: Running<T>, why: Error): void {
    if (this.#running === running) this.#running = undefined;
    for (const question of running.open.splice(0)) question.reject(why);
  }
}

/** Collects chunks until the parser has enough of them, without copying on every chunk. */
class AnswerBuffer<T> {
  readonly #parse: (bytes: Buffer) => Parsed<T>;
  #chunks: Buffer[] = [];
  #length = 0;
  #needed = 1;

  constructor(parse: (bytes: Buffer) => Parsed<T>) {
    this.#parse = parse;
  }

  push(chunk: Buffer): T[] {
    this.#chunks.push(chunk);
    this.#length += chunk.length;
    if (this.#length < this.#needed) return [];
    let bytes: Buffer = Buffer.concat(this.#chunks);
    const values: T[] = [];
    for (;;) {
      const parsed = bytes.length === 0 ? { atLeast: 1 } : this.#parse(bytes);
      if ('atLeast' in parsed) {
        this.#needed = parsed.atLeast;
        break;
      }
      values.push(parsed.value);
      bytes = bytes.subarray(parsed.length);
    }
    this.#chunks = [bytes];
    this.#length = bytes.length;
    return values;
  }
}

function keepAlive(child: ChildProcessWithoutNullStreams, alive: boolean): void {
  // The pipes of a child are sockets; their types do not say so.
  for (const handle of [child, child.stdin, child.stdout, child.stderr] as unknown as { ref?(): void; unref?(): void }[]) {
    if (alive) handle.ref?.();
    else handle.unref?.();
  }
}
