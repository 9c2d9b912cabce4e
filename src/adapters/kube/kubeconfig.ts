/**
 * Finds and reads kubeconfig files the way kubectl does.
 * Source of the rules: https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/
 * and client-go tools/clientcmd/loader.go.
 */
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, dirname, isAbsolute, join, resolve } from 'node:path';
import { parseDocument } from 'yaml';
import { Failure } from '../../core/failure.ts';

export interface ClusterEntry {
  server: string;
  caFile?: string;
  /** Base64. */
  caData?: string;
  skipTlsVerify: boolean;
  tlsServerName?: string;
  proxyUrl?: string;
}

export interface UserEntry {
  token?: string;
  tokenFile?: string;
  certFile?: string;
  /** Base64. */
  certData?: string;
  keyFile?: string;
  /** Base64. */
  keyData?: string;
  username?: string;
  password?: string;
  exec?: Record<string, unknown>;
  authProvider?: Record<string, unknown>;
  /** `Impersonate-…` headers. */
  impersonate: Record<string, string | string[]>;
}

/** The context that is used, with everything that it names. */
export interface KubeContext {
  name: string;
  namespace?: string;
  cluster: ClusterEntry;
  user: UserEntry;
}

export interface KubeconfigOptions {
  /** A file to read instead of any other. */
  kubeconfig?: string;
  context?: string;
  env: NodeJS.ProcessEnv;
}

const SERVICE_ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';
const NEXT = ['kubectl config get-contexts', 'export KUBECONFIG=… or pass --kubeconfig'];

/**
 * The context to use: of `options.kubeconfig`, else of the files of $KUBECONFIG merged, else of ~/.kube/config, else the
 * service account of the pod that this runs in.
 * @throws Failure KubeconfigInvalid
 */
export async function loadContext(options: KubeconfigOptions): Promise<KubeContext> {
  const files = filesOf(options);
  const read = await Promise.all(files.paths.map((path) => readKubeconfig(path, files.required)));
  const found = read.filter((file) => file !== undefined);
  if (found.length === 0) return inCluster(options.env, files.paths);
  return selectContext(merge(found), options.context, files.paths);
}

function filesOf({ kubeconfig, env }: KubeconfigOptions): { paths: string[]; required: boolean } {
  if (kubeconfig) return { paths: [resolve(kubeconfig)], required: true };
  const listed = (env.KUBECONFIG ?? '').split(delimiter).filter((path) => path !== '');
  if (listed.length > 0) return { paths: [...new Set(listed)].map((path) => resolve(path)), required: false };
  return { paths: [join(env.HOME || homedir(), '.kube', 'config')], required: false };
}

type Fields = Record<string, unknown>;

interface Kubeconfig {
  currentContext?: string;
  clusters: Map<string, Fields>;
  users: Map<string, Fields>;
  contexts: Map<string, Fields>;
}

async function readKubeconfig(path: string, required: boolean): Promise<Kubeconfig | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (problem) {
    const { code } = problem as NodeJS.ErrnoException;
    if (code === 'ENOENT' && !required) return undefined;
    throw invalid(`cannot read the kubeconfig ${path}`, {
      seen: `${code}`,
      causes: ['the path is mistyped', 'the file belongs to another user'],
    });
  }
  return parseKubeconfig(text, path);
}

/** Never repeats what stands in the file: it holds credentials. */
function parseKubeconfig(text: string, path: string): Kubeconfig {
  const document = parseDocument(text, { prettyErrors: false, logLevel: 'silent' });
  const [error] = document.errors;
  if (error) {
    const line = text.slice(0, error.pos[0]).split('\n').length;
    throw invalid(`the kubeconfig ${path} is not YAML`, { seen: `line ${line}: ${error.code.toLowerCase().replaceAll('_', ' ')}` });
  }
  const fields = asFields(document.toJS());
  const current = textOf(fields, 'current-context');
  const base = dirname(path);
  return {
    ...(current ? { currentContext: current } : {}),
    clusters: entriesOf(fields, 'clusters', 'cluster', (entry) => absolute(entry, base, ['certificate-authority'])),
    users: entriesOf(fields, 'users', 'user', (entry) => absoluteUser(entry, base)),
    contexts: entriesOf(fields, 'contexts', 'context', (entry) => entry),
  };
}

function entriesOf(fields: Fields, list: string, field: string, prepare: (entry: Fields) => Fields): Map<string, Fields> {
  const entries = new Map<string, Fields>();
  for (const item of Array.isArray(fields[list]) ? fields[list] : []) {
    const { name } = asFields(item);
    if (typeof name === 'string' && !entries.has(name)) entries.set(name, prepare(asFields(asFields(item)[field])));
  }
  return entries;
}

/** Paths are relative to the file that they stand in. */
function absolute(entry: Fields, base: string, fields: readonly string[]): Fields {
  const result = { ...entry };
  for (const field of fields) {
    const path = result[field];
    if (typeof path === 'string' && path !== '' && !isAbsolute(path)) result[field] = join(base, path);
  }
  return result;
}

function absoluteUser(entry: Fields, base: string): Fields {
  const user = absolute(entry, base, ['client-certificate', 'client-key', 'tokenFile']);
  const exec = asFields(user.exec);
  const command = textOf(exec, 'command');
  // A command with a slash is relative to the file; one without is looked up on PATH (client-go clientcmd/api/types.go).
  if (command?.includes('/') && !isAbsolute(command)) user.exec = { ...exec, command: join(base, command) };
  return user;
}

function merge(files: readonly Kubeconfig[]): Kubeconfig {
  const first = <T>(pick: (file: Kubeconfig) => Map<string, T>): Map<string, T> =>
    new Map([...files].reverse().flatMap((file) => [...pick(file)]));
  const currentContext = files.find((file) => file.currentContext)?.currentContext;
  return {
    ...(currentContext ? { currentContext } : {}),
    clusters: first((file) => file.clusters),
    users: first((file) => file.users),
    contexts: first((file) => file.contexts),
  };
}

function selectContext(config: Kubeconfig, wanted: string | undefined, paths: readonly string[]): KubeContext {
  const where = paths.join(', ');
  const name = wanted ?? config.currentContext;
  const known = [...config.contexts.keys()];
  if (!name)
    throw invalid('no context is selected', {
      seen: `no current-context in ${where}`,
      next: known.map((one) => `kubectl config use-context ${one}`),
    });
  const context = config.contexts.get(name);
  if (!context) throw invalid(`no context ${name}`, { seen: `contexts in ${where}: ${known.join(', ') || 'none'}` });
  const cluster = config.clusters.get(textOf(context, 'cluster') ?? '');
  const server = cluster && textOf(cluster, 'server');
  if (!cluster || !server)
    throw invalid(`the context ${name} names no cluster with a server`, {
      seen: `cluster ${textOf(context, 'cluster') ?? '(none)'} in ${where}`,
    });
  if (!/^https?:\/\//.test(server) || !URL.canParse(server))
    throw invalid(`the server of the context ${name} is not a URL of HTTP`, { seen: where });
  const userName = textOf(context, 'user') ?? '';
  const user = config.users.get(userName);
  if (!user && userName !== '') throw invalid(`the context ${name} names the user ${userName}, whom there is not`, { seen: where });
  const namespace = textOf(context, 'namespace');
  return { name, ...(namespace ? { namespace } : {}), cluster: clusterEntry(cluster, server), user: userEntry(user ?? {}) };
}

function clusterEntry(fields: Fields, server: string): ClusterEntry {
  return {
    server: server.replace(/\/+$/, ''),
    skipTlsVerify: fields['insecure-skip-tls-verify'] === true,
    ...optional('caFile', textOf(fields, 'certificate-authority')),
    ...optional('caData', textOf(fields, 'certificate-authority-data')),
    ...optional('tlsServerName', textOf(fields, 'tls-server-name')),
    ...optional('proxyUrl', textOf(fields, 'proxy-url')),
  };
}

function userEntry(fields: Fields): UserEntry {
  const { exec, 'auth-provider': authProvider } = fields;
  return {
    ...optional('token', textOf(fields, 'token')),
    ...optional('tokenFile', textOf(fields, 'tokenFile')),
    ...optional('certFile', textOf(fields, 'client-certificate')),
    ...optional('certData', textOf(fields, 'client-certificate-data')),
    ...optional('keyFile', textOf(fields, 'client-key')),
    ...optional('keyData', textOf(fields, 'client-key-data')),
    ...optional('username', textOf(fields, 'username')),
    ...optional('password', textOf(fields, 'password')),
    ...(exec ? { exec: asFields(exec) } : {}),
    ...(authProvider ? { authProvider: asFields(authProvider) } : {}),
    impersonate: impersonation(fields),
  };
}

/** Headers of `as`, `as-uid`, `as-groups`, `as-user-extra` (client-go transport/round_trippers.go). */
function impersonation(fields: Fields): Record<string, string | string[]> {
  const headers: Record<string, string | string[]> = {};
  const user = textOf(fields, 'as');
  if (!user) return headers;
  headers['Impersonate-User'] = user;
  const uid = textOf(fields, 'as-uid');
  if (uid) headers['Impersonate-Uid'] = uid;
  const groups = texts(fields['as-groups']);
  if (groups.length > 0) headers['Impersonate-Group'] = groups;
  for (const [key, values] of Object.entries(asFields(fields['as-user-extra'])))
    headers[`Impersonate-Extra-${encodeURIComponent(key)}`] = texts(values);
  return headers;
}

async function inCluster(env: NodeJS.ProcessEnv, looked: readonly string[]): Promise<KubeContext> {
  const host = env.KUBERNETES_SERVICE_HOST;
  const namespace = host && (await readFile(`${SERVICE_ACCOUNT}/namespace`, 'utf8').catch(() => undefined));
  if (!host || !namespace) {
    throw invalid('no kubeconfig was found', {
      seen: `looked at ${looked.join(', ')}; not in a pod either`,
      causes: ['KUBECONFIG points to a file that is not there', 'this machine was never connected to a cluster'],
    });
  }
  const name = host.includes(':') ? `[${host}]` : host;
  return {
    name: 'in-cluster',
    namespace: namespace.trim(),
    cluster: {
      server: `https://${name}:${env.KUBERNETES_SERVICE_PORT ?? '443'}`,
      caFile: `${SERVICE_ACCOUNT}/ca.crt`,
      skipTlsVerify: false,
    },
    user: { tokenFile: `${SERVICE_ACCOUNT}/token`, impersonate: {} },
  };
}

function invalid(message: string, details: { seen?: string; causes?: string[]; next?: string[] }): Failure {
  return new Failure('KubeconfigInvalid', message, { ...details, next: [...(details.next ?? []), ...NEXT] });
}

function asFields(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {};
}

function textOf(fields: Fields, field: string): string | undefined {
  const value = fields[field];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : [];
}

function optional<K extends string>(key: K, value: string | undefined): Partial<Record<K, string>> {
  return value === undefined ? {} : ({ [key]: value } as Record<K, string>);
}
