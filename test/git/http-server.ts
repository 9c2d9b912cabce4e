import { spawn } from 'node:child_process';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createGunzip } from 'node:zlib';
import { TEST_GIT_ENV } from './remote-repository.ts';

/** What the server does with a request instead of serving Git; undefined serves it. */
export type Intercept = (request: IncomingMessage, response: ServerResponse) => 'handled' | undefined;

export interface GitServer {
  url: string;
  /** Every request so far: method, path with query, and the Authorization header. */
  requests: { method: string; path: string; authorization: string | undefined }[];
  intercept: Intercept | undefined;
  /** Runs after Git has answered in full but before the client hears of it; true cuts the connection instead. */
  cutAnswer: ((request: IncomingMessage) => boolean) | undefined;
  close(): Promise<void>;
}

/** Serves the bare repositories under `root` over smart HTTP by `git http-backend`, on a free port of 127.0.0.1. */
export async function serveGit(root: string): Promise<GitServer> {
  const server = createServer((request, response) => {
    handle(request, response).catch(() => response.destroy());
  });
  const git: GitServer = {
    url: await listen(server),
    requests: [],
    intercept: undefined,
    cutAnswer: undefined,
    close: () => stop(server),
  };
  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    git.requests.push({ method: request.method ?? '', path: request.url ?? '', authorization: request.headers.authorization });
    if (git.intercept?.(request, response) === 'handled') return;
    const answer = await backend(root, request);
    if (git.cutAnswer?.(request)) return void response.destroy();
    send(response, answer);
  }
  return git;
}

/** Asks for `authorization`; others get 401. */
export function requireAuthorization(authorization: string): Intercept {
  return (request, response) => {
    if (request.headers.authorization === authorization) return undefined;
    response.writeHead(401, { 'www-authenticate': 'Basic realm="git"' }).end('Unauthorized');
    return 'handled';
  };
}

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function stop(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}

/** One request through the CGI program; its raw answer. */
function backend(root: string, request: IncomingMessage): Promise<Buffer> {
  const url = new URL(request.url ?? '/', 'http://localhost');
  const child = spawn('git', ['http-backend'], {
    env: {
      ...TEST_GIT_ENV,
      GIT_PROJECT_ROOT: root,
      GIT_HTTP_EXPORT_ALL: '1',
      GIT_PROTOCOL: String(request.headers['git-protocol'] ?? ''),
      REQUEST_METHOD: request.method ?? 'GET',
      PATH_INFO: decodeURIComponent(url.pathname),
      QUERY_STRING: url.search.slice(1),
      CONTENT_TYPE: request.headers['content-type'] ?? '',
      REMOTE_USER: 'tester',
      REMOTE_ADDR: '127.0.0.1',
    },
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  child.stdin.on('error', () => undefined);
  const body = request.headers['content-encoding'] === 'gzip' ? request.pipe(createGunzip()) : request;
  body.pipe(child.stdin);
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', () => resolve(Buffer.concat(chunks)));
  });
}

function send(response: ServerResponse, answer: Buffer): void {
  const end = answer.indexOf('\r\n\r\n');
  const headers = answer.toString('latin1', 0, end).split('\r\n');
  for (const header of headers) {
    const [name = '', ...value] = header.split(':');
    if (name.toLowerCase() === 'status') response.statusCode = Number.parseInt(value.join(':'), 10);
    else if (name !== '') response.setHeader(name, value.join(':').trim());
  }
  response.end(answer.subarray(end + 4));
}
