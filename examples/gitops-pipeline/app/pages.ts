import { setTimeout as wait } from 'node:timers/promises';
import type { Configuration } from './configuration.ts';
import type { Metrics } from './metrics.ts';
import type { Release } from './releases.ts';

export interface Answer {
  status: number;
  /** Media type of `body`. */
  type: string;
  body: string;
  /** For the log: what went wrong on our side. */
  problem?: string;
}

export interface Site {
  app: string;
  version: string;
  pod: string;
  release: Release;
  configuration: Configuration;
  metrics: Metrics;
  /** True from the signal to end on. */
  draining: () => boolean;
}

type Page = () => Answer | Promise<Answer>;

/** Milliseconds of the upstream call where the release has no fault there. */
const UPSTREAM_MS = 3;

/** The pages by path. Probes and metrics are not part of the product: faults of the product never touch them. */
export function pagesOf(site: Site): ReadonlyMap<string, Page> {
  const product = faultyProduct(site);
  const pages = new Map<string, Page>([
    ['/', product(() => ({ app: site.app, version: site.version, greeting: site.configuration.greeting, pod: site.pod }))],
    ['/healthz', () => json(200, { status: 'ok' })],
    ['/readyz', () => readiness(site)],
    ['/version', () => json(200, { app: site.app, version: site.version })],
    ['/metrics', () => ({ status: 200, type: 'text/plain; version=0.0.4; charset=utf-8', body: site.metrics.text() })],
  ]);
  if (site.release.features.includes('usage') && site.configuration.usagePage) {
    pages.set(
      '/usage',
      product(() => ({ app: site.app, version: site.version, pod: site.pod, tenants: 3, seats: 42 })),
    );
  }
  return pages;
}

/** The path as a metric's label: a known one, else `other`, so that a scanner cannot make a time series for every path it tries. */
export function routeOf(pages: ReadonlyMap<string, Page>, path: string): string {
  return pages.has(path) ? path : 'other';
}

export function json(status: number, body: unknown): Answer {
  return { status, type: 'application/json', body: `${JSON.stringify(body)}\n` };
}

/** The client learns that it failed, the log why. */
function failure(status: number, problem: string): Answer {
  return { ...json(status, { error: status === 504 ? 'upstream timeout' : 'internal error' }), problem };
}

function readiness({ release, draining }: Site): Answer {
  if (draining()) return json(503, { ready: false, reason: 'shutting down' });
  if (release.fault?.kind === 'never-ready') return json(503, { ready: false, reason: release.fault.reason });
  return json(200, { ready: true });
}

/** Wraps a page of the product in what is wrong with the release; all pages share one count of requests. */
function faultyProduct({ release, configuration }: Site): (content: () => unknown) => Page {
  const fault = release.fault;
  const upstreamMs = fault?.kind === 'slow' ? fault.upstreamMs : UPSTREAM_MS;
  let served = 0;
  return (content) => async () => {
    served += 1;
    const turn = fault?.kind === 'errors' ? ((served - 1) % fault.cycle) + 1 : 0;
    await wait(Math.min(upstreamMs, configuration.upstreamTimeoutMs));
    // Compared as numbers rather than raced as timers, so that the outcome never depends on the load of the machine.
    if (upstreamMs > configuration.upstreamTimeoutMs) {
      return failure(504, `upstream did not answer within ${configuration.upstreamTimeoutMs} ms`);
    }
    if (fault?.kind === 'errors' && fault.failing.includes(turn)) {
      return failure(500, 'duplicate key value violates unique constraint "sessions_pkey"');
    }
    return json(200, content());
  };
}
