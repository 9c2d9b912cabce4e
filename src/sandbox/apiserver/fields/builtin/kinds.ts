/** The list of built-in kinds. */
import type { Schema } from '../structure.ts';
import { clusterRole, clusterRoleBinding, role, roleBinding } from './access.ts';
import { horizontalPodAutoscaler, legacyHorizontalPodAutoscaler, podDisruptionBudget } from './autoscaling.ts';
import { cronJob, job } from './batch.ts';
import { configMap, lease, limitRange, namespace, priorityClass, resourceQuota, secret, serviceAccount } from './core.ts';
import { customResourceDefinition } from './crd.ts';
import { event, newEvent } from './events.ts';
import { endpointSlice, ingress, ingressClass, networkPolicy } from './network.ts';
import { node } from './node.ts';
import { pod } from './pod.ts';
import { apiService, mutatingWebhookConfiguration, validatingWebhookConfiguration } from './registration.ts';
import { endpoints, service } from './service.ts';
import { persistentVolume, persistentVolumeClaim, storageClass } from './storage.ts';
import { controllerRevision, daemonSet, deployment, replicaSet, replicationController, statefulSet } from './workloads.ts';

const KINDS: Readonly<Record<string, Readonly<Record<string, Schema>>>> = {
  v1: {
    ConfigMap: configMap,
    Secret: secret,
    Service: service,
    ServiceAccount: serviceAccount,
    Pod: pod,
    Namespace: namespace,
    Node: node,
    PersistentVolume: persistentVolume,
    PersistentVolumeClaim: persistentVolumeClaim,
    Event: event,
    Endpoints: endpoints,
    ReplicationController: replicationController,
    LimitRange: limitRange,
    ResourceQuota: resourceQuota,
  },
  'apps/v1': {
    Deployment: deployment,
    StatefulSet: statefulSet,
    DaemonSet: daemonSet,
    ReplicaSet: replicaSet,
    ControllerRevision: controllerRevision,
  },
  'batch/v1': { Job: job, CronJob: cronJob },
  'autoscaling/v2': { HorizontalPodAutoscaler: horizontalPodAutoscaler },
  'autoscaling/v1': { HorizontalPodAutoscaler: legacyHorizontalPodAutoscaler },
  'policy/v1': { PodDisruptionBudget: podDisruptionBudget },
  'networking.k8s.io/v1': { Ingress: ingress, IngressClass: ingressClass, NetworkPolicy: networkPolicy },
  'rbac.authorization.k8s.io/v1': {
    Role: role,
    RoleBinding: roleBinding,
    ClusterRole: clusterRole,
    ClusterRoleBinding: clusterRoleBinding,
  },
  'discovery.k8s.io/v1': { EndpointSlice: endpointSlice },
  'coordination.k8s.io/v1': { Lease: lease },
  'storage.k8s.io/v1': { StorageClass: storageClass },
  'scheduling.k8s.io/v1': { PriorityClass: priorityClass },
  'admissionregistration.k8s.io/v1': {
    ValidatingWebhookConfiguration: validatingWebhookConfiguration,
    MutatingWebhookConfiguration: mutatingWebhookConfiguration,
  },
  'apiextensions.k8s.io/v1': { CustomResourceDefinition: customResourceDefinition },
  'apiregistration.k8s.io/v1': { APIService: apiService },
  'events.k8s.io/v1': { Event: newEvent },
};

/** The schema of a built-in kind; undefined where there is none. */
export function builtinKind(apiVersion: string, kind: string): Schema | undefined {
  const kinds = Object.hasOwn(KINDS, apiVersion) ? KINDS[apiVersion] : undefined;
  return kinds && Object.hasOwn(kinds, kind) ? kinds[kind] : undefined;
}

/** Every built-in kind. */
export function builtinKinds(): { apiVersion: string; kind: string; schema: Schema }[] {
  return Object.entries(KINDS).flatMap(([apiVersion, kinds]) =>
    Object.entries(kinds).map(([kind, schema]) => ({ apiVersion, kind, schema })),
  );
}
