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
  exitCode: ExitCode;
}

const API_VERSION = 'ebb.dev/v1alpha1';

/** Writes a result to stdout in the form that was asked for. */
export async function writeResult(io: Io, format: OutputFormat, result: Result): Promise<void> {
  if (format === 'text') {
    if (result.lines.length > 0) io.stdout.write(`${result.lines.join('\n')}\n`);
    return;
  }
  if (result.data) await writeDocument(io, format, result.kind, result.data);
}

/** Writes a value as a document for machines. */
export async function writeDocument(io: Io, format: 'json' | 'yaml', kind: string, data: Record<string, unknown>): Promise<void> {
  const document = { apiVersion: API_VERSION, kind, ...data };
  if (format === 'json') io.stdout.write(`${escapeUnprintable(JSON.stringify(document, null, 2))}\n`);
  else io.stdout.write(`---\n${(await import('yaml')).stringify(printable(document))}`);
}
