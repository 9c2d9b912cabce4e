/**
 * A list that is kept up to date: list, then watch from there, reconnect where the stream ends, list again where the
 * server no longer knows the way from there.
 * Source of the rules: https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes
 */
import type { IncomingMessage } from 'node:http';
import { StringDecoder } from 'node:string_decoder';
import type { KubeObject } from '../../api/kube.ts';
import { Failure } from '../../core/failure.ts';
import type { Clock, WatchEvent } from '../../ports.ts';
import { NoAnswer } from './exchange.ts';

export interface Listing {
  items: KubeObject[];
  resourceVersion: string;
}

export interface WatchSource {
  list(): Promise<Listing>;
  /** Begins the stream of changes after `resourceVersion`. */
  open(resourceVersion: string, signal: AbortSignal): Promise<IncomingMessage>;
  /** What an answer other than 2xx means. @throws Failure */
  refuse(response: IncomingMessage): Promise<never>;
  clock: Clock;
}

/** Milliseconds before a reconnect that follows a failure; doubled up to the longest. */
const FIRST_WAIT_MS = 200;
const LONGEST_WAIT_MS = 5_000;

/** The server no longer has the changes since then. */
const EXPIRED = 'expired';

/**
 * Every object as it is, then every change, until `signal` aborts. The first list may fail with a `Failure`; after it,
 * only what will not mend itself does (no permission, the kind is gone).
 */
export async function* follow(source: WatchSource, signal: AbortSignal): AsyncGenerator<WatchEvent> {
  const known = new Map<string, KubeObject>();
  const pause = pauses(source.clock, signal);
  let listing: Listing | undefined = await source.list();
  while (!signal.aborted) {
    if (!listing) {
      await pause.next();
      listing = await relist(source);
      continue;
    }
    yield* differences(known, listing.items);
    let version = listing.resourceVersion;
    let expired = false;
    while (!expired && !signal.aborted) {
      let quiet = true;
      for await (const step of changes(source, version, signal)) {
        if (step === EXPIRED) expired = true;
        else {
          quiet = false;
          version = step.object.metadata.resourceVersion ?? version;
          if (step.type !== 'BOOKMARK') yield remember(known, step.type, step.object);
        }
      }
      if (quiet) await pause.next();
      else pause.reset();
    }
    if (!signal.aborted) listing = await relist(source);
  }
}

/** A list after the first one: where the server cannot be reached it will be later. */
async function relist(source: WatchSource): Promise<Listing | undefined> {
  try {
    return await source.list();
  } catch (problem) {
    if (problem instanceof Failure && problem.code === 'ClusterUnreachable') return undefined;
    throw problem;
  }
}

/** Waits that double, so that a server that ends every stream at once is not flooded. */
function pauses(clock: Clock, signal: AbortSignal): { next(): Promise<void>; reset(): void } {
  let wait = FIRST_WAIT_MS;
  return {
    async next() {
      if (!signal.aborted) await clock.sleep(wait, signal).catch(() => undefined);
      wait = Math.min(wait * 2, LONGEST_WAIT_MS);
    },
    reset() {
      wait = FIRST_WAIT_MS;
    },
  };
}

/** What changed between what was told so far and a new list. */
function* differences(known: Map<string, KubeObject>, items: readonly KubeObject[]): Generator<WatchEvent> {
  const now = new Map(items.map((item) => [keyOf(item), item]));
  for (const [key, object] of [...known]) {
    if (now.get(key)?.metadata.uid !== object.metadata.uid) yield remember(known, 'DELETED', object);
  }
  for (const [key, object] of now) {
    const before = known.get(key);
    if (!before) yield remember(known, 'ADDED', object);
    else if (before.metadata.resourceVersion !== object.metadata.resourceVersion) yield remember(known, 'MODIFIED', object);
  }
}

function remember(known: Map<string, KubeObject>, type: WatchEvent['type'], object: KubeObject): WatchEvent {
  if (type === 'DELETED') known.delete(keyOf(object));
  else known.set(keyOf(object), object);
  return { type, object };
}

function keyOf({ metadata }: KubeObject): string {
  return `${metadata.namespace ?? ''}/${metadata.name}`;
}

interface Change {
  type: WatchEvent['type'] | 'BOOKMARK';
  object: KubeObject;
}

/** The changes of one stream until it ends or breaks. */
async function* changes(source: WatchSource, version: string, signal: AbortSignal): AsyncGenerator<Change | typeof EXPIRED> {
  const stop = new AbortController();
  const abort = () => stop.abort();
  signal.addEventListener('abort', abort, { once: true });
  try {
    const response = await source.open(version, stop.signal);
    if (response.statusCode === 200) yield* read(response);
    else if (response.statusCode === 410) yield EXPIRED;
    else if (!isPassing(response.statusCode ?? 0)) await source.refuse(response);
  } catch (problem) {
    if (signal.aborted) return;
    if (!isBroken(problem)) throw problem;
  } finally {
    signal.removeEventListener('abort', abort);
    stop.abort();
  }
}

function isPassing(status: number): boolean {
  return status === 429 || status >= 500;
}

async function* read(response: IncomingMessage): AsyncGenerator<Change | typeof EXPIRED> {
  for await (const line of linesOf(response)) {
    const event = JSON.parse(line) as { type: string; object: KubeObject & { code?: number } };
    if (event.type === 'ERROR') {
      if (event.object.code === 410) yield EXPIRED;
      return;
    }
    yield event as Change;
  }
}

/** Lines by `\n` alone: to node:readline U+2028 ends a line too, and JSON may have it within a string. */
async function* linesOf(response: IncomingMessage): AsyncGenerator<string> {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  for await (const chunk of response) {
    const lines = (rest + decoder.write(chunk as Buffer)).split('\n');
    rest = lines.pop() ?? '';
    yield* lines.filter((line) => line !== '');
  }
}

/** A connection that broke, or a line that was cut off: worth another try. */
function isBroken(problem: unknown): boolean {
  if (problem instanceof Failure) return false;
  return (
    problem instanceof NoAnswer ||
    problem instanceof SyntaxError ||
    (problem as NodeJS.ErrnoException).code !== undefined ||
    (problem as Error).name === 'AbortError'
  );
}
