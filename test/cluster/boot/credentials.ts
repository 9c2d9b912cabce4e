/** What the programs and their users prove themselves with: one certificate, one key pair, a token for everybody. */
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { loopbackCertificate } from '../../../src/sandbox/apiserver/certificate.ts';
import { kubeconfig } from '../../../src/sandbox/apiserver/kubeconfig.ts';

export interface TokenUser {
  token: string;
  user: string;
  groups: string[];
}

/** The programs that talk to the API server, as the users that a cluster made by kubeadm knows. */
const PROGRAM_USERS = {
  'kube-controller-manager': { user: 'system:kube-controller-manager', groups: [] },
  'kube-scheduler': { user: 'system:kube-scheduler', groups: [] },
  // Plays every kubelet.
  kwok: { user: 'kwok', groups: ['system:masters'] },
  // As `flux install` binds their service accounts, to cluster-admin and the controllers' own role.
  'source-controller': { user: 'system:serviceaccount:flux-system:source-controller', groups: ['system:masters'] },
  'kustomize-controller': { user: 'system:serviceaccount:flux-system:kustomize-controller', groups: ['system:masters'] },
  'helm-controller': { user: 'system:serviceaccount:flux-system:helm-controller', groups: ['system:masters'] },
  'notification-controller': { user: 'system:serviceaccount:flux-system:notification-controller', groups: ['system:masters'] },
} as const;

export type ApiClientName = keyof typeof PROGRAM_USERS;

export interface Credentials {
  caPem: string;
  adminToken: string;
  files: { certificate: string; key: string; tokens: string; accountPublic: string; accountPrivate: string };
  /** Tokens of the programs. */
  programTokens: Readonly<Record<ApiClientName, string>>;
}

/** Makes all of them and writes what the API server reads into `<folder>/pki`. */
export async function makeCredentials(folder: string, users: readonly TokenUser[]): Promise<Credentials> {
  const { key, cert } = await loopbackCertificate();
  const account = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const adminToken = newToken();
  const names = Object.keys(PROGRAM_USERS) as ApiClientName[];
  const programTokens = Object.fromEntries(names.map((name) => [name, newToken()])) as Record<ApiClientName, string>;
  const known: TokenUser[] = [
    { token: adminToken, user: 'admin', groups: ['system:masters'] },
    ...users,
    ...names.map((name) => ({ token: programTokens[name], user: PROGRAM_USERS[name].user, groups: [...PROGRAM_USERS[name].groups] })),
  ];
  const secret = (name: string, content: string | Buffer) => writeSecret(join(folder, 'pki', name), content);
  const [certificate, keyFile, tokens, accountPublic, accountPrivate] = await Promise.all([
    secret('server.crt', cert),
    secret('server.key', key),
    secret('tokens.csv', tokenFile(known)),
    secret('accounts.pub', account.publicKey.export({ type: 'spki', format: 'pem' })),
    secret('accounts.key', account.privateKey.export({ type: 'sec1', format: 'pem' })),
  ]);
  return { caPem: cert, adminToken, programTokens, files: { certificate, key: keyFile, tokens, accountPublic, accountPrivate } };
}

/** The API server's `--token-auth-file`: token, user, uid, groups. [kubernetes.io: authentication, static token file] */
export function tokenFile(users: readonly TokenUser[]): string {
  return users.map(({ token, user, groups }) => `${[token, user, user, groups.join(',')].map(quoted).join(',')}\n`).join('');
}

function quoted(field: string): string {
  return `"${field.replaceAll('"', '""')}"`;
}

/** Writes a kubeconfig that only this user can read. @returns its path. */
export function writeKubeconfig(file: string, access: { url: string; caPem: string; token: string }): Promise<string> {
  return writeSecret(file, kubeconfig({ ...access, contextName: 'ebb-cluster' }));
}

async function writeSecret(file: string, content: string | Buffer): Promise<string> {
  await writeFile(file, content, { mode: 0o600 });
  return file;
}

function newToken(): string {
  return randomBytes(24).toString('base64url');
}
