import { describe, expect, test } from 'vitest';
import type { KubeObject } from '../../api/kube.ts';
import { diffObjects } from '../diff/object-diff.ts';
import { configReaders } from './restarts.ts';

const map = (value: string, name = 'settings'): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'shop' },
  data: { timeout: value },
});
const secret = (value: string): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'settings', namespace: 'shop' },
  data: { token: value },
});

interface Reading {
  env?: unknown;
  envFrom?: unknown;
  volumes?: unknown;
  volumeMounts?: unknown;
  image?: string;
  annotations?: Record<string, string>;
}

function deployment({ volumes, image = 'api:1', annotations, ...container }: Reading, kind = 'Deployment'): KubeObject {
  return {
    apiVersion: 'apps/v1',
    kind,
    metadata: { name: 'api', namespace: 'shop', ...(annotations ? { annotations } : {}) },
    spec: { template: { spec: { containers: [{ name: 'api', image, ...container }], ...(volumes ? { volumes } : {}) } } },
  };
}

const readers = (workload: KubeObject, from = map('1ms'), to = map('5s')) =>
  configReaders(diffObjects([from, workload], [to, workload]), [to, workload]);

describe('who reads configuration that a rollback changes', () => {
  test.each<[string, Reading, string]>([
    ['a variable of one key', { env: [{ name: 'T', valueFrom: { configMapKeyRef: { name: 'settings', key: 'timeout' } } }] }, 'env'],
    ['variables of every key', { envFrom: [{ configMapRef: { name: 'settings' } }] }, 'env'],
    [
      'a file mounted by subPath',
      { volumes: [{ name: 'c', configMap: { name: 'settings' } }], volumeMounts: [{ name: 'c', mountPath: '/c/t', subPath: 'timeout' }] },
      'subPath',
    ],
    [
      'a mounted folder',
      { volumes: [{ name: 'c', configMap: { name: 'settings' } }], volumeMounts: [{ name: 'c', mountPath: '/c' }] },
      'mount',
    ],
    [
      'a projected volume',
      {
        volumes: [{ name: 'c', projected: { sources: [{ configMap: { name: 'settings' } }] } }],
        volumeMounts: [{ name: 'c', mountPath: '/c' }],
      },
      'mount',
    ],
  ])('%s', (_, reading, by) => {
    expect(readers(deployment(reading))).toEqual([
      {
        workload: { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'shop', name: 'api' },
        reads: [{ ref: { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'shop', name: 'settings' }, by }],
      },
    ]);
  });

  test('Secrets are told from ConfigMaps of the same name', () => {
    const bySecret = deployment({ envFrom: [{ secretRef: { name: 'settings' } }] });
    expect(readers(bySecret)).toEqual([]);
    expect(readers(bySecret, secret('YQ=='), secret('Yg=='))).toHaveLength(1);
  });

  test('StatefulSets and DaemonSets read as well', () => {
    for (const kind of ['StatefulSet', 'DaemonSet'])
      expect(readers(deployment({ envFrom: [{ configMapRef: { name: 'settings' } }] }, kind))).toHaveLength(1);
  });

  test('a volume that nothing mounts is not read', () => {
    expect(readers(deployment({ volumes: [{ name: 'c', configMap: { name: 'settings' } }] }))).toEqual([]);
  });

  test('a workload whose template changes is rolled anyway', () => {
    const reading = { envFrom: [{ configMapRef: { name: 'settings' } }] };
    const before = [map('1ms'), deployment({ ...reading, image: 'api:2' })];
    const after = [map('5s'), deployment(reading)];
    expect(configReaders(diffObjects(before, after), after)).toEqual([]);
  });

  test('a generated name with its hash changes the template, so nothing is left to restart', () => {
    const before = [map('1ms', 'settings-7f9c4b8d2k'), deployment({ envFrom: [{ configMapRef: { name: 'settings-7f9c4b8d2k' } }] })];
    const after = [map('5s', 'settings-h2k5m6t8g9'), deployment({ envFrom: [{ configMapRef: { name: 'settings-h2k5m6t8g9' } }] })];
    expect(configReaders(diffObjects(before, after), after)).toEqual([]);
  });

  test('labels of a ConfigMap are no values', () => {
    const labelled = { ...map('5s'), metadata: { name: 'settings', namespace: 'shop', labels: { team: 'a' } } };
    expect(readers(deployment({ envFrom: [{ configMapRef: { name: 'settings' } }] }), map('5s'), labelled)).toEqual([]);
  });

  test('another namespace has a ConfigMap of its own', () => {
    const elsewhere = { ...map('5s'), metadata: { name: 'settings', namespace: 'other' } };
    const before = { ...map('1ms'), metadata: { name: 'settings', namespace: 'other' } };
    expect(readers(deployment({ envFrom: [{ configMapRef: { name: 'settings' } }] }), before, elsewhere)).toEqual([]);
  });

  test('a program that reloads needs no restart, and says so', () => {
    const reading = { envFrom: [{ configMapRef: { name: 'settings' } }] };
    const own = deployment({ ...reading, annotations: { 'ebb.dev/reloads-config': 'true' } });
    expect(readers(own)[0]?.reloads).toBe('annotation ebb.dev/reloads-config');
    const reloader = deployment({ ...reading, annotations: { 'reloader.stakater.com/auto': 'true' } });
    expect(readers(reloader)[0]?.reloads).toBe('Reloader restarts it');
  });
});
