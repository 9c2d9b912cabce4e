/** Rows of Services and what belongs to them. Source: pkg/printers/internalversion/printers.go of kubernetes. */
import type { KubeObject } from '../../../api/kube.ts';
import type { LabelSelector } from '../../../api/workloads.ts';
import { asArray, asObject, asObjects, asString, asStrings, at, type Json } from '../json.ts';
import { formatLabelSelector } from '../selectors/labels.ts';
import { AGE, ageOf, column, type KindTable, labelsText, NAME, shortened, wide } from './column.ts';

/** How much of a load balancer's addresses fits without `-o wide`. */
const ADDRESS_WIDTH = 16;

const serviceTable: KindTable = {
  columns: [
    NAME,
    column('Type', 'type determines how the Service is exposed.'),
    column('Cluster-IP', 'clusterIP is the IP address of the service.'),
    column(
      'External-IP',
      'externalIPs is a list of IP addresses for which nodes in the cluster will also accept traffic for this service.',
    ),
    column('Port(s)', 'The list of ports that are exposed by this service.'),
    AGE,
    wide('Selector', 'Route service traffic to pods with label keys and values matching this selector.'),
  ],
  cells: (object, now) => {
    const spec = asObject(object.spec);
    return [
      object.metadata.name,
      asString(spec.type),
      asStrings(spec.clusterIPs)[0] ?? (asString(spec.clusterIP) || '<none>'),
      externalAddress(object, spec),
      asObjects(spec.ports).map(portText).join(',') || '<none>',
      ageOf(object, now),
      labelsText(spec.selector),
    ];
  },
};

function portText({ port, nodePort, protocol }: Json): string {
  return `${String(port)}${nodePort ? `:${String(nodePort)}` : ''}/${asString(protocol) || 'TCP'}`;
}

function externalAddress(service: KubeObject, spec: Json): string {
  const external = asStrings(spec.externalIPs);
  if (spec.type === 'ExternalName') return asString(spec.externalName);
  if (spec.type !== 'LoadBalancer') return external.join(',') || '<none>';
  return [...ingressAddresses(service), ...external].join(',') || '<pending>';
}

function ingressAddresses(object: KubeObject): string[] {
  const ingress = asObjects(at(object, 'status', 'loadBalancer', 'ingress'));
  const addresses = [...new Set(ingress.map((entry) => asString(entry.ip) || asString(entry.hostname)))].filter(Boolean).sort();
  const text = addresses.join(',');
  return text.length > ADDRESS_WIDTH ? [`${text.slice(0, ADDRESS_WIDTH - 3)}...`] : addresses;
}

const endpointsTable: KindTable = {
  columns: [NAME, column('Endpoints', 'The set of all endpoints is the union of all subsets.'), AGE],
  cells: (object, now) => [
    object.metadata.name,
    shortened(asObjects(object.subsets).flatMap(subsetAddresses), '<none>'),
    ageOf(object, now),
  ],
};

function subsetAddresses({ addresses, ports }: Json): string[] {
  const ips = asObjects(addresses).map(({ ip }) => asString(ip));
  const numbers = asObjects(ports).map(({ port }) => String(port));
  return numbers.length === 0 ? ips : numbers.flatMap((port) => ips.map((ip) => (ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`)));
}

const endpointSliceTable: KindTable = {
  columns: [
    NAME,
    column('AddressType', 'addressType specifies the type of address carried by this EndpointSlice.'),
    column('Ports', 'ports specifies the list of network ports exposed by each endpoint in this slice.'),
    column('Endpoints', 'endpoints is a list of unique endpoints in this slice.'),
    AGE,
  ],
  cells: (object, now) => {
    const ports = asObjects(object.ports).map(({ port, name }) => (port === undefined ? asString(name) || '*' : String(port)));
    const addresses = asObjects(object.endpoints).flatMap((endpoint) => asStrings(endpoint.addresses));
    return [
      object.metadata.name,
      asString(object.addressType),
      shortened(ports, '<unset>'),
      shortened(addresses, '<unset>'),
      ageOf(object, now),
    ];
  },
};

const ingressTable: KindTable = {
  columns: [
    NAME,
    column('Class', 'The name of the IngressClass resource that should be used for additional configuration'),
    column('Hosts', 'Hosts that incoming requests are matched against before the ingress rule'),
    column('Address', 'Address is a list containing ingress points for the load-balancer'),
    column('Ports', 'Ports of TLS configurations that open'),
    AGE,
  ],
  cells: (object, now) => {
    const spec = asObject(object.spec);
    const hosts = asObjects(spec.rules)
      .map(({ host }) => asString(host))
      .filter(Boolean);
    return [
      object.metadata.name,
      asString(spec.ingressClassName) || '<none>',
      shortened(hosts, '*'),
      ingressAddresses(object).join(','),
      asArray(spec.tls).length > 0 ? '80, 443' : '80',
      ageOf(object, now),
    ];
  },
};

const ingressClassTable: KindTable = {
  columns: [
    NAME,
    column('Controller', 'Controller that is responsible for handling this class'),
    column('Parameters', 'A reference to a resource with additional parameters'),
    AGE,
  ],
  cells: (object, now) => {
    const isDefault = object.metadata.annotations?.['ingressclass.kubernetes.io/is-default-class'] === 'true';
    const { kind, apiGroup, name } = asObject(at(object, 'spec', 'parameters'));
    const parameters = kind ? `${asString(kind)}${apiGroup ? `.${asString(apiGroup)}` : ''}/${asString(name)}` : '<none>';
    return [
      `${object.metadata.name}${isDefault ? ' (default)' : ''}`,
      asString(at(object, 'spec', 'controller')),
      parameters,
      ageOf(object, now),
    ];
  },
};

const networkPolicyTable: KindTable = {
  columns: [NAME, column('Pod-Selector', 'podSelector selects the pods to which this NetworkPolicy object applies.'), AGE],
  cells: (object, now) => [
    object.metadata.name,
    formatLabelSelector(at(object, 'spec', 'podSelector') as LabelSelector | undefined),
    ageOf(object, now),
  ],
};

export const networkTables: Readonly<Record<string, KindTable>> = {
  Service: serviceTable,
  Endpoints: endpointsTable,
  'EndpointSlice.discovery.k8s.io': endpointSliceTable,
  'Ingress.networking.k8s.io': ingressTable,
  'IngressClass.networking.k8s.io': ingressClassTable,
  'NetworkPolicy.networking.k8s.io': networkPolicyTable,
};
