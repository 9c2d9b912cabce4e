import { readFile } from 'node:fs/promises';
import { Failure } from '../../core/failure.ts';
import type { UserEntry } from './kubeconfig.ts';

/**
 * Headers for a user with a token, a file with one or a password; and for whom it acts.
 * @throws Failure KubeconfigInvalid where the file cannot be read.
 */
export async function authorizationOf(user: UserEntry): Promise<Record<string, string | string[]>> {
  const token = user.tokenFile ? (await readCredential(user.tokenFile)).toString('utf8').trim() : user.token;
  if (token) return { ...user.impersonate, Authorization: `Bearer ${token}` };
  if (user.username === undefined) return { ...user.impersonate };
  const basic = Buffer.from(`${user.username}:${user.password ?? ''}`).toString('base64');
  return { ...user.impersonate, Authorization: `Basic ${basic}` };
}

/** The bytes of a certificate or key, in the kubeconfig or beside it. Data wins over a file, as in client-go. */
export async function fileOrData(file: string | undefined, data: string | undefined): Promise<Buffer | undefined> {
  if (data) return Buffer.from(data, 'base64');
  return file ? readCredential(file) : undefined;
}

async function readCredential(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (problem) {
    throw new Failure('KubeconfigInvalid', `cannot read ${path}, which the kubeconfig names`, {
      seen: (problem as NodeJS.ErrnoException).code ?? 'unreadable',
      next: ['kubectl config view --minify'],
    });
  }
}
