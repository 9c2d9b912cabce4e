/** `services/proxy` and `pods/proxy`. Source: pkg/registry/core/service/storage (ResourceLocation) of kubernetes. */
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import type { KubeObject } from '../../../api/kube.ts';
import { asObject, asObjects, asString } from '../json.ts';
import { badRequest, serviceUnavailable } from '../refusals.ts';
import { current } from '../writes/replace.ts';
import type { ResourceCall } from './endpoint.ts';
import type { Exchange } from './exchange.ts';

interface Backend {
  host: string;
  port: number;
}

/** Hands the request on and the answer back. The caller's token stays here. @throws ApiStatusError 400, 404, 503 */
export function proxy(call: ResourceCall): Promise<void> {
  const backend = call.resource.storageKey === 'services' ? serviceBackend(call) : podBackend(call);
  return forward(call.exchange, backend, call.target.rest ?? '/');
}

/** `name`, `name:port` or `scheme:name:port`. */
function splitName(text: string): { name: string; port: string } {
  const parts = text.split(':');
  if (parts.length === 3) return { name: parts[1] ?? '', port: parts[2] ?? '' };
  if (parts.length <= 2) return { name: parts[0] ?? '', port: parts[1] ?? '' };
  throw badRequest(`invalid proxy request ${JSON.stringify(text)}`);
}

function serviceBackend({ service, resource, target }: ResourceCall): Backend {
  const { name, port } = splitName(target.name ?? '');
  const object = current({ state: service.state, resource }, target.namespace, name);
  const backend = service.routes?.service(target.namespace ?? '', name, port || firstPort(object));
  if (!backend) throw serviceUnavailable(`no endpoints available for service ${JSON.stringify(target.name ?? name)}`);
  return backend;
}

function firstPort(object: KubeObject): string {
  const first = asObjects(asObject(object.spec).ports)[0];
  return asString(first?.name) || String(first?.port ?? '');
}

function podBackend({ service, resource, target }: ResourceCall): Backend {
  const { name, port } = splitName(target.name ?? '');
  const object = current({ state: service.state, resource }, target.namespace, name);
  const declared = asObjects(asObject(object.spec).containers).flatMap((container) => asObjects(container.ports));
  const number = Number(port) || Number(declared.find((entry) => !port || entry.name === port)?.containerPort) || 80;
  const backend = service.routes?.pod(target.namespace ?? '', name, number);
  if (!backend) throw serviceUnavailable(`pod ${JSON.stringify(name)} does not listen on port ${number}`);
  return backend;
}

const HOP_BY_HOP = new Set([
  'connection',
  'keep-alive',
  'transfer-encoding',
  'upgrade',
  'te',
  'trailer',
  'proxy-authorization',
  'proxy-connection',
]);

function passedOn(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => !HOP_BY_HOP.has(name) && name !== 'authorization' && name !== 'host'),
  );
}

function forward({ request, response, url }: Exchange, { host, port }: Backend, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const headers = { ...passedOn(request.headers), host: `${host}:${port}` };
    const upstream = httpRequest({ host, port, method: request.method, path: `${path}${url.search}`, headers }, (reply) => {
      response.writeHead(reply.statusCode ?? 502, passedOn(reply.headers));
      reply.pipe(response);
      reply.on('end', resolve);
      reply.on('error', () => response.destroy());
    });
    upstream.on('error', (error: NodeJS.ErrnoException) => {
      reject(serviceUnavailable(`error trying to reach service: dial tcp ${host}:${port}: ${error.code ?? error.message}`));
    });
    response.on('close', () => {
      upstream.destroy();
      resolve();
    });
    request.pipe(upstream);
  });
}
