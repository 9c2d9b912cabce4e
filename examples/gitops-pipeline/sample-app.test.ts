import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

const entry = fileURLToPath(new URL('app/server.ts', import.meta.url));
let folder: string;
let program: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sample-app-'));
  program = join(folder, 'sample-app.mjs');
  await build({ entryPoints: [entry], outfile: program, bundle: true, platform: 'node', format: 'esm', target: 'node20' });
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const running = new Set<ChildProcess>();
afterEach(() => {
  for (const child of running) child.kill('SIGKILL');
  running.clear();
});

interface LogLine {
  level: string;
  msg: string;
  app: string;
  version: string;
  pod: string;
  port?: number;
  path?: string;
  status?: number;
}

class Running {
  readonly child: ChildProcess;
  output = '';
  readonly ended: Promise<{ code: number | null; signal: string | null }>;
  readonly #listeners = new Set<() => void>();

  constructor(env: Record<string, string>) {
    this.child = spawn(process.execPath, [program], { env: { HOST: '127.0.0.1', PORT: '0', POD_NAME: 'pod-a', ...env } });
    running.add(this.child);
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.output += text;
        for (const listener of this.#listeners) listener();
      });
    }
    // 'close' comes after the last output, 'exit' may come before it.
    this.ended = new Promise((resolve) => this.child.on('close', (code, signal) => resolve({ code, signal })));
  }

  lines(): LogLine[] {
    const complete = this.output.split('\n').slice(0, -1);
    return complete.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line) as LogLine);
  }

  /** The first log line that fits; rejects when the program ends without one. */
  async line(fits: (line: LogLine) => boolean): Promise<LogLine> {
    return new Promise((resolve, reject) => {
      const look = () => {
        const found = this.lines().find(fits);
        if (!found) return;
        this.#listeners.delete(look);
        resolve(found);
      };
      this.#listeners.add(look);
      look();
      void this.ended.then(() => reject(new Error(`ended without that line:\n${this.output}`)));
    });
  }

  async port(): Promise<number> {
    const listening = await this.line((line) => line.msg === 'listening');
    return listening.port ?? 0;
  }
}

async function start(env: Record<string, string>): Promise<{ app: Running; url: string; port: number }> {
  const app = new Running(env);
  const port = await app.port();
  return { app, port, url: `http://127.0.0.1:${port}` };
}

async function json(url: string): Promise<{ status: number; body: unknown }> {
  const response = await fetch(url);
  return { status: response.status, body: await response.json() };
}

async function metricsOf(url: string): Promise<Map<string, number>> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const samples = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(samples.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))]));
}

describe('a good release', () => {
  it('serves its greeting, its version and its probes, and writes one JSON object a line', async () => {
    const { app, url } = await start({ APP_VERSION: '1.0.0', GREETING: 'Hello from dev' });
    const product = { app: 'sample-saas-app', version: '1.0.0' };
    expect(await json(`${url}/?utm=1`)).toEqual({ status: 200, body: { ...product, greeting: 'Hello from dev', pod: 'pod-a' } });
    expect(await json(`${url}/version`)).toEqual({ status: 200, body: product });
    expect(await json(`${url}/healthz`)).toEqual({ status: 200, body: { status: 'ok' } });
    expect(await json(`${url}/readyz`)).toEqual({ status: 200, body: { ready: true } });
    expect((await fetch(`${url}/nowhere`)).status).toBe(404);
    expect((await fetch(url, { method: 'DELETE' })).status).toBe(405);

    const access = await app.line((line) => line.msg === 'request' && line.path === '/nowhere');
    expect(access).toMatchObject({ level: 'info', ...product, pod: 'pod-a', status: 404 });
    expect(app.lines().some((line) => line.path === '/readyz')).toBe(false);
  });

  it('counts requests by route and status, and a path nobody has as other', async () => {
    const { url } = await start({ APP_VERSION: '1.0.0' });
    for (let i = 0; i < 3; i += 1) await fetch(url);
    await fetch(`${url}/wp-login.php`);
    await fetch(`${url}/etc/passwd`);
    const metrics = await metricsOf(url);
    expect(metrics.get('app_info{version="1.0.0"}')).toBe(1);
    expect(metrics.get('http_requests_total{method="GET",path="/",status="200"}')).toBe(3);
    expect(metrics.get('http_requests_total{method="GET",path="other",status="404"}')).toBe(2);
    expect(metrics.get('http_request_duration_seconds_count{method="GET",path="/"}')).toBe(3);
    expect(metrics.get('http_request_duration_seconds_bucket{method="GET",path="/",le="+Inf"}')).toBe(3);
  });

  it('writes metrics in the Prometheus text format, each family declared once before its samples', async () => {
    const { url } = await start({ APP_VERSION: '1.0.0' });
    await fetch(url);
    const response = await fetch(`${url}/metrics`);
    expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    const text = await response.text();
    expect(text.endsWith('\n')).toBe(true);
    const declared: string[] = [];
    for (const line of text.trimEnd().split('\n')) {
      if (line.startsWith('# TYPE ')) declared.push(line.split(' ')[2] ?? '');
      if (line.startsWith('#')) continue;
      expect(line).toMatch(/^[a-z_]+\{([a-z]+="[^"]*",?)+\} \d+(\.\d+)?(e-\d+)?$/);
      expect(line.startsWith(declared.at(-1) ?? 'nothing declared')).toBe(true);
    }
    expect(declared).toEqual(['app_info', 'http_requests_total', 'http_request_duration_seconds']);
  });

  it('has histogram buckets that never fall', async () => {
    const { url } = await start({ APP_VERSION: '1.4.0', UPSTREAM_TIMEOUT_MS: '30' });
    await fetch(url);
    const buckets = [...(await metricsOf(url))].filter(([series]) => series.includes('_bucket{') && series.includes('path="/"'));
    const counts = buckets.map(([, count]) => count);
    expect(counts).toHaveLength(12);
    expect(counts).toEqual([...counts].sort((a, b) => a - b));
    expect(counts[0]).toBe(0);
    expect(counts.at(-1)).toBe(1);
  });

  it('goes by another name and version as billing-worker', async () => {
    const { url } = await start({ APP_NAME: 'billing-worker', APP_VERSION: '2.0.0' });
    expect((await json(`${url}/version`)).body).toEqual({ app: 'billing-worker', version: '2.0.0' });
  });

  it('has the usage page from 1.5.0 on, and the flag takes it away', async () => {
    const before = await start({ APP_VERSION: '1.0.1', FEATURE_USAGE: 'on' });
    expect((await fetch(`${before.url}/usage`)).status).toBe(404);
    const after = await start({ APP_VERSION: '1.5.0' });
    expect((await fetch(`${after.url}/usage`)).status).toBe(200);
    const off = await start({ APP_VERSION: '2.0.0', FEATURE_USAGE: 'off' });
    expect((await fetch(`${off.url}/usage`)).status).toBe(404);
  });
});

describe('a bad release', () => {
  it('1.1.0 ends with exit code 1 and a stack trace', async () => {
    const app = new Running({ APP_VERSION: '1.1.0' });
    expect(await app.ended).toEqual({ code: 1, signal: null });
    expect(app.lines().at(-1)).toMatchObject({ level: 'fatal', version: '1.1.0', msg: expect.stringContaining('TypeError') });
    expect(app.output).toMatch(/^TypeError: Cannot read properties of undefined \(reading 'url'\)\n {4}at openTenantRegistry \(/m);
  });

  it('1.2.0 answers requests but never gets ready, and says why', async () => {
    const { app, url } = await start({ APP_VERSION: '1.2.0' });
    const reason = 'migrations pending: 0042_invoice_status';
    expect(await json(`${url}/readyz`)).toEqual({ status: 503, body: { ready: false, reason } });
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    expect((await fetch(url)).status).toBe(200);
    expect(app.lines()).toContainEqual(expect.objectContaining({ level: 'warn', msg: `not ready: ${reason}` }));
  });

  it('1.3.0 fails requests 3, 6 and 9 of every ten, whatever is asked of its probes in between', async () => {
    const { app, url } = await start({ APP_VERSION: '1.3.0' });
    const statuses: number[] = [];
    for (let i = 0; i < 20; i += 1) {
      statuses.push((await fetch(url)).status);
      expect((await fetch(`${url}/readyz`)).status).toBe(200);
    }
    const ten = [200, 200, 500, 200, 200, 500, 200, 200, 500, 200];
    expect(statuses).toEqual([...ten, ...ten]);
    expect((await metricsOf(url)).get('http_requests_total{method="GET",path="/",status="500"}')).toBe(6);
    const errors = app.lines().filter((line) => line.level === 'error');
    expect(errors).toHaveLength(6);
    expect(errors[0]?.msg).toContain('sessions_pkey');
  });

  it('1.4.0 takes two seconds for a request, and none for a probe', async () => {
    const { url } = await start({ APP_VERSION: '1.4.0' });
    const began = performance.now();
    const slow = fetch(url);
    expect((await fetch(`${url}/readyz`)).status).toBe(200);
    expect(performance.now() - began).toBeLessThan(1_900);
    expect((await slow).status).toBe(200);
    expect(performance.now() - began).toBeGreaterThan(1_990);
  });
});

describe('configuration', () => {
  /** A root file system with /etc/app/config.env. */
  function rootWith(content: string): string {
    const root = mkdtempSync(join(folder, 'root-'));
    mkdirSync(join(root, 'etc/app'), { recursive: true });
    writeFileSync(join(root, 'etc/app/config.env'), content);
    return root;
  }

  async function refusal(env: Record<string, string>): Promise<LogLine & { problems: string[] }> {
    const app = new Running({ APP_VERSION: '1.0.0', ...env });
    expect(await app.ended).toEqual({ code: 78, signal: null });
    const lines = app.lines();
    expect(lines).toHaveLength(1);
    return lines[0] as LogLine & { problems: string[] };
  }

  it('is read from the mounted file, under the root file system where one is given, and the environment wins', async () => {
    const root = rootWith('# settings\n\nGREETING=Hello = from a file\nUPSTREAM_TIMEOUT_MS=900\n');
    const env = { APP_VERSION: '1.0.0', CONFIG_FILE: '/etc/app/config.env', EBB_ROOTFS: root };
    const file = await start(env);
    expect((await json(file.url)).body).toMatchObject({ greeting: 'Hello = from a file' });
    const both = await start({ ...env, GREETING: 'Hello from the environment' });
    expect((await json(both.url)).body).toMatchObject({ greeting: 'Hello from the environment' });
    const absolute = await start({ APP_VERSION: '1.0.0', CONFIG_FILE: join(root, 'etc/app/config.env') });
    expect((await json(absolute.url)).body).toMatchObject({ greeting: 'Hello = from a file' });
  });

  it('that is invalid ends the program with 78 and names every problem with its value', async () => {
    const line = await refusal({ UPSTREAM_TIMEOUT_MS: '5s', LOG_LEVEL: 'loud', GREETING: ' ', FEATURE_USAGE: 'maybe', PORT: '99999' });
    expect(line).toMatchObject({
      level: 'fatal',
      app: 'sample-saas-app',
      version: '1.0.0',
      msg: expect.stringContaining('invalid configuration: '),
    });
    expect(line.problems).toEqual([
      'PORT must be a whole number from 0 to 65535, not "99999"',
      'UPSTREAM_TIMEOUT_MS must be a whole number from 1 to 60000, not "5s"',
      'LOG_LEVEL must be one of debug, info, warn, error, fatal, not "loud"',
      'FEATURE_USAGE must be one of on, off, not "maybe"',
      'GREETING must not be empty',
    ]);
  });

  it.each(['0', '60001', '-5', '1.5', '', '1e3'])('refuses UPSTREAM_TIMEOUT_MS=%j', async (value) => {
    expect((await refusal({ UPSTREAM_TIMEOUT_MS: value })).problems).toHaveLength(1);
  });

  it('refuses a file with a misspelt name or a line that is none, by line number and without the path of the host', async () => {
    const root = rootWith('GREETING=Hello\nUPSTREAM_TIMOUT_MS=5\nnonsense\n');
    const line = await refusal({ CONFIG_FILE: '/etc/app/config.env', EBB_ROOTFS: root });
    expect(line.problems).toEqual([
      '/etc/app/config.env:2: no setting is called "UPSTREAM_TIMOUT_MS"',
      '/etc/app/config.env:3: "nonsense" is not NAME=value',
    ]);
  });

  it('refuses a file that is not there', async () => {
    const line = await refusal({ CONFIG_FILE: '/etc/app/config.env', EBB_ROOTFS: folder });
    expect(line.problems).toEqual(['/etc/app/config.env cannot be read: ENOENT']);
  });

  it('with a timeout below what the upstream needs is valid, ready, and fails every request', async () => {
    const { app, url } = await start({ APP_VERSION: '1.0.0', UPSTREAM_TIMEOUT_MS: '1' });
    expect((await fetch(`${url}/readyz`)).status).toBe(200);
    expect((await fetch(url)).status).toBe(504);
    expect((await fetch(url)).status).toBe(504);
    await app.line((line) => line.msg === 'upstream did not answer within 1 ms');
  });
});

describe('the end', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)('by %s lets the request under way finish, takes no new one, and exits with 0', async (signal) => {
    const { app, port, url } = await start({ APP_VERSION: '1.4.0', LOG_LEVEL: 'debug' });
    await fetch(`${url}/healthz`);
    const underWay = answerOf(port);
    await underWay.sent;
    // The probe's log line says that the program has taken up everything that was sent before it.
    await fetch(`${url}/readyz`);
    app.child.kill(signal);
    await app.line((line) => line.msg === 'shutting down');
    await expect(reach(port)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    expect(await underWay.answered).toEqual({ status: 200, connection: 'close' });
    expect(await app.ended).toEqual({ code: 0, signal: null });
    expect(app.lines().at(-1)).toMatchObject({ msg: 'stopped' });
  });

  it('comes at once where nothing is under way, idle kept-alive connections or not', async () => {
    const { app, url } = await start({ APP_VERSION: '1.0.0' });
    await (await fetch(url)).text();
    app.child.kill('SIGTERM');
    expect(await app.ended).toEqual({ code: 0, signal: null });
  });

  it('comes with exit code 1 and a reason where the port is taken', async () => {
    const first = await start({ APP_VERSION: '1.0.0' });
    const second = new Running({ APP_VERSION: '1.0.0', PORT: String(first.port) });
    expect(await second.ended).toEqual({ code: 1, signal: null });
    expect(second.lines().at(-1)?.msg).toContain('EADDRINUSE');
  });

  /** A request on a connection of its own. */
  function answerOf(port: number): {
    sent: Promise<void>;
    answered: Promise<{ status: number | undefined; connection: string | undefined }>;
  } {
    const request = httpRequest({ host: '127.0.0.1', port, path: '/', agent: false, headers: { connection: 'keep-alive' } });
    const sent = new Promise<void>((resolve) => request.on('finish', resolve));
    const answered = new Promise<{ status: number | undefined; connection: string | undefined }>((resolve, reject) => {
      request.on('error', reject).on('response', (response) => {
        response.resume().on('end', () => resolve({ status: response.statusCode, connection: response.headers.connection }));
      });
    });
    request.end();
    return { sent, answered };
  }

  function reach(port: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const socket = connect(port, '127.0.0.1');
      socket.on('error', reject).on('connect', () => {
        socket.destroy();
        resolve();
      });
    });
  }
});
