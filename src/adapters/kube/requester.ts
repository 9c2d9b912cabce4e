/** Requests to one API server: credentials, time limits, repeats. */
import type { IncomingMessage } from 'node:http';
import type { Clock } from '../../ports.ts';
import type { Credentials } from './credentials.ts';
import { type Call, exchange, NoAnswer, open, type Reply } from './exchange.ts';
import { notTheApi, type Operation, refusal, type Server, statusOf } from './refusals.ts';
import { isLasting, unreachable } from './unreachable.ts';

/**
 * `read`: anything may be repeated. `idempotent`: a write that does the same when done twice. `once`: a write that is
 * repeated only where the server surely did not do it. `probe`: only what got no answer at all is repeated.
 */
type Repeat = 'read' | 'idempotent' | 'once' | 'probe';

export interface Demand {
  method: Call['method'];
  /** From the root of the API, with its query. */
  path: string;
  body?: unknown;
  contentType?: string;
  accept?: string;
  repeat: Repeat;
}

export interface RequesterOptions {
  server: Server;
  root: string;
  credentials: Credentials;
  clock: Clock;
  /** Milliseconds that one attempt may take. */
  timeoutMs: number;
}

/** Waits between attempts, in milliseconds; each is shortened by up to a quarter so that clients do not march in step. */
const WAITS_MS = [100, 300, 900, 2_000];
const LONGEST_WAIT_MS = 10_000;

export class Requester {
  readonly server: Server;
  readonly #options: RequesterOptions;

  constructor(options: RequesterOptions) {
    this.#options = options;
    this.server = options.server;
  }

  /**
   * The answer, whatever its status.
   * @throws Failure ClusterUnreachable
   */
  async send(demand: Demand): Promise<Reply> {
    for (let attempt = 0; ; attempt++) {
      const outcome = await this.#attempt(demand);
      const wait = attempt < WAITS_MS.length ? waitAfter(outcome, demand.repeat, attempt) : undefined;
      if (wait !== undefined) await this.#options.clock.sleep(wait);
      else if (outcome instanceof NoAnswer) throw unreachable(outcome, this.server);
      else return outcome;
    }
  }

  /**
   * The JSON of a 2xx answer.
   * @throws Failure for any other.
   */
  parse<T>(reply: Reply, operation: Operation): T {
    if (reply.status >= 200 && reply.status < 300) {
      const body = parseJson(reply.text);
      if (body !== undefined) return body as T;
    }
    throw reply.status < 300 ? notTheApi(reply, this.server) : refusal(reply, operation, this.server);
  }

  /**
   * Begins a stream (a watch) and gives it as its head has arrived; the body ends when `signal` aborts.
   * @throws NoAnswer; the signal's reason.
   */
  async stream(path: string, signal: AbortSignal): Promise<IncomingMessage> {
    const { credentials } = this.#options;
    const call: Call = { method: 'GET', url: this.#url(path) };
    const access = await credentials.current();
    const response = await open(access, call, { signal, zipped: false });
    if (response.statusCode !== 401) return response;
    response.resume();
    credentials.renew(access);
    return open(await credentials.current(), call, { signal, zipped: false });
  }

  #url(path: string): URL {
    return new URL(this.#options.root + path);
  }

  async #attempt(demand: Demand): Promise<Reply | NoAnswer> {
    const { credentials } = this.#options;
    const access = await credentials.current();
    const reply = await this.#once(access, demand);
    if (reply instanceof NoAnswer || reply.status !== 401) return reply;
    credentials.renew(access);
    return this.#once(await credentials.current(), demand);
  }

  async #once(access: Awaited<ReturnType<Credentials['current']>>, demand: Demand): Promise<Reply | NoAnswer> {
    const call: Call = {
      method: demand.method,
      url: this.#url(demand.path),
      fresh: demand.repeat === 'once',
      ...(demand.body === undefined ? {} : { body: JSON.stringify(demand.body), contentType: demand.contentType ?? 'application/json' }),
      ...(demand.accept ? { accept: demand.accept } : {}),
    };
    const signal = AbortSignal.timeout(this.#options.timeoutMs);
    try {
      return await exchange(access, call, signal);
    } catch (problem) {
      if (problem instanceof NoAnswer) return problem;
      if (signal.aborted) return new NoAnswer(signal.reason as Error, true);
      throw problem;
    }
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Milliseconds to wait before the next attempt; undefined where there is to be none. */
function waitAfter(outcome: Reply | NoAnswer, repeat: Repeat, attempt: number): number | undefined {
  const usual = (WAITS_MS[attempt] as number) * (0.75 + Math.random() / 4);
  if (outcome instanceof NoAnswer) {
    const again = !isLasting(outcome) && (repeat !== 'once' || !outcome.sent);
    // An attempt that ran out of time has waited enough.
    return again && !(outcome.code === 'TimeoutError' && attempt > 0) ? usual : undefined;
  }
  if (repeat === 'probe') return undefined;
  // 429 is given before anything is done (API priority and fairness); 503 with Retry-After too.
  const asked = Number(outcome.headers['retry-after'] ?? statusOf(outcome.text)?.details?.retryAfterSeconds ?? Number.NaN) * 1_000;
  const notDone = outcome.status === 429 || (outcome.status === 503 && asked >= 0);
  const mayRepeat = notDone || (outcome.status >= 500 && outcome.status !== 501 && repeat !== 'once');
  return mayRepeat ? Math.min(Math.max(usual, asked || 0), LONGEST_WAIT_MS) : undefined;
}
