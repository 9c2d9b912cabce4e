import type { IncomingMessage, ServerResponse } from 'node:http';
import { ApiStatusError } from '../../cluster.ts';
import { impersonated } from '../access/impersonation.ts';
import { mayUse, mayVisit } from '../access/rbac.ts';
import type { Tokens } from '../access/tokens.ts';
import type { User } from '../access/user.ts';
import type { Resource } from '../kinds/resource.ts';
import { forbidden, forbiddenPath, internalError, methodNotAllowed, noSuchResource, unauthorized } from '../refusals.ts';
import type { ResourceCall, Service } from './endpoint.ts';
import { answer, type Exchange } from './exchange.ts';
import { answerPath, PUBLIC_PATHS } from './paths.ts';
import { streamLogs } from './pod-logs.ts';
import { proxy } from './proxying.ts';
import { getObject, listObjects } from './reading.ts';
import { answerReview } from './reviews.ts';
import { type RequestTarget, type ResourceTarget, targetOf } from './target.ts';
import { watchObjects } from './watching.ts';
import { bindPod, createObject, deleteCollection, deleteObject, evictPod, patchObject, updateObject } from './writing.ts';

type Handler = (call: ResourceCall) => void | Promise<void>;

const HANDLERS: Readonly<Record<string, Handler>> = {
  get: getObject,
  list: listObjects,
  watch: watchObjects,
  create: createObject,
  update: updateObject,
  patch: patchObject,
  delete: deleteObject,
  deletecollection: deleteCollection,
};

const SUBRESOURCE_HANDLERS: Readonly<Record<string, Handler>> = {
  log: streamLogs,
  proxy,
  eviction: evictPod,
  binding: bindPod,
};

const REVIEW_GROUPS = new Set(['authorization.k8s.io', 'authentication.k8s.io']);

/** Answers one request; nothing is thrown, every error becomes a Status. */
export async function dispatch(service: Service, tokens: Tokens, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = urlOf(request);
  const anonymous: User = { name: 'system:anonymous', groups: ['system:unauthenticated'] };
  const exchange: Exchange = { request, response, url, user: anonymous };
  try {
    await handle(service, tokens, exchange);
  } catch (error) {
    refuse(exchange, error instanceof ApiStatusError ? error : internalError(error instanceof Error ? error.message : String(error)));
  }
}

/** A request line that is no URL (`//`) is answered as an unknown path. */
function urlOf(request: IncomingMessage): URL {
  const path = `/${(request.url ?? '/').replace(/^\/+/, '')}`;
  return URL.canParse(path, 'https://localhost') ? new URL(path, 'https://localhost') : new URL('https://localhost/unreadable');
}

function refuse(exchange: Exchange, { status }: ApiStatusError): void {
  const { response } = exchange;
  if (response.headersSent) return void response.destroy();
  if (status.details?.retryAfterSeconds) response.setHeader('Retry-After', String(status.details.retryAfterSeconds));
  const { reason, ...rest } = status;
  answer(exchange, { status: status.code, body: reason ? status : rest });
}

async function handle(service: Service, tokens: Tokens, exchange: Exchange): Promise<void> {
  const { request, url } = exchange;
  const target = targetOf(request.method ?? 'GET', url);
  if (target.kind === 'path' && PUBLIC_PATHS.has(target.path) && target.verb === 'get') return answerPath(exchange, []);
  const user = tokens.authenticate(request.headers);
  if (!user) throw unauthorized();
  exchange.user = impersonated(service.state, user, request.headers);
  requireAccess(service, exchange.user, target);
  if (target.kind === 'path') {
    if (target.verb !== 'get') throw methodNotAllowed();
    return answerPath(exchange, service.state.registry.all());
  }
  const resource = service.state.registry.byPath(target.group ? `${target.group}/${target.version}` : target.version, target.plural);
  if (!resource) throw noSuchResource();
  await handlerOf(resource, target)({ service, exchange, target, resource });
}

function requireAccess({ state }: Service, user: User, target: RequestTarget): void {
  const who = `User ${JSON.stringify(user.name)} cannot ${target.verb}`;
  if (target.kind === 'path') {
    if (!mayVisit(state, user, target.verb, target.path)) throw forbiddenPath(`${who} path ${JSON.stringify(target.path)}`);
    return;
  }
  const { group, plural, subresource, namespace, name, verb } = target;
  const attributes = {
    verb,
    group,
    resource: plural,
    ...(subresource ? { subresource } : {}),
    ...(namespace ? { namespace } : {}),
    ...(name ? { name } : {}),
  };
  if (mayUse(state, user, attributes)) return;
  const what = JSON.stringify(subresource ? `${plural}/${subresource}` : plural);
  const where = namespace && plural !== 'namespaces' ? `in the namespace ${JSON.stringify(namespace)}` : atScope(target);
  throw forbidden({ group, resource: plural }, name ?? '', `${who} resource ${what} in API group ${JSON.stringify(group)} ${where}`);
}

function atScope({ namespace }: ResourceTarget): string {
  return namespace ? `in the namespace ${JSON.stringify(namespace)}` : 'at the cluster scope';
}

/** @throws ApiStatusError 404, 405 */
function handlerOf(resource: Resource, target: ResourceTarget): Handler {
  const { subresource, verb, name, namespace } = target;
  // A namespaced object cannot be reached without its namespace, nor a cluster-wide one through one.
  const crossed = resource.namespaced
    ? name !== undefined && namespace === undefined && isSingle(verb)
    : namespace !== undefined && resource.kind !== 'Namespace';
  if (crossed) throw noSuchResource();
  if (subresource) return subresourceHandler(resource, target);
  if (verb === 'create' && (name !== undefined || (resource.namespaced && !namespace)) && resource.kind !== 'Namespace')
    throw methodNotAllowed();
  if (verb === 'create' && resource.kind === 'Namespace' && name !== undefined) throw methodNotAllowed();
  if (['update', 'patch'].includes(verb) && name === undefined) throw methodNotAllowed();
  if (!(resource.verbs as readonly string[]).includes(verb)) throw methodNotAllowed();
  if (verb === 'create' && REVIEW_GROUPS.has(resource.group)) return answerReview;
  return HANDLERS[verb] ?? refuseMethod;
}

function isSingle(verb: string): boolean {
  return ['get', 'update', 'patch', 'delete'].includes(verb);
}

function subresourceHandler(resource: Resource, { subresource, verb }: ResourceTarget): Handler {
  const served = resource.subresources.find((entry) => entry.name === subresource);
  if (!served) throw noSuchResource();
  if (!served.verbs.includes(verb)) throw methodNotAllowed();
  return SUBRESOURCE_HANDLERS[served.name] ?? HANDLERS[verb] ?? refuseMethod;
}

function refuseMethod(): void {
  throw methodNotAllowed();
}
