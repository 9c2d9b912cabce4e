/** `get` and `list`. */
import type { KubeObject } from '../../../api/kube.ts';
import { toVersion } from '../kinds/views.ts';
import { badRequest, expired, tooLargeResourceVersion } from '../refusals.ts';
import { select } from '../selectors/select.ts';
import { keyOf } from '../storage/objects.ts';
import type { State } from '../storage/state.ts';
import { current } from '../writes/replace.ts';
import { readScale } from '../writes/scale.ts';
import type { ResourceCall } from './endpoint.ts';
import { answer } from './exchange.ts';
import { negotiate, OBJECT_VIEWS } from './negotiation.ts';
import { type ListQuery, listQuery } from './options.ts';
import { includeObject, type ListMetadata, listView, objectView, type ViewOptions } from './views.ts';

/** How the client wants to see objects of this call. @throws ApiStatusError 400, 406 */
export function viewOptions({ exchange, resource, service }: ResourceCall): ViewOptions {
  const representation = negotiate(exchange.request.headers.accept, OBJECT_VIEWS);
  return { resource, representation, include: includeObject(exchange.url), clock: service.state.clock };
}

/** One object, or its `status` (the whole object) or `scale`. */
export function getObject(call: ResourceCall): void {
  const { service, resource, target, exchange } = call;
  const place = { state: service.state, resource };
  const name = target.name ?? '';
  const options = viewOptions(call);
  const scale = target.subresource === 'scale';
  const object = scale ? readScale(place, target.namespace, name) : toVersion(current(place, target.namespace, name), resource);
  answer(exchange, { status: 200, body: scale ? object : objectView(object, options), representation: options.representation });
}

export function listObjects(call: ResourceCall): void {
  const { service, resource, target, exchange } = call;
  const options = viewOptions(call);
  const query = listQuery(exchange.url, false);
  const matches = select(resource, query);
  const from = startOf(service.state, query);
  const all = objectsAt(service.state, resource.storageKey, from.revision)
    .filter((object) => !target.namespace || !resource.namespaced || object.metadata.namespace === target.namespace)
    .map((object) => toVersion(object, resource))
    .filter(matches)
    .filter((object) => keyOf(object.metadata.namespace, object.metadata.name) > from.after);
  const { objects, metadata } = page(all, query, from.revision);
  answer(exchange, { status: 200, body: listView(objects, metadata, options), representation: options.representation });
}

/** Worded so that clients start a new list. */
const EXPIRED_PAGES =
  'The provided continue parameter is too old to display a consistent list result. You must start a new list without the continue parameter.';

interface Start {
  revision: number;
  /** The key after which the list goes on. */
  after: string;
}

/** Which state is listed: the current one, an exact older one, or the one in which the pages began. */
function startOf({ history }: State, query: ListQuery): Start {
  if (query.continue) return continued(query.continue);
  const asked = query.resourceVersion;
  if (asked !== undefined && asked > history.revision) throw tooLargeResourceVersion(asked, history.revision);
  return { revision: query.match === 'Exact' && asked ? asked : history.revision, after: '' };
}

function objectsAt({ history, objects }: State, storageKey: string, revision: number): KubeObject[] {
  if (revision >= history.revision) return objects.list(storageKey);
  if (!history.knows(revision)) throw expired(EXPIRED_PAGES);
  return objects.listBefore(storageKey, history.since(storageKey, revision));
}

function page(all: readonly KubeObject[], query: ListQuery, revision: number): { objects: readonly KubeObject[]; metadata: ListMetadata } {
  const metadata: ListMetadata = { resourceVersion: String(revision) };
  if (query.limit <= 0 || all.length <= query.limit) return { objects: all, metadata };
  const objects = all.slice(0, query.limit);
  const last = objects.at(-1)?.metadata;
  metadata.continue = Buffer.from(
    JSON.stringify({ v: 'meta.k8s.io/v1', rv: revision, start: keyOf(last?.namespace, last?.name ?? '') }),
  ).toString('base64url');
  if (!query.labelSelector && !query.fieldSelector) metadata.remainingItemCount = all.length - query.limit;
  return { objects, metadata };
}

function continued(token: string): Start {
  try {
    const { rv, start } = JSON.parse(Buffer.from(token, 'base64url').toString('utf8')) as { rv?: unknown; start?: unknown };
    if (typeof rv === 'number' && typeof start === 'string') return { revision: rv, after: start };
  } catch {
    // Falls through to the same answer as for a token of another shape.
  }
  throw badRequest('invalid continue token: continue key is not valid');
}
