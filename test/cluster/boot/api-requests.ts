/** Plain requests to the API server, for what has to be there before anything else runs. */
import { Agent, request } from 'node:https';
import type { KubeObject } from '../../../src/api/kube.ts';

export interface ApiAnswer {
  status: number;
  body: string;
}

export interface ApiRequests {
  send(method: string, path: string, body?: unknown, contentType?: string): Promise<ApiAnswer>;
  /** @throws where the answer is not 2xx; undefined for 404. */
  get<T>(path: string): Promise<T | undefined>;
  /** Makes an object; one that is there already is left as it is. */
  create(path: string, body: unknown): Promise<void>;
  /** Server-side apply of a namespaced object; takes over fields of other managers. */
  apply(object: KubeObject, manager: string): Promise<void>;
  close(): void;
}

export function apiRequests(options: { port: number; caPem: string; token: string }): ApiRequests {
  const agent = new Agent({ keepAlive: true, maxSockets: 16 });
  const send: ApiRequests['send'] = (method, path, body, contentType = 'application/json') =>
    new Promise((resolve, reject) => {
      const headers = { authorization: `Bearer ${options.token}`, ...(body === undefined ? {} : { 'content-type': contentType }) };
      const outgoing = request(
        { agent, host: '127.0.0.1', port: options.port, ca: options.caPem, method, path, headers, timeout: 30_000 },
        (incoming) => {
          const parts: Buffer[] = [];
          incoming.on('data', (part: Buffer) => parts.push(part));
          incoming.once('error', reject);
          incoming.once('end', () => resolve({ status: incoming.statusCode ?? 0, body: Buffer.concat(parts).toString('utf8') }));
        },
      );
      outgoing.once('timeout', () => outgoing.destroy(new Error(`no answer from the API server to ${method} ${path} in 30 s`)));
      outgoing.once('error', reject);
      outgoing.end(body === undefined ? undefined : JSON.stringify(body));
    });
  const checked = async (answer: Promise<ApiAnswer>, what: string, allowed: readonly number[] = []): Promise<ApiAnswer> => {
    const got = await answer;
    if ((got.status >= 200 && got.status < 300) || allowed.includes(got.status)) return got;
    throw new Error(`${what}: HTTP ${got.status} ${got.body.slice(0, 500)}`);
  };
  return {
    send,
    get: async <T>(path: string) => {
      const { status, body } = await checked(send('GET', path), `GET ${path}`, [404]);
      return status === 404 ? undefined : (JSON.parse(body) as T);
    },
    create: async (path, body) => {
      await checked(send('POST', path, body), `POST ${path}`, [409]);
    },
    apply: async (object, manager) => {
      const target = `${pathOf(object)}?fieldManager=${manager}&force=true`;
      await checked(send('PATCH', target, object, 'application/apply-patch+yaml'), `PATCH ${target}`);
    },
    close: () => agent.destroy(),
  };
}

/** Where an object lies; its kind's plural is taken to be regular. */
function pathOf({ apiVersion, kind, metadata }: KubeObject): string {
  const root = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  const plural = `${kind.toLowerCase()}s`.replace(/ys$/, 'ies');
  const namespace = metadata.namespace === undefined ? '' : `/namespaces/${metadata.namespace}`;
  return `${root}${namespace}/${plural}/${metadata.name}`;
}
