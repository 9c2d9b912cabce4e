import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { git, RemoteRepository, TEST_GIT_ENV } from '../../../test/git/remote-repository.ts';
import { openRepository } from './repository.ts';
import type { Signing } from './signing.ts';

const run = promisify(execFile);
const AUTHOR = { name: 'Ebb', email: 'ebb@example.com' };

let remote: RemoteRepository;
beforeEach(async () => {
  remote = await RemoteRepository.create();
});
afterEach(() => remote.remove());

async function signedCommit(signing: Signing): Promise<string> {
  const repo = await openRepository({
    url: remote.path,
    branch: 'main',
    cacheDir: join(remote.directory, 'cache'),
    identity: AUTHOR,
    signing,
  });
  try {
    const head = await repo.fetch();
    const sha = await repo.createCommit({ tree: await repo.writeTree(head, []), parents: [head], message: 'signed\n', author: AUTHOR });
    await repo.push(sha, 'main', head);
    return sha;
  } finally {
    await repo.close();
  }
}

describe('commits signed with an SSH key', () => {
  it('verify', async () => {
    const key = join(remote.directory, 'key');
    await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', key]);
    const sha = await signedCommit({ format: 'ssh', key });
    const allowed = join(remote.directory, 'allowed');
    await writeFile(allowed, `ebb@example.com ${(await run('cat', [`${key}.pub`])).stdout}`);
    await git(remote.path, '-c', 'gpg.format=ssh', '-c', `gpg.ssh.allowedSignersFile=${allowed}`, 'verify-commit', sha);
  });

  it('fail with the words of ssh-keygen where there is no key', async () => {
    const failure = signedCommit({ format: 'ssh', key: join(remote.directory, 'none') });
    await expect(failure).rejects.toMatchObject({ code: 'SigningFailed', seen: expect.stringMatching(/none|key/i) });
  });
});

describe('commits signed with GnuPG', () => {
  let home: string;
  const before = process.env.GNUPGHOME;
  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), 'gpg-'));
    await mkdir(home, { recursive: true });
    await chmod(home, 0o700);
    process.env.GNUPGHOME = home;
    await run('gpg', [
      '--batch',
      '--quiet',
      '--passphrase',
      '',
      '--quick-generate-key',
      'Ebb <ebb@example.com>',
      'ed25519',
      'sign',
      'never',
    ]);
  });
  afterAll(async () => {
    await run('gpgconf', ['--kill', 'all']).catch(() => undefined);
    if (before === undefined) delete process.env.GNUPGHOME;
    else process.env.GNUPGHOME = before;
    await rm(home, { recursive: true, force: true });
  });

  it('verify, with the key of the committer or a named one', async () => {
    for (const key of [undefined, 'ebb@example.com']) {
      const sha = await signedCommit({ format: 'openpgp', ...(key === undefined ? {} : { key }) });
      await run('git', ['verify-commit', sha], { cwd: remote.path, env: { ...TEST_GIT_ENV, GNUPGHOME: home } });
    }
  });

  it('fail with the words of gpg where there is no such key', async () => {
    await expect(signedCommit({ format: 'openpgp', key: 'nobody@example.com' })).rejects.toMatchObject({
      code: 'SigningFailed',
      seen: expect.stringMatching(/No secret key|nobody@example.com/),
    });
  });
});
