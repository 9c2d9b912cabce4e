/** Which pods stand behind a Service, and on which ports. Source: k8s.io/endpointslice utils.go. */
import type { Pod } from '../../../api/workloads.ts';
import type { ControllerContext } from '../controller.ts';
import { keyOf } from '../controller.ts';
import { POD, SERVICE, type Service } from '../kinds.ts';
import { declaredPort, realPort } from '../pod-ports.ts';
import { isPodTerminal } from '../pods.ts';
import { includes } from '../selectors.ts';

export interface BackendPort {
  name: string;
  port: number;
  protocol: string;
}

export interface Backend {
  pod: Pod;
  address: string;
  ports: BackendPort[];
}

/** The pods of a Service that have an address and have not ended, by name; undefined where the Service selects none by itself. */
export function backendsOf({ api }: ControllerContext, service: Service): Backend[] | undefined {
  const { selector } = service.spec;
  if (!selector || Object.keys(selector).length === 0) return undefined;
  const pods = api.list<Pod>(POD, { namespace: service.metadata.namespace });
  return pods
    .filter((pod) => includes(pod.metadata.labels, selector) && !isPodTerminal(pod))
    .flatMap((pod) => (pod.status?.podIP ? [{ pod, address: pod.status.podIP, ports: portsOf(service, pod) }] : []))
    .sort((a, b) => (a.pod.metadata.name < b.pod.metadata.name ? -1 : 1));
}

/** A port whose named target the pod does not have is left out. */
function portsOf(service: Service, pod: Pod): BackendPort[] {
  return (service.spec.ports ?? []).flatMap((servicePort) => {
    const declared = declaredPort(pod, servicePort.targetPort ?? servicePort.port);
    if (declared === undefined) return [];
    return [{ name: servicePort.name ?? '', port: realPort(pod, declared), protocol: servicePort.protocol ?? 'TCP' }];
  });
}

/** The Services whose selector takes `pod`. */
export function servicesOf({ api }: ControllerContext, pod: Pod): string[] {
  const services = api.list<Service>(SERVICE, { namespace: pod.metadata.namespace });
  return services
    .filter(({ spec }) => spec.selector && Object.keys(spec.selector).length > 0 && includes(pod.metadata.labels, spec.selector))
    .map(keyOf);
}

/** Backends with the same ports belong into one slice or subset. */
export function byPorts(backends: Backend[]): Backend[][] {
  const groups = new Map<string, Backend[]>();
  for (const backend of backends) {
    const key = JSON.stringify(backend.ports);
    groups.set(key, [...(groups.get(key) ?? []), backend]);
  }
  return [...groups.values()];
}
