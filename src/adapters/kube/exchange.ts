/** One HTTP request to the API server: no retries, no meaning, only bytes. */
import http, { type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import https from 'node:https';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import type { Access } from './credentials.ts';

export interface Call {
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  url: URL;
  contentType?: string;
  body?: string;
  accept?: string;
  /** A connection of its own: one kept open may be closed by the server just as the request is written. */
  fresh?: boolean;
}

export interface Reply {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
}

/** A request that got no whole answer. `sent` tells whether the server may have read it. */
export class NoAnswer extends Error {
  readonly code: string;
  readonly sent: boolean;

  constructor(problem: Error, sent: boolean) {
    super(problem.message, { cause: problem });
    const { code } = problem as NodeJS.ErrnoException;
    this.code = typeof code === 'string' ? code : problem.name;
    this.sent = sent;
  }
}

/** Milliseconds between keep-alive probes of an idle connection: a watch must notice a server that vanished. */
const PROBE_MS = 30_000;
const unzip = promisify(gunzip);

/**
 * Sends a request and reads the whole answer, whatever its status.
 * @throws NoAnswer; the signal's reason where it aborts.
 */
export async function exchange(access: Access, call: Call, signal: AbortSignal): Promise<Reply> {
  const response = await open(access, call, { signal, zipped: true });
  try {
    const chunks: Buffer[] = [];
    for await (const chunk of response) chunks.push(chunk as Buffer);
    const bytes = Buffer.concat(chunks);
    const plain = response.headers['content-encoding'] === 'gzip' ? await unzip(bytes) : bytes;
    return { status: response.statusCode ?? 0, headers: response.headers, text: plain.toString('utf8') };
  } catch (problem) {
    signal.throwIfAborted();
    throw new NoAnswer(problem as Error, true);
  }
}

/** Sends a request and gives the answer as it begins; its body is not yet read, and destroyed when the signal aborts. */
export function open(access: Access, call: Call, { signal, zipped }: { signal: AbortSignal; zipped: boolean }): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    let sent = false;
    const request = (call.url.protocol === 'https:' ? https : http).request(call.url, optionsOf(access, call, zipped));
    // Not by the option `signal`: that destroys with an error, for which a socket just given back to its agent has no listener.
    const stop = () => void request.destroy();
    signal.addEventListener('abort', stop, { once: true });
    request.once('close', () => signal.removeEventListener('abort', stop));
    request.on('socket', (socket) => {
      socket.setKeepAlive(true, PROBE_MS);
      const ready = () => {
        sent = true;
      };
      if (!socket.connecting) ready();
      else socket.once(call.url.protocol === 'https:' ? 'secureConnect' : 'connect', ready);
    });
    request.once('response', (response) => {
      // Whoever reads the body gets the error too; between two reads an abort would otherwise end the process.
      response.on('error', () => undefined);
      resolve(response);
    });
    request.on('error', (problem) => reject(signal.aborted ? signal.reason : new NoAnswer(problem, sent)));
    request.end(call.body);
    return undefined;
  });
}

function optionsOf(access: Access, call: Call, zipped: boolean): https.RequestOptions {
  return {
    method: call.method,
    ...(call.fresh && access.tls ? { ...access.tls, agent: false } : { agent: access.agent }),
    headers: {
      ...access.headers,
      'User-Agent': 'ebb',
      Accept: call.accept ?? 'application/json',
      ...(zipped ? { 'Accept-Encoding': 'gzip' } : {}),
      ...(call.contentType ? { 'Content-Type': call.contentType } : {}),
      ...(call.body === undefined ? {} : { 'Content-Length': Buffer.byteLength(call.body) }),
    },
  };
}
