/** Who acts: the author of commits and the name on holds. */
import { execFile } from 'node:child_process';
import { hostname, userInfo } from 'node:os';
import { promisify } from 'node:util';
import type { Person } from '../core/commit.ts';
import { Failure } from '../core/failure.ts';
import type { Io } from './terminal.ts';

const FORM = /^([^<>\n]*?)\s*<([^<>\s]+@[^<>\s]+)>$/;

/** `Name <email>`. @throws Failure UsageError */
export function parsePerson(text: string): Person {
  const match = FORM.exec(text.trim());
  if (!match?.[1] || !match[2])
    throw new Failure('UsageError', `${JSON.stringify(text)} is not an author`, { next: ['write it as "Name <email>"'] });
  return { name: match[1], email: match[2] };
}

/** `--author`, git's environment, git's configuration; else the user of this machine, who need not have set up git. */
export async function actorOf(author: string | undefined, io: Io): Promise<Person> {
  if (author !== undefined) return parsePerson(author);
  const { GIT_AUTHOR_NAME, GIT_AUTHOR_EMAIL } = io.env;
  const [name, email] = await Promise.all([GIT_AUTHOR_NAME || gitConfig('user.name', io), GIT_AUTHOR_EMAIL || gitConfig('user.email', io)]);
  if (name && email) return { name, email };
  const user = userInfo().username;
  return { name: name || user, email: email || `${user}@${hostname()}` };
}

async function gitConfig(key: string, io: Io): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)('git', ['config', '--get', key], { cwd: io.cwd, env: io.env as NodeJS.ProcessEnv });
    return stdout.trim();
  } catch {
    return '';
  }
}
