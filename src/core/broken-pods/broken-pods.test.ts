import { describe, expect, test } from 'vitest';
import type { Pod, Workload } from '../../api/workloads.ts';
import { brokenPods, claimsOf } from './broken-pods.ts';

const GOOD = 'db-6f7';
const BAD = 'db-9c2';

function statefulSet(spec: Partial<Workload['spec']> = {}, status: Workload['status'] = {}): Workload {
  return {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name: 'db', namespace: 'shop', uid: 'set', generation: 3 },
    spec: { replicas: 3, selector: {}, template: { spec: { containers: [] } }, ...spec },
    status: { observedGeneration: 3, updateRevision: GOOD, currentRevision: BAD, ...status },
  };
}

function pod(ordinal: number, hash: string, { ready = false, readySince = '10:00:01', owner = 'set', leaving = false } = {}): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: `db-${ordinal}`,
      namespace: 'shop',
      labels: { 'controller-revision-hash': hash },
      ownerReferences: [{ apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'db', uid: owner, controller: true }],
      ...(leaving ? { deletionTimestamp: '2026-11-25T10:05:00Z' } : {}),
    },
    spec: { containers: [] },
    status: {
      startTime: '2026-11-25T10:00:00Z',
      conditions: [{ type: 'Ready', status: ready ? 'True' : 'False', lastTransitionTime: `2026-11-25T${readySince}Z` }],
    },
  };
}

const names = (pods: Pod[]) => pods.map(({ metadata }) => metadata.name);

describe('pods that keep a good StatefulSet template out', () => {
  test('those of another revision that never got ready, the highest ordinal first', () => {
    expect(names(brokenPods(statefulSet(), [pod(0, GOOD, { ready: true }), pod(1, BAD), pod(2, BAD), pod(10, BAD)]))).toEqual([
      'db-10',
      'db-2',
      'db-1',
    ]);
  });

  test('never one of the revision that the set goes to', () => {
    expect(brokenPods(statefulSet(), [pod(2, GOOD)])).toEqual([]);
  });

  test('never one that is ready, was ready once, goes away already, or belongs to another set', () => {
    const pods = [
      pod(0, BAD, { ready: true }),
      pod(1, BAD, { readySince: '10:04:00' }),
      pod(2, BAD, { leaving: true }),
      pod(3, BAD, { owner: 'other' }),
    ];
    expect(brokenPods(statefulSet(), pods)).toEqual([]);
  });

  test('none before the controller has seen the good template', () => {
    expect(brokenPods(statefulSet({}, { observedGeneration: 2 }), [pod(2, BAD)])).toEqual([]);
    expect(brokenPods(statefulSet({}, { updateRevision: undefined }), [pod(2, BAD)])).toEqual([]);
  });

  test('none where the set replaces them by itself, or is told not to', () => {
    expect(brokenPods(statefulSet({ podManagementPolicy: 'Parallel' }), [pod(2, BAD)])).toEqual([]);
    expect(brokenPods(statefulSet({ updateStrategy: { type: 'OnDelete' } }), [pod(2, BAD)])).toEqual([]);
    const partition = { type: 'RollingUpdate', rollingUpdate: { partition: 2 } };
    expect(names(brokenPods(statefulSet({ updateStrategy: partition }), [pod(1, BAD), pod(2, BAD)]))).toEqual(['db-2']);
  });

  test('claims are the ones that a pod mounts', () => {
    const volumes = [
      { name: 'data', persistentVolumeClaim: { claimName: 'data-db-0' } },
      { name: 'tmp', emptyDir: {} },
    ];
    expect(claimsOf({ ...pod(0, BAD), spec: { containers: [], volumes } })).toEqual(['data-db-0']);
  });
});
