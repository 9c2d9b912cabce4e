/** Access by way of @kubernetes/client-node: exec plugins, OIDC and the other auth providers, proxies. */
import type http from 'node:http';
import type https from 'node:https';
import { type Cluster, KubeConfig, type User } from '@kubernetes/client-node';
import { Failure } from '../../core/failure.ts';
import { authorizationOf, fileOrData } from './authorization.ts';
import type { Access } from './credentials.ts';
import type { ClusterEntry, KubeContext } from './kubeconfig.ts';

/**
 * Runs what the context's user needs to get credentials.
 * @param proxyUrl the proxy to go through.
 * @throws Failure Unauthorized where a plugin or provider gives none.
 */
export async function libraryAccess(context: KubeContext, proxyUrl: string | undefined): Promise<Access> {
  const config = new KubeConfig();
  config.loadFromOptions({
    clusters: [clusterOf(context.cluster, proxyUrl)],
    users: [await userOf(context)],
    contexts: [{ name: 'ebb', cluster: 'ebb', user: 'ebb' }],
    currentContext: 'ebb',
  });
  const options: https.RequestOptions = { headers: {} };
  try {
    await config.applyToHTTPSOptions(options);
  } catch (problem) {
    throw noCredentials(context, problem);
  }
  const headers = { ...(await authorizationOf(context.user)), ...(options.headers as Record<string, string>) };
  return { agent: keptAlive(options.agent as http.Agent), headers };
}

/** The library makes agents that close after each request. */
function keptAlive(agent: http.Agent): http.Agent {
  Object.assign(agent, { keepAlive: true });
  Object.assign((agent as unknown as { options: object }).options ?? {}, { keepAlive: true });
  return agent;
}

function clusterOf(entry: ClusterEntry, proxyUrl: string | undefined): Cluster {
  return {
    name: 'ebb',
    server: entry.server,
    // The library takes plain HTTP for a mistake unless told so; kubectl does not.
    skipTLSVerify: entry.skipTlsVerify || entry.server.startsWith('http:'),
    ...(entry.caData ? { caData: entry.caData } : { caFile: entry.caFile }),
    tlsServerName: entry.tlsServerName,
    proxyUrl,
  };
}

/** Without tokens and passwords: those need no library. */
async function userOf({ cluster, user }: KubeContext): Promise<User> {
  return {
    name: 'ebb',
    ...(user.certData ? { certData: user.certData } : { certFile: user.certFile }),
    ...(user.keyData ? { keyData: user.keyData } : { keyFile: user.keyFile }),
    ...(user.exec ? { exec: await withExecInfo(user.exec, cluster) } : {}),
    ...(user.authProvider ? { authProvider: user.authProvider } : {}),
  } as User;
}

/** Plugins read what they are to do from this variable (client-go plugin/pkg/client/auth/exec); the library does not set it. */
async function withExecInfo(exec: Record<string, unknown>, cluster: ClusterEntry): Promise<Record<string, unknown>> {
  const ca = exec.provideClusterInfo === true ? await fileOrData(cluster.caFile, cluster.caData) : undefined;
  const about = {
    server: cluster.server,
    'insecure-skip-tls-verify': cluster.skipTlsVerify,
    'tls-server-name': cluster.tlsServerName,
    'certificate-authority-data': ca?.toString('base64'),
  };
  const spec = { interactive: false, ...(exec.provideClusterInfo === true ? { cluster: about } : {}) };
  const info = { kind: 'ExecCredential', apiVersion: exec.apiVersion ?? 'client.authentication.k8s.io/v1', spec };
  const env = Array.isArray(exec.env) ? exec.env : [];
  return { ...exec, env: [...env, { name: 'KUBERNETES_EXEC_INFO', value: JSON.stringify(info) }] };
}

function noCredentials({ name, user }: KubeContext, problem: unknown): Failure {
  const command = typeof user.exec?.command === 'string' ? user.exec.command : undefined;
  const from = command ? `the plugin ${command}` : `the auth provider ${String(user.authProvider?.name ?? '')}`;
  const missing = (problem as NodeJS.ErrnoException).code === 'ENOENT';
  return new Failure('Unauthorized', `${from} gave no credentials for the context ${name}`, {
    seen: seenOf(problem),
    causes: missing
      ? [`${command ?? 'the plugin'} is not installed or not on PATH`]
      : ['the login has expired', 'the plugin needs a terminal to log in'],
    next: [`kubectl --context ${name} auth whoami`, ...(missing ? [`command -v ${command ?? ''}`] : [])],
  });
}

/** What a plugin wrote to its standard output is the credential: a message of the JSON parser would repeat it. */
function seenOf(problem: unknown): string {
  if (problem instanceof SyntaxError) return 'its answer is not JSON';
  return problem instanceof Error ? problem.message.trim().slice(0, 500) : 'it failed';
}
