/** A scripted HTTP server in the place of an API server, for what a healthy one never does. For tests. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';

export type Handler = (request: IncomingMessage, response: ServerResponse) => void;

export interface Fixture {
  url: string;
  /** Every request so far: `GET /api/v1/pods?limit=500`. */
  requests: string[];
  /** Answers the next request; the last one given answers all that follow. */
  answer(...handlers: Handler[]): void;
  /** A kubeconfig whose one context leads here. */
  kubeconfig: string;
  folder: string;
  stop(): Promise<void>;
}

/** Listens on a free port of 127.0.0.1. @param user what stands under `user` in the kubeconfig. */
export async function startFixture(user: Record<string, unknown> = { token: 'sesame' }): Promise<Fixture> {
  const requests: string[] = [];
  let handlers: Handler[] = [];
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`);
    const handler = handlers.length > 1 ? handlers.shift() : handlers[0];
    handler?.(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const folder = await mkdtemp(join(tmpdir(), 'ebb-kube-'));
  const kubeconfig = join(folder, 'kubeconfig');
  await writeFile(kubeconfig, configOf(url, user), { mode: 0o600 });
  return {
    url,
    requests,
    kubeconfig,
    folder,
    answer(...next) {
      handlers = next;
    },
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await rm(folder, { recursive: true });
    },
  };
}

function configOf(server: string, user: Record<string, unknown>): string {
  return stringify({
    clusters: [{ name: 'c', cluster: { server } }],
    users: [{ name: 'u', user }],
    contexts: [{ name: 'dev', context: { cluster: 'c', user: 'u', namespace: 'shop' } }],
    'current-context': 'dev',
  });
}

/** Answers with JSON. */
export function json(status: number, body: unknown, headers: Record<string, string> = {}): Handler {
  return (_, response) => {
    response.writeHead(status, { 'Content-Type': 'application/json', ...headers });
    response.end(JSON.stringify(body));
  };
}

/** Answers with the API's own error body. */
export function status(code: number, fields: Record<string, unknown> = {}, headers: Record<string, string> = {}): Handler {
  return json(code, { kind: 'Status', apiVersion: 'v1', status: 'Failure', code, ...fields }, headers);
}

/** Ends the connection without an answer. */
export const hangUp: Handler = (request) => {
  request.socket.destroy();
};
