/** Paths that are no resource: health, version, discovery, OpenAPI. */

import type { Resource } from '../kinds/resource.ts';
import { noSuchResource } from '../refusals.ts';
import { aggregated, coreVersions, DISCOVERY_VIEWS, groupDocument, groupList, resourceList } from './discovery.ts';
import { answer, type Exchange } from './exchange.ts';
import { negotiate } from './negotiation.ts';
import { OPENAPI_V2_PROTOBUF, openApiDocument, openApiIndex, openApiV2, openApiV2Protobuf } from './openapi.ts';

/** Served without a token, as kubelets and load balancers probe them. */
export const PUBLIC_PATHS: ReadonlySet<string> = new Set(['/healthz', '/livez', '/readyz', '/version']);

/** The Kubernetes release whose behaviour this server follows. */
const VERSION = {
  major: '1',
  minor: '33',
  gitVersion: 'v1.33.4+ebb',
  gitCommit: '',
  gitTreeState: '',
  buildDate: '1970-01-01T00:00:00Z',
  goVersion: '',
  compiler: '',
  platform: `${process.platform}/${process.arch}`,
};

/** @throws ApiStatusError 404, 406 */
export function answerPath(exchange: Exchange, resources: readonly Resource[]): void {
  const path = exchange.url.pathname.replace(/\/+$/, '') || '/';
  if (path === '/version') answer(exchange, { status: 200, body: VERSION });
  else if (PUBLIC_PATHS.has(path) || path.startsWith('/livez/') || path.startsWith('/readyz/')) plain(exchange, 'ok');
  else if (path.startsWith('/openapi/')) answerOpenApi(exchange, resources, path);
  else answerDiscovery(exchange, resources, path);
}

function plain({ response }: Exchange, text: string): void {
  response.writeHead(200, { 'Content-Type': 'text/plain; charset=utf-8', 'X-Content-Type-Options': 'nosniff' });
  response.end(text);
}

function answerDiscovery(exchange: Exchange, resources: readonly Resource[], path: string): void {
  if (path === '/api' || path === '/apis') {
    answerDiscoveryRoot(exchange, resources, path);
    return;
  }
  const body = path === '/' ? rootPaths(resources) : documentOf(resources, path);
  if (body === undefined) throw noSuchResource();
  answer(exchange, { status: 200, body, representation: negotiate(exchange.request.headers.accept, []) });
}

function answerDiscoveryRoot(exchange: Exchange, resources: readonly Resource[], path: string): void {
  const representation = negotiate(exchange.request.headers.accept, DISCOVERY_VIEWS);
  const { as, version = 'v2' } = representation;
  exchange.response.setHeader('Vary', 'Accept');
  if (!as) {
    answer(exchange, { status: 200, body: path === '/api' ? coreVersions() : groupList(resources), representation });
    return;
  }
  const contentType = `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`;
  answer(exchange, { status: 200, body: aggregated(resources, path === '/api' ? 'core' : 'groups', version), contentType });
}

function documentOf(resources: readonly Resource[], path: string): unknown {
  const [prefix, first = '', second = '', more] = path.split('/').slice(1);
  if (more !== undefined) return undefined;
  if (prefix === 'api' && !second) return resourceList(resources, first);
  if (prefix !== 'apis') return undefined;
  return second ? resourceList(resources, `${first}/${second}`) : groupDocument(resources, first);
}

function rootPaths(resources: readonly Resource[]): unknown {
  const groups = [...new Set(resources.map((resource) => resource.group))].filter(Boolean).sort();
  return {
    paths: [
      '/api',
      '/api/v1',
      '/apis',
      ...groups.map((group) => `/apis/${group}`),
      '/healthz',
      '/livez',
      '/openapi/v2',
      '/openapi/v3',
      '/readyz',
      '/version',
    ],
  };
}

function answerOpenApi(exchange: Exchange, resources: readonly Resource[], path: string): void {
  if (path === '/openapi/v2') {
    answerOpenApiV2(exchange);
    return;
  }
  const body = path === '/openapi/v3' ? openApiIndex(resources) : openApiDocument(resources, path.slice('/openapi/v3/'.length));
  if (body === undefined) throw noSuchResource();
  answer(exchange, { status: 200, body });
}

function answerOpenApiV2(exchange: Exchange): void {
  const { accept = '' } = exchange.request.headers;
  if (!OPENAPI_V2_PROTOBUF.test(accept)) {
    answer(exchange, { status: 200, body: openApiV2() });
    return;
  }
  exchange.response.writeHead(200, { 'Content-Type': 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf' });
  exchange.response.end(openApiV2Protobuf());
}
