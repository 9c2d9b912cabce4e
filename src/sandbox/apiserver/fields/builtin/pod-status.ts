/** What the kubelet reports of a pod. Source: k8s.io/api core/v1/types.go. */

import { resourceRequirements } from './container.ts';
import { booleans, dictionary, integers, keyed, list, mergedList, open, quantity, string, strings, struct, time } from './vocabulary.ts';

const containerStateRunning = struct({ startedAt: time });

const containerStateTerminated = struct({
  ...strings('containerID message reason'),
  ...integers('exitCode signal'),
  finishedAt: time,
  startedAt: time,
});

const containerStateWaiting = struct({ ...strings('message reason') });

const containerState = struct({ running: containerStateRunning, terminated: containerStateTerminated, waiting: containerStateWaiting });

const volumeMountStatus = struct({ ...strings('mountPath name recursiveReadOnly'), ...booleans('readOnly'), volumeStatus: open });

const containerStatus = struct({
  ...strings('containerID image imageID name'),
  ...booleans('ready started'),
  ...integers('restartCount'),
  allocatedResources: dictionary(quantity),
  allocatedResourcesStatus: keyed(open, 'name'),
  lastState: containerState,
  resources: resourceRequirements,
  state: containerState,
  stopSignal: string,
  user: open,
  volumeMounts: keyed(volumeMountStatus, 'mountPath'),
});

const hostIP = struct({ ...strings('ip') }, { required: 'ip' });

const podCondition = struct({
  ...strings('message reason status type'),
  ...integers('observedGeneration'),
  lastProbeTime: time,
  lastTransitionTime: time,
});

const podIP = struct({ ...strings('ip') }, { required: 'ip' });

const podResourceClaimStatus = struct({ ...strings('name resourceClaimName') });

export const podStatus = struct({
  ...strings('hostIP message nominatedNodeName podIP reason resize'),
  ...integers('observedGeneration'),
  allocatedResources: dictionary(quantity),
  conditions: keyed(podCondition, 'type'),
  containerStatuses: list(containerStatus),
  ephemeralContainerStatuses: list(containerStatus),
  extendedResourceClaimStatus: open,
  hostIPs: mergedList(hostIP, 'ip'),
  initContainerStatuses: list(containerStatus),
  nodeAllocatableResourceClaimStatuses: list(open),
  phase: string,
  podIPs: keyed(podIP, 'ip'),
  qosClass: string,
  resourceClaimStatuses: keyed(podResourceClaimStatus, 'name', 'merge,retainKeys'),
  resources: resourceRequirements,
  startTime: time,
});
