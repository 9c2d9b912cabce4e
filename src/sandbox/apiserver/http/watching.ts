/** `watch`: a stream of events, one JSON document a line. Source: k8s.io/apiserver pkg/endpoints/handlers/watch.go and storage/cacher. */
import type { ServerResponse } from 'node:http';
import type { KubeObject } from '../../../api/kube.ts';
import { ApiStatusError } from '../../cluster.ts';
import { apiVersionOf, type Resource } from '../kinds/resource.ts';
import { toVersion } from '../kinds/views.ts';
import { select } from '../selectors/select.ts';
import type { Change } from '../storage/history.ts';
import type { State } from '../storage/state.ts';
import type { ResourceCall } from './endpoint.ts';
import { type ListQuery, listQuery } from './options.ts';
import { viewOptions } from './reading.ts';
import { objectView, table, type ViewOptions } from './views.ts';

type EventType = 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';

/** Wall-clock times, like `timeoutSeconds`: they are the client's, which does not live by the sandbox's clock. */
const BOOKMARK_EVERY_MS = 60_000;
const DEFAULT_TIMEOUT_MS = 45 * 60_000;

export function watchObjects(call: ResourceCall): void {
  const { exchange, resource, service, target } = call;
  const query = listQuery(exchange.url, true);
  const options = viewOptions(call);
  const matches = select(resource, query);
  const inScope = (object: KubeObject): boolean =>
    !target.namespace || !resource.namespaced || object.metadata.namespace === target.namespace;
  const stream = new EventStream(exchange.response, options);
  const emit = (change: Change): void => stream.sendChange(change, resource, (object) => inScope(object) && matches(object));
  stream.open();
  if (!replay({ state: service.state, resource, query, stream, emit })) return void exchange.response.end();
  const unsubscribe = service.state.subscribe(resource.storageKey, emit);
  closeInTime({ call, query, stream, unsubscribe });
}

interface Replay {
  state: State;
  resource: Resource;
  query: ListQuery;
  stream: EventStream;
  emit: (change: Change) => void;
}

/** What happened before the subscription: current objects, or the changes since a revision. False where they are forgotten. */
function replay({ state, resource, query, stream, emit }: Replay): boolean {
  const from = query.resourceVersion;
  const fromNow = query.sendInitialEvents || from === undefined || from === 0;
  if (fromNow) {
    for (const object of state.objects.list(resource.storageKey)) {
      emit({ type: 'ADDED', object, storageKey: resource.storageKey, revision: Number(object.metadata.resourceVersion) });
    }
    if (query.sendInitialEvents) stream.sendBookmark(resource, state.history.revision, { 'k8s.io/initial-events-end': 'true' });
    return true;
  }
  try {
    for (const change of state.history.since(resource.storageKey, from)) emit(change);
    return true;
  } catch (error) {
    if (!(error instanceof ApiStatusError)) throw error;
    stream.sendError(error);
    return false;
  }
}

function closeInTime({
  call,
  query,
  stream,
  unsubscribe,
}: {
  call: ResourceCall;
  query: ListQuery;
  stream: EventStream;
  unsubscribe: () => void;
}): void {
  const { service, resource, exchange } = call;
  const bookmark = (): void => {
    if (query.allowBookmarks) stream.sendBookmark(resource, service.state.history.revision);
  };
  const bookmarks = setInterval(bookmark, BOOKMARK_EVERY_MS);
  const timeout = setTimeout(
    () => {
      bookmark();
      exchange.response.end();
    },
    query.timeoutSeconds ? query.timeoutSeconds * 1000 : DEFAULT_TIMEOUT_MS,
  );
  const stop = (): void => void exchange.response.end();
  service.stopping.addEventListener('abort', stop, { once: true });
  exchange.response.on('close', () => {
    unsubscribe();
    clearInterval(bookmarks);
    clearTimeout(timeout);
    service.stopping.removeEventListener('abort', stop);
  });
}

class EventStream {
  readonly #response: ServerResponse;
  readonly #options: ViewOptions;
  #tables = 0;

  constructor(response: ServerResponse, options: ViewOptions) {
    this.#response = response;
    this.#options = options;
  }

  open(): void {
    this.#response.statusCode = 200;
    this.#response.setHeader('Content-Type', 'application/json');
    this.#response.setHeader('Cache-Control', 'no-cache, private');
    this.#response.flushHeaders();
  }

  /** A change as this watch sees it: an object that enters its selection is ADDED, one that leaves it DELETED. */
  sendChange({ type, object, before }: Change, resource: Resource, selected: (object: KubeObject) => boolean): void {
    const after = toVersion(object, resource);
    const was = before !== undefined && selected(toVersion(before, resource));
    const is = type !== 'DELETED' && selected(after);
    if (is) this.#sendObject(was ? 'MODIFIED' : 'ADDED', after);
    if (is || !was) return;
    const last =
      type === 'DELETED'
        ? after
        : { ...toVersion(before, resource), metadata: { ...before.metadata, resourceVersion: object.metadata.resourceVersion } };
    this.#sendObject('DELETED', last as KubeObject);
  }

  sendBookmark(resource: Resource, revision: number, annotations?: Record<string, string>): void {
    const metadata = { resourceVersion: String(revision), ...(annotations ? { annotations } : {}) };
    const bookmark = { kind: resource.kind, apiVersion: apiVersionOf(resource), metadata };
    const inTable = this.#options.representation.as === 'Table';
    const shown = inTable
      ? { kind: 'Table', apiVersion: 'meta.k8s.io/v1', metadata, columnDefinitions: null, rows: [{ cells: [], object: bookmark }] }
      : bookmark;
    this.#send('BOOKMARK', shown);
  }

  sendError(error: ApiStatusError): void {
    this.#send('ERROR', error.status);
  }

  #sendObject(type: EventType, object: KubeObject): void {
    const inTable = this.#options.representation.as === 'Table';
    this.#send(type, inTable ? this.#rowOf(object) : objectView(object, this.#options));
  }

  #rowOf(object: KubeObject): unknown {
    this.#tables += 1;
    return table([object], { resourceVersion: object.metadata.resourceVersion ?? '' }, this.#options, this.#tables === 1);
  }

  #send(type: EventType, object: unknown): void {
    if (!this.#response.writableEnded) this.#response.write(`${JSON.stringify({ type, object })}\n`);
  }
}
