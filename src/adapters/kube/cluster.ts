import { FIELD_MANAGER } from '../../api/annotations.ts';
import { type GroupVersionKind, groupOf, type KubeObject, type ObjectRef } from '../../api/kube.ts';
import { Failure } from '../../core/failure.ts';
import type { Access, Clock, Cluster, HttpAnswer, ListOptions, LogOptions, PatchOptions, WatchEvent } from '../../ports.ts';
import { systemClock } from '../clock/system-clock.ts';
import { credentialsOf } from './credentials.ts';
import { groupPath, knownResource, type Resource, type ResourceAddress, resourceIn, resourcePath } from './kinds.ts';
import { loadContext } from './kubeconfig.ts';
import { forbidden, isObjectMissing, kindNotServed, type Operation, refusal, statusOf } from './refusals.ts';
import { type Demand, Requester } from './requester.ts';
import { follow, type Listing } from './watch.ts';

export interface ClusterOptions {
  /** A kubeconfig file; else as kubectl finds it. */
  kubeconfig?: string;
  /** A context other than the current one. */
  context?: string;
  /** A namespace other than the context's. */
  namespace?: string;
  /** Milliseconds that one request may take; 30,000 unless told. Watches have no limit. */
  timeoutMs?: number;
  env?: NodeJS.ProcessEnv;
  /** For the waits between repeats. */
  clock?: Clock;
}

/** A cluster with connections that can be closed at once; left open, they do not keep the process running. */
export type OpenCluster = Cluster & { close(): void };

/** A list is read in pages of this many. */
const PAGE = 500;
/** Seconds after which the server ends a watch, which is then begun anew: no stream gets stale for longer. */
const WATCH_SECONDS = 300;
/** Where every authenticated user may ask what is allowed (system:basic-user). */
const REVIEWS = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews';
const PATCH_TYPES: Record<PatchOptions['type'], string> = {
  merge: 'application/merge-patch+json',
  json: 'application/json-patch+json',
  // JSON is YAML, and API servers before 1.32 take the YAML type alone.
  apply: 'application/apply-patch+yaml',
};

/**
 * Opens the cluster of a kubeconfig's context. Nothing is sent before the first call.
 * @throws Failure KubeconfigInvalid; the calls throw Unauthorized, Forbidden, ClusterUnreachable, KindNotServed, Conflict, ClusterError.
 */
export async function openCluster(options: ClusterOptions = {}): Promise<OpenCluster> {
  const env = options.env ?? process.env;
  const context = await loadContext({
    env,
    ...(options.kubeconfig ? { kubeconfig: options.kubeconfig } : {}),
    ...(options.context ? { context: options.context } : {}),
  });
  const url = new URL(context.cluster.server);
  const server = { context: context.name, url: `${url.origin}${url.pathname.replace(/\/$/, '')}` };
  const credentials = credentialsOf(context, env);
  const clock = options.clock ?? systemClock;
  const requester = new Requester({ server, root: context.cluster.server, credentials, clock, timeoutMs: options.timeoutMs ?? 30_000 });
  return new KubeCluster({
    requester,
    clock,
    name: `${server.context} (${server.url})`,
    namespace: options.namespace ?? context.namespace ?? 'flux-system',
    close: () => credentials.close(),
  });
}

interface Parts {
  requester: Requester;
  clock: Clock;
  name: string;
  namespace: string;
  close: () => void;
}

class KubeCluster implements OpenCluster {
  readonly name: string;
  readonly namespace: string;
  readonly #requester: Requester;
  readonly #clock: Clock;
  readonly #close: () => void;
  /** Discovery documents by apiVersion. */
  readonly #documents = new Map<string, unknown>();

  constructor({ requester, clock, name, namespace, close }: Parts) {
    this.#requester = requester;
    this.#clock = clock;
    this.name = name;
    this.namespace = namespace;
    this.#close = close;
  }

  close(): void {
    this.#close();
  }

  async get<T extends KubeObject>(ref: ObjectRef): Promise<T | undefined> {
    const address = await this.#addressOf(ref);
    const operation = operationOf('get', ref, address);
    const reply = await this.#requester.send({ method: 'GET', path: resourcePath(address), repeat: 'read' });
    if (isObjectMissing(reply)) return undefined;
    return await this.#parse<T>(reply, operation);
  }

  async list<T extends KubeObject>(kind: GroupVersionKind, options: ListOptions = {}): Promise<T[]> {
    return (await this.#listing(kind, options)).items as T[];
  }

  watch<T extends KubeObject>(kind: GroupVersionKind, options: ListOptions, signal: AbortSignal): AsyncIterable<WatchEvent<T>> {
    return this.#watch(kind, options, signal) as AsyncGenerator<WatchEvent<T>>;
  }

  async create<T extends KubeObject>(object: T): Promise<T> {
    const { metadata } = object;
    const ref = { ...object, name: metadata.name, ...(metadata.namespace === undefined ? {} : { namespace: metadata.namespace }) };
    const { name, ...address } = await this.#addressOf(ref);
    const query = new URLSearchParams({ fieldManager: FIELD_MANAGER });
    const demand: Demand = { method: 'POST', path: `${resourcePath(address)}?${query}`, body: object, repeat: 'once' };
    return this.#demand<T>(demand, operationOf('create', ref, { ...address, name }));
  }

  async patch<T extends KubeObject>(ref: ObjectRef, body: unknown, options: PatchOptions): Promise<T> {
    const address = { ...(await this.#addressOf(ref)), subresource: options.subresource };
    const query = new URLSearchParams({ fieldManager: FIELD_MANAGER });
    if (options.type === 'apply' && options.force) query.set('force', 'true');
    if (options.dryRun) query.set('dryRun', 'All');
    const demand: Demand = {
      method: 'PATCH',
      path: `${resourcePath(address)}?${query}`,
      body,
      contentType: PATCH_TYPES[options.type],
      // A JSON patch may add to a list: done twice it would add twice.
      repeat: options.type === 'json' ? 'once' : 'idempotent',
    };
    return this.#demand<T>(demand, operationOf('patch', ref, address));
  }

  async delete(ref: ObjectRef, { uid }: { uid?: string } = {}): Promise<boolean> {
    const address = await this.#addressOf(ref);
    const preconditions = uid === undefined ? {} : { preconditions: { uid } };
    const body = { kind: 'DeleteOptions', apiVersion: 'v1', propagationPolicy: 'Background', ...preconditions };
    const reply = await this.#requester.send({ method: 'DELETE', path: resourcePath(address), body, repeat: 'idempotent' });
    if (isObjectMissing(reply)) return false;
    // The precondition on the uid failed (k8s.io/apiserver pkg/registry/generic/registry): somebody was faster.
    if (uid !== undefined && reply.status === 409) return false;
    await this.#parse(reply, operationOf('delete', ref, address));
    return true;
  }

  async logs(pod: { namespace: string; name: string }, options: LogOptions = {}): Promise<string> {
    const address: ResourceAddress = { apiVersion: 'v1', plural: 'pods', ...pod, subresource: 'log' };
    const query = new URLSearchParams();
    if (options.container) query.set('container', options.container);
    if (options.previous) query.set('previous', 'true');
    if (options.tailLines !== undefined) query.set('tailLines', String(options.tailLines));
    const reply = await this.#requester.send({ method: 'GET', path: `${resourcePath(address)}?${query}`, accept: '*/*', repeat: 'read' });
    if (reply.status !== 200) throw refusal(reply, operationOf('get', { apiVersion: 'v1', kind: 'Pod' }, address), this.#requester.server);
    return reply.text;
  }

  async serviceGet(service: { namespace: string; name: string; port: string }, path: string): Promise<HttpAnswer> {
    const { namespace, name, port } = service;
    const address: ResourceAddress = { apiVersion: 'v1', plural: 'services', namespace, name: `${name}:${port}`, subresource: 'proxy' };
    const tail = path.startsWith('/') ? path : `/${path}`;
    const reply = await this.#requester.send({ method: 'GET', path: resourcePath(address) + tail, accept: '*/*', repeat: 'probe' });
    const status = statusOf(reply.text);
    if (status && (reply.status === 401 || reply.status === 403 || isObjectMissing(reply))) {
      throw refusal(reply, operationOf('get', { apiVersion: 'v1', kind: 'Service' }, address), this.#requester.server);
    }
    return { status: reply.status, body: status?.message ?? reply.text };
  }

  async refusal({ subresource, name, ...access }: Access): Promise<Failure | undefined> {
    const { plural, namespaced } = await this.#resource(access);
    const namespace = namespaced ? access.namespace : undefined;
    const resourceAttributes = {
      verb: access.verb,
      group: groupOf(access.apiVersion),
      resource: plural,
      ...(subresource === undefined ? {} : { subresource }),
      ...(namespace === undefined ? {} : { namespace }),
      ...(name === undefined ? {} : { name }),
    };
    const body = { apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectAccessReview', spec: { resourceAttributes } };
    const reply = await this.#requester.send({ method: 'POST', path: REVIEWS, body, repeat: 'idempotent' });
    const { status } = (reply.status === 201 ? JSON.parse(reply.text) : {}) as { status?: { allowed: boolean } };
    if (status?.allowed !== false) return undefined;
    const address = { apiVersion: access.apiVersion, plural, namespace, subresource, ...(name === undefined ? {} : { name }) };
    return forbidden(operationOf(access.verb, access, address));
  }

  async serves(kind: GroupVersionKind): Promise<boolean> {
    return resourceIn(await this.#document(kind), kind.kind) !== undefined;
  }

  async #listing(kind: GroupVersionKind, options: ListOptions): Promise<Listing> {
    const address = await this.#listAddress(kind, options);
    const operation = operationOf('list', kind, address);
    const items: KubeObject[] = [];
    let token = '';
    for (;;) {
      const query = selectors(options);
      query.set('limit', String(PAGE));
      if (token) query.set('continue', token);
      const reply = await this.#requester.send({ method: 'GET', path: `${resourcePath(address)}?${query}`, repeat: 'read' });
      // The token of a page lives for some minutes; a list that took longer begins anew.
      if (reply.status === 410 && token) {
        items.length = 0;
        token = '';
        continue;
      }
      const page = await this.#parse<{ metadata?: { resourceVersion?: string; continue?: string }; items?: KubeObject[] }>(
        reply,
        operation,
      );
      // Items of a list come without what they share.
      for (const item of page.items ?? []) items.push({ ...item, apiVersion: kind.apiVersion, kind: kind.kind });
      token = page.metadata?.continue ?? '';
      if (!token) return { items, resourceVersion: page.metadata?.resourceVersion ?? '0' };
    }
  }

  async *#watch(kind: GroupVersionKind, options: ListOptions, signal: AbortSignal): AsyncGenerator<WatchEvent> {
    if (signal.aborted) return;
    const address = await this.#listAddress(kind, options);
    const { server } = this.#requester;
    yield* follow(
      {
        clock: this.#clock,
        list: () => this.#listing(kind, options),
        open: (resourceVersion, stop) => {
          const query = selectors(options);
          query.set('watch', 'true');
          query.set('allowWatchBookmarks', 'true');
          query.set('resourceVersion', resourceVersion);
          query.set('timeoutSeconds', String(WATCH_SECONDS + Math.floor(Math.random() * WATCH_SECONDS)));
          return this.#requester.stream(`${resourcePath(address)}?${query}`, stop);
        },
        refuse: async (response) => {
          const chunks: Buffer[] = [];
          for await (const chunk of response) chunks.push(chunk as Buffer);
          const reply = { status: response.statusCode ?? 0, headers: response.headers, text: Buffer.concat(chunks).toString('utf8') };
          throw refusal(reply, operationOf('watch', kind, address), server);
        },
      },
      signal,
    );
  }

  async #listAddress(kind: GroupVersionKind, { namespace }: ListOptions): Promise<ResourceAddress> {
    const { plural, namespaced } = await this.#resource(kind);
    return { apiVersion: kind.apiVersion, plural, namespace: namespaced ? namespace : undefined };
  }

  async #addressOf(ref: ObjectRef): Promise<ResourceAddress & { name: string }> {
    const { plural, namespaced } = await this.#resource(ref);
    return { apiVersion: ref.apiVersion, plural, namespace: namespaced ? (ref.namespace ?? this.namespace) : undefined, name: ref.name };
  }

  async #resource(kind: GroupVersionKind): Promise<Resource> {
    const known = knownResource(kind) ?? resourceIn(await this.#document(kind), kind.kind);
    if (!known) throw await this.#notServed(kind);
    return known;
  }

  /** What the server tells of a group and version; undefined where it has none. Only what is there is kept: Flux may be installed later. */
  async #document({ apiVersion }: GroupVersionKind): Promise<unknown> {
    const kept = this.#documents.get(apiVersion);
    if (kept !== undefined) return kept;
    const document = await this.#discover(groupPath(apiVersion));
    if (document !== undefined) this.#documents.set(apiVersion, document);
    return document;
  }

  async #discover(path: string): Promise<unknown> {
    const reply = await this.#requester.send({ method: 'GET', path, repeat: 'read' });
    if (reply.status === 404 && (statusOf(reply.text) || !isHtml(reply.headers['content-type']))) return undefined;
    return this.#requester.parse(reply, { verb: 'get', apiVersion: 'v1', kind: 'APIResourceList', resource: path });
  }

  async #notServed(kind: GroupVersionKind): Promise<Failure> {
    const group = groupOf(kind.apiVersion);
    const document = group ? await this.#discover(`/apis/${encodeURIComponent(group)}`).catch(() => undefined) : undefined;
    const { versions } = (document ?? {}) as { versions?: { groupVersion: string }[] };
    const served = (versions ?? []).map((version) => version.groupVersion).filter((version) => version !== kind.apiVersion);
    return kindNotServed(kind, this.#requester.server, served);
  }

  async #demand<T>(demand: Demand, operation: Operation): Promise<T> {
    return this.#parse<T>(await this.#requester.send(demand), operation);
  }

  async #parse<T>(reply: Awaited<ReturnType<Requester['send']>>, operation: Operation): Promise<T> {
    try {
      return this.#requester.parse<T>(reply, operation);
    } catch (problem) {
      if (problem instanceof Failure && problem.code === 'KindNotServed') throw await this.#notServed(operation);
      throw problem;
    }
  }
}

function isHtml(contentType: string | undefined): boolean {
  return contentType?.includes('html') ?? false;
}

function selectors({ labelSelector, fieldSelector }: ListOptions): URLSearchParams {
  const query = new URLSearchParams();
  if (labelSelector) query.set('labelSelector', labelSelector);
  if (fieldSelector) query.set('fieldSelector', fieldSelector);
  return query;
}

function operationOf(verb: Operation['verb'], kind: GroupVersionKind, address: ResourceAddress): Operation {
  return {
    verb,
    apiVersion: kind.apiVersion,
    kind: kind.kind,
    resource: address.subresource ? `${address.plural}/${address.subresource}` : address.plural,
    namespace: address.namespace,
    name: address.name,
  };
}
