/** The HTTPS face of the embedded cluster: real kubectl and client libraries work against it. */
import { setMaxListeners } from 'node:events';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { SandboxClock } from '../clock.ts';
import type { PodLogs, Routes } from '../cluster.ts';
import { type TokenGrant, Tokens } from './access/tokens.ts';
import { type Certificate, loopbackCertificate } from './certificate.ts';
import { dispatch } from './http/dispatch.ts';
import type { Store } from './store.ts';

export { kubeconfig } from './kubeconfig.ts';
export { createStore } from './store.ts';

export interface ApiServerOptions {
  store: Store;
  clock: SandboxClock;
  /** Who may come in; whoever is not in `system:masters` may do what RBAC objects in the store allow. */
  tokens: readonly TokenGrant[];
  /** Where `pods/log` reads; without it that answers 503. */
  logs?: PodLogs;
  /** Where `services/proxy` and `pods/proxy` lead; without it they answer 503. */
  routes?: Routes;
  /** What it proves itself with; one of its own where absent. */
  certificate?: Certificate;
}

export interface ApiServer {
  /** `https://127.0.0.1:<port>` */
  url: string;
  /** The certificate that clients have to trust, PEM. */
  caPem: string;
  /** Ends every watch and connection. */
  stop(): Promise<void>;
}

/** Listens on a free port of 127.0.0.1. */
export async function startApiServer({ store, tokens, logs, routes, certificate }: ApiServerOptions): Promise<ApiServer> {
  const { key, cert } = certificate ?? (await loopbackCertificate());
  const stopping = new AbortController();
  // Every watch waits for it, and there may be any number of them.
  setMaxListeners(0, stopping.signal);
  const service = { state: store.state, logs, routes, stopping: stopping.signal };
  const known = new Tokens(tokens);
  const server = createServer({ key, cert }, (request, response) => void dispatch(service, known, request, response));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return { url: `https://127.0.0.1:${port}`, caPem: cert, stop: () => stop(server, stopping) };
}

function stop(server: Server, stopping: AbortController): Promise<void> {
  stopping.abort();
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
