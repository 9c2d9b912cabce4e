/** HTTP checks: real requests to the application, through the API server's proxy or to a URL. */
import { Failure } from '../core/failure.ts';
import type { HttpResult } from '../core/verdict/judge.ts';
import type { Cluster } from '../ports.ts';

export type HttpCheck =
  | { kind: 'service'; namespace: string; name: string; port: string; path: string; text: string }
  | { kind: 'url'; url: string; text: string };

/** `[NAMESPACE/]SERVICE[:PORT]/PATH`: the namespace is told from the service by the port or by there being three parts. */
const SERVICE = /^(?:([a-z0-9][-a-z0-9]*)\/)?([a-z0-9][-a-z0-9.]*)(?::([a-z0-9][-a-z0-9]*))?(\/.*)$/;

/** @throws Failure UsageError */
export function parseHttpCheck(text: string, namespace: string): HttpCheck {
  if (/^https?:\/\//.test(text)) {
    if (URL.canParse(text)) return { kind: 'url', url: text, text };
  } else {
    const [, space, name, port, path] = SERVICE.exec(text) ?? [];
    if (name && path) return { kind: 'service', namespace: space ?? namespace, name, port: port ?? '', path, text };
  }
  throw new Failure('UsageError', `"${text}" is not an HTTP check`, {
    next: ['write [NAMESPACE/]SERVICE[:PORT]/PATH, for example shop/api:http/healthz, or a URL'],
  });
}

/** Makes `requests` requests one after another; an answer of 2xx or 3xx is well. */
export async function runHttpCheck(cluster: Cluster, check: HttpCheck, requests: number): Promise<HttpResult> {
  let failed = 0;
  let sample: string | undefined;
  for (let i = 0; i < requests; i++) {
    const trouble = await request(cluster, check);
    if (trouble === undefined) continue;
    failed += 1;
    sample ??= trouble;
  }
  return { check: check.text, requests, failed, ...(sample === undefined ? {} : { sample }) };
}

/** @returns what went wrong; undefined where nothing did. */
async function request(cluster: Cluster, check: HttpCheck): Promise<string | undefined> {
  try {
    const status =
      check.kind === 'service'
        ? (await cluster.serviceGet(check, check.path)).status
        : (await fetch(check.url, { redirect: 'manual', signal: AbortSignal.timeout(10_000) })).status;
    return status >= 200 && status < 400 ? undefined : `HTTP ${status}`;
  } catch (error) {
    if (error instanceof Failure && error.code === 'Forbidden') throw error;
    return error instanceof Error ? error.message : String(error);
  }
}
