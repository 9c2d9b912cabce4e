/** What a person sees of a build that takes minutes. */

/** Where lines go to. */
export interface Paper {
  line(text: string): void;
  /** Tells how a long step gets on; `seconds` since it began. */
  beat(text: string, seconds: number): void;
  /** No more beats for now. */
  rest(): void;
  /** Milliseconds between two beats. */
  every: number;
}

/** Whole lines, with one for a long step every half minute. */
export function linesTo(report: (line: string) => void): Paper {
  return { line: report, beat: (text, seconds) => report(`${text}, ${span(seconds)}`), rest: () => {}, every: 30_000 };
}

/** In a terminal the step that is at work is one line that counts. */
function terminal(stream: NodeJS.WriteStream): Paper {
  const clear = '\r\u001b[K';
  return {
    line: (text) => void stream.write(`${clear}${text}\n`),
    beat: (text, seconds) => void stream.write(`${clear}${`${text}, ${span(seconds)}`.slice(0, (stream.columns || 80) - 1)}`),
    rest: () => void stream.write(clear),
    every: 1_000,
  };
}

/** Standard error: standard output belongs to what was asked for. */
export function standardError(): Paper {
  return process.stderr.isTTY ? terminal(process.stderr) : linesTo((line) => process.stderr.write(`${line}\n`));
}

/** Beats while `work` is at it. @returns what it returns. */
export async function whileBeating<T>(paper: Paper, text: () => string, work: () => Promise<T>): Promise<T> {
  const begun = Date.now();
  const timer = setInterval(() => paper.beat(text(), (Date.now() - begun) / 1000), paper.every);
  try {
    return await work();
  } finally {
    clearInterval(timer);
    paper.rest();
  }
}

/** `41 s`, `3 min 5 s`. */
export function span(seconds: number): string {
  const whole = Math.round(seconds);
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
}
