/**
 * A call over HTTPS that is waited for on the spot: writes to the sandbox's API are made in one go, and a webhook is asked in the
 * midst of one. The request is made on a thread of its own while this one stands still, for `seconds` at most.
 */
import { Worker } from 'node:worker_threads';

export interface Call {
  url: string;
  body: unknown;
  seconds: number;
  /** PEM that the server's certificate is checked by. */
  certificate?: string;
}

/** No answer, or none that is JSON; the message is in the words of Go's HTTP client. */
export class CallFailure extends Error {
  override readonly name = 'CallFailure';
}

/** Bytes of an answer, at most. */
const ROOM = 1024 * 1024;

/** What the thread does: one request, whose outcome it writes into the memory that both share. */
const THREAD = `
const { workerData: { shared, url, body, seconds, certificate } } = require('node:worker_threads');
const { request } = require('node:https');
const state = new Int32Array(shared, 0, 2);
const room = new Uint8Array(shared, 8);
const end = (outcome) => {
  const bytes = Buffer.from(JSON.stringify(outcome), 'utf8').subarray(0, room.length);
  room.set(bytes);
  state[1] = bytes.length;
  Atomics.store(state, 0, 1);
  Atomics.notify(state, 0);
};
const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
const call = request(url, { method: 'POST', headers, ca: certificate, timeout: seconds * 1000 }, (response) => {
  const chunks = [];
  response.on('data', (chunk) => chunks.push(chunk));
  response.on('end', () => end({ status: response.statusCode, text: Buffer.concat(chunks).toString('utf8') }));
});
call.on('timeout', () => call.destroy(Object.assign(new Error('context deadline exceeded'), { code: 'ETIMEDOUT' })));
call.on('error', (error) => end({ code: error.code, message: error.message }));
call.end(body);
`;

/** @returns the JSON of the answer. @throws CallFailure */
export function post({ url, body, seconds, certificate }: Call): unknown {
  const address = new URL(url);
  address.searchParams.set('timeout', `${seconds}s`);
  const subject = `Post ${JSON.stringify(address.href)}`;
  const shared = new SharedArrayBuffer(8 + ROOM);
  const workerData = { shared, url: address.href, body: JSON.stringify(body), seconds, certificate };
  const thread = new Worker(THREAD, { eval: true, workerData });
  // Its outcome is in the shared memory; what else befalls it shows as no answer.
  thread.on('error', () => undefined);
  thread.unref();
  const state = new Int32Array(shared, 0, 2);
  const waited = Atomics.wait(state, 0, 0, seconds * 1_000 + 500);
  void thread.terminate();
  if (waited === 'timed-out') throw new CallFailure(`${subject}: context deadline exceeded`);
  const outcome = JSON.parse(Buffer.from(new Uint8Array(shared, 8, state[1]).slice()).toString('utf8')) as Outcome;
  if (outcome.text === undefined) throw new CallFailure(`${subject}: ${goText(outcome, address)}`);
  if (outcome.status !== 200) throw new CallFailure(`${subject}: unexpected response code: ${outcome.status}`);
  try {
    return JSON.parse(outcome.text);
  } catch {
    throw new CallFailure(`${subject}: the answer is no JSON`);
  }
}

interface Outcome {
  status?: number;
  text?: string;
  code?: string;
  message?: string;
}

function goText({ code, message = 'no answer' }: Outcome, { hostname, port }: URL): string {
  const dial = `dial tcp ${hostname}:${port || '443'}`;
  if (code === 'ECONNREFUSED') return `${dial}: connect: connection refused`;
  if (code === 'ENOTFOUND') return `dial tcp: lookup ${hostname}: no such host`;
  return code === 'ETIMEDOUT' ? 'context deadline exceeded' : message;
}
