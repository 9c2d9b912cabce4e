/**
 * The sample application: a small HTTP server whose version decides how well it behaves (see releases.ts).
 * Environment: HOST, PORT, APP_NAME, APP_VERSION, POD_NAME, CONFIG_FILE and the settings of configuration.ts.
 * Exit codes: 0 after SIGTERM or SIGINT, 1 when it breaks, 78 (`EX_CONFIG` of sysexits.h) when its configuration is invalid.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { hostname } from 'node:os';
import { type Configuration, type Environment, readConfiguration } from './configuration.ts';
import { type Log, logTo } from './log.ts';
import { Metrics } from './metrics.ts';
import { type Answer, json, pagesOf, routeOf, type Site } from './pages.ts';
import { releaseNamed } from './releases.ts';

const EXIT_CRASHED = 1;
const EXIT_BAD_CONFIGURATION = 78;
const PROBES = new Set(['/healthz', '/readyz', '/metrics']);

interface Identity {
  app: string;
  version: string;
  pod: string;
}

function main(env: Environment): void {
  const identity: Identity = {
    app: env.APP_NAME ?? 'sample-saas-app',
    version: env.APP_VERSION ?? '0.0.0',
    pod: env.POD_NAME ?? env.HOSTNAME ?? hostname(),
  };
  const outcome = readConfiguration(env);
  if (outcome.kind === 'valid') start(identity, outcome.configuration);
  else refuse(identity, outcome.problems);
}

function refuse(identity: Identity, problems: string[]): void {
  logTo(toStderr, { ...identity }, 'info')('fatal', `invalid configuration: ${problems.join('; ')}`, { problems });
  process.exitCode = EXIT_BAD_CONFIGURATION;
}

function start(identity: Identity, configuration: Configuration): void {
  const log = logTo(toStdout, { ...identity }, configuration.logLevel);
  crashLoudly(identity);
  log('info', 'starting', { node: process.version, pid: process.pid });
  const release = releaseNamed(identity.version) ?? { version: identity.version, summary: 'not released', features: [] };
  if (release.fault?.kind === 'crash-at-start') openTenantRegistry(configuration);
  if (release.fault?.kind === 'never-ready') log('warn', `not ready: ${release.fault.reason}`);
  serve({ ...identity, release, configuration, log });
}

function serve({ log, ...rest }: Omit<Site, 'metrics' | 'draining'> & { log: Log }): void {
  const { host, port } = rest.configuration;
  let draining = false;
  const site: Site = { ...rest, metrics: new Metrics(rest.version), draining: () => draining };
  const server = createServer(requestHandler(site, log));
  server.on('error', (error) => {
    log('fatal', `cannot listen on ${host}:${port}: ${error.message}`);
    process.exitCode = EXIT_CRASHED;
  });
  server.listen(port, host, () => {
    const bound = server.address();
    log('info', 'listening', { host, port: typeof bound === 'object' && bound ? bound.port : port });
  });
  endOn(['SIGTERM', 'SIGINT'], (signal) => {
    if (draining) return;
    draining = true;
    drain(server, log);
    log('info', 'shutting down', { signal });
  });
}

/** Takes no new connections, lets the requests under way finish; the process ends by itself with 0 when the last has. */
function drain(server: Server, log: Log): void {
  server.close(() => log('info', 'stopped'));
  server.closeIdleConnections();
}

function requestHandler(site: Site, log: Log): (request: IncomingMessage, response: ServerResponse) => void {
  const pages = pagesOf(site);
  return (request, response) => {
    const began = performance.now();
    const path = pathOf(request);
    const method = request.method === 'GET' || request.method === 'HEAD' ? request.method : 'other';
    void answerTo(method, pages.get(path)).then((answer) => {
      // Never for a client that went away before its answer: nobody was answered.
      response.on('finish', () => {
        const seconds = (performance.now() - began) / 1_000;
        site.metrics.count({ method, path: routeOf(pages, path), status: answer.status, seconds });
        const fields = { method: request.method, path, status: answer.status, ms: Math.round(seconds * 1_000) };
        log(levelOf(path, answer), answer.problem ?? 'request', fields);
      });
      send(response, answer, site.draining());
    });
  };
}

/** Probes come every second: they would bury what one looks for in a log. */
function levelOf(path: string, answer: Answer): 'debug' | 'info' | 'error' {
  if (PROBES.has(path)) return 'debug';
  return answer.problem ? 'error' : 'info';
}

async function answerTo(method: string, page: (() => Answer | Promise<Answer>) | undefined): Promise<Answer> {
  if (!page) return json(404, { error: 'not found' });
  if (method === 'other') return json(405, { error: 'GET and HEAD only' });
  return page();
}

function send(response: ServerResponse, answer: Answer, last: boolean): void {
  response.writeHead(answer.status, {
    'content-type': answer.type,
    'content-length': Buffer.byteLength(answer.body),
    'cache-control': 'no-store',
    // While it shuts down, a connection kept alive would hold the process until the client gives up.
    ...(last ? { connection: 'close' } : {}),
  });
  response.end(answer.body);
}

function pathOf(request: IncomingMessage): string {
  return (request.url ?? '/').split('?', 1)[0] ?? '/';
}

function endOn(signals: NodeJS.Signals[], end: (signal: NodeJS.Signals) => void): void {
  for (const signal of signals) process.on(signal, end);
}

/** A structured line for machines and the stack as it is for people, then exit code 1. */
function crashLoudly(identity: Identity): void {
  process.on('uncaughtException', (error) => {
    logTo(toStderr, { ...identity }, 'info')('fatal', `uncaught ${error.name}: ${error.message}`);
    toStderr(`${error.stack ?? error.message}\n`);
    process.exit(EXIT_CRASHED);
  });
}

/** The fault of release 1.1.0: code for a setting that no environment has. @throws TypeError always */
function openTenantRegistry(configuration: Configuration): URL {
  const { tenantRegistry } = configuration as Configuration & { tenantRegistry: { url: string } };
  return new URL(tenantRegistry.url);
}

function toStdout(line: string): void {
  process.stdout.write(line);
}

function toStderr(line: string): void {
  process.stderr.write(line);
}

main(process.env);
