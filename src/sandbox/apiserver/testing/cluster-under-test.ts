/** A store and its server for tests, with a small kubelet and router behind it. */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { IncomingHttpHeaders } from 'node:http';
import { type RequestOptions, request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ScaledClock } from '../../clock.ts';
import type { PodLogs, Routes } from '../../cluster.ts';
import { kubeconfig } from '../kubeconfig.ts';
import { type ApiServer, startApiServer } from '../server.ts';
import { createStore, type Store } from '../store.ts';

export const ADMIN_TOKEN = 'token-of-the-admin';
export const JANE_TOKEN = 'token-of-jane';

interface Reply {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
  /** The body as JSON. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into bodies of every shape
  json: any;
}

interface Sending {
  body?: unknown;
  token?: string | null;
  headers?: Record<string, string>;
}

export interface ClusterUnderTest {
  store: Store;
  server: ApiServer;
  /** Sends one request and waits for the whole answer. */
  send(method: string, path: string, sending?: Sending): Promise<Reply>;
  /** Runs kubectl as the admin (or as jane) and waits for its end. */
  kubectl(args: readonly string[], input?: string): Promise<{ code: number; stdout: string; stderr: string }>;
  /** Where the kubeconfig of the admin lies. */
  kubeconfigPath: string;
  stop(): Promise<void>;
}

const logs: PodLogs = {
  async *read({ name }, { container, previous, tailLines }) {
    const lines = [1, 2, 3].map((line) => `${name}/${container}${previous ? ' before' : ''} line ${line}\n`);
    yield* lines.slice(tailLines === undefined ? 0 : -tailLines);
  },
};

export async function startCluster(routes: Routes = { service: () => undefined, pod: () => undefined }): Promise<ClusterUnderTest> {
  const clock = new ScaledClock();
  const store = createStore({ clock });
  const tokens = [
    { token: ADMIN_TOKEN, user: 'admin', groups: ['system:masters'] },
    { token: JANE_TOKEN, user: 'jane', groups: ['developers'] },
  ];
  const server = await startApiServer({ store, clock, tokens, logs, routes });
  const folder = mkdtempSync(join(tmpdir(), 'ebb-apiserver-'));
  const kubeconfigPath = join(folder, 'kubeconfig');
  writeFileSync(kubeconfigPath, kubeconfig({ ...server, token: ADMIN_TOKEN }), { mode: 0o600 });
  return {
    store,
    server,
    kubeconfigPath,
    send: (method, path, sending) => send(server, method, path, sending),
    kubectl: (args, input) => runKubectl({ args, input, kubeconfigPath, folder }),
    stop: async () => {
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function send(server: ApiServer, method: string, path: string, { body, token = ADMIN_TOKEN, headers }: Sending = {}): Promise<Reply> {
  const authorization: Record<string, string> = token === null ? {} : { authorization: `Bearer ${token}` };
  const options: RequestOptions = {
    method,
    ca: server.caPem,
    headers: { 'content-type': 'application/json', 'user-agent': 'a-test/1', ...authorization, ...headers },
  };
  return new Promise((resolve, reject) => {
    const outgoing = request(`${server.url}${path}`, options, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8');
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text, json: parsed(text) });
      });
    });
    outgoing.on('error', reject);
    outgoing.end(body === undefined ? undefined : typeof body === 'string' || body instanceof Buffer ? body : JSON.stringify(body));
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

interface Running {
  args: readonly string[];
  input: string | undefined;
  kubeconfigPath: string;
  folder: string;
}

function runKubectl({ args, input, kubeconfigPath, folder }: Running): Promise<{ code: number; stdout: string; stderr: string }> {
  const env = { PATH: process.env.PATH, HOME: folder, KUBECONFIG: kubeconfigPath };
  return new Promise((resolve) => {
    const child = execFile('kubectl', [...args], { cwd: folder, env, timeout: 30_000 }, (error, stdout, stderr) => {
      resolve({ code: error ? Number(error.code ?? 1) : 0, stdout, stderr });
    });
    child.stdin?.end(input ?? '');
  });
}
