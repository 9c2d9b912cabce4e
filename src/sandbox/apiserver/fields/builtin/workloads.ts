/** Deployment, StatefulSet, DaemonSet, ReplicaSet and their kin. Source: k8s.io/api apps/v1/types.go. */

import {
  completeDaemonSetStrategy,
  completeDeploymentStrategy,
  completeStatefulSetSpec,
  completeStatefulSetStrategy,
} from './completion.ts';
import { fixed, fixedStatefulSetSpec } from './immutable.ts';
import { labelSelector } from './meta.ts';
import { kind } from './object.ts';
import { podTemplateSpec } from './pod.ts';
import { checkDeploymentStrategy, checkWorkload } from './rules.ts';
import { persistentVolumeClaim } from './storage.ts';
import {
  anything,
  atomicMap,
  booleans,
  choice,
  held,
  integer,
  integers,
  intOrString,
  keyed,
  list,
  patched,
  string,
  strings,
  struct,
  time,
  withDefault,
  zeros,
} from './vocabulary.ts';

const replicationControllerSpec = struct({
  ...integers('minReadySeconds'),
  replicas: withDefault(integer, 1),
  selector: atomicMap(string),
  template: podTemplateSpec,
});

const replicationControllerCondition = struct({ ...strings('message reason status type'), lastTransitionTime: time });

const replicationControllerStatus = struct({
  ...integers('availableReplicas fullyLabeledReplicas observedGeneration readyReplicas replicas'),
  conditions: keyed(replicationControllerCondition, 'type'),
});

export const replicationController = kind(
  { spec: held(replicationControllerSpec), status: held(replicationControllerStatus) },
  { statusSubresource: true },
);

const rollingUpdateDeployment = struct({ maxSurge: intOrString, maxUnavailable: intOrString });

const deploymentStrategy = struct(
  { rollingUpdate: rollingUpdateDeployment, type: withDefault(choice('Recreate', 'RollingUpdate'), 'RollingUpdate') },
  { complete: completeDeploymentStrategy, check: checkDeploymentStrategy },
);

const deploymentSpec = struct(
  {
    ...integers('minReadySeconds'),
    ...booleans('paused'),
    progressDeadlineSeconds: withDefault(integer, 600),
    replicas: withDefault(integer, 1),
    revisionHistoryLimit: withDefault(integer, 10),
    selector: labelSelector,
    strategy: held(withDefault(patched(deploymentStrategy, 'retainKeys'), {})),
    template: held(podTemplateSpec),
  },
  { required: 'selector template', check: checkWorkload('deployment') },
);

const deploymentCondition = struct({ ...strings('message reason status type'), lastTransitionTime: time, lastUpdateTime: time });

const deploymentStatus = struct({
  ...integers(
    'availableReplicas collisionCount observedGeneration readyReplicas replicas terminatingReplicas unavailableReplicas updatedReplicas',
  ),
  conditions: keyed(deploymentCondition, 'type'),
});

export const deployment = kind(
  { spec: held(deploymentSpec), status: held(deploymentStatus) },
  { statusSubresource: true, checkUpdate: fixed('spec.selector') },
);

const statefulSetOrdinals = struct({ ...integers('start') });

const statefulSetPersistentVolumeClaimRetentionPolicy = struct({
  whenDeleted: withDefault(string, 'Retain'),
  whenScaled: withDefault(string, 'Retain'),
});

const rollingUpdateStatefulSetStrategy = struct({ ...integers('partition'), maxUnavailable: intOrString });

const statefulSetUpdateStrategy = struct(
  { rollingUpdate: rollingUpdateStatefulSetStrategy, type: withDefault(choice('OnDelete', 'RollingUpdate'), 'RollingUpdate') },
  { complete: completeStatefulSetStrategy },
);

const statefulSetSpec = struct(
  {
    ...integers('minReadySeconds'),
    ...strings('serviceName'),
    ordinals: statefulSetOrdinals,
    persistentVolumeClaimRetentionPolicy: withDefault(statefulSetPersistentVolumeClaimRetentionPolicy, {}),
    podManagementPolicy: withDefault(choice('OrderedReady', 'Parallel'), 'OrderedReady'),
    replicas: withDefault(integer, 1),
    revisionHistoryLimit: withDefault(integer, 10),
    selector: labelSelector,
    template: held(podTemplateSpec),
    updateStrategy: held(withDefault(statefulSetUpdateStrategy, {})),
    volumeClaimTemplates: list(persistentVolumeClaim),
  },
  { required: 'selector template', complete: completeStatefulSetSpec, check: checkWorkload('statefulset') },
);

const statefulSetCondition = struct({ ...strings('message reason status type'), lastTransitionTime: time });

const statefulSetStatus = struct({
  ...zeros('availableReplicas replicas'),
  ...integers('collisionCount currentReplicas observedGeneration readyReplicas updatedReplicas'),
  ...strings('currentRevision updateRevision'),
  conditions: keyed(statefulSetCondition, 'type'),
});

export const statefulSet = kind(
  { spec: held(statefulSetSpec), status: held(statefulSetStatus) },
  { statusSubresource: true, checkUpdate: fixedStatefulSetSpec },
);

const rollingUpdateDaemonSet = struct({ maxSurge: intOrString, maxUnavailable: intOrString });

const daemonSetUpdateStrategy = struct(
  { rollingUpdate: rollingUpdateDaemonSet, type: withDefault(choice('OnDelete', 'RollingUpdate'), 'RollingUpdate') },
  { complete: completeDaemonSetStrategy },
);

const daemonSetSpec = struct(
  {
    ...integers('minReadySeconds'),
    revisionHistoryLimit: withDefault(integer, 10),
    selector: labelSelector,
    template: held(podTemplateSpec),
    updateStrategy: held(withDefault(daemonSetUpdateStrategy, {})),
  },
  { required: 'selector template', check: checkWorkload('daemonset') },
);

const daemonSetCondition = struct({ ...strings('message reason status type'), lastTransitionTime: time });

const daemonSetStatus = struct({
  ...zeros('currentNumberScheduled desiredNumberScheduled numberMisscheduled numberReady'),
  ...integers('collisionCount numberAvailable numberUnavailable observedGeneration updatedNumberScheduled'),
  conditions: keyed(daemonSetCondition, 'type'),
});

export const daemonSet = kind(
  { spec: held(daemonSetSpec), status: held(daemonSetStatus) },
  { statusSubresource: true, checkUpdate: fixed('spec.selector') },
);

const replicaSetSpec = struct(
  { ...integers('minReadySeconds'), replicas: withDefault(integer, 1), selector: labelSelector, template: held(podTemplateSpec) },
  { required: 'selector', check: checkWorkload('deployment') },
);

const replicaSetCondition = struct({ ...strings('message reason status type'), lastTransitionTime: time });

const replicaSetStatus = struct({
  ...zeros('replicas'),
  ...integers('availableReplicas fullyLabeledReplicas observedGeneration readyReplicas terminatingReplicas'),
  conditions: keyed(replicaSetCondition, 'type'),
});

export const replicaSet = kind(
  { spec: held(replicaSetSpec), status: held(replicaSetStatus) },
  { statusSubresource: true, checkUpdate: fixed('spec.selector') },
);

export const controllerRevision = kind({ ...integers('revision'), data: anything }, { required: 'revision' });
