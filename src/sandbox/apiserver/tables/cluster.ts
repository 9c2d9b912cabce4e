/** Rows of namespaces, nodes, configuration, storage, access and events. Source: pkg/printers/internalversion/printers.go. */
import type { KubeObject } from '../../../api/kube.ts';
import { asArray, asNumber, asObject, asObjects, asString, asStrings, at, type Json } from '../json.ts';
import { since } from './age.ts';
import { AGE, ageOf, column, type KindTable, NAME, wide } from './column.ts';

const CREATED_AT = column('Created At', 'Time at which the object was created.', 'date');

/** A kind of which nothing but name and age is shown. */
const nameAndAge: KindTable = { columns: [NAME, AGE], cells: (object, now) => [object.metadata.name, ageOf(object, now)] };

/** A kind whose time of creation is shown as it is. */
const nameAndCreation: KindTable = {
  columns: [NAME, CREATED_AT],
  cells: ({ metadata }) => [metadata.name, metadata.creationTimestamp ?? null],
};

const namespaceTable: KindTable = {
  columns: [NAME, column('Status', 'The status of the namespace'), AGE],
  cells: (object, now) => [object.metadata.name, asString(at(object, 'status', 'phase')), ageOf(object, now)],
};

const nodeTable: KindTable = {
  columns: [
    NAME,
    column('Status', 'The status of the node'),
    column('Roles', 'The roles of the node'),
    AGE,
    column('Version', 'Kubelet Version reported by the node.'),
    wide('Internal-IP', 'List of addresses reachable to the node.'),
    wide('External-IP', 'List of addresses reachable to the node.'),
    wide('OS-Image', 'OS Image reported by the node.'),
    wide('Kernel-Version', 'Kernel Version reported by the node.'),
    wide('Container-Runtime', 'ContainerRuntime Version reported by the node.'),
  ],
  cells: (object, now) => {
    const info = asObject(at(object, 'status', 'nodeInfo'));
    const architecture = asString(info.architecture);
    return [
      object.metadata.name,
      nodeStatus(object),
      nodeRoles(object),
      ageOf(object, now),
      asString(info.kubeletVersion),
      nodeAddress(object, 'InternalIP'),
      nodeAddress(object, 'ExternalIP'),
      asString(info.osImage) || '<unknown>',
      `${asString(info.kernelVersion) || '<unknown>'}${architecture ? ` (${architecture})` : ''}`,
      asString(info.containerRuntimeVersion) || '<unknown>',
    ];
  },
};

function nodeStatus(node: KubeObject): string {
  const ready = asObjects(at(node, 'status', 'conditions')).find((condition) => condition.type === 'Ready');
  const status = ready ? (ready.status === 'True' ? 'Ready' : 'NotReady') : 'Unknown';
  return at(node, 'spec', 'unschedulable') === true ? `${status},SchedulingDisabled` : status;
}

function nodeRoles({ metadata }: KubeObject): string {
  const prefix = 'node-role.kubernetes.io/';
  const roles = Object.entries(metadata.labels ?? {}).flatMap(([key, value]) => {
    if (key.startsWith(prefix)) return [key.slice(prefix.length)];
    return key === 'kubernetes.io/role' ? [value] : [];
  });
  return roles.filter(Boolean).sort().join(',') || '<none>';
}

function nodeAddress(node: KubeObject, type: string): string {
  const found = asObjects(at(node, 'status', 'addresses')).find((address) => address.type === type);
  return asString(found?.address) || '<none>';
}

const size = (value: unknown): number => Object.keys(asObject(value)).length;

const configMapTable: KindTable = {
  columns: [NAME, column('Data', 'Data contains the configuration data.'), AGE],
  cells: (object, now) => [object.metadata.name, size(object.data) + size(object.binaryData), ageOf(object, now)],
};

const secretTable: KindTable = {
  columns: [
    NAME,
    column('Type', 'Used to facilitate programmatic handling of secret data.'),
    column('Data', 'Data contains the secret data.'),
    AGE,
  ],
  cells: (object, now) => [object.metadata.name, asString(object.type), size(object.data), ageOf(object, now)],
};

const eventTable: KindTable = {
  columns: [
    column('Last Seen', 'The time at which the most recent occurrence of this event was recorded.'),
    column('Type', 'Type of this event (Normal, Warning), new types could be added in the future'),
    column(
      'Reason',
      "This should be a short, machine understandable string that gives the reason for the transition into the object's current status.",
    ),
    column('Object', 'The object that this event is about.'),
    wide(
      'Subobject',
      'If referring to a piece of an object instead of an entire object, this should contain a valid JSON/Go field access statement.',
    ),
    wide('Source', 'The component reporting this event.'),
    column('Message', 'A human-readable description of the status of this operation.'),
    wide('First Seen', 'The time at which the event was first recorded.'),
    wide('Count', 'The number of times this event has occurred.'),
    { ...NAME, priority: 1 },
  ],
  cells: (event, now) => {
    const series = asObject(event.series);
    const first = since(event.firstTimestamp ?? event.eventTime ?? event.deprecatedFirstTimestamp, now);
    const lastSeen = series.lastObservedTime ?? event.lastTimestamp ?? event.deprecatedLastTimestamp;
    const about = asObject(event.involvedObject ?? event.regarding);
    const source = asObject(event.source ?? event.deprecatedSource);
    const reporter = asString(source.component) || asString(event.reportingComponent) || asString(event.reportingController);
    const instance = asString(source.host) || asString(event.reportingInstance);
    return [
      lastSeen ? since(lastSeen, now) : first,
      asString(event.type),
      asString(event.reason),
      asString(about.name) ? `${asString(about.kind).toLowerCase()}/${asString(about.name)}` : asString(about.kind).toLowerCase(),
      asString(about.fieldPath),
      instance ? `${reporter}, ${instance}` : reporter,
      (asString(event.message) || asString(event.note)).trim(),
      first,
      asNumber(series.count) || asNumber(event.count ?? event.deprecatedCount) || 1,
      event.metadata.name,
    ];
  },
};

const ACCESS_MODES: Record<string, string> = { ReadWriteOnce: 'RWO', ReadOnlyMany: 'ROX', ReadWriteMany: 'RWX', ReadWriteOncePod: 'RWOP' };

function accessModes(modes: unknown): string {
  return [...new Set(asStrings(modes))].map((mode) => ACCESS_MODES[mode] ?? mode).join(',');
}

function storagePhase(object: KubeObject): string {
  return object.metadata.deletionTimestamp ? 'Terminating' : asString(at(object, 'status', 'phase'));
}

const claimTable: KindTable = {
  columns: [
    NAME,
    column('Status', 'phase represents the current phase of PersistentVolumeClaim.'),
    column('Volume', 'volumeName is the binding reference to the PersistentVolume backing this claim.'),
    column('Capacity', 'capacity represents the actual resources of the underlying volume.'),
    column('Access Modes', 'accessModes contains the actual access modes the volume backing the PVC has.'),
    column('StorageClass', 'StorageClass of the pvc'),
    column('VolumeAttributesClass', 'VolumeAttributesClass of the pvc'),
    AGE,
    wide('VolumeMode', 'volumeMode defines what type of volume is required by the claim.'),
  ],
  cells: (claim, now) => {
    const spec = asObject(claim.spec);
    const volume = asString(spec.volumeName);
    return [
      claim.metadata.name,
      storagePhase(claim),
      volume,
      volume ? asString(at(claim, 'status', 'capacity', 'storage')) : '',
      volume ? accessModes(at(claim, 'status', 'accessModes')) : '',
      asString(spec.storageClassName),
      asString(spec.volumeAttributesClassName) || '<unset>',
      ageOf(claim, now),
      asString(spec.volumeMode) || '<unset>',
    ];
  },
};

const volumeTable: KindTable = {
  columns: [
    NAME,
    column('Capacity', "capacity is the description of the persistent volume's resources and capacity."),
    column('Access Modes', 'accessModes contains all ways the volume can be mounted.'),
    column('Reclaim Policy', 'persistentVolumeReclaimPolicy defines what happens to a persistent volume when released from its claim.'),
    column('Status', 'phase indicates if a volume is available, bound to a claim, or released by a claim.'),
    column('Claim', 'claimRef is part of a bi-directional binding between PersistentVolume and PersistentVolumeClaim.'),
    column('StorageClass', 'StorageClass of the pv'),
    column('VolumeAttributesClass', 'VolumeAttributesClass of the pv'),
    column('Reason', 'reason is a brief CamelCase string that describes any failure.'),
    AGE,
    wide(
      'VolumeMode',
      'volumeMode defines if a volume is intended to be used with a formatted filesystem or to remain in raw block state.',
    ),
  ],
  cells: (volume, now) => {
    const spec = asObject(volume.spec);
    const claim = asObject(spec.claimRef);
    return [
      volume.metadata.name,
      asString(at(spec, 'capacity', 'storage')),
      accessModes(spec.accessModes),
      asString(spec.persistentVolumeReclaimPolicy),
      storagePhase(volume),
      claim.name ? `${asString(claim.namespace)}/${asString(claim.name)}` : '',
      asString(spec.storageClassName),
      asString(spec.volumeAttributesClassName) || '<unset>',
      asString(at(volume, 'status', 'reason')),
      ageOf(volume, now),
      asString(spec.volumeMode) || '<unset>',
    ];
  },
};

const storageClassTable: KindTable = {
  columns: [
    NAME,
    column('Provisioner', 'provisioner indicates the type of the provisioner.'),
    column(
      'ReclaimPolicy',
      'reclaimPolicy controls the reclaimPolicy for dynamically provisioned PersistentVolumes of this storage class.',
    ),
    column('VolumeBindingMode', 'volumeBindingMode indicates how PersistentVolumeClaims should be provisioned and bound.'),
    column('AllowVolumeExpansion', 'allowVolumeExpansion shows whether the storage class allow volume expand.'),
    AGE,
  ],
  cells: (object, now) => {
    const isDefault = object.metadata.annotations?.['storageclass.kubernetes.io/is-default-class'] === 'true';
    return [
      `${object.metadata.name}${isDefault ? ' (default)' : ''}`,
      asString(object.provisioner),
      asString(object.reclaimPolicy) || 'Delete',
      asString(object.volumeBindingMode) || 'Immediate',
      object.allowVolumeExpansion === true,
      ageOf(object, now),
    ];
  },
};

const bindingTable: KindTable = {
  columns: [
    NAME,
    column('Role', 'The role that the binding gives.'),
    AGE,
    wide('Users', 'Users in the binding'),
    wide('Groups', 'Groups in the binding'),
    wide('ServiceAccounts', 'ServiceAccounts in the binding'),
  ],
  cells: (object, now) => {
    const { kind, name } = asObject(object.roleRef);
    const subjects = asObjects(object.subjects);
    const named = (wanted: string, show: (subject: Json) => string): string =>
      subjects
        .filter((subject) => subject.kind === wanted)
        .map(show)
        .join(', ');
    return [
      object.metadata.name,
      `${asString(kind)}/${asString(name)}`,
      ageOf(object, now),
      named('User', (subject) => asString(subject.name)),
      named('Group', (subject) => asString(subject.name)),
      named('ServiceAccount', (subject) => `${asString(subject.namespace)}/${asString(subject.name)}`),
    ];
  },
};

const leaseTable: KindTable = {
  columns: [NAME, column('Holder', 'holderIdentity contains the identity of the holder of a current lease.'), AGE],
  cells: (object, now) => [object.metadata.name, asString(at(object, 'spec', 'holderIdentity')), ageOf(object, now)],
};

const webhooksTable: KindTable = {
  columns: [NAME, column('Webhooks', 'Webhooks indicates the number of webhooks registered in this configuration', 'integer'), AGE],
  cells: (object, now) => [object.metadata.name, asArray(object.webhooks).length, ageOf(object, now)],
};

export const clusterTables: Readonly<Record<string, KindTable>> = {
  Namespace: namespaceTable,
  Node: nodeTable,
  ConfigMap: configMapTable,
  Secret: secretTable,
  ServiceAccount: nameAndAge,
  LimitRange: nameAndCreation,
  Event: eventTable,
  'Event.events.k8s.io': eventTable,
  PersistentVolumeClaim: claimTable,
  PersistentVolume: volumeTable,
  'StorageClass.storage.k8s.io': storageClassTable,
  'Role.rbac.authorization.k8s.io': nameAndCreation,
  'ClusterRole.rbac.authorization.k8s.io': nameAndCreation,
  'RoleBinding.rbac.authorization.k8s.io': bindingTable,
  'ClusterRoleBinding.rbac.authorization.k8s.io': bindingTable,
  'CustomResourceDefinition.apiextensions.k8s.io': nameAndCreation,
  'Lease.coordination.k8s.io': leaseTable,
  'MutatingWebhookConfiguration.admissionregistration.k8s.io': webhooksTable,
  'ValidatingWebhookConfiguration.admissionregistration.k8s.io': webhooksTable,
};
