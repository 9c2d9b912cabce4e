/** Observed worlds for tests: everything is well, until a test says otherwise. */
import type { Condition, ObjectRef } from '../src/api/kube.ts';
import type { Target } from '../src/api/target.ts';
import type {
  ContainerState,
  EventState,
  PodState,
  ServiceState,
  SourceState,
  TargetState,
  WorkloadState,
  WorkloadsState,
} from '../src/core/world.ts';

export const TARGET: Target = { kind: 'Kustomization', namespace: 'flux-system', name: 'sample-app' };
export const GOOD = 'a'.repeat(40);
export const BAD = 'b'.repeat(40);
const IMAGE = 'registry.example.com/sample-saas-app:1.0.0';

export function ready(status: Condition['status'], reason: string, message = ''): Condition {
  return { type: 'Ready', status, reason, message, observedGeneration: 1, lastTransitionTime: '2026-01-01T00:00:00Z' };
}

export function target(state: Partial<TargetState> = {}): TargetState {
  return {
    target: TARGET,
    suspended: false,
    generation: 1,
    observedGeneration: 1,
    conditions: [ready('True', 'ReconciliationSucceeded', `Applied revision: main@sha1:${GOOD}`)],
    lastAppliedRevision: `main@sha1:${GOOD}`,
    lastAttemptedRevision: `main@sha1:${GOOD}`,
    snapshots: [],
    inventory: [],
    waits: true,
    dependsOn: [],
    httpChecks: [],
    ...state,
  };
}

export function source(state: Partial<SourceState> = {}): SourceState {
  return {
    name: { kind: 'GitRepository', namespace: 'flux-system', name: 'flux-system' },
    url: 'https://git.example.com/fleet',
    branch: 'main',
    revision: `main@sha1:${GOOD}`,
    suspended: false,
    conditions: [ready('True', 'Succeeded', 'stored artifact')],
    ...state,
  };
}

export function container(state: Partial<ContainerState> = {}): ContainerState {
  return { name: 'app', image: IMAGE, ready: true, restarts: 0, ...state };
}

export function pod(name: string, state: Partial<PodState> = {}): PodState {
  return {
    name,
    createdAt: '2026-01-01T00:00:00Z',
    phase: 'Running',
    ready: true,
    terminating: false,
    current: true,
    containers: [container()],
    warnings: [],
    ...state,
  };
}

/** A pod whose container is not well. */
export function illPod(name: string, ill: Partial<ContainerState>, state: Partial<PodState> = {}): PodState {
  return pod(name, { ready: false, containers: [container({ ready: false, ...ill })], ...state });
}

export function event(reason: string, message: string, count = 1): EventState {
  return { reason, message, count, last: '2026-01-01T00:00:00Z' };
}

export function ref(kind: string, name: string, apiVersion = 'apps/v1'): ObjectRef {
  return { apiVersion, kind, namespace: 'sample-saas-app', name };
}

export function workload(state: Partial<WorkloadState> = {}): WorkloadState {
  const pods = state.pods ?? [pod('sample-saas-app-6d5f-aaaaa')];
  return {
    ref: ref('Deployment', 'sample-saas-app'),
    health: { status: 'Current', message: 'Deployment is available. Replicas: 1' },
    images: [IMAGE],
    desired: pods.length,
    updated: pods.length,
    ready: pods.filter((item) => item.ready).length,
    pods,
    warnings: [],
    ...state,
  };
}

export function service(state: Partial<ServiceState> = {}): ServiceState {
  return { ref: ref('Service', 'sample-saas-app', 'v1'), ready: 1, notReady: 0, unmanaged: false, ...state };
}

export function workloads(state: Partial<WorkloadsState> = {}): WorkloadsState {
  return { workloads: [workload()], services: [service()], others: [], ...state };
}
