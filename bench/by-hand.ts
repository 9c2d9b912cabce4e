/** What the guide says: clone, revert, push. */
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Measured, measure } from './measure.ts';

export interface ByHand {
  url: string;
  folder: string;
  env: NodeJS.ProcessEnv;
  /** The commit to revert. */
  bad: string;
}

/** Milliseconds of the three commands together; the clone is thrown away outside of the measurement. */
export async function byHand({ url, folder, env, bad }: ByHand): Promise<Measured> {
  const clone = await mkdtemp(join(folder, 'by-hand-'));
  const identity = { ...env, GIT_COMMITTER_NAME: 'Bench', GIT_COMMITTER_EMAIL: 'bench@example.com' };
  const git = (...args: string[]) => measure('git', args, { env: identity, cwd: clone });
  const runs = [
    await git('clone', '--quiet', url, '.'),
    await git('revert', '--no-edit', bad),
    await git('push', '--quiet', 'origin', 'HEAD:main'),
  ];
  await rm(clone, { recursive: true, force: true });
  return { ms: runs.reduce((sum, run) => sum + run.ms, 0), peakMiB: Math.max(...runs.map((run) => run.peakMiB ?? 0)) };
}
