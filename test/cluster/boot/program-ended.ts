import { readFile } from 'node:fs/promises';
import type { ProgramName } from './program-name.ts';

const TOLD_LINES = 12;

export interface End {
  name: ProgramName;
  code: number | null;
  signal: string | null;
}

/** A program of the control plane ended though nobody asked it to. */
export class ProgramEnded extends Error {
  readonly program: ProgramName;
  readonly log: string;

  constructor(end: End, log: string) {
    const how = end.signal === null ? `exit code ${end.code}` : `signal ${end.signal}`;
    super(`${end.name} ended (${how}); its last lines were:\n${lastLines(log, TOLD_LINES)}`);
    this.name = 'ProgramEnded';
    this.program = end.name;
    this.log = log;
  }

  static async of(end: End, logFile: string): Promise<ProgramEnded> {
    const log = await readFile(logFile, 'utf8').catch(() => '');
    return new ProgramEnded(end, log);
  }
}

/** The last lines of a text, indented; `(nothing)` where there are none. */
export function lastLines(text: string, count: number): string {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  if (lines.length === 0) return '  (nothing)';
  return lines
    .slice(-count)
    .map((line) => `  ${line}`)
    .join('\n');
}
