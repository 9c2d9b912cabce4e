/** The terminal: colours where they are wanted, symbols that are never needed, and text that cannot drive the terminal. */

export interface Io {
  stdout: NodeJS.WritableStream & { isTTY?: boolean; columns?: number; rows?: number };
  stderr: NodeJS.WritableStream & { isTTY?: boolean; columns?: number };
  stdin: NodeJS.ReadableStream & { isTTY?: boolean };
  env: Record<string, string | undefined>;
  cwd: string;
  /** Ctrl-C. */
  signal: AbortSignal;
}

export type Colour = 'red' | 'green' | 'yellow' | 'cyan' | 'bold' | 'dim';

const CODES: Record<Colour, [number, number]> = {
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
  cyan: [36, 39],
  bold: [1, 22],
  dim: [2, 22],
};

/** Paints text, or leaves it. */
export type Paint = (colour: Colour, text: string) => string;

/** Colours on a terminal that can, unless `--no-color`, NO_COLOR or TERM=dumb say no (https://no-color.org). */
export function painter(io: Io, noColor: boolean): Paint {
  const wanted = io.stdout.isTTY === true && !noColor && !io.env.NO_COLOR && io.env.TERM !== 'dumb';
  if (!wanted && !io.env.FORCE_COLOR) return (_colour, text) => text;
  if (noColor) return (_colour, text) => text;
  return (colour, text) => `\u001b[${CODES[colour][0]}m${text}\u001b[${CODES[colour][1]}m`;
}

/** Control characters but for line feed and tab, and the bidirectional overrides that can make text read as another. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not reach the terminal
const UNPRINTABLE = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/**
 * The same value with every text in it safe to print: commit messages, labels, events and logs come from anybody.
 * Keys are cleaned as well.
 */
export function printable<T>(value: T): T {
  if (typeof value === 'string') return value.replace(UNPRINTABLE, '\ufffd') as T;
  if (Array.isArray(value)) return value.map(printable) as T;
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [printable(key), printable(item)])) as T;
}

/** JSON that means the same and cannot drive a terminal: what JSON leaves as it is becomes an escape. */
export function escapeUnprintable(json: string): string {
  return json.replace(UNPRINTABLE, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** The same on one line: a text of several could make up a line of ours. */
export function printableLine(text: string): string {
  return printable(text.trim().replace(/\s*\n\s*/g, ' '));
}

/** Columns of text: the widest cell of each, two blanks between; the last is never padded. */
export function table(header: string[], rows: string[][], paint: Paint): string[] {
  const all = [header, ...rows];
  const widths = header.map((_, column) => Math.max(...all.map((row) => width(row[column] ?? ''))));
  const line = (row: string[]) =>
    row
      .map((cell, column) => (column === row.length - 1 ? cell : cell + ' '.repeat(Math.max(0, (widths[column] as number) - width(cell)))))
      .join('  ')
      .trimEnd();
  return [paint('bold', line(header)), ...rows.map(line)];
}

/** Length on the screen: colour codes take none. */
function width(text: string): number {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colour codes begin with ESC
  return [...text.replace(/\u001b\[\d+m/g, '')].length;
}

/** `3m`, `2h`, `5d`, as kubectl prints ages. @param since RFC 3339; an unreadable one gives `<unknown>`. */
export function age(since: string | undefined, now: Date): string {
  const ms = since === undefined ? Number.NaN : now.getTime() - Date.parse(since);
  if (Number.isNaN(ms)) return '<unknown>';
  const seconds = Math.max(0, Math.floor(ms / 1_000));
  if (seconds < 120) return `${seconds}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 120) return `${minutes}m`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours}h` : `${Math.floor(hours / 24)}d`;
}
