import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { computeStatus } from './kstatus.ts';
import type { Condition, KubeObject } from './kube.ts';

const NOW = new Date('2026-01-01T00:01:00Z');

function make(apiVersion: string, kind: string, fields: Record<string, unknown>, metadata: Record<string, unknown> = {}): KubeObject {
  return { apiVersion, kind, metadata: { name: 'web', namespace: 'shop', ...metadata }, ...fields };
}

function statusOf(apiVersion: string, kind: string, fields: Record<string, unknown>, metadata?: Record<string, unknown>) {
  return computeStatus(make(apiVersion, kind, fields, metadata), NOW);
}

const condition = (type: string, status: Condition['status'], reason = '', message = ''): Condition => ({ type, status, reason, message });

const rolledOut = {
  replicas: 2,
  updatedReplicas: 2,
  readyReplicas: 2,
  availableReplicas: 2,
  conditions: [condition('Available', 'True'), condition('Progressing', 'True', 'NewReplicaSetAvailable')],
};

describe('any object', () => {
  it('is terminating once it is scheduled for deletion, whatever else it says', () => {
    const result = statusOf('v1', 'ConfigMap', {}, { deletionTimestamp: '2026-01-01T00:00:00Z' });
    expect(result).toEqual({ status: 'Terminating', message: 'Resource scheduled for deletion' });
  });

  it('is in progress while its controller has not observed the last generation', () => {
    const result = statusOf('apps/v1', 'Deployment', { status: { observedGeneration: 1 } }, { generation: 2 });
    expect(result).toEqual({ status: 'InProgress', message: 'Deployment generation is 2, but latest observed generation is 1' });
  });

  it('has failed with a condition Stalled, even a Deployment that is rolled out', () => {
    const stalled = condition('Stalled', 'True', 'RolledBack', 'rolled back');
    const result = statusOf('apps/v1', 'Deployment', { status: { ...rolledOut, conditions: [...rolledOut.conditions, stalled] } });
    expect(result).toEqual({ status: 'Failed', message: 'rolled back' });
  });

  it('ignores Stalled and Reconciling that are not True', () => {
    const conditions = [condition('Stalled', 'False'), condition('Reconciling', 'Unknown'), condition('Ready', 'True')];
    expect(statusOf('example.com/v1', 'Thing', { status: { conditions } }).status).toBe('Current');
  });

  it('is in progress with a condition Reconciling', () => {
    const conditions = [condition('Reconciling', 'True', 'Progressing', 'working'), condition('Ready', 'True')];
    expect(statusOf('example.com/v1', 'Thing', { status: { conditions } })).toEqual({ status: 'InProgress', message: 'working' });
  });

  it('of an unknown kind follows its condition Ready, and is current without one', () => {
    expect(statusOf('example.com/v1', 'Thing', {}).status).toBe('Current');
    expect(statusOf('example.com/v1', 'Thing', { status: { conditions: [condition('Ready', 'Unknown')] } }).status).toBe('InProgress');
    expect(statusOf('example.com/v1', 'Thing', { status: { conditions: [condition('Ready', 'False')] } }).status).toBe('InProgress');
  });

  it('is unknown where its conditions are not a list', () => {
    expect(statusOf('example.com/v1', 'Thing', { status: { conditions: 'broken' } }).status).toBe('Unknown');
  });
});

describe('a Deployment', () => {
  const deployment = (status: Record<string, unknown>, spec: Record<string, unknown> = { replicas: 2, progressDeadlineSeconds: 600 }) =>
    statusOf('apps/v1', 'Deployment', { spec, status });

  it('is current when every replica is updated and available', () => {
    expect(deployment(rolledOut)).toEqual({ status: 'Current', message: 'Deployment is available. Replicas: 2' });
  });

  it.each([
    ['Replicas: 1/2', { replicas: 1 }],
    ['Updated: 1/2', { updatedReplicas: 1 }],
    ['Pending termination: 1', { replicas: 3 }],
    ['Available: 1/2', { availableReplicas: 1 }],
    ['Ready: 1/2', { readyReplicas: 1 }],
    ['Deployment not Available', { conditions: [condition('Progressing', 'True', 'NewReplicaSetAvailable')] }],
    ['ReplicaSet not Available', { conditions: [condition('Available', 'True')] }],
  ])('is in progress: %s', (message, part) => {
    expect(deployment({ ...rolledOut, ...part })).toEqual({ status: 'InProgress', message });
  });

  it('needs no condition Progressing without a progress deadline', () => {
    const result = deployment({ ...rolledOut, conditions: [condition('Available', 'True')] }, { replicas: 2 });
    expect(result.status).toBe('Current');
  });

  it('fails when its progress deadline is exceeded', () => {
    const conditions = [condition('Progressing', 'False', 'ProgressDeadlineExceeded')];
    expect(deployment({ ...rolledOut, conditions })).toEqual({ status: 'Failed', message: 'Progress deadline exceeded' });
  });

  it('is in progress, not failed, while its pods crash', () => {
    expect(deployment({ replicas: 2, updatedReplicas: 2, unavailableReplicas: 2 }).status).toBe('InProgress');
  });

  it('is never current with fewer ready than wanted replicas', () => {
    fc.assert(
      fc.property(fc.nat(5), fc.nat(5), fc.nat(5), fc.nat(5), fc.nat(5), (wanted, replicas, updated, ready, available) => {
        const status = { ...rolledOut, replicas, updatedReplicas: updated, readyReplicas: ready, availableReplicas: available };
        const result = deployment(status, { replicas: wanted });
        if (result.status === 'Current') {
          expect(Math.min(ready, updated, available, replicas)).toBeGreaterThanOrEqual(wanted);
          expect(replicas).toBe(wanted);
        }
      }),
    );
  });
});

describe('a StatefulSet', () => {
  const done = { replicas: 2, readyReplicas: 2, currentReplicas: 2, updatedReplicas: 2, currentRevision: 'b', updateRevision: 'b' };
  const statefulSet = (status: Record<string, unknown>, spec: Record<string, unknown> = {}) =>
    statusOf('apps/v1', 'StatefulSet', { spec: { replicas: 2, ...spec }, status });

  it('is current when every pod is of the current revision', () => {
    expect(statefulSet(done).status).toBe('Current');
  });

  it.each([
    ['Replicas: 1/2', { replicas: 1 }],
    ['Ready: 0/2', { readyReplicas: 0 }],
    ['Pending termination: 1', { replicas: 3 }],
    ['current: 1/2', { currentReplicas: 1 }],
    ['Waiting for updated revision to match current', { currentRevision: 'a' }],
  ])('is in progress: %s', (message, part) => {
    expect(statefulSet({ ...done, ...part })).toEqual({ status: 'InProgress', message });
  });

  it('with a partition counts the updated replicas above it', () => {
    const spec = { updateStrategy: { rollingUpdate: { partition: 1 } } };
    expect(statefulSet({ ...done, currentRevision: 'a', updatedReplicas: 1 }, spec).status).toBe('Current');
    expect(statefulSet({ ...done, updatedReplicas: 0 }, spec).message).toBe('updated: 0/1');
  });

  it('is the user’s business with the OnDelete strategy', () => {
    expect(statefulSet({}, { updateStrategy: { type: 'OnDelete' } }).status).toBe('Current');
  });
});

describe('a DaemonSet', () => {
  const done = {
    observedGeneration: 1,
    desiredNumberScheduled: 3,
    currentNumberScheduled: 3,
    updatedNumberScheduled: 3,
    numberAvailable: 3,
    numberReady: 3,
  };
  const daemonSet = (status: Record<string, unknown>) => statusOf('apps/v1', 'DaemonSet', { status }, { generation: 1 });

  it('is current when it runs everywhere', () => {
    expect(daemonSet(done).status).toBe('Current');
  });

  it('is in progress until its controller has written anything', () => {
    expect(daemonSet({}).message).toBe('DaemonSet status.observedGeneration not found');
    expect(daemonSet({ observedGeneration: 1 }).message).toBe('Missing .status.desiredNumberScheduled');
  });

  it.each([
    ['Current: 2/3', { currentNumberScheduled: 2 }],
    ['Updated: 2/3', { updatedNumberScheduled: 2 }],
    ['Available: 2/3', { numberAvailable: 2 }],
    ['Ready: 2/3', { numberReady: 2 }],
  ])('is in progress: %s', (message, part) => {
    expect(daemonSet({ ...done, ...part })).toEqual({ status: 'InProgress', message });
  });
});

describe('a ReplicaSet', () => {
  const done = { replicas: 1, fullyLabeledReplicas: 1, availableReplicas: 1, readyReplicas: 1 };
  it('is current with all replicas labelled, available and ready', () => {
    expect(statusOf('apps/v1', 'ReplicaSet', { spec: { replicas: 1 }, status: done }).status).toBe('Current');
  });
  it('is in progress with a replica failure', () => {
    const status = { ...done, conditions: [condition('ReplicaFailure', 'True')] };
    expect(statusOf('apps/v1', 'ReplicaSet', { status }).status).toBe('InProgress');
  });
});

describe('a Job', () => {
  it('is in progress until it started, then current while it runs', () => {
    expect(statusOf('batch/v1', 'Job', {}).message).toBe('Job not started');
    expect(statusOf('batch/v1', 'Job', { status: { startTime: '2026-01-01T00:00:00Z', active: 1 } }).status).toBe('Current');
  });
  it('fails with its condition Failed and is current with Complete', () => {
    expect(statusOf('batch/v1', 'Job', { status: { conditions: [condition('Failed', 'True')] } }).status).toBe('Failed');
    expect(statusOf('batch/v1', 'Job', { status: { conditions: [condition('Complete', 'True')] } }).status).toBe('Current');
  });
});

describe('a Pod', () => {
  const pod = (status: Record<string, unknown>, created = '2026-01-01T00:00:00Z') =>
    statusOf('v1', 'Pod', { status }, { creationTimestamp: created });

  it('is current when ready or done, well or not', () => {
    expect(pod({ phase: 'Running', conditions: [condition('Ready', 'True')] }).status).toBe('Current');
    expect(pod({ phase: 'Succeeded' }).status).toBe('Current');
    expect(pod({ phase: 'Failed' }).status).toBe('Current');
  });

  it('fails in a crash loop and names the containers', () => {
    const containerStatuses = [
      { name: 'app', state: { waiting: { reason: 'CrashLoopBackOff' } } },
      { name: 'proxy', state: { running: {} } },
    ];
    expect(pod({ phase: 'Running', containerStatuses })).toEqual({ status: 'Failed', message: 'Containers in CrashLoop state: app' });
  });

  it('fails to be scheduled after fifteen seconds, not before', () => {
    const status = { phase: 'Pending', conditions: [condition('PodScheduled', 'False', 'Unschedulable')] };
    expect(pod(status, '2026-01-01T00:00:50Z').status).toBe('InProgress');
    expect(pod(status, '2026-01-01T00:00:00Z').status).toBe('Failed');
  });

  it('is in progress before anybody has seen it', () => {
    expect(pod({}).status).toBe('InProgress');
    expect(pod({ phase: 'Odd' }).status).toBe('Unknown');
  });
});

describe('the other kinds', () => {
  it('waits for a claim to be bound', () => {
    expect(statusOf('v1', 'PersistentVolumeClaim', { status: { phase: 'Pending' } }).message).toBe('PVC is not Bound. phase: Pending');
    expect(statusOf('v1', 'PersistentVolumeClaim', { status: { phase: 'Bound' } }).status).toBe('Current');
  });
  it('waits for the address of a load balancer', () => {
    expect(statusOf('v1', 'Service', { spec: { type: 'LoadBalancer' } }).status).toBe('InProgress');
    expect(statusOf('v1', 'Service', { spec: { type: 'LoadBalancer', clusterIP: '10.0.0.1' } }).status).toBe('Current');
    expect(statusOf('v1', 'Service', {}).status).toBe('Current');
  });
  it('waits for a definition to be established', () => {
    const definition = (...conditions: Condition[]) =>
      statusOf('apiextensions.k8s.io/v1', 'CustomResourceDefinition', { status: { conditions } }).status;
    expect(definition()).toBe('InProgress');
    expect(definition(condition('Established', 'False', 'Installing'))).toBe('InProgress');
    expect(definition(condition('NamesAccepted', 'False', 'Conflict'))).toBe('Failed');
    expect(definition(condition('NamesAccepted', 'True'), condition('Established', 'True'))).toBe('Current');
  });
  it('always takes configuration and disruption budgets as current', () => {
    expect(statusOf('v1', 'ConfigMap', {}).status).toBe('Current');
    expect(statusOf('v1', 'Secret', {}).status).toBe('Current');
    expect(statusOf('policy/v1', 'PodDisruptionBudget', {}).status).toBe('Current');
  });
});
