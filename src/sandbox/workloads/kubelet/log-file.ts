/** The log of one container run, in the format of the container runtimes: `<time> <stream> F <line>`. */
import { closeSync, mkdirSync, openSync, renameSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import type { SandboxClock } from '../../clock.ts';

/** Where the kubelet rotates a log (`containerLogMaxSize`). */
const MAX_BYTES = 10 * 2 ** 20;

type Stream = 'stdout' | 'stderr';

export interface LogFile {
  readonly path: string;
  readonly ended: boolean;
  write(stream: Stream, chunk: Buffer): void;
  /** Writes the last unfinished lines. */
  end(): void;
  /** Calls `listener` after every write and at the end. */
  follow(listener: () => void): () => void;
}

export function openLogFile(path: string, clock: SandboxClock): LogFile {
  mkdirSync(dirname(path), { recursive: true });
  let file = openSync(path, 'a', 0o600);
  let size = 0;
  let ended = false;
  const rests: Record<Stream, Buffer> = { stdout: Buffer.alloc(0), stderr: Buffer.alloc(0) };
  const listeners = new Set<() => void>();
  const notify = () => {
    for (const listener of listeners) listener();
  };

  const append = (stream: Stream, lines: string[]) => {
    if (lines.length === 0) return;
    const time = nanoseconds(clock.now());
    const text = lines.map((line) => `${time} ${stream} F ${line}\n`).join('');
    if (size > MAX_BYTES) rotate();
    size += writeSync(file, text);
  };

  const rotate = () => {
    closeSync(file);
    renameSync(path, `${path}.1`);
    file = openSync(path, 'a', 0o600);
    size = 0;
  };

  return {
    path,
    get ended() {
      return ended;
    },
    write: (stream, chunk) => {
      if (ended) return;
      const lines = Buffer.concat([rests[stream], chunk]).toString('utf8').split('\n');
      rests[stream] = Buffer.from(lines.pop() ?? '');
      append(stream, lines);
      notify();
    },
    end: () => {
      if (ended) return;
      for (const stream of ['stdout', 'stderr'] as const) {
        if (rests[stream].length > 0) append(stream, [rests[stream].toString('utf8')]);
      }
      ended = true;
      closeSync(file);
      notify();
      listeners.clear();
    },
    follow: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** RFC 3339 with nine digits, as the runtimes write it. */
function nanoseconds(date: Date): string {
  return `${date.toISOString().slice(0, -1)}000000Z`;
}
