/** Ingress, NetworkPolicy, EndpointSlice. Source: k8s.io/api networking/v1/types.go, discovery/v1/types.go. */

import { completeNetworkPolicySpec } from './completion.ts';
import { labelSelector } from './meta.ts';
import { kind } from './object.ts';
import { objectReference, typedLocalObjectReference } from './references.ts';
import {
  booleans,
  choice,
  dictionary,
  held,
  integers,
  intOrString,
  list,
  set,
  string,
  strings,
  struct,
  withDefault,
} from './vocabulary.ts';

const serviceBackendPort = struct({ ...strings('name'), ...integers('number') }, { owned: 'whole' });

const ingressServiceBackend = struct({ ...strings('name'), port: serviceBackendPort }, { required: 'name' });

const ingressBackend = struct({ resource: typedLocalObjectReference, service: ingressServiceBackend });

const httpIngressPath = struct(
  { ...strings('path'), backend: ingressBackend, pathType: choice('Exact', 'ImplementationSpecific', 'Prefix') },
  { required: 'pathType backend' },
);

const httpIngressRuleValue = struct({ paths: list(httpIngressPath) }, { required: 'paths' });

const ingressRule = struct({ ...strings('host'), http: httpIngressRuleValue });

const ingressTLS = struct({ ...strings('secretName'), hosts: list(string) });

const ingressSpec = struct({
  ...strings('ingressClassName'),
  defaultBackend: ingressBackend,
  rules: list(ingressRule),
  tls: list(ingressTLS),
});

const ingressPortStatus = struct({ ...strings('error'), ...integers('port'), protocol: string });

const ingressLoadBalancerIngress = struct({ ...strings('hostname ip'), ports: list(ingressPortStatus) });

const ingressLoadBalancerStatus = struct({ ingress: list(ingressLoadBalancerIngress) });

const ingressStatus = struct({ loadBalancer: held(ingressLoadBalancerStatus) });

export const ingress = kind({ spec: held(ingressSpec), status: held(ingressStatus) }, { statusSubresource: true });

const ingressClassParametersReference = struct({ ...strings('apiGroup kind name namespace scope') }, { required: 'kind name' });

const ingressClassSpec = struct({ ...strings('controller'), parameters: ingressClassParametersReference });

export const ingressClass = kind({ spec: held(ingressClassSpec) });

const ipBlock = struct({ ...strings('cidr'), except: list(string) }, { required: 'cidr' });

const networkPolicyPeer = struct({ ipBlock, namespaceSelector: labelSelector, podSelector: labelSelector });

const networkPolicyPort = struct({ ...integers('endPort'), port: intOrString, protocol: withDefault(choice('SCTP', 'TCP', 'UDP'), 'TCP') });

const networkPolicyEgressRule = struct({ ports: list(networkPolicyPort), to: list(networkPolicyPeer) });

const networkPolicyIngressRule = struct({ from: list(networkPolicyPeer), ports: list(networkPolicyPort) });

const networkPolicySpec = struct(
  {
    egress: list(networkPolicyEgressRule),
    ingress: list(networkPolicyIngressRule),
    podSelector: held(labelSelector),
    policyTypes: list(choice('Egress', 'Ingress')),
  },
  { complete: completeNetworkPolicySpec },
);

export const networkPolicy = kind({ spec: held(networkPolicySpec) });

const endpointConditions = struct({ ...booleans('ready serving terminating') });

const forNode = struct({ ...strings('name') }, { required: 'name' });

const forZone = struct({ ...strings('name') }, { required: 'name' });

const endpointHints = struct({ forNodes: list(forNode), forZones: list(forZone) });

const endpoint = struct(
  {
    ...strings('hostname nodeName zone'),
    addresses: set(string),
    conditions: endpointConditions,
    deprecatedTopology: dictionary(string),
    hints: endpointHints,
    targetRef: objectReference,
  },
  { required: 'addresses' },
);

const sliceEndpointPort = struct(
  {
    ...strings('appProtocol'),
    ...integers('port'),
    name: withDefault(string, ''),
    protocol: withDefault(choice('SCTP', 'TCP', 'UDP'), 'TCP'),
  },
  { owned: 'whole' },
);

export const endpointSlice = kind({
  addressType: choice('FQDN', 'IPv4', 'IPv6'),
  endpoints: { ...held(list(endpoint)), nullable: true },
  ports: { ...held(list(sliceEndpointPort)), nullable: true },
});
