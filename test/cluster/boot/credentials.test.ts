import { createPrivateKey, createPublicKey, X509Certificate } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeCredentials, tokenFile, writeKubeconfig } from './credentials.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ebb-credentials-'));
  await mkdir(join(folder, 'pki'));
});

afterEach(() => rm(folder, { recursive: true, force: true }));

describe('credentials', () => {
  it('write a user a line, whatever the names hold', () => {
    expect(
      tokenFile([
        { token: 'a', user: 'admin', groups: ['system:masters'] },
        { token: 'b', user: 'says "hi", twice', groups: [] },
        { token: 'c', user: 'c', groups: ['x', 'y'] },
      ]),
    ).toBe('"a","admin","admin","system:masters"\n"b","says ""hi"", twice","says ""hi"", twice",""\n"c","c","c","x,y"\n');
  });

  it('belong to this user alone', async () => {
    await makeCredentials(folder, []);
    await writeKubeconfig(join(folder, 'pki', 'kubeconfig'), { url: 'https://127.0.0.1:1', caPem: 'pem', token: 't' });
    for (const name of await readdir(join(folder, 'pki'))) expect((await stat(join(folder, 'pki', name))).mode & 0o777, name).toBe(0o600);
  });

  it('fit together, and are new each time', async () => {
    const first = await makeCredentials(folder, [{ token: 'mine', user: 'me', groups: [] }]);
    const certificate = new X509Certificate(first.caPem);
    expect(certificate.checkIP('127.0.0.1')).toBe('127.0.0.1');
    expect(certificate.checkPrivateKey(createPrivateKey(await readFile(first.files.key)))).toBe(true);
    const derived = createPublicKey(createPrivateKey(await readFile(first.files.accountPrivate)));
    expect(derived.export({ type: 'spki', format: 'pem' })).toBe(await readFile(first.files.accountPublic, 'utf8'));
    expect(await readFile(first.files.tokens, 'utf8')).toContain('"mine","me","me",""\n');
    const second = await makeCredentials(folder, []);
    expect(second.adminToken).not.toBe(first.adminToken);
    expect(new Set(Object.values(first.programTokens)).size).toBe(Object.keys(first.programTokens).length);
  });
});
