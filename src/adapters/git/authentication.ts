import { join } from 'node:path';
import type { GitCredentials, TlsFiles } from './credentials.ts';
import type { GitConfig } from './environment.ts';
import type { RemoteUrl } from './remote-url.ts';
import type { SecretFile } from './secret-files.ts';

/** How git proves who it is to one remote. Secrets are in environment values and in files of mode 0600, never in arguments. */
export interface Authentication {
  /** Files that must exist while git runs, by name. */
  files: Record<string, SecretFile>;
  /** Configuration and environment, given the directory where `files` are. */
  settings(directory: string): { config: GitConfig; env: Record<string, string> };
  /** Texts that must not appear in what a person sees. */
  secrets: string[];
}

type HttpCredentials = Exclude<GitCredentials, { kind: 'ssh' }>;

/** Waits and checks of every SSH connection: no questions, and an end to connections that have died. */
const SSH_OPTIONS = ['-o BatchMode=yes', '-o ConnectTimeout=15', '-o ServerAliveInterval=15', '-o ServerAliveCountMax=3'];
/** `BatchMode` would refuse a passphrase even from a program; so everything else that could ask is turned off by name. */
const SSH_PASSPHRASE_OPTIONS = ['-o BatchMode=no', '-o NumberOfPasswordPrompts=1', ...SSH_OPTIONS.slice(1)];

/**
 * The authentication for `remote`: the credentials given, else those in its URL, else what the user's own configuration
 * (`userConfig`, of the clone they stand in, besides the global one that git reads by itself) and SSH agent offer.
 */
export function authenticationFor(remote: RemoteUrl, credentials: GitCredentials | undefined, userConfig: GitConfig = []): Authentication {
  if (credentials?.kind === 'ssh') return remote.transport === 'ssh' ? sshKey(credentials) : userOwn(remote, userConfig);
  if (remote.transport !== 'http') return userOwn(remote, userConfig);
  const effective = credentials ?? credentialsInUrl(remote);
  if (effective === undefined) return userOwn(remote, userConfig);
  return http(remote, effective);
}

function credentialsInUrl(remote: RemoteUrl): HttpCredentials | undefined {
  if (remote.password === undefined) return undefined;
  return { kind: 'basic', username: remote.username ?? '', password: remote.password };
}

function http(remote: RemoteUrl, credentials: HttpCredentials): Authentication {
  // Scoped to the scheme and host, so that nothing is sent to where a redirect or a rewritten URL leads.
  const scope = `http.${new URL(remote.address).origin}/`;
  const header = authorization(credentials);
  const config: [string, string][] = [
    ['credential.helper', ''],
    [`${scope}.extraHeader`, ''],
  ];
  if (header !== undefined) config.push([`${scope}.extraHeader`, `Authorization: ${header}`]);
  return {
    files: certificateFiles(credentials),
    settings: (directory) => {
      const tls = certificateSettings(scope, credentials, directory);
      return { config: [...config, ...tls.config], env: tls.env };
    },
    secrets: [header?.split(' ')[1], credentials.kind === 'basic' ? credentials.password : undefined, remote.password].filter(isSecret),
  };
}

function authorization(credentials: HttpCredentials): string | undefined {
  if (credentials.kind === 'bearer') return `Bearer ${credentials.token}`;
  if (credentials.kind !== 'basic') return undefined;
  return `Basic ${Buffer.from(`${credentials.username}:${credentials.password}`, 'utf8').toString('base64')}`;
}

function certificateFiles(tls: TlsFiles): Record<string, SecretFile> {
  return {
    ...(tls.ca === undefined ? {} : { 'ca.crt': { content: tls.ca } }),
    ...(tls.client === undefined ? {} : { 'tls.crt': { content: tls.client.certificate }, 'tls.key': { content: tls.client.key } }),
  };
}

/** The environment wins over configuration in git, so a certificate authority is set in both. */
function certificateSettings(scope: string, tls: TlsFiles, directory: string): { config: [string, string][]; env: Record<string, string> } {
  const config: [string, string][] = [];
  const env: Record<string, string> = {};
  if (tls.ca !== undefined) {
    env.GIT_SSL_CAINFO = join(directory, 'ca.crt');
    config.push([`${scope}.sslCAInfo`, join(directory, 'ca.crt')]);
  }
  if (tls.client !== undefined) {
    config.push([`${scope}.sslCert`, join(directory, 'tls.crt')], [`${scope}.sslKey`, join(directory, 'tls.key')]);
  }
  return { config, env };
}

function sshKey(credentials: Extract<GitCredentials, { kind: 'ssh' }>): Authentication {
  const { passphrase, knownHosts } = credentials;
  const files: Record<string, SecretFile> = { identity: { content: `${credentials.privateKey.trimEnd()}\n` } };
  if (knownHosts !== undefined) files.known_hosts = { content: `${knownHosts.trimEnd()}\n` };
  if (passphrase !== undefined) files.askpass = { content: '#!/bin/sh\nprintf \'%s\\n\' "$EBB_SSH_PASSPHRASE"\n', executable: true };
  return {
    files,
    settings: (directory) => {
      const inFile = (name: string) => quote(join(directory, name));
      const options = [
        ...(passphrase === undefined ? SSH_OPTIONS : SSH_PASSPHRASE_OPTIONS),
        '-o IdentitiesOnly=yes',
        '-o IdentityAgent=none',
        '-o PreferredAuthentications=publickey',
        '-o StrictHostKeyChecking=yes',
        ...(knownHosts === undefined ? [] : [`-o UserKnownHostsFile=${inFile('known_hosts')}`, '-o GlobalKnownHostsFile=/dev/null']),
      ];
      const env: Record<string, string> = { GIT_SSH_COMMAND: `ssh -i ${inFile('identity')} ${options.join(' ')}`, GIT_SSH_VARIANT: 'ssh' };
      if (passphrase !== undefined) {
        // DISPLAY is what makes versions before OpenSSH 8.4 ask a program at all; they have no SSH_ASKPASS_REQUIRE.
        Object.assign(env, {
          SSH_ASKPASS: join(directory, 'askpass'),
          SSH_ASKPASS_REQUIRE: 'force',
          DISPLAY: ':0',
          EBB_SSH_PASSPHRASE: passphrase,
        });
      }
      return { config: [], env };
    },
    secrets: [passphrase].filter(isSecret),
  };
}

function userOwn(remote: RemoteUrl, userConfig: GitConfig): Authentication {
  const config: (readonly [string, string])[] = [...startOver(userConfig), ...userConfig];
  if (remote.transport === 'http' && remote.username)
    config.push([`credential.${new URL(remote.address).origin}.username`, remote.username]);
  const ownSsh = process.env.GIT_SSH_COMMAND ?? process.env.GIT_SSH ?? userConfig.find(([key]) => key === 'core.sshcommand')?.[1];
  const env: Record<string, string> =
    ownSsh === undefined && remote.transport === 'ssh' ? { GIT_SSH_COMMAND: `ssh ${SSH_OPTIONS.join(' ')}` } : {};
  const headers = userConfig.filter(([key]) => key.endsWith('.extraheader')).map(([, value]) => value.split(' ').at(-1));
  return { files: {}, settings: () => ({ config, env }), secrets: headers.filter(isSecret) };
}

/** Helpers and headers add up in git, and the global ones are read once more by itself: an empty value starts the list anew. */
function startOver(userConfig: GitConfig): [string, string][] {
  const lists = userConfig.map(([key]) => key).filter((key) => /^credential\..*helper$|^http\..*extraheader$/.test(key));
  return [...new Set(lists)].map((key) => [key, '']);
}

/** The command goes through a shell (git's own documentation of GIT_SSH_COMMAND); the path is ours, but TMPDIR may hold anything. */
function quote(path: string): string {
  return `'${path.replaceAll("'", "'\\''")}'`;
}

function isSecret(text: string | undefined): text is string {
  return text !== undefined && text.length > 0;
}
