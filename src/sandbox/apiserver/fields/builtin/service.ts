/** Service and Endpoints. Source: k8s.io/api core/v1/types.go. */

import { completeServicePort, completeServiceSpec } from './completion.ts';
import { fixedClusterIp } from './immutable.ts';
import { condition } from './meta.ts';
import { kind } from './object.ts';
import { objectReference } from './references.ts';
import { checkServiceSpec } from './rules.ts';
import {
  atomicMap,
  booleans,
  choice,
  held,
  integers,
  intOrString,
  keyed,
  list,
  string,
  strings,
  struct,
  withDefault,
} from './vocabulary.ts';

const servicePort = struct(
  {
    ...strings('appProtocol name'),
    ...integers('nodePort port'),
    protocol: withDefault(choice('SCTP', 'TCP', 'UDP'), 'TCP'),
    targetPort: intOrString,
  },
  { required: 'port', complete: completeServicePort },
);

const clientIPConfig = struct({ ...integers('timeoutSeconds') });

const sessionAffinityConfig = struct({ clientIP: clientIPConfig });

const serviceSpec = struct(
  {
    ...booleans('allocateLoadBalancerNodePorts publishNotReadyAddresses'),
    ...strings('clusterIP externalName loadBalancerClass loadBalancerIP trafficDistribution'),
    ...integers('healthCheckNodePort'),
    clusterIPs: list(string),
    externalIPs: list(string),
    externalTrafficPolicy: choice('Cluster', 'Local'),
    internalTrafficPolicy: choice('Cluster', 'Local'),
    ipFamilies: list(choice('', 'IPv4', 'IPv6')),
    ipFamilyPolicy: choice('PreferDualStack', 'RequireDualStack', 'SingleStack'),
    loadBalancerSourceRanges: list(string),
    ports: keyed(servicePort, 'port protocol'),
    selector: atomicMap(string),
    sessionAffinity: withDefault(choice('ClientIP', 'None'), 'None'),
    sessionAffinityConfig,
    type: withDefault(choice('ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort'), 'ClusterIP'),
  },
  { complete: completeServiceSpec, check: checkServiceSpec },
);

const portStatus = struct({ ...strings('error'), ...integers('port'), protocol: string });

const loadBalancerIngress = struct({ ...strings('hostname ip ipMode'), ports: list(portStatus) });

const loadBalancerStatus = struct({ ingress: list(loadBalancerIngress) });

const serviceStatus = struct({ conditions: keyed(condition, 'type'), loadBalancer: held(loadBalancerStatus) });

export const service = kind(
  { spec: held(serviceSpec), status: held(serviceStatus) },
  { statusSubresource: true, checkUpdate: fixedClusterIp, names: 'label' },
);

const endpointAddress = struct({ ...strings('hostname ip nodeName'), targetRef: objectReference }, { required: 'ip', owned: 'whole' });

const endpointPort = struct(
  { ...strings('appProtocol name'), ...integers('port'), protocol: withDefault(choice('SCTP', 'TCP', 'UDP'), 'TCP') },
  { required: 'port', owned: 'whole' },
);

const endpointSubset = struct({ addresses: list(endpointAddress), notReadyAddresses: list(endpointAddress), ports: list(endpointPort) });

export const endpoints = kind({ subsets: list(endpointSubset) });
