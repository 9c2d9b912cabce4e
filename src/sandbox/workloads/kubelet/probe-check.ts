/** One check of a probe. Sources: pkg/probe/http, pkg/probe/tcp, pkg/probe/exec. Timeouts are real time: they are of real I/O. */
import { spawn } from 'node:child_process';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { connect } from 'node:net';
import type { Container, Pod, Probe } from '../../../api/workloads.ts';
import { realPort } from '../pod-ports.ts';
import { expand } from './environment.ts';
import type { Reaper } from './reaper.ts';

export interface CheckResult {
  ok: boolean;
  /** Why not, in the kubelet's words. */
  output: string;
}

interface CheckTarget {
  pod: Pod;
  container: Container;
  podIP: string;
  env: Record<string, string>;
  cwd: string;
  reaper: Reaper;
}

const MAX_REDIRECTS = 10;
const MAX_OUTPUT = 10 * 1024;
const OK: CheckResult = { ok: true, output: '' };

const failure = (output: string): CheckResult => ({ ok: false, output });

/** What a probe or a lifecycle hook does. */
export type Handler = Pick<Probe, 'httpGet' | 'tcpSocket' | 'exec'>;

/** Never rejects: what goes wrong is the answer. */
export function runCheck(handler: Handler, target: CheckTarget, timeoutSeconds: number): Promise<CheckResult> {
  const timeoutMs = timeoutSeconds * 1_000;
  if (handler.exec) return checkExec(handler.exec.command ?? [], target, timeoutMs);
  if (handler.httpGet) return checkHttp(handler.httpGet, target, timeoutMs);
  if (handler.tcpSocket) return checkTcp(handler.tcpSocket, target, timeoutMs);
  return Promise.resolve(failure('missing probe handler'));
}

function portOf({ pod, container }: CheckTarget, port: number | string): number | undefined {
  const named = typeof port === 'string' && !/^\d+$/.test(port);
  const declared = named ? container.ports?.find((candidate) => candidate.name === port)?.containerPort : Number(port);
  return declared === undefined ? undefined : realPort(pod, declared);
}

type HttpGet = NonNullable<Probe['httpGet']> & { host?: string };

function checkHttp(get: HttpGet, target: CheckTarget, timeoutMs: number): Promise<CheckResult> {
  const port = portOf(target, get.port);
  if (port === undefined) return Promise.resolve(failure(`couldn't find port: ${get.port}`));
  const scheme = (get.scheme ?? 'HTTP').toLowerCase();
  const path = get.path ? (get.path.startsWith('/') ? get.path : `/${get.path}`) : '/';
  const headers = Object.fromEntries((get.httpHeaders ?? []).map(({ name, value }) => [name, value]));
  const url = `${scheme}://${get.host || target.podIP}:${port}${path}`;
  return fetchStatus({ url, headers, deadline: Date.now() + timeoutMs }, 0);
}

interface HttpCheck {
  url: string;
  headers: Record<string, string>;
  /** Real time, ms. */
  deadline: number;
}

function fetchStatus(check: HttpCheck, redirects: number): Promise<CheckResult> {
  const { url, headers, deadline } = check;
  return new Promise((resolve) => {
    const send = url.startsWith('https:') ? httpsRequest : httpRequest;
    const options = {
      agent: false as const,
      headers: { 'User-Agent': 'kube-probe/1.36', Accept: '*/*', ...headers },
      rejectUnauthorized: false,
    };
    const request = send(url, options, (response) => {
      response.resume();
      const { statusCode = 0, headers: answer } = response;
      const next = statusCode >= 300 && statusCode < 400 && answer.location ? new URL(answer.location, url) : undefined;
      if (next && next.hostname === new URL(url).hostname) {
        if (redirects >= MAX_REDIRECTS) return done(failure(`Get "${url}": stopped after ${MAX_REDIRECTS} redirects`));
        return done(fetchStatus({ ...check, url: next.href }, redirects + 1));
      }
      if (statusCode >= 200 && statusCode < 400) return done(OK);
      return done(failure(`HTTP probe failed with statuscode: ${statusCode}`));
    });
    const timer = setTimeout(
      () => {
        done(failure(`Get "${url}": context deadline exceeded (Client.Timeout exceeded while awaiting headers)`));
        request.destroy();
      },
      Math.max(0, deadline - Date.now()),
    );
    const done = (result: CheckResult | Promise<CheckResult>) => {
      clearTimeout(timer);
      resolve(result);
    };
    request.on('error', (error: NodeJS.ErrnoException) => done(failure(`Get "${url}": ${networkError(error, url)}`)));
    request.end();
  });
}

/** As Go's net package words it. */
function networkError(error: NodeJS.ErrnoException, url: string): string {
  const { host } = new URL(url);
  if (error.code === 'ECONNREFUSED') return `dial tcp ${host}: connect: connection refused`;
  if (error.code === 'ECONNRESET') return error.message === 'socket hang up' ? 'EOF' : `read tcp ${host}: read: connection reset by peer`;
  return error.message;
}

function checkTcp(
  socket: NonNullable<Probe['tcpSocket']> & { host?: string },
  target: CheckTarget,
  timeoutMs: number,
): Promise<CheckResult> {
  const port = portOf(target, socket.port);
  if (port === undefined) return Promise.resolve(failure(`couldn't find port: ${socket.port}`));
  const host = socket.host || target.podIP;
  return new Promise((resolve) => {
    const connection = connect(port, host);
    const done = (result: CheckResult) => {
      clearTimeout(timer);
      connection.destroy();
      resolve(result);
    };
    const timer = setTimeout(() => done(failure(`dial tcp ${host}:${port}: i/o timeout`)), timeoutMs);
    connection.once('connect', () => done(OK));
    connection.once('error', (error: NodeJS.ErrnoException) => {
      const why = error.code === 'ECONNREFUSED' ? 'connect: connection refused' : error.message;
      done(failure(`dial tcp ${host}:${port}: ${why}`));
    });
  });
}

function checkExec(command: string[], { env, cwd, reaper }: CheckTarget, timeoutMs: number): Promise<CheckResult> {
  const [program = '', ...args] = command.map((word) => expand(word, env));
  return new Promise((resolve) => {
    const child = spawn(program, args, { cwd, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    const { pid } = child;
    if (pid !== undefined) reaper.watch(pid);
    let output = '';
    const collect = (chunk: Buffer) => {
      output = (output + chunk.toString('utf8')).slice(0, MAX_OUTPUT);
    };
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    const done = (result: CheckResult) => {
      clearTimeout(timer);
      if (pid !== undefined) {
        endGroup(pid);
        reaper.release(pid);
      }
      resolve(result);
    };
    const timer = setTimeout(() => {
      done(failure(`command timed out: "${command.join(' ')}" timed out after ${timeoutMs / 1_000}s`));
    }, timeoutMs);
    child.once('error', (error) => done(failure(`exec failed: ${error.message}`)));
    child.once('close', (code) => done(code === 0 ? OK : failure(output.trimEnd())));
  });
}

function endGroup(group: number): void {
  try {
    process.kill(-group, 'SIGKILL');
  } catch {
    // Gone already.
  }
}
