/** Volumes of pods and claims. In-tree sources of single vendors are not described. Source: k8s.io/api core/v1/types.go. */
import { completeVolume } from './completion.ts';
import { labelSelector, objectMeta } from './meta.ts';
import { localObjectReference, typedLocalObjectReference, typedObjectReference } from './references.ts';
import {
  booleans,
  choice,
  dictionary,
  held,
  integer,
  integers,
  list,
  open,
  quantity,
  string,
  strings,
  struct,
  withDefault,
} from './vocabulary.ts';

export const objectFieldSelector = struct(
  { ...strings('fieldPath'), apiVersion: withDefault(string, 'v1') },
  { required: 'fieldPath', owned: 'whole' },
);

export const resourceFieldSelector = struct(
  { ...strings('containerName resource'), divisor: quantity },
  { required: 'resource', owned: 'whole' },
);

const csiVolumeSource = struct(
  {
    ...strings('driver fsType'),
    ...booleans('readOnly'),
    nodePublishSecretRef: localObjectReference,
    volumeAttributes: dictionary(string),
  },
  { required: 'driver' },
);

const keyToPath = struct({ ...strings('key path'), ...integers('mode') }, { required: 'key path' });

const configMapVolumeSource = struct({
  ...strings('name'),
  ...booleans('optional'),
  defaultMode: withDefault(integer, 420),
  items: list(keyToPath),
});

const downwardAPIVolumeFile = struct(
  { ...integers('mode'), ...strings('path'), fieldRef: objectFieldSelector, resourceFieldRef: resourceFieldSelector },
  { required: 'path' },
);

const downwardAPIVolumeSource = struct({ defaultMode: withDefault(integer, 420), items: list(downwardAPIVolumeFile) });

const emptyDirVolumeSource = struct({ ...strings('medium'), sizeLimit: quantity });

const volumeResourceRequirements = struct({ limits: dictionary(quantity), requests: dictionary(quantity) });

export const persistentVolumeClaimSpec = struct({
  ...strings('storageClassName volumeAttributesClassName volumeName'),
  accessModes: list(choice('ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod')),
  dataSource: typedLocalObjectReference,
  dataSourceRef: typedObjectReference,
  resources: held(withDefault(volumeResourceRequirements, {})),
  selector: labelSelector,
  volumeMode: withDefault(choice('Block', 'Filesystem'), 'Filesystem'),
});

const persistentVolumeClaimTemplate = struct({ metadata: objectMeta, spec: persistentVolumeClaimSpec }, { required: 'spec' });

const ephemeralVolumeSource = struct({ volumeClaimTemplate: persistentVolumeClaimTemplate });

export const hostPathVolumeSource = struct(
  {
    ...strings('path'),
    type: withDefault(choice('', 'BlockDevice', 'CharDevice', 'Directory', 'DirectoryOrCreate', 'File', 'FileOrCreate', 'Socket'), ''),
  },
  { required: 'path' },
);

const imageVolumeSource = struct({ ...strings('reference'), pullPolicy: choice('Always', 'IfNotPresent', 'Never') });

export const nfsVolumeSource = struct({ ...strings('path server'), ...booleans('readOnly') }, { required: 'server path' });

const persistentVolumeClaimVolumeSource = struct({ ...strings('claimName'), ...booleans('readOnly') }, { required: 'claimName' });

const clusterTrustBundleProjection = struct(
  { ...strings('name path signerName'), ...booleans('optional'), labelSelector },
  { required: 'path' },
);

const configMapProjection = struct({ ...strings('name'), ...booleans('optional'), items: list(keyToPath) });

const downwardAPIProjection = struct({ items: list(downwardAPIVolumeFile) });

const secretProjection = struct({ ...strings('name'), ...booleans('optional'), items: list(keyToPath) });

const serviceAccountTokenProjection = struct(
  { ...strings('audience path'), expirationSeconds: withDefault(integer, 3600) },
  { required: 'path' },
);

const volumeProjection = struct({
  clusterTrustBundle: clusterTrustBundleProjection,
  configMap: configMapProjection,
  downwardAPI: downwardAPIProjection,
  podCertificate: open,
  secret: secretProjection,
  serviceAccountToken: serviceAccountTokenProjection,
});

const projectedVolumeSource = struct({ defaultMode: withDefault(integer, 420), sources: list(volumeProjection) });

const secretVolumeSource = struct({
  ...booleans('optional'),
  ...strings('secretName'),
  defaultMode: withDefault(integer, 420),
  items: list(keyToPath),
});

export const volume = struct(
  {
    ...strings('name'),
    awsElasticBlockStore: open,
    azureDisk: open,
    azureFile: open,
    cephfs: open,
    cinder: open,
    configMap: configMapVolumeSource,
    csi: csiVolumeSource,
    downwardAPI: downwardAPIVolumeSource,
    emptyDir: emptyDirVolumeSource,
    ephemeral: ephemeralVolumeSource,
    fc: open,
    flexVolume: open,
    flocker: open,
    gcePersistentDisk: open,
    gitRepo: open,
    glusterfs: open,
    hostPath: hostPathVolumeSource,
    image: imageVolumeSource,
    iscsi: open,
    nfs: nfsVolumeSource,
    persistentVolumeClaim: persistentVolumeClaimVolumeSource,
    photonPersistentDisk: open,
    portworxVolume: open,
    projected: projectedVolumeSource,
    quobyte: open,
    rbd: open,
    scaleIO: open,
    secret: secretVolumeSource,
    storageos: open,
    vsphereVolume: open,
  },
  { required: 'name', complete: completeVolume },
);
