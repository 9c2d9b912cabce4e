/** The kinds that the controllers read and write, beyond those of `src/api/workloads.ts`. */
import type { Condition, GroupVersionKind, KubeObject, ObjectMeta } from '../../api/kube.ts';
import type { LabelSelector, PodTemplate, Workload } from '../../api/workloads.ts';

const core = (kind: string): GroupVersionKind => ({ apiVersion: 'v1', kind });
const apps = (kind: string): GroupVersionKind => ({ apiVersion: 'apps/v1', kind });

export const POD = core('Pod');
export const NODE = core('Node');
export const NAMESPACE = core('Namespace');
export const SERVICE = core('Service');
export const ENDPOINTS = core('Endpoints');
export const EVENT = core('Event');
export const CONFIG_MAP = core('ConfigMap');
export const SECRET = core('Secret');
export const SERVICE_ACCOUNT = core('ServiceAccount');
export const VOLUME_CLAIM = core('PersistentVolumeClaim');
export const DEPLOYMENT = apps('Deployment');
export const REPLICA_SET = apps('ReplicaSet');
export const STATEFUL_SET = apps('StatefulSet');
export const DAEMON_SET = apps('DaemonSet');
export const CONTROLLER_REVISION = apps('ControllerRevision');
export const JOB: GroupVersionKind = { apiVersion: 'batch/v1', kind: 'Job' };
export const ENDPOINT_SLICE: GroupVersionKind = { apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice' };
export const AUTOSCALER: GroupVersionKind = { apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler' };
export const DISRUPTION_BUDGET: GroupVersionKind = { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget' };
export const CUSTOM_RESOURCE: GroupVersionKind = { apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition' };

/** The one node of the sandbox. */
export const NODE_NAME = 'sandbox';
/** Field manager of every controller of kube-controller-manager. */
export const CONTROLLER_MANAGER = 'kube-controller-manager';

export type Namespaced = ObjectMeta & { namespace: string };

export interface ServicePort {
  name?: string;
  port: number;
  targetPort?: number | string;
  protocol?: string;
  nodePort?: number;
}

export interface Service extends KubeObject {
  metadata: Namespaced;
  spec: {
    type?: string;
    clusterIP?: string;
    selector?: Record<string, string>;
    ports?: ServicePort[];
    publishNotReadyAddresses?: boolean;
    [field: string]: unknown;
  };
}

export interface ConfigMap extends KubeObject {
  metadata: Namespaced;
  data?: Record<string, string>;
  binaryData?: Record<string, string>;
}

export interface Secret extends KubeObject {
  metadata: Namespaced;
  /** Base64. */
  data?: Record<string, string>;
}

export interface Namespace extends KubeObject {
  spec?: { finalizers?: string[] };
  status?: { phase?: string; conditions?: Condition[] };
}

export interface ControllerRevision extends KubeObject {
  metadata: Namespaced;
  data: { spec: { template: PodTemplate } };
  revision: number;
}

export interface Job extends KubeObject {
  metadata: Namespaced;
  spec: {
    parallelism?: number;
    completions?: number;
    backoffLimit?: number;
    activeDeadlineSeconds?: number;
    ttlSecondsAfterFinished?: number;
    suspend?: boolean;
    selector?: LabelSelector;
    template: PodTemplate;
    [field: string]: unknown;
  };
  status?: JobStatus;
}

export interface JobStatus {
  active?: number;
  ready?: number;
  succeeded?: number;
  failed?: number;
  terminating?: number;
  startTime?: string;
  completionTime?: string;
  conditions?: Condition[];
  uncountedTerminatedPods?: Record<string, unknown>;
}

export interface Autoscaler extends KubeObject {
  metadata: Namespaced;
  spec: {
    scaleTargetRef: { apiVersion?: string; kind: string; name: string };
    minReplicas?: number;
    maxReplicas: number;
    metrics?: { type: string; resource?: { name: string } }[];
  };
  status?: {
    currentReplicas?: number;
    desiredReplicas?: number;
    lastScaleTime?: string;
    conditions?: Condition[];
    observedGeneration?: number;
  };
}

export interface DisruptionBudget extends KubeObject {
  metadata: Namespaced;
  spec: { selector?: LabelSelector; minAvailable?: number | string; maxUnavailable?: number | string };
  status?: Record<string, unknown>;
}

/** A Deployment or ReplicaSet condition: with the time of its last change of reason. */
export interface TimedCondition extends Condition {
  lastUpdateTime?: string;
}

/** `spec.replicas` with the API's default. */
export function replicasOf(workload: Workload): number {
  return workload.spec.replicas ?? 1;
}
