/** Node. Source: k8s.io/api core/v1/types.go. */
import { kind } from './object.ts';
import {
  booleans,
  choice,
  dictionary,
  held,
  integers,
  keyed,
  list,
  mergedSet,
  open,
  quantity,
  string,
  strings,
  struct,
  time,
} from './vocabulary.ts';

const taint = struct(
  { ...strings('key value'), effect: choice('NoExecute', 'NoSchedule', 'PreferNoSchedule'), timeAdded: time },
  { required: 'key effect' },
);

const nodeSpec = struct({
  ...strings('externalID podCIDR providerID'),
  ...booleans('unschedulable'),
  configSource: open,
  podCIDRs: mergedSet(string),
  taints: list(taint),
});

const attachedVolume = struct({ ...strings('devicePath name') }, { required: 'name devicePath' });

const containerImage = struct({ ...integers('sizeBytes'), names: list(string) });

const nodeAddress = struct({ ...strings('address type') }, { required: 'type address' });

const nodeCondition = struct({ ...strings('message reason status type'), lastHeartbeatTime: time, lastTransitionTime: time });

const daemonEndpoint = struct({ ...integers('Port') });

const nodeDaemonEndpoints = struct({ kubeletEndpoint: held(daemonEndpoint) });

const nodeStatus = struct({
  addresses: keyed(nodeAddress, 'type'),
  allocatable: dictionary(quantity),
  capacity: dictionary(quantity),
  conditions: keyed(nodeCondition, 'type'),
  config: open,
  daemonEndpoints: held(nodeDaemonEndpoints),
  declaredFeatures: list(string),
  features: open,
  images: list(containerImage),
  nodeInfo: held(open),
  phase: string,
  runtimeHandlers: list(open),
  volumesAttached: list(attachedVolume),
  volumesInUse: list(string),
});

export const node = kind({ spec: held(nodeSpec), status: held(nodeStatus) }, { statusSubresource: true });
