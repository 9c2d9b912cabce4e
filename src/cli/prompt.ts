/** Questions, asked on a terminal alone. */
import { createInterface } from 'node:readline/promises';
import { Failure } from '../core/failure.ts';
import type { Io } from './terminal.ts';

/** Can a question be asked here? */
export function canAsk(io: Io): boolean {
  return io.stdin.isTTY === true && io.stderr.isTTY === true;
}

/**
 * Asks for a yes; anything else is no.
 * @throws Failure Interrupted on Ctrl-C; UsageError where there is no terminal and `--yes` was not given.
 */
export async function confirm(io: Io, question: string, yes: boolean | undefined): Promise<boolean> {
  if (io.signal.aborted) throw new Failure('Interrupted', 'interrupted; nothing was changed');
  if (yes) return true;
  if (!canAsk(io))
    throw new Failure('UsageError', `${question} Nobody can be asked here: there is no terminal`, {
      next: ['--yes answers yes', '--dry-run shows the plan alone'],
    });
  const answer = await ask(io, `${question} [y/N] `);
  return /^y(es)?$/i.test(answer.trim());
}

/** @throws Failure Interrupted */
export async function ask(io: Io, question: string): Promise<string> {
  const reader = createInterface({ input: io.stdin, output: io.stderr });
  try {
    // Ctrl-D, or a terminal that went away, ends the input and answers nothing.
    const ended = new Promise<string>((resolve) => {
      reader.once('close', () => resolve(''));
    });
    return await Promise.race([reader.question(question, { signal: io.signal }), ended]);
  } catch (error) {
    throw new Failure('Interrupted', 'interrupted; nothing was changed', { cause: error });
  } finally {
    reader.close();
  }
}
