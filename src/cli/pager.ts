/** Long output on a terminal goes through a pager, as git's does. */
import { spawn } from 'node:child_process';
import type { Io } from './terminal.ts';

/** As git sets it: quit where it fits one screen, colours as they are, leave the screen as it was. */
const LESS = 'FRX';

/**
 * The user's pager: `EBB_PAGER`, `PAGER`, `less`; undefined where there is no terminal, where it is `cat` or empty, or where the
 * text fits the screen.
 */
export function pagerFor(text: string, { stdout, env }: Io): string | undefined {
  if (stdout.isTTY !== true || env.TERM === 'dumb') return undefined;
  if (stdout.rows !== undefined && text.split('\n').length <= stdout.rows) return undefined;
  const pager = env.EBB_PAGER ?? env.PAGER ?? 'less';
  return pager === '' || pager === 'cat' ? undefined : pager;
}

/**
 * Shows text in a pager; resolves when it ends, `false` where it could not be run. The command is the user's own, from the
 * environment, and goes through a shell as git's does; the text goes to its standard input and nowhere else.
 */
export function showInPager(text: string, pager: string, { env }: Pick<Io, 'env'>): Promise<boolean> {
  return new Promise((resolve) => {
    const child = spawn(pager, { shell: true, stdio: ['pipe', 'inherit', 'inherit'], env: { LESS, ...env } });
    child.once('error', () => resolve(false));
    // 127: the shell did not find it.
    child.once('close', (code) => resolve(code !== 127));
    // Whoever quits early has read enough.
    child.stdin.on('error', () => undefined);
    child.stdin.end(text);
  });
}
