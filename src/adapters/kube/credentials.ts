import http from 'node:http';
import https, { type AgentOptions } from 'node:https';
import { authorizationOf, fileOrData } from './authorization.ts';
import type { KubeContext } from './kubeconfig.ts';
import { proxyFor } from './proxy-environment.ts';

/** How requests reach the API server: with which headers, over which connections. */
export interface Access {
  headers: Record<string, string | string[]>;
  /** Keeps connections open between requests; idle ones do not keep the process running. */
  agent: http.Agent;
  /** What a connection of its own needs; absent where only the agent can make one (through a proxy). */
  tls?: AgentOptions;
}

/** Gives the access, and a new one where the server took the old for expired. */
export interface Credentials {
  current(): Promise<Access>;
  /** Forgets `expired`; the next `current` reads tokens and runs plugins again. */
  renew(expired: Access): void;
  /** Closes every connection. */
  close(): void;
}

/** Credentials of a context. Only what is out of the ordinary loads @kubernetes/client-node: it takes long to load. */
export function credentialsOf(context: KubeContext, env: NodeJS.ProcessEnv): Credentials {
  const proxyUrl = context.cluster.proxyUrl ?? proxyFor(new URL(context.cluster.server), env);
  const { exec, authProvider } = context.user;
  const unusual = exec !== undefined || authProvider !== undefined || proxyUrl !== undefined;
  const open = unusual ? async () => (await import('./library-access.ts')).libraryAccess(context, proxyUrl) : () => directAccess(context);
  let access: Promise<Access> | undefined;
  let value: Access | undefined;
  return {
    async current() {
      access ??= open();
      try {
        value = await access;
        return value;
      } catch (problem) {
        access = undefined;
        throw problem;
      }
    },
    renew(expired) {
      if (value === expired) access = undefined;
    },
    close() {
      value?.agent.destroy();
    },
  };
}

async function directAccess({ cluster, user }: KubeContext): Promise<Access> {
  const [ca, cert, key, headers] = await Promise.all([
    fileOrData(cluster.caFile, cluster.caData),
    fileOrData(user.certFile, user.certData),
    fileOrData(user.keyFile, user.keyData),
    authorizationOf(user),
  ]);
  const tls: AgentOptions = {
    ...(ca ? { ca } : {}),
    ...(cert ? { cert } : {}),
    ...(key ? { key } : {}),
    ...(cluster.skipTlsVerify ? { rejectUnauthorized: false } : {}),
    ...(cluster.tlsServerName ? { servername: cluster.tlsServerName } : {}),
  };
  const agent = cluster.server.startsWith('https:') ? new https.Agent({ ...tls, keepAlive: true }) : new http.Agent({ keepAlive: true });
  return { agent, headers, tls };
}
