/** `pods/log`. Source: pkg/registry/core/pod/strategy.go LogLocation and rest/log.go of kubernetes. */
import type { LogRequest } from '../../cluster.ts';
import { asObject, asObjects, asString } from '../json.ts';
import { badRequest, serviceUnavailable } from '../refusals.ts';
import { current } from '../writes/replace.ts';
import type { ResourceCall } from './endpoint.ts';

/** Streams what a container printed, as plain text. @throws ApiStatusError 400, 404, 503 before the first byte */
export async function streamLogs({ service, exchange, target, resource }: ResourceCall): Promise<void> {
  const pod = current({ state: service.state, resource }, target.namespace, target.name ?? '');
  const { response, url } = exchange;
  const request = logRequest(url, chooseContainer(pod.metadata.name, asObject(pod.spec), url.searchParams.get('container')));
  if (!service.logs) throw serviceUnavailable('no kubelet serves the logs of this cluster');
  const gone = new AbortController();
  response.on('close', () => gone.abort());
  const signal = AbortSignal.any([gone.signal, service.stopping]);
  const chunks = service.logs
    .read({ namespace: pod.metadata.namespace ?? '', name: pod.metadata.name }, request, signal)
    [Symbol.asyncIterator]();
  // The first chunk decides between an error body and a stream; a followed log without output yet is a stream as well.
  const first = request.follow ? undefined : await chunks.next();
  response.statusCode = 200;
  response.setHeader('Content-Type', 'text/plain');
  if (request.follow) return followLogs({ response, chunks, signal });
  await write({ response, chunks, first, limit: Number(url.searchParams.get('limitBytes')) || Number.POSITIVE_INFINITY });
}

type Chunks = AsyncIterator<string>;
type Response = ResourceCall['exchange']['response'];

async function followLogs({ response, chunks, signal }: { response: Response; chunks: Chunks; signal: AbortSignal }): Promise<void> {
  const pending = chunks.next();
  const settled = await Promise.race([pending, new Promise<undefined>((resolve) => setImmediate(() => resolve(undefined)))]);
  response.flushHeaders();
  try {
    const first = settled ?? (await pending);
    await write({ response, chunks, first, limit: Number.POSITIVE_INFINITY });
  } catch (error) {
    if (!signal.aborted) throw error;
    response.end();
  }
}

interface Writing {
  response: Response;
  chunks: Chunks;
  first: IteratorResult<string> | undefined;
  limit: number;
}

async function write({ response, chunks, first, limit }: Writing): Promise<void> {
  let written = 0;
  for (let next = first ?? (await chunks.next()); !next.done && written < limit; next = await chunks.next()) {
    const bytes = Buffer.from(next.value).subarray(0, limit - written);
    written += bytes.length;
    if (!response.write(bytes)) await drained(response);
  }
  await chunks.return?.();
  response.end();
}

function drained(response: Response): Promise<void> {
  return new Promise((resolve) => {
    response.once('drain', resolve);
    response.once('close', resolve);
  });
}

function chooseContainer(pod: string, spec: Record<string, unknown>, asked: string | null): string {
  const names = (field: string): string[] => asObjects(spec[field]).map(({ name }) => asString(name));
  const containers = names('containers');
  const init = names('initContainers');
  if (asked) {
    if ([...containers, ...init].includes(asked)) return asked;
    throw badRequest(`container ${asked} is not valid for pod ${pod}`);
  }
  if (containers.length === 1) return containers[0] ?? '';
  const choices = `choose one of: [${containers.join(' ')}]${init.length > 0 ? ` or one of the init containers: [${init.join(' ')}]` : ''}`;
  throw badRequest(`a container name must be specified for pod ${pod}, ${choices}`);
}

function logRequest({ searchParams }: URL, container: string): LogRequest {
  const flag = (name: string): boolean => ['true', '1'].includes(searchParams.get(name) ?? '');
  const count = (name: string): number | undefined =>
    /^\d+$/.test(searchParams.get(name) ?? '') ? Number(searchParams.get(name)) : undefined;
  const request: LogRequest = { container, previous: flag('previous'), follow: flag('follow'), timestamps: flag('timestamps') };
  const tailLines = count('tailLines');
  const sinceSeconds = count('sinceSeconds') ?? sinceTime(searchParams.get('sinceTime'));
  if (tailLines !== undefined) request.tailLines = tailLines;
  if (sinceSeconds !== undefined) request.sinceSeconds = sinceSeconds;
  return request;
}

function sinceTime(timestamp: string | null): number | undefined {
  const then = Date.parse(timestamp ?? '');
  return Number.isNaN(then) ? undefined : Math.max(1, Math.ceil((Date.now() - then) / 1000));
}
