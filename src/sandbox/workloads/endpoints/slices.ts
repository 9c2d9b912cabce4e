/** The EndpointSlice controller. Source: k8s.io/endpointslice reconciler.go. */

import { refOf } from '../../../api/kube.ts';
import type { EndpointSlice, Pod } from '../../../api/workloads.ts';
import { sameData } from '../canonical.ts';
import { type Controller, type ControllerContext, keyOf, parseKey, startController } from '../controller.ts';
import { CONTROLLER_MANAGER, ENDPOINT_SLICE, POD, SERVICE, type Service } from '../kinds.ts';
import { controllerRef } from '../ownership.ts';
import { isPodReady } from '../pods.ts';
import { type Backend, type BackendPort, backendsOf, byPorts, servicesOf } from './service-pods.ts';

export const SERVICE_NAME_LABEL = 'kubernetes.io/service-name';
const MANAGED_BY_LABEL = 'endpointslice.kubernetes.io/managed-by';
const MANAGER = 'endpointslice-controller.k8s.io';
const MAX_ENDPOINTS = 100;

export function startEndpointSlices(context: ControllerContext): Controller {
  return startController(context, {
    name: 'endpointslice',
    watches: [
      { kind: SERVICE, keys: (object) => [keyOf(object)] },
      { kind: POD, keys: (object) => servicesOf(context, object as Pod) },
      { kind: ENDPOINT_SLICE, keys: (object) => serviceOf(object as EndpointSlice) },
    ],
    sync: (key) => sync(context, key),
  });
}

function serviceOf(slice: EndpointSlice): string[] {
  const name = slice.metadata.labels?.[SERVICE_NAME_LABEL];
  return name && slice.metadata.labels?.[MANAGED_BY_LABEL] === MANAGER ? [`${slice.metadata.namespace}/${name}`] : [];
}

function sync(context: ControllerContext, key: string): void {
  const { api } = context;
  const service = api.get<Service>({ ...SERVICE, ...parseKey(key) });
  if (!service || service.metadata.deletionTimestamp) return;
  const backends = service.spec.type === 'ExternalName' ? undefined : backendsOf(context, service);
  if (!backends) return;
  const existing = ownSlices(context, service);
  // A slice is kept and filled anew, one with the same ports first, so that watchers see a change rather than another object.
  const kept = wantedSlices(service, backends).map((wanted) => {
    const fit = existing.find((slice) => sameData(slice.ports ?? [], wanted.ports ?? []));
    if (fit) existing.splice(existing.indexOf(fit), 1);
    return { wanted, fit };
  });
  for (const { wanted, fit } of kept) write(context, service, fit ?? existing.shift(), wanted);
  for (const slice of existing) api.delete(refOf(slice));
}

function ownSlices({ api }: ControllerContext, service: Service): EndpointSlice[] {
  const slices = api.list<EndpointSlice>(ENDPOINT_SLICE, { namespace: service.metadata.namespace });
  return slices.filter((slice) => serviceOf(slice)[0] === keyOf(service) && !slice.metadata.deletionTimestamp);
}

/** Go writes empty lists of these required fields as null. */
interface Content {
  endpoints: EndpointSlice['endpoints'] | null;
  ports: EndpointSlice['ports'] | null;
}

/** At least one slice, even of a Service without pods. */
function wantedSlices(service: Service, backends: Backend[]): Content[] {
  const groups = byPorts(backends);
  if (groups.length === 0) return [{ endpoints: null, ports: null }];
  return groups.flatMap((group) => {
    const ports = (group[0]?.ports ?? []).map(({ name, port, protocol }: BackendPort) => ({ name, port, protocol }));
    const chunks = Array.from({ length: Math.ceil(group.length / MAX_ENDPOINTS) }, (_, index) =>
      group.slice(index * MAX_ENDPOINTS, (index + 1) * MAX_ENDPOINTS),
    );
    return chunks.map((chunk) => ({ ports, endpoints: chunk.map((backend) => endpointOf(service, backend)) }));
  });
}

function endpointOf(service: Service, { pod, address }: Backend): EndpointSlice['endpoints'][number] {
  const serving = isPodReady(pod);
  const terminating = Boolean(pod.metadata.deletionTimestamp);
  const ready = service.spec.publishNotReadyAddresses === true || (serving && !terminating);
  const named = pod.spec.hostname && pod.spec.subdomain === service.metadata.name;
  return {
    addresses: [address],
    conditions: { ready, serving, terminating },
    ...(named ? { hostname: pod.spec.hostname } : {}),
    ...(pod.spec.nodeName ? { nodeName: pod.spec.nodeName } : {}),
    targetRef: { kind: 'Pod', name: pod.metadata.name, namespace: pod.metadata.namespace, uid: pod.metadata.uid },
  } as EndpointSlice['endpoints'][number];
}

function write({ api }: ControllerContext, service: Service, before: EndpointSlice | undefined, content: Content): void {
  const labels = sliceLabels(service);
  if (!before) {
    const metadata = {
      generateName: `${service.metadata.name}-`,
      namespace: service.metadata.namespace,
      labels,
      ownerReferences: [controllerRef(service)],
    } as EndpointSlice['metadata'];
    api.create({ ...ENDPOINT_SLICE, metadata, addressType: 'IPv4', ...content }, { manager: CONTROLLER_MANAGER });
    return;
  }
  const { endpoints, ports } = before;
  const same = sameData(endpoints ?? null, content.endpoints) && sameData(ports ?? null, content.ports);
  if (same && sameData(before.metadata.labels, labels)) return;
  const clone = structuredClone(before);
  api.update({ ...clone, ...content, metadata: { ...clone.metadata, labels } }, { manager: CONTROLLER_MANAGER });
}

function sliceLabels(service: Service): Record<string, string> {
  const headless: Record<string, string> = service.spec.clusterIP === 'None' ? { 'service.kubernetes.io/headless': '' } : {};
  return { ...service.metadata.labels, ...headless, [SERVICE_NAME_LABEL]: service.metadata.name, [MANAGED_BY_LABEL]: MANAGER };
}
