import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { authenticationFor } from './authentication.ts';
import { parseRemoteUrl } from './remote-url.ts';
import { withSecretFiles } from './secret-files.ts';

const run = promisify(execFile);
const HTTPS = parseRemoteUrl('https://git.example.com/a/b');
const SSH = parseRemoteUrl('git@git.example.com:a/b.git');

describe('authentication over HTTP', () => {
  it('sends a header to the host alone, and asks no helper', () => {
    const authentication = authenticationFor(HTTPS, { kind: 'basic', username: 'ada', password: 'pä:ss' });
    const header = Buffer.from('ada:pä:ss').toString('base64');
    expect(authentication.settings('').config).toEqual([
      ['credential.helper', ''],
      ['http.https://git.example.com/.extraHeader', ''],
      ['http.https://git.example.com/.extraHeader', `Authorization: Basic ${header}`],
    ]);
    expect(authentication.secrets).toEqual([header, 'pä:ss']);
    expect(authentication.files).toEqual({});
  });

  it('puts certificates into files', () => {
    const authentication = authenticationFor(HTTPS, { kind: 'bearer', token: 't', ca: 'CA', client: { certificate: 'C', key: 'K' } });
    expect(Object.keys(authentication.files)).toEqual(['ca.crt', 'tls.crt', 'tls.key']);
    const { config, env } = authentication.settings('/secret');
    expect(env).toEqual({ GIT_SSL_CAINFO: '/secret/ca.crt' });
    expect(config).toContainEqual(['http.https://git.example.com/.sslKey', '/secret/tls.key']);
  });

  it("starts the user's lists anew, so that no helper or header comes twice", () => {
    const { config } = authenticationFor(HTTPS, undefined, [
      ['credential.helper', 'store'],
      ['http.https://git.example.com/.extraheader', 'AUTHORIZATION: basic abc'],
    ]).settings('');
    expect(config.slice(0, 2)).toEqual([
      ['credential.helper', ''],
      ['http.https://git.example.com/.extraheader', ''],
    ]);
  });
});

describe('authentication over SSH', () => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'ssh-keys-'));
  });
  afterEach(() => rm(directory, { recursive: true }));

  it('names one key and the known hosts, and asks nothing', () => {
    const authentication = authenticationFor(SSH, { kind: 'ssh', privateKey: 'KEY', knownHosts: 'HOSTS' });
    const { env } = authentication.settings("/t m'p");
    expect(env.GIT_SSH_COMMAND).toContain("ssh -i '/t m'\\''p/identity'");
    for (const option of [
      'BatchMode=yes',
      'IdentitiesOnly=yes',
      'StrictHostKeyChecking=yes',
      'ConnectTimeout=15',
      'PreferredAuthentications=publickey',
    ]) {
      expect(env.GIT_SSH_COMMAND).toContain(`-o ${option}`);
    }
    expect(env.GIT_SSH_COMMAND).toContain("-o UserKnownHostsFile='/t m'\\''p/known_hosts'");
    expect(authentication.files.identity?.content).toBe('KEY\n');
  });

  it('is understood by ssh as it is meant', async () => {
    const authentication = authenticationFor(SSH, { kind: 'ssh', privateKey: 'KEY', passphrase: 'p', knownHosts: 'HOSTS' });
    await withSecretFiles(authentication.files, async (files) => {
      const { env } = authentication.settings(files);
      const { stdout } = await run('sh', ['-c', `${env.GIT_SSH_COMMAND} -G -F /dev/null git.example.com`]);
      expect(stdout).toContain(`identityfile ${files}/identity`);
      expect(stdout).toContain(`userknownhostsfile ${files}/known_hosts`);
      expect(stdout).toMatch(/^batchmode no$/m);
      expect(stdout).toMatch(/^stricthostkeychecking (?:true|yes)$/m);
      expect(stdout).toMatch(/^identitiesonly yes$/m);
    });
  });

  it('opens a key with a passphrase without showing it to anyone', async () => {
    const path = join(directory, 'key');
    await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', 'open sesame', '-f', path]);
    const authentication = authenticationFor(SSH, { kind: 'ssh', privateKey: readFileSync(path, 'utf8'), passphrase: 'open sesame' });
    await withSecretFiles(authentication.files, async (files) => {
      const { env } = authentication.settings(files);
      expect(JSON.stringify(env.GIT_SSH_COMMAND)).not.toContain('sesame');
      expect(readFileSync(join(files, 'askpass'), 'utf8')).not.toContain('sesame');
      const { stdout } = await run('ssh-keygen', ['-y', '-f', join(files, 'identity')], { env: { ...process.env, ...env } });
      expect(stdout.split(' ')[1]).toBe(readFileSync(`${path}.pub`, 'utf8').split(' ')[1]);
    });
  });
});

describe('files with secrets', () => {
  const leftovers = () => readdirSync(tmpdir()).filter((name) => name.startsWith(`ebb-git-${process.pid}-`));

  it('are for the owner alone, and gone afterwards', async () => {
    const seen = await withSecretFiles({ identity: { content: 'x' }, ask: { content: 'y', executable: true } }, async (directory) => {
      expect(statSync(directory).mode & 0o777).toBe(0o700);
      expect(statSync(join(directory, 'identity')).mode & 0o777).toBe(0o600);
      expect(statSync(join(directory, 'ask')).mode & 0o777).toBe(0o700);
      return directory;
    });
    expect(existsSync(seen)).toBe(false);
  });

  it('are gone after an error', async () => {
    await expect(withSecretFiles({ a: { content: 'x' } }, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(leftovers()).toEqual([]);
  });

  it('are gone when the process exits in between', async () => {
    let directory = '';
    const before = new Set(process.listeners('exit'));
    await withSecretFiles({ a: { content: 'x' } }, async (path) => {
      directory = path;
      for (const listener of process.listeners('exit')) if (!before.has(listener)) (listener as (code: number) => void)(0);
      expect(existsSync(directory)).toBe(false);
    });
    expect(process.listeners('exit')).toEqual([...before]);
  });
});
