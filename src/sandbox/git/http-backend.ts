/**
 * Runs `git http-backend` for one request, as a web server does by CGI.
 * Source of the rules: https://git-scm.com/docs/git-http-backend, RFC 3875.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { gitEnvironment } from './git-program.ts';

export interface BackendRequest {
  /** Directory that holds the repositories. */
  projectRoot: string;
  /** `/NAME.git/SERVICE`, checked and without escapes. */
  pathInfo: string;
  query: string;
  /** Who authenticated, for hooks; absent for anonymous requests. */
  user?: string;
}

/** Answers `request` with what `git http-backend` says; resolves when the response has ended. */
export function serveByBackend(
  request: IncomingMessage,
  response: ServerResponse,
  backend: BackendRequest,
  track: (child: ChildProcess) => void,
): Promise<void> {
  const child = spawn('git', ['http-backend'], { env: cgiVariables(request, backend), stdio: ['pipe', 'pipe', 'pipe'] });
  track(child);
  child.stdin.on('error', () => {});
  request.pipe(child.stdin);
  response.once('close', () => {
    if (!response.writableEnded) child.kill();
  });
  let complaint = '';
  child.stderr.on('data', (chunk: Buffer) => {
    complaint = (complaint + chunk.toString('utf8')).slice(-2_000);
  });
  return new Promise((resolve) => {
    const head = new HeadReader(response);
    child.stdout.on('data', (chunk: Buffer) => {
      if (!head.push(chunk)) child.stdout.pause();
    });
    response.on('drain', () => child.stdout.resume());
    child.once('error', (error) => {
      complaint = error.message;
    });
    child.once('close', () => {
      if (!response.headersSent) response.writeHead(500, { 'content-type': 'text/plain' }).end(`git http-backend failed: ${complaint}\n`);
      else response.end();
      resolve();
    });
  });
}

function cgiVariables(request: IncomingMessage, backend: BackendRequest): NodeJS.ProcessEnv {
  const header = (name: string) => {
    const value = request.headers[name];
    return typeof value === 'string' ? value : '';
  };
  return gitEnvironment({
    GIT_PROJECT_ROOT: backend.projectRoot,
    GIT_HTTP_EXPORT_ALL: '1',
    // The repositories may belong to another user than the one who runs the sandbox (a mounted volume).
    GIT_CONFIG_COUNT: '1',
    GIT_CONFIG_KEY_0: 'safe.directory',
    GIT_CONFIG_VALUE_0: '*',
    REQUEST_METHOD: request.method ?? 'GET',
    PATH_INFO: backend.pathInfo,
    QUERY_STRING: backend.query,
    CONTENT_TYPE: header('content-type'),
    REMOTE_ADDR: request.socket.remoteAddress ?? '',
    SERVER_PROTOCOL: `HTTP/${request.httpVersion}`,
    GATEWAY_INTERFACE: 'CGI/1.1',
    ...(header('content-length') ? { CONTENT_LENGTH: header('content-length') } : {}),
    ...(header('content-encoding') ? { HTTP_CONTENT_ENCODING: header('content-encoding') } : {}),
    ...(header('git-protocol') ? { GIT_PROTOCOL: header('git-protocol') } : {}),
    ...(backend.user === undefined ? {} : { REMOTE_USER: backend.user }),
  });
}

/** Splits a CGI answer into its header, which becomes the response's, and its body, which is handed on as it comes. */
class HeadReader {
  readonly #response: ServerResponse;
  #pending: Buffer = Buffer.alloc(0);

  constructor(response: ServerResponse) {
    this.#response = response;
  }

  /** False where the client reads too slowly: wait for `drain`. */
  push(chunk: Buffer): boolean {
    if (this.#response.headersSent) return this.#response.write(chunk);
    this.#pending = Buffer.concat([this.#pending, chunk]);
    const end = this.#pending.indexOf('\r\n\r\n');
    if (end < 0) return true;
    const { status, headers } = parseHead(this.#pending.subarray(0, end).toString('latin1'));
    this.#response.writeHead(status, headers);
    const body = this.#pending.subarray(end + 4);
    return body.length === 0 || this.#response.write(body);
  }
}

function parseHead(text: string): { status: number; headers: Record<string, string> } {
  const headers: Record<string, string> = {};
  let status = 200;
  for (const line of text.split('\r\n')) {
    const colon = line.indexOf(':');
    if (colon < 0) continue;
    const name = line.slice(0, colon).trim();
    const value = line.slice(colon + 1).trim();
    if (name.toLowerCase() === 'status') status = Number.parseInt(value, 10) || 500;
    else headers[name] = value;
  }
  return { status, headers };
}
