/** What a command gives: a value for machines, lines for people, an exit code. */
import type { ExitCode } from '../core/failure.ts';
import type { OutputFormat } from './globals.ts';
import { escapeUnprintable, type Io, printable } from './terminal.ts';

export interface Result {
  /** `Status`, `History`, `Rollback` …: the kind of the JSON. */
  kind: string;
  /** Absent where it was all written while the command ran. */
  data?: Record<string, unknown>;
  lines: string[];
  /** For `-o patch`, where the command has one. */
  patch?: () => Promise<string>;
  /** Too long for a screen, at times: it goes through a pager on a terminal. */
  paged?: boolean;
  exitCode: ExitCode;
}

const API_VERSION = 'ebb.dev/v1alpha1';

/** Writes a result to stdout in the form that was asked for. */
export async function writeResult(io: Io, format: OutputFormat, result: Result): Promise<void> {
  if (format === 'patch') {
    io.stdout.write((await result.patch?.()) ?? '');
    return;
  }
  if (format === 'text') {
    if (result.lines.length > 0) await writeText(io, `${result.lines.join('\n')}\n`, result.paged === true);
    return;
  }
  if (result.data) await writeDocument(io, format, result.kind, result.data);
}

async function writeText(io: Io, text: string, paged: boolean): Promise<void> {
  if (paged) {
    const { pagerFor, showInPager } = await import('./pager.ts');
    const pager = pagerFor(text, io);
    if (pager !== undefined && (await showInPager(text, pager, io))) return;
  }
  io.stdout.write(text);
}

/** Writes a value as a document for machines; `yaml` unless `json` is asked for. */
export async function writeDocument(io: Io, format: OutputFormat, kind: string, data: Record<string, unknown>): Promise<void> {
  const document = { apiVersion: API_VERSION, kind, ...data };
  if (format === 'json') io.stdout.write(`${escapeUnprintable(JSON.stringify(document, null, 2))}\n`);
  else io.stdout.write(`---\n${(await import('yaml')).stringify(printable(document))}`);
}
