import type { EndpointSlice, Pod } from '../../../api/workloads.ts';
import type { ClusterApi, Routes } from '../../cluster.ts';
import { SERVICE_NAME_LABEL } from '../endpoints/slices.ts';
import { ENDPOINT_SLICE, POD, SERVICE, type Service, type ServicePort } from '../kinds.ts';
import { realPort } from '../pod-ports.ts';

export interface Target {
  host: string;
  port: number;
}

/**
 * Where a Service's port leads: the ready endpoints, or, where all are terminating, those that still serve.
 * Source: pkg/proxy/topology.go (ProxyTerminatingEndpoints).
 */
export function targetsOf(api: ClusterApi, service: Service, port: ServicePort): Target[] {
  const slices = api.list<EndpointSlice>(ENDPOINT_SLICE, { namespace: service.metadata.namespace });
  const own = slices.filter((slice) => slice.metadata.labels?.[SERVICE_NAME_LABEL] === service.metadata.name);
  const found = own.flatMap((slice) => {
    const target = (slice.ports ?? []).find((candidate) => (candidate.name ?? '') === (port.name ?? ''));
    if (!target?.port) return [];
    const { port: number } = target;
    return (slice.endpoints ?? []).map(({ addresses, conditions }) => ({ host: addresses[0] ?? '', port: number, conditions }));
  });
  const ready = found.filter(({ conditions }) => conditions?.ready !== false);
  const usable = ready.length > 0 ? ready : found.filter(({ conditions }) => conditions?.serving && conditions.terminating);
  return usable.map(({ host, port: number }) => ({ host, port: number }));
}

/** Routes over the EndpointSlices, in turn. */
export function createRoutes(api: ClusterApi): Routes {
  const turns = new Map<string, number>();
  return {
    service: (namespace, name, port) => {
      const service = api.get<Service>({ ...SERVICE, namespace, name });
      const servicePort = service && findPort(service, port);
      if (!servicePort) return undefined;
      const targets = targetsOf(api, service, servicePort);
      const key = `${namespace}/${name}:${port}`;
      const turn = (turns.get(key) ?? -1) + 1;
      turns.set(key, turn);
      return targets[turn % Math.max(1, targets.length)];
    },
    pod: (namespace, name, port) => {
      const pod = api.get<Pod>({ ...POD, namespace, name });
      const host = pod?.status?.podIP;
      return pod && host ? { host, port: realPort(pod, port) } : undefined;
    },
  };
}

/** By number or name; the only port where none is named. */
function findPort(service: Service, wanted: string): ServicePort | undefined {
  const ports = service.spec.ports ?? [];
  if (wanted === '') return ports.length === 1 ? ports[0] : undefined;
  return ports.find((port) => port.name === wanted || String(port.port) === wanted);
}
