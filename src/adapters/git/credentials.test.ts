import { describe, expect, it } from 'vitest';
import { credentialsFromSecret } from './credentials.ts';

const secret = (data: Record<string, string>) =>
  credentialsFromSecret(Object.fromEntries(Object.entries(data).map(([key, value]) => [key, Buffer.from(value).toString('base64')])));

describe('the credentials in a GitRepository secret', () => {
  it('are a user with a password', () => {
    expect(secret({ username: 'ada', password: 'pw\n' })).toEqual({ kind: 'basic', username: 'ada', password: 'pw' });
  });

  it('are a bearer token, before a user with a password', () => {
    expect(secret({ bearerToken: 'tok\n', username: 'ada', password: 'pw', 'ca.crt': 'new', caFile: 'old' })).toEqual({
      kind: 'bearer',
      token: 'tok',
      ca: 'new',
    });
  });

  it('are an SSH key with its passphrase and the known hosts', () => {
    expect(secret({ identity: 'KEY', 'identity.pub': 'PUB', password: 'phrase', known_hosts: 'host key' })).toEqual({
      kind: 'ssh',
      privateKey: 'KEY',
      passphrase: 'phrase',
      knownHosts: 'host key',
    });
  });

  it('are a client certificate, with or without a user', () => {
    const client = { certificate: 'CERT', key: 'KEY' };
    expect(secret({ 'tls.crt': 'CERT', 'tls.key': 'KEY', 'ca.crt': 'CA' })).toEqual({ kind: 'anonymous', ca: 'CA', client });
    expect(secret({ 'tls.crt': 'CERT', 'tls.key': 'KEY', username: 'a', password: 'b' })).toMatchObject({ kind: 'basic', client });
  });

  it('are none where no key is known', () => {
    expect(secret({})).toBeUndefined();
    expect(secret({ other: 'x', 'tls.crt': 'only half' })).toBeUndefined();
  });
});
