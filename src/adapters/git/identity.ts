import { existsSync } from 'node:fs';
import type { Person } from '../../core/commit.ts';
import { NEUTRAL_DIRECTORY, runGit } from './git-process.ts';

/**
 * The person that git would take as the author: `GIT_AUTHOR_*` of the environment, else `user.*` of the configuration seen from the
 * clone, or the global one. Undefined where no name and email are set: git's guess from the host's name is none that one wants in a history.
 */
export async function configuredIdentity(clone: string | undefined): Promise<Person | undefined> {
  const { GIT_AUTHOR_NAME, GIT_AUTHOR_EMAIL } = process.env;
  if (GIT_AUTHOR_NAME && GIT_AUTHOR_EMAIL) return { name: GIT_AUTHOR_NAME, email: GIT_AUTHOR_EMAIL };
  const cwd = clone !== undefined && existsSync(clone) ? clone : NEUTRAL_DIRECTORY;
  const [name, email] = await Promise.all(['user.name', 'user.email'].map((key) => configValue(key, cwd)));
  return name !== undefined && email !== undefined ? { name, email } : undefined;
}

/** One value of git's configuration as seen from a directory. */
export async function configValue(key: string, cwd: string): Promise<string | undefined> {
  const { code, stdout } = await runGit({ args: ['config', '--get', key], cwd });
  const value = stdout.toString('utf8').trim();
  return code === 0 && value !== '' ? value : undefined;
}
