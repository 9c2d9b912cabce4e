import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

/** Waits until none of these processes runs and the folder is gone. @throws where they stay. */
export async function untilGone(pids: readonly number[], folder: string, ms = 20_000): Promise<void> {
  const deadline = Date.now() + ms;
  for (;;) {
    const left = (await Promise.all(pids.map(async (pid) => ((await runs(pid)) ? [pid] : [])))).flat();
    if (left.length === 0 && !existsSync(folder)) return;
    if (Date.now() > deadline) throw new Error(`still there: ${[...left, ...(existsSync(folder) ? [folder] : [])].join(', ')}`);
    await sleep(50);
  }
}

/** One that ended and that its parent did not ask about yet does not run. */
export async function runs(pid: number): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return stat !== '' && stat.slice(stat.lastIndexOf(')') + 2)[0] !== 'Z';
}
