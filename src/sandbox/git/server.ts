/** The sandbox's Git server: smart HTTP on a loopback port, by git's own `http-backend`. */
import type { ChildProcess } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { admit, type GitAccess } from './access.ts';
import { serveByBackend } from './http-backend.ts';
import { setProtection } from './protection.ts';
import { createBareRepository, importDirectory } from './repository.ts';

export interface GitServerOptions extends GitAccess {
  /** Directory for the repositories; nothing is read or written outside it. */
  root: string;
}

interface RepositoryOptions {
  /** Directory to import as the first commit of `main`. */
  from?: string;
  message?: string;
  author?: { name: string; email: string };
}

export interface GitServer {
  /** `http://127.0.0.1:PORT`, without a path. */
  url: string;
  /** Makes a repository (`name` or `owner/name`); resolves to its clone URL and, where files were imported, its first commit. */
  addRepository(name: string, options?: RepositoryOptions): Promise<{ url: string; head?: string }>;
  cloneUrl(name: string): string;
  /** The bare repository on disk: for tests and for whoever plays the forge (merging a pull request). */
  directory(name: string): string;
  /** Refuses direct pushes to `branch`, or takes them again. */
  protect(name: string, branch: string, on: boolean): Promise<void>;
  stop(): Promise<void>;
}

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]*(\/[A-Za-z0-9][A-Za-z0-9._-]*)?$/;
const SERVICES = new Set(['git-upload-pack', 'git-receive-pack']);
const AUTHOR = { name: 'Ebb Sandbox', email: 'sandbox@ebb.invalid' };

/** Starts the server on a free port of 127.0.0.1. Without `users` and `tokens` everybody may read and push. */
export async function startGitServer(options: GitServerOptions): Promise<GitServer> {
  const root = path.resolve(options.root);
  await mkdir(root, { recursive: true });
  const known = new Set<string>();
  const children = new Set<ChildProcess>();
  const track = (child: ChildProcess) => {
    children.add(child);
    child.once('close', () => children.delete(child));
  };
  const server = createServer((request, response) => {
    answer(request, response, { root, known, access: options, track }).catch(() => response.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const cloneUrl = (name: string) => `${url}/${checkedName(name)}.git`;
  const directory = (name: string) => path.join(root, `${checkedName(name)}.git`);
  return {
    url,
    cloneUrl,
    directory,
    async addRepository(name, { from, message = 'Import', author = AUTHOR } = {}) {
      const gitDir = directory(name);
      await createBareRepository(gitDir);
      const head = from === undefined ? undefined : await importDirectory(gitDir, { from, message, author });
      known.add(name);
      return head === undefined ? { url: cloneUrl(name) } : { url: cloneUrl(name), head };
    },
    protect: (name, branch, on) => setProtection(directory(name), branch, on),
    async stop() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      const ended = [...children].map((child) => new Promise<void>((resolve) => child.once('close', () => resolve())));
      for (const child of children) child.kill('SIGKILL');
      await Promise.all([closed, ...ended]);
    },
  };
}

interface Serving {
  root: string;
  known: ReadonlySet<string>;
  access: GitAccess;
  track: (child: ChildProcess) => void;
}

async function answer(request: IncomingMessage, response: ServerResponse, serving: Serving): Promise<void> {
  const admission = admit(request.headers.authorization, serving.access);
  if (admission.kind === 'refused') {
    response.setHeader('WWW-Authenticate', 'Basic realm="Git"');
    return refuse(response, 401, 'authentication required');
  }
  const call = readCall(request);
  if (!call) return refuse(response, 403, 'only git over smart HTTP is served');
  if (!serving.known.has(call.repository)) return refuse(response, 404, 'repository not found');
  await serveByBackend(
    request,
    response,
    {
      projectRoot: serving.root,
      pathInfo: `/${call.repository}.git/${call.action}`,
      query: call.query,
      user: admission.kind === 'user' ? admission.name : 'anonymous',
    },
    serving.track,
  );
}

/** The repository and the service of a request; undefined for everything that smart HTTP does not ask. */
function readCall(request: IncomingMessage): { repository: string; action: string; query: string } | undefined {
  // Not `new URL`: it would resolve `..` before it can be seen.
  const [rawPath = '', query = ''] = (request.url ?? '').split('?');
  const match = /^\/(.+?)(?:\.git)?\/(info\/refs|git-upload-pack|git-receive-pack)$/.exec(rawPath);
  const [, repository = '', action = ''] = match ?? [];
  if (!NAME.test(repository)) return undefined;
  const service = new URLSearchParams(query).get('service') ?? '';
  if (action === 'info/refs') {
    return request.method === 'GET' && SERVICES.has(service) ? { repository, action, query: `service=${service}` } : undefined;
  }
  return request.method === 'POST' ? { repository, action, query: '' } : undefined;
}

function refuse(response: ServerResponse, code: number, message: string): void {
  response.writeHead(code, { 'content-type': 'text/plain; charset=utf-8' }).end(`${message}\n`);
}

function checkedName(name: string): string {
  if (!NAME.test(name) || name.endsWith('.git')) throw new TypeError(`not a repository name: ${JSON.stringify(name)}`);
  return name;
}
