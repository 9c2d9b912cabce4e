/** Reads what a target's inventory runs: workloads, their pods, services and their endpoints, warnings and logs. */

import { computeStatus } from '../api/kstatus.ts';
import type { KubeObject, ObjectRef } from '../api/kube.ts';
import type { ContainerStatus, EndpointSlice, KubeEvent, Pod, Workload } from '../api/workloads.ts';
import { markOf } from '../core/abandon/mark.ts';
import { Failure } from '../core/failure.ts';
import type { ContainerState, EventState, ObjectState, PodState, ServiceState, WorkloadState, WorkloadsState } from '../core/world.ts';
import type { Cluster } from '../ports.ts';
import { heldUp, placeOf } from './held-up.ts';
import type { Lacks } from './lacks.ts';

const WORKLOAD_KINDS = new Set(['Deployment', 'StatefulSet', 'DaemonSet', 'Job']);
/** Kinds that are always healthy once they exist; reading them tells nothing. */
const INERT = new Set([
  'ConfigMap',
  'Secret',
  'ServiceAccount',
  'Role',
  'RoleBinding',
  'ClusterRole',
  'ClusterRoleBinding',
  'Namespace',
  'NetworkPolicy',
  'PrometheusRule',
  'HorizontalPodAutoscaler',
  'PodDisruptionBudget',
  'LimitRange',
  'ResourceQuota',
  'PriorityClass',
  'StorageClass',
  'IngressClass',
  'RuntimeClass',
  'ValidatingWebhookConfiguration',
  'MutatingWebhookConfiguration',
]);
/** The Deployment controller numbers templates by it, on the Deployment and on its ReplicaSets. */
const REVISION = 'deployment.kubernetes.io/revision';
/** Lines of a log that are read, and that are kept once the frames of stack traces are left out. */
const LOG_READ = 30;
const LOG_LINES = 5;
const STACK_FRAME = /^\s+at .*:\d+:\d+\)?$/;

export interface ObserveWorkloadsOptions {
  /** Read the last log lines of containers that are not well. */
  logs: boolean;
  /** Takes down what may not be read. Events, logs and other kinds are not indispensable; all else is. */
  lacks: Lacks;
}

/** Observes everything in an inventory; namespaces are listed once each. */
export async function observeWorkloads(
  cluster: Cluster,
  inventory: readonly ObjectRef[],
  options: ObserveWorkloadsOptions,
): Promise<WorkloadsState> {
  const namespaces = [
    ...new Set(inventory.filter((ref) => WORKLOAD_KINDS.has(ref.kind) || ref.kind === 'Service').map((ref) => ref.namespace ?? '')),
  ];
  const spaces = new Map(
    await Promise.all(namespaces.map(async (namespace) => [namespace, await readNamespace(cluster, namespace, options.lacks)] as const)),
  );
  const reader = new WorkloadReader(cluster, spaces, options);
  const [workloads, services, others] = await Promise.all([
    Promise.all(inventory.filter((ref) => WORKLOAD_KINDS.has(ref.kind)).map((ref) => reader.workload(ref))),
    Promise.all(inventory.filter((ref) => ref.kind === 'Service' && ref.apiVersion === 'v1').map((ref) => reader.service(ref))),
    Promise.all(
      inventory
        .filter((ref) => !WORKLOAD_KINDS.has(ref.kind) && ref.kind !== 'Service' && !INERT.has(ref.kind))
        .map((ref) => other(cluster, ref, options.lacks)),
    ),
  ]);
  return { workloads, services, others };
}

interface Namespace {
  pods: Pod[];
  replicaSets: KubeObject[];
  slices: EndpointSlice[];
  events: KubeEvent[];
}

async function readNamespace(cluster: Cluster, namespace: string, lacks: Lacks): Promise<Namespace> {
  const warnings = cluster.list<KubeEvent>({ apiVersion: 'v1', kind: 'Event' }, { namespace, fieldSelector: 'type=Warning' });
  const [pods, replicaSets, slices, events] = await Promise.all([
    cluster.list<Pod>({ apiVersion: 'v1', kind: 'Pod' }, { namespace }),
    cluster.list<KubeObject>({ apiVersion: 'apps/v1', kind: 'ReplicaSet' }, { namespace }),
    cluster.list<EndpointSlice>({ apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice' }, { namespace }),
    lacks.or(warnings, [], 'warnings about workloads and pods are not known'),
  ]);
  return { pods, replicaSets, slices, events };
}

/** Stands for an object that may not be read. */
const UNREADABLE = null;

async function other(cluster: Cluster, ref: ObjectRef, lacks: Lacks): Promise<ObjectState> {
  const reading = cluster.get(ref).catch((error: unknown) => absentKind(error));
  const object = await lacks.or(reading, UNREADABLE, `how objects of the kind ${ref.kind} are is not known`);
  if (object === UNREADABLE) return { ref, health: { status: 'Unknown', message: 'no permission to read it' } };
  return { ref, health: object ? computeStatus(object) : { status: 'NotFound', message: 'not in the cluster' } };
}

/** An object whose kind is gone is gone too. */
function absentKind(error: unknown): undefined {
  if (error instanceof Failure && error.code === 'KindNotServed') return undefined;
  throw error;
}

class WorkloadReader {
  readonly #cluster: Cluster;
  readonly #spaces: ReadonlyMap<string, Namespace>;
  readonly #options: ObserveWorkloadsOptions;

  constructor(cluster: Cluster, spaces: ReadonlyMap<string, Namespace>, options: ObserveWorkloadsOptions) {
    this.#cluster = cluster;
    this.#spaces = spaces;
    this.#options = options;
  }

  async workload(ref: ObjectRef): Promise<WorkloadState> {
    const object = await this.#cluster.get<Workload>(ref);
    const space = this.#spaces.get(ref.namespace ?? '') as Namespace;
    if (!object)
      return {
        ref,
        health: { status: 'NotFound', message: 'not in the cluster' },
        images: [],
        desired: 0,
        updated: 0,
        ready: 0,
        pods: [],
        warnings: [],
      };
    const pods = await Promise.all(podsOf(object, space).map((pod) => this.#pod(object, pod, space)));
    const status = object.status ?? {};
    const mark = markOf(status.conditions);
    return {
      ref,
      ...(mark ? { mark } : {}),
      health: computeStatus(object),
      images: object.spec.template.spec.containers.map((container) => container.image),
      desired: status.desiredNumberScheduled ?? object.spec.replicas ?? 1,
      updated: status.updatedReplicas ?? status.updatedNumberScheduled ?? 0,
      ready: status.readyReplicas ?? status.numberReady ?? 0,
      pods: pods.sort((a, b) => b.createdAt.localeCompare(a.createdAt) || a.name.localeCompare(b.name)),
      warnings: warningsOf(space, object),
      ...heldUp(object, creationWarnings(space, object), pods),
    };
  }

  async #pod(workload: Workload, pod: Pod, space: Namespace): Promise<PodState> {
    const statuses = [
      ...(pod.status?.initContainerStatuses ?? []).filter((status) => !status.ready && !status.state?.terminated),
      ...(pod.status?.containerStatuses ?? []),
    ];
    const containers = await Promise.all(statuses.map((status) => this.#container(pod, status)));
    return {
      name: pod.metadata.name,
      createdAt: pod.metadata.creationTimestamp ?? '',
      phase: pod.status?.phase ?? 'Pending',
      ready: pod.status?.conditions?.some((condition) => condition.type === 'Ready' && condition.status === 'True') ?? false,
      terminating: pod.metadata.deletionTimestamp !== undefined,
      current: isCurrent(workload, pod, space),
      containers,
      warnings: warningsOf(space, pod),
      ...placeOf(pod, warningsOf(space, pod)),
    };
  }

  async #container(pod: Pod, status: ContainerStatus): Promise<ContainerState> {
    const waiting = status.state?.waiting;
    const terminated = status.state?.terminated ?? status.lastState?.terminated;
    const ill = !status.ready && pod.metadata.deletionTimestamp === undefined;
    const log = ill && this.#options.logs ? await this.#log(pod, status) : [];
    return {
      name: status.name,
      image: status.image,
      ready: status.ready,
      restarts: status.restartCount,
      ...(status.state?.running?.startedAt ? { startedAt: status.state.running.startedAt } : {}),
      ...(status.imageID ? { imageId: status.imageID } : {}),
      ...(waiting ? { waiting: { reason: waiting.reason ?? 'Waiting', message: waiting.message ?? '' } } : {}),
      ...(terminated
        ? {
            terminated: {
              exitCode: terminated.exitCode,
              reason: terminated.reason ?? '',
              ...(terminated.signal ? { signal: terminated.signal } : {}),
              ...(terminated.finishedAt ? { finishedAt: terminated.finishedAt } : {}),
            },
          }
        : {}),
      ...(log.length ? { log } : {}),
    };
  }

  /** The running container's log where it has one, else that of its previous run; none where neither can be had. */
  async #log(pod: Pod, status: ContainerStatus): Promise<string[]> {
    const name = { namespace: pod.metadata.namespace, name: pod.metadata.name };
    const read = (previous: boolean) =>
      this.#options.lacks
        .or(
          this.#cluster.logs(name, { container: status.name, tailLines: LOG_READ, previous }),
          '',
          'the last lines of its logs are not shown',
        )
        .catch(() => '');
    const text =
      (status.state?.running ? await read(false) : '') || (status.restartCount > 0 ? await read(true) : '') || (await read(false));
    const lines = text.split('\n').filter((line) => line.trim() !== '' && !STACK_FRAME.test(line));
    return lines.slice(-LOG_LINES);
  }

  async service(ref: ObjectRef): Promise<ServiceState> {
    const space = this.#spaces.get(ref.namespace ?? '') as Namespace;
    const service = await this.#cluster.get<KubeObject>(ref);
    const selector = (service?.spec as { selector?: Record<string, string>; type?: string } | undefined)?.selector;
    const endpoints = space.slices
      .filter((slice) => slice.metadata.labels?.['kubernetes.io/service-name'] === ref.name)
      .flatMap((slice) => slice.endpoints ?? []);
    const ready = endpoints.filter((endpoint) => endpoint.conditions?.ready !== false).length;
    return { ref, ready, notReady: endpoints.length - ready, unmanaged: !selector || Object.keys(selector).length === 0 };
  }
}

/** Pods whose controller is the workload, directly or through one of its ReplicaSets. */
function podsOf(workload: Workload, space: Namespace): Pod[] {
  const owners = new Set([workload.metadata.uid]);
  for (const set of space.replicaSets)
    if (set.metadata.ownerReferences?.some((owner) => owner.uid === workload.metadata.uid)) owners.add(set.metadata.uid);
  return space.pods.filter((pod) => pod.metadata.ownerReferences?.some((owner) => owner.controller && owners.has(owner.uid)));
}

/** Does a pod run the workload's current template? By pod-template-hash of the newest ReplicaSet, or controller-revision-hash. */
function isCurrent(workload: Workload, pod: Pod, space: Namespace): boolean {
  if (workload.kind === 'Deployment') {
    const revision = workload.metadata.annotations?.['deployment.kubernetes.io/revision'];
    const set = space.replicaSets.find(
      (candidate) =>
        candidate.metadata.annotations?.['deployment.kubernetes.io/revision'] === revision &&
        candidate.metadata.ownerReferences?.some((owner) => owner.uid === workload.metadata.uid),
    );
    return set === undefined || pod.metadata.ownerReferences?.some((owner) => owner.uid === set.metadata.uid) === true;
  }
  const hash = pod.metadata.labels?.['controller-revision-hash'];
  const update = workload.status?.updateRevision;
  return hash === undefined || update === undefined || hash === update;
}

/** What those who make its pods say: the workload's own controller, of a Deployment the ReplicaSet of its template. Newest first. */
function creationWarnings(space: Namespace, workload: Workload): EventState[] {
  const sets = space.replicaSets.filter(
    ({ metadata }) =>
      metadata.annotations?.[REVISION] === workload.metadata.annotations?.[REVISION] &&
      metadata.ownerReferences?.some((owner) => owner.uid === workload.metadata.uid),
  );
  return [workload, ...sets].flatMap((object) => warningsOf(space, object)).sort((a, b) => b.last.localeCompare(a.last));
}

function warningsOf(space: Namespace, object: KubeObject): EventState[] {
  return space.events
    .filter(
      (event) =>
        event.involvedObject.kind === object.kind &&
        event.involvedObject.name === object.metadata.name &&
        (event.involvedObject.uid === undefined || event.involvedObject.uid === object.metadata.uid),
    )
    .map((event) => ({
      reason: event.reason,
      message: event.message,
      count: event.count ?? 1,
      last: event.lastTimestamp ?? event.eventTime ?? event.metadata.creationTimestamp ?? '',
    }))
    .sort((a, b) => b.last.localeCompare(a.last));
}
