/** The Endpoints controller, for clients that do not read EndpointSlices. Source: pkg/controller/endpoint/endpoints_controller.go. */
import type { KubeObject } from '../../../api/kube.ts';
import type { Pod } from '../../../api/workloads.ts';
import { sameData } from '../canonical.ts';
import { type Controller, type ControllerContext, keyOf, parseKey, startController } from '../controller.ts';
import { CONTROLLER_MANAGER, ENDPOINTS, POD, SERVICE, type Service } from '../kinds.ts';
import { isPodReady } from '../pods.ts';
import { type Backend, backendsOf, byPorts, servicesOf } from './service-pods.ts';

const MANAGED_BY = { 'endpoints.kubernetes.io/managed-by': 'endpoint-controller' };

export function startEndpoints(context: ControllerContext): Controller {
  return startController(context, {
    name: 'endpoint',
    watches: [
      { kind: SERVICE, keys: (object) => [keyOf(object)] },
      { kind: POD, keys: (object) => servicesOf(context, object as Pod) },
    ],
    sync: (key) => sync(context, key),
  });
}

function sync(context: ControllerContext, key: string): void {
  const { api } = context;
  const ref = { ...ENDPOINTS, ...parseKey(key) };
  const service = api.get<Service>({ ...SERVICE, ...parseKey(key) });
  const before = api.get<KubeObject>(ref);
  // Endpoints have no owner: they are deleted with their Service by name.
  if (!service) {
    if (before) api.delete(ref);
    return;
  }
  const backends = service.metadata.deletionTimestamp ? undefined : backendsOf(context, service);
  if (!backends) return;
  const included = backends.filter(({ pod }) => !pod.metadata.deletionTimestamp || service.spec.publishNotReadyAddresses);
  const subsets = byPorts(included)
    .filter((group) => (group[0]?.ports.length ?? 0) > 0 || service.spec.clusterIP === 'None')
    .map((group) => subsetOf(service, group));
  const headless: Record<string, string> = service.spec.clusterIP === 'None' ? { 'service.kubernetes.io/headless': '' } : {};
  const labels = { ...service.metadata.labels, ...headless, ...MANAGED_BY };
  const { name, namespace } = service.metadata;
  if (!before) {
    api.create({ ...ENDPOINTS, metadata: { name, namespace, labels }, subsets }, { manager: CONTROLLER_MANAGER });
  } else if (!sameData(before.subsets ?? [], subsets) || !sameData(before.metadata.labels, labels)) {
    const clone = structuredClone(before);
    api.update({ ...clone, metadata: { ...clone.metadata, labels }, subsets }, { manager: CONTROLLER_MANAGER });
  }
}

function subsetOf(service: Service, group: Backend[]): Record<string, unknown> {
  const isReady = ({ pod }: Backend) => service.spec.publishNotReadyAddresses === true || isPodReady(pod);
  const ready = group.filter(isReady).map((backend) => addressOf(service, backend));
  const notReady = group.filter((backend) => !isReady(backend)).map((backend) => addressOf(service, backend));
  const ports = (group[0]?.ports ?? []).map(({ name, ...port }) => (name ? { name, ...port } : port));
  return {
    ...(ready.length > 0 ? { addresses: ready } : {}),
    ...(notReady.length > 0 ? { notReadyAddresses: notReady } : {}),
    ...(ports.length > 0 ? { ports } : {}),
  };
}

function addressOf(service: Service, { pod, address }: Backend): Record<string, unknown> {
  const { name, namespace, uid } = pod.metadata;
  const { hostname, subdomain } = pod.spec;
  const named = hostname && subdomain === service.metadata.name ? { hostname } : {};
  return { ip: address, ...named, nodeName: pod.spec.nodeName, targetRef: { kind: 'Pod', name, namespace, uid } };
}
