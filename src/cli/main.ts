/** Runs a command line. The process around it is in ebb.ts; tests call this with streams of their own. */
import { type ExitCode, exitCodeOf } from '../core/failure.ts';
import type { Globals } from './globals.ts';
import { asFailure, failureData, failureLines } from './output/failure.ts';
import { buildProgram, exitCodeOfUsage } from './program.ts';
import { type Result, writeDocument, writeResult } from './result.ts';
import { Session } from './session.ts';
import { type Io, painter } from './terminal.ts';

/** @param argv without `node` and the script. @returns the exit code. Never throws. */
export async function main(argv: string[], io: Io): Promise<number> {
  let exitCode: number = 0;
  let globals: Globals | undefined;
  const run = async (given: Globals, command: (session: Session) => Promise<Result>): Promise<void> => {
    globals = given;
    const session = new Session(given, io, main);
    try {
      const result = await command(session);
      await writeResult(io, given.output, result);
      exitCode = result.exitCode;
    } finally {
      await session.close();
    }
  };
  try {
    // Before the program reads the line: half of one holds flags that are not meant for us.
    if (argv[0] === '__complete') {
      await (await import('./commands/completion.ts')).complete(buildProgram(io, run), argv.slice(1), io);
      return exitCode;
    }
    await buildProgram(io, run).parseAsync(argv, { from: 'user' });
    return exitCode;
  } catch (error) {
    const usage = exitCodeOfUsage(error);
    if (usage !== undefined) return usage;
    return await fail(io, globals, error);
  }
}

async function fail(io: Io, globals: Globals | undefined, error: unknown): Promise<ExitCode> {
  const failure = asFailure(error);
  const format = globals?.output ?? 'text';
  if (format === 'json' || format === 'yaml') await writeDocument(io, format, 'Failure', failureData(failure));
  else io.stderr.write(`${failureLines(failure, painter({ ...io, stdout: io.stderr }, globals?.color === false)).join('\n')}\n`);
  return exitCodeOf(failure);
}
