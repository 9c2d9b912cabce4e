/**
 * What the API server itself writes into an object before it is stored, beyond the defaults of the schema: fields that
 * depend on the cluster or that clients may not set. Sources: pkg/registry/<group>/<kind>/strategy.go of kubernetes, and
 * for Pods the admission plugins ServiceAccount, Priority and DefaultTolerationSeconds.
 */
import type { KubeObject } from '../../../api/kube.ts';
import { asArray, asObject, asObjects, asString, isObject, type Json, sameJson } from '../json.ts';
import type { Resource } from '../kinds/resource.ts';
import { allocate } from './cluster-ips.ts';
import { prepareDefinition } from './definitions.ts';

/** What a preparation may look at. */
export interface Surroundings {
  /** RFC 3339, seconds. */
  now: string;
  services: () => readonly KubeObject[];
}

type Preparation = (object: KubeObject, around: Surroundings, before: KubeObject | undefined) => void;

const PREPARATIONS: Record<string, Preparation> = {
  Pod: (pod, _around, before) => {
    if (!before) preparePod(pod);
  },
  Service: (service, { services }, before) => {
    if (before) keepAddresses(service, before);
    allocate(
      service,
      services().filter((other) => other.metadata.uid !== service.metadata.uid),
    );
  },
  Namespace: (namespace, _around, before) => {
    if (!before) {
      namespace.spec = { finalizers: ['kubernetes'] };
      namespace.status = { phase: 'Active' };
    } else if (!isObject(namespace.spec) || !Array.isArray(namespace.spec.finalizers)) {
      // The finalizer is taken off through the finalize subresource alone.
      namespace.spec = before.spec;
    }
  },
  PersistentVolumeClaim: (claim, _around, before) => {
    if (before) return;
    claim.status = { phase: 'Pending' };
    claim.metadata.finalizers = [...new Set([...(claim.metadata.finalizers ?? []), 'kubernetes.io/pvc-protection'])];
  },
  PersistentVolume: (volume, { now }, before) => {
    if (before) return;
    volume.status = { phase: 'Pending', lastPhaseTransitionTime: now };
    volume.metadata.finalizers = [...new Set([...(volume.metadata.finalizers ?? []), 'kubernetes.io/pv-protection'])];
  },
  CustomResourceDefinition: (definition, { now }) => prepareDefinition(definition, now),
  Job: (job, _around, before) => {
    if (!before) prepareJob(job);
  },
  DaemonSet: (set, _around, before) => {
    set.metadata.annotations = { ...set.metadata.annotations, [TEMPLATE_GENERATION]: String(templateGeneration(set, before)) };
  },
};

/** Counts changes of the template alone. Source: pkg/registry/apps/daemonset/strategy.go. */
const TEMPLATE_GENERATION = 'deprecated.daemonset.template.generation';

function templateGeneration(set: KubeObject, before: KubeObject | undefined): number {
  if (!before) return 1;
  const count = Number(before.metadata.annotations?.[TEMPLATE_GENERATION] ?? 1);
  return sameJson(asObject(before.spec).template, asObject(set.spec).template) ? count : count + 1;
}

/** Statuses that a new object of these kinds starts with. */
const FIRST_STATUS: Record<string, Json> = {
  Service: { loadBalancer: {} },
  Ingress: { loadBalancer: {} },
  Deployment: {},
  ReplicaSet: { replicas: 0 },
  StatefulSet: { availableReplicas: 0, replicas: 0 },
  DaemonSet: { currentNumberScheduled: 0, desiredNumberScheduled: 0, numberMisscheduled: 0, numberReady: 0 },
  Job: {},
  CronJob: {},
  HorizontalPodAutoscaler: { currentMetrics: null, desiredReplicas: 0 },
  PodDisruptionBudget: { currentHealthy: 0, desiredHealthy: 0, disruptionsAllowed: 0, expectedPods: 0 },
};

/** Changes `object` in place. `before` is the stored object of an update, undefined for a create. */
export function prepare(resource: Resource, object: KubeObject, around: Surroundings, before: KubeObject | undefined): void {
  if (resource.origin === 'custom') return;
  const first = FIRST_STATUS[resource.kind];
  if (!before && first) object.status = structuredClone(first);
  PREPARATIONS[resource.kind]?.(object, around, before);
}

function preparePod(pod: KubeObject): void {
  const spec = asObject(pod.spec);
  spec.enableServiceLinks ??= true;
  spec.preemptionPolicy ??= 'PreemptLowerPriority';
  spec.priority ??= 0;
  spec.serviceAccountName = asString(spec.serviceAccountName) || asString(spec.serviceAccount) || 'default';
  spec.serviceAccount = spec.serviceAccountName;
  spec.tolerations = withDefaultTolerations(asObjects(spec.tolerations));
  pod.spec = spec;
  pod.status = { phase: 'Pending', qosClass: qosClassOf(spec) };
}

function withDefaultTolerations(tolerations: Json[]): Json[] {
  const added = ['not-ready', 'unreachable']
    .map((taint) => ({ effect: 'NoExecute', key: `node.kubernetes.io/${taint}`, operator: 'Exists', tolerationSeconds: 300 }))
    .filter((toleration) => !tolerations.some((other) => other.key === toleration.key && (!other.effect || other.effect === 'NoExecute')));
  return [...tolerations, ...added];
}

/** Source: pkg/apis/core/v1/helper/qos of kubernetes. */
function qosClassOf(spec: Json): 'Guaranteed' | 'Burstable' | 'BestEffort' {
  const containers = [...asObjects(spec.containers), ...asObjects(spec.initContainers)].map((container) => asObject(container.resources));
  const counted = (amounts: unknown): Json =>
    Object.fromEntries(Object.entries(asObject(amounts)).filter(([name]) => name === 'cpu' || name === 'memory'));
  const limits = containers.map((resources) => counted(resources.limits));
  const requests = containers.map((resources) => counted(resources.requests));
  if ([...limits, ...requests].every((amounts) => Object.keys(amounts).length === 0)) return 'BestEffort';
  const guaranteed = limits.every((limit, index) => Object.keys(limit).length === 2 && sameJson(limit, { ...limit, ...requests[index] }));
  return guaranteed ? 'Guaranteed' : 'Burstable';
}

/** Source: pkg/registry/batch/job/strategy.go generateSelector. */
function prepareJob(job: KubeObject): void {
  const spec = asObject(job.spec);
  if (spec.manualSelector === true) return;
  const uid = job.metadata.uid ?? '';
  const labels = {
    'batch.kubernetes.io/controller-uid': uid,
    'batch.kubernetes.io/job-name': job.metadata.name,
    'controller-uid': uid,
    'job-name': job.metadata.name,
  };
  const template = asObject(spec.template);
  const metadata = asObject(template.metadata);
  spec.template = { ...template, metadata: { ...metadata, labels: { ...asObject(metadata.labels), ...labels } } };
  spec.selector ??= { matchLabels: { 'batch.kubernetes.io/controller-uid': uid } };
  job.spec = spec;
}

/** An update that names no address keeps the old one. Source: pkg/registry/core/service/storage patchAllocatedValues. */
function keepAddresses(service: KubeObject, before: KubeObject): void {
  const spec = asObject(service.spec);
  const old = asObject(before.spec);
  if (spec.type === 'ExternalName') {
    for (const field of ['clusterIP', 'clusterIPs', 'ipFamilies', 'ipFamilyPolicy']) delete spec[field];
    return;
  }
  // One of the two fields changed: the other follows it.
  if (asString(spec.clusterIP) && spec.clusterIP !== old.clusterIP && sameJson(spec.clusterIPs, old.clusterIPs))
    spec.clusterIPs = [spec.clusterIP];
  for (const field of ['clusterIP', 'clusterIPs', 'ipFamilies', 'ipFamilyPolicy', 'healthCheckNodePort']) {
    if (!spec[field] || (Array.isArray(spec[field]) && asArray(spec[field]).length === 0)) spec[field] = old[field];
    if (spec[field] === undefined) delete spec[field];
  }
  keepNodePorts(spec, old);
}

function keepNodePorts(spec: Json, old: Json): void {
  if (spec.type !== 'NodePort' && spec.type !== 'LoadBalancer') return;
  for (const port of asObjects(spec.ports)) {
    const same = asObjects(old.ports).find((other) => other.port === port.port && other.protocol === port.protocol);
    if (!port.nodePort && same?.nodePort) port.nodePort = same.nodePort;
  }
}
