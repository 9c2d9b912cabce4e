/** The Kubernetes API over plain HTTPS, so that the judge shares no code with the programs that are judged. */
import { readFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { Agent, request } from 'node:https';
import { parse } from 'yaml';
import type { GroupVersionKind, KubeObject, ObjectRef } from '../../../src/api/kube.ts';
import { pathOf, pathOfKind } from './kinds.ts';

interface WatchEvent {
  type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';
  object: KubeObject;
}

export interface ApiClient {
  get(ref: ObjectRef): Promise<KubeObject | undefined>;
  list(kind: GroupVersionKind): Promise<{ items: KubeObject[]; resourceVersion: string }>;
  /** Server-side apply, forced. */
  apply(object: KubeObject, manager: string): Promise<KubeObject>;
  /** JSON merge patch. */
  patch(ref: ObjectRef, patch: unknown, options: { manager: string; subresource?: string }): Promise<KubeObject>;
  delete(ref: ObjectRef): Promise<void>;
  /** Calls `listener` for every change after `resourceVersion`, until it is closed; `ended` when the server ended it. */
  watch(
    kind: GroupVersionKind,
    resourceVersion: string,
    on: { event: (event: WatchEvent) => void; ended: (why: string) => void },
  ): { close(): void };
  close(): void;
}

/** Opens the cluster of a kubeconfig that holds a token. */
export async function openApi(kubeconfig: string): Promise<ApiClient> {
  const config = parse(await readFile(kubeconfig, 'utf8')) as {
    clusters: { cluster: { server: string; 'certificate-authority'?: string; 'certificate-authority-data'?: string } }[];
    users: { user: { token: string } }[];
  };
  const cluster = config.clusters[0]?.cluster;
  const token = config.users[0]?.user.token;
  if (!cluster || !token) throw new Error(`${kubeconfig} names no cluster or no token`);
  const data = cluster['certificate-authority-data'];
  const ca = data ? Buffer.from(data, 'base64') : await readFile(cluster['certificate-authority'] as string);
  const agent = new Agent({ ca });

  const open = (method: string, path: string, content?: { type: string; body: unknown }) =>
    new Promise<IncomingMessage>((resolve, reject) => {
      const headers = {
        authorization: `Bearer ${token}`,
        accept: 'application/json',
        ...(content ? { 'content-type': content.type } : {}),
      };
      const sent = request(`${cluster.server}${path}`, { method, agent, headers }, resolve);
      sent.once('error', reject);
      sent.end(content ? JSON.stringify(content.body) : undefined);
    });
  const call = async (method: string, path: string, content?: { type: string; body: unknown }) => {
    const response = await open(method, path, content);
    const body = JSON.parse(await textOf(response)) as KubeObject;
    const code = response.statusCode ?? 0;
    if (code >= 400 && code !== 404) throw new Error(`${method} ${path}: ${code} ${String(body.message)}`);
    return { code, body };
  };
  const written = async (method: string, path: string, content: { type: string; body: unknown }) => {
    const { code, body } = await call(method, path, content);
    if (code === 404) throw new Error(`${method} ${path}: ${String(body.message)}`);
    return body;
  };

  return {
    get: async (ref) => {
      const { code, body } = await call('GET', pathOf(ref));
      return code === 404 ? undefined : body;
    },
    list: async (kind) => {
      const { code, body } = await call('GET', pathOfKind(kind));
      if (code === 404) throw new Error(`${kind.kind} is not served`);
      const items = (body.items as KubeObject[]).map((item) => ({ ...item, apiVersion: kind.apiVersion, kind: kind.kind }));
      return { items, resourceVersion: body.metadata.resourceVersion as string };
    },
    apply: (object, manager) =>
      written('PATCH', `${pathOf(refIn(object))}?fieldManager=${manager}&force=true`, {
        type: 'application/apply-patch+yaml',
        body: object,
      }),
    patch: (ref, patch, { manager, subresource }) =>
      written('PATCH', `${pathOf(ref)}${subresource ? `/${subresource}` : ''}?fieldManager=${manager}`, {
        type: 'application/merge-patch+json',
        body: patch,
      }),
    delete: async (ref) => {
      await call('DELETE', pathOf(ref));
    },
    watch: (kind, resourceVersion, on) => {
      let stream: IncomingMessage | undefined;
      let closed = false;
      const end = (why: string) => {
        if (!closed) on.ended(why);
        closed = true;
      };
      const path = `${pathOfKind(kind)}?watch=true&allowWatchBookmarks=true&timeoutSeconds=3600&resourceVersion=${resourceVersion}`;
      open('GET', path)
        .then((response) => {
          if (closed) return response.destroy();
          stream = response;
          if (response.statusCode !== 200) return end(`${path}: ${response.statusCode}`);
          response.once('error', (error) => end(error.message)).once('close', () => end('closed'));
          eachLine(response, (line) => on.event(JSON.parse(line) as WatchEvent));
          return undefined;
        })
        .catch((error: Error) => end(error.message));
      return {
        close: () => {
          closed = true;
          stream?.destroy();
        },
      };
    },
    close: () => agent.destroy(),
  };
}

function refIn({ apiVersion, kind, metadata }: KubeObject): ObjectRef {
  return { apiVersion, kind, name: metadata.name, ...(metadata.namespace ? { namespace: metadata.namespace } : {}) };
}

async function textOf(response: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of response) parts.push(part as Buffer);
  return Buffer.concat(parts).toString('utf8');
}

function eachLine(stream: IncomingMessage, take: (line: string) => void): void {
  let rest = '';
  stream.setEncoding('utf8');
  stream.on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (line.trim() !== '') take(line);
  });
}
