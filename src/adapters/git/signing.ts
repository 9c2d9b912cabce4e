import { spawn } from 'node:child_process';
import { Failure } from '../../core/failure.ts';
import { lastWords } from './diagnosis.ts';
import type { GitConfig } from './environment.ts';
import { NEUTRAL_DIRECTORY } from './git-process.ts';
import { configValue } from './identity.ts';

/** How new commits are signed; `key` is a key id for GnuPG, a file or `key::…` for SSH. Without one, git's own configuration tells. */
export type Signing = { format: 'openpgp'; key?: string } | { format: 'ssh'; key: string };

/** A signer that waits longer than this is waiting for a person. */
export const SIGNING_LIMIT_MS = 120_000;

export function signingConfig(signing: Signing): GitConfig {
  return [['gpg.format', signing.format], ...(signing.key === undefined ? [] : [['user.signingKey', signing.key] as const])];
}

/** Does stderr come from the signing program? Texts: git's gpg-interface.c and builtin/commit-tree.c. */
export function isSigningTrouble(stderr: string): boolean {
  return /gpg failed to sign|failed to write commit object|ssh-keygen|gpg:|signing key|user\.signingKey|cannot run gpg|No such file.*gpg|Couldn't load public key|load key/i.test(
    stderr,
  );
}

export function signingFailure(signing: Signing, stderr: string): Failure {
  const ssh = signing.format === 'ssh';
  return new Failure('SigningFailed', `The commit could not be signed with ${ssh ? 'SSH' : 'GnuPG'}.`, {
    seen: lastWords(stderr),
    causes: ssh
      ? [
          'the key file is not there or may not be read',
          'the key has a passphrase and is not in the SSH agent',
          'ssh-keygen is older than 8.1',
        ]
      : ['there is no secret key for this identity', 'the key has expired', 'gpg-agent cannot ask for the passphrase here'],
    next: ssh ? ['ssh-add -l', 'ssh-keygen -Y sign -n git -f KEY FILE'] : ['gpg --list-secret-keys', 'echo test | gpg --clearsign'],
  });
}

/**
 * What GnuPG says to signing with this key. Before version 2.41 git keeps that to itself ("gpg failed to sign the data"), so that it is
 * asked once more, with the arguments that git uses (gpg-interface.c).
 */
export async function wordsOfGnupg(key: string): Promise<string> {
  const program =
    (await configValue('gpg.openpgp.program', NEUTRAL_DIRECTORY)) ?? (await configValue('gpg.program', NEUTRAL_DIRECTORY)) ?? 'gpg';
  return new Promise((resolve) => {
    const child = spawn(program, ['-bsau', key], { stdio: ['pipe', 'ignore', 'pipe'], timeout: 10_000 });
    const words: Buffer[] = [];
    child.stderr.on('data', (chunk: Buffer) => words.push(chunk));
    child.stdin.on('error', () => undefined);
    child.on('error', (error) => resolve(error.message));
    child.on('close', () => resolve(Buffer.concat(words).toString('utf8')));
    child.stdin.end('test\n');
  });
}
