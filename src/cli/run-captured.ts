/** Runs a command line in this process and keeps what it printed: the demo and the scenarios see what a user sees. */
import { PassThrough, Readable, Writable } from 'node:stream';
import type { Main } from './session.ts';

export interface Captured {
  code: number;
  stdout: string;
  stderr: string;
  /** stdout as JSON. @throws SyntaxError where it is none. */
  json<T = Record<string, unknown>>(): T;
}

export interface CaptureOptions {
  env: Record<string, string | undefined>;
  cwd: string;
  signal?: AbortSignal;
  /** Sees each piece of output as it comes. */
  tee?: (text: string) => void;
  /** Gives a terminal on which each question is answered by this; without it there is none, and nothing can be asked. */
  answer?: (question: string) => string | Promise<string>;
}

export async function runCaptured(main: Main, argv: string[], options: CaptureOptions): Promise<Captured> {
  const keyboard = options.answer ? new PassThrough() : Readable.from([]);
  const stdout = sink(options.tee);
  const stderr = sink(options.answer ? answering(options.answer, keyboard as PassThrough, options.tee) : options.tee);
  const isTTY = options.answer !== undefined;
  const code = await main(argv, {
    stdout: stdout.stream,
    stderr: Object.assign(stderr.stream, { isTTY }),
    stdin: Object.assign(keyboard, { isTTY }),
    // Lines are not rewritten in place: what was printed stays readable.
    env: isTTY ? { ...options.env, TERM: 'dumb' } : options.env,
    cwd: options.cwd,
    signal: options.signal ?? new AbortController().signal,
  });
  const text = stdout.text();
  return { code, stdout: text, stderr: stderr.text(), json: () => JSON.parse(text) };
}

/** Types the answer once for each question, when it stands at the end of the output. An answer that fails closes the terminal. */
function answering(
  answer: (question: string) => string | Promise<string>,
  keyboard: PassThrough,
  tee: ((text: string) => void) | undefined,
): (text: string) => void {
  let line = '';
  let answered = false;
  return (text) => {
    tee?.(text);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: readline moves the cursor by codes that begin with ESC
    const plain = text.replace(/\u001b\[[0-9;]*[A-Za-z]/g, '');
    if (/[\r\n]/.test(plain)) answered = false;
    line = `${line}${plain}`.split(/[\r\n]/).at(-1) as string;
    if (answered || !/[?\]] $/.test(line)) return;
    answered = true;
    Promise.resolve(answer(line.trim())).then(
      (words) => keyboard.write(`${words}\n`),
      () => keyboard.end(),
    );
  };
}

function sink(tee: ((text: string) => void) | undefined): { stream: Writable; text(): string } {
  const chunks: string[] = [];
  const stream = new Writable({
    write: (chunk, _encoding, done) => {
      const text = String(chunk);
      chunks.push(text);
      tee?.(text);
      done();
    },
  });
  return { stream, text: () => chunks.join('') };
}
