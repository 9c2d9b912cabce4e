/** PersistentVolume, PersistentVolumeClaim, StorageClass. Source: k8s.io/api core/v1/types.go, storage/v1/types.go. */
import { fixed, fixedClaimSpec } from './immutable.ts';
import { kind } from './object.ts';
import { nodeSelector } from './pod.ts';
import { objectReference } from './references.ts';
import {
  booleans,
  choice,
  dictionary,
  granular,
  held,
  keyed,
  list,
  open,
  quantity,
  string,
  strings,
  struct,
  time,
  withDefault,
} from './vocabulary.ts';
import { hostPathVolumeSource, nfsVolumeSource, persistentVolumeClaimSpec } from './volumes.ts';

const localVolumeSource = struct({ ...strings('fsType path') }, { required: 'path' });

const volumeNodeAffinity = struct({ required: nodeSelector });

const persistentVolumeSpec = struct({
  ...strings('storageClassName volumeAttributesClassName'),
  accessModes: list(choice('ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod')),
  awsElasticBlockStore: open,
  azureDisk: open,
  azureFile: open,
  capacity: dictionary(quantity),
  cephfs: open,
  cinder: open,
  claimRef: granular(objectReference),
  csi: open,
  fc: open,
  flexVolume: open,
  flocker: open,
  gcePersistentDisk: open,
  glusterfs: open,
  hostPath: hostPathVolumeSource,
  iscsi: open,
  local: localVolumeSource,
  mountOptions: list(string),
  nfs: nfsVolumeSource,
  nodeAffinity: volumeNodeAffinity,
  persistentVolumeReclaimPolicy: withDefault(choice('Delete', 'Recycle', 'Retain'), 'Retain'),
  photonPersistentDisk: open,
  portworxVolume: open,
  quobyte: open,
  rbd: open,
  scaleIO: open,
  storageos: open,
  volumeMode: withDefault(choice('Block', 'Filesystem'), 'Filesystem'),
  vsphereVolume: open,
});

const persistentVolumeStatus = struct({
  ...strings('message reason'),
  lastPhaseTransitionTime: time,
  phase: withDefault(string, 'Pending'),
});

export const persistentVolume = kind(
  { spec: held(persistentVolumeSpec), status: held(persistentVolumeStatus) },
  { statusSubresource: true },
);

const persistentVolumeClaimCondition = struct({ ...strings('message reason status type'), lastProbeTime: time, lastTransitionTime: time });

const persistentVolumeClaimStatus = struct({
  ...strings('currentVolumeAttributesClassName'),
  accessModes: list(string),
  allocatedResourceStatuses: dictionary(string),
  allocatedResources: dictionary(quantity),
  capacity: dictionary(quantity),
  conditions: keyed(persistentVolumeClaimCondition, 'type'),
  modifyVolumeStatus: open,
  phase: withDefault(string, 'Pending'),
});

export const persistentVolumeClaim = kind(
  { spec: held(persistentVolumeClaimSpec), status: held(persistentVolumeClaimStatus) },
  { statusSubresource: true, checkUpdate: fixedClaimSpec },
);

const topologySelectorLabelRequirement = struct({ ...strings('key'), values: list(string) }, { required: 'key values' });

const topologySelectorTerm = struct({ matchLabelExpressions: list(topologySelectorLabelRequirement) }, { owned: 'whole' });

export const storageClass = kind(
  {
    ...booleans('allowVolumeExpansion'),
    ...strings('provisioner'),
    allowedTopologies: list(topologySelectorTerm),
    mountOptions: list(string),
    parameters: dictionary(string),
    reclaimPolicy: withDefault(choice('Delete', 'Recycle', 'Retain'), 'Delete'),
    volumeBindingMode: withDefault(choice('Immediate', 'WaitForFirstConsumer'), 'Immediate'),
  },
  { required: 'provisioner', checkUpdate: fixed('provisioner', 'parameters', 'reclaimPolicy', 'volumeBindingMode') },
);
