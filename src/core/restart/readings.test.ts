import { describe, expect, it } from 'vitest';
import type { PodSpec } from '../../api/workloads.ts';
import { readingsOf } from './readings.ts';

describe('what the pods of a template read', () => {
  it('each ConfigMap and Secret once, by what is hardest to change, and in which containers', () => {
    const spec: PodSpec = {
      initContainers: [{ name: 'prepare', image: 'a', envFrom: [{ secretRef: { name: 'token' } }] }],
      containers: [
        {
          name: 'app',
          image: 'a',
          env: [{ name: 'T', valueFrom: { configMapKeyRef: { name: 'settings', key: 't' } } }],
          volumeMounts: [
            { name: 'settings', mountPath: '/etc/settings' },
            { name: 'all', mountPath: '/etc/all' },
          ],
        },
        { name: 'sidecar', image: 'b', volumeMounts: [{ name: 'one', mountPath: '/etc/one', subPath: 'x' }] },
      ],
      volumes: [
        { name: 'settings', configMap: { name: 'settings' } },
        { name: 'one', configMap: { name: 'one' } },
        { name: 'all', projected: { sources: [{ secret: { name: 'token' } }, { configMap: { name: 'ca' } }] } },
        { name: 'unused', configMap: { name: 'unused' } },
      ],
    };
    expect(readingsOf(spec)).toEqual([
      { config: { kind: 'ConfigMap', name: 'ca' }, by: 'mount', containers: ['app'] },
      { config: { kind: 'ConfigMap', name: 'one' }, by: 'subPath', containers: ['sidecar'] },
      { config: { kind: 'ConfigMap', name: 'settings' }, by: 'env', containers: ['app'] },
      { config: { kind: 'Secret', name: 'token' }, by: 'env', containers: ['prepare', 'app'] },
    ]);
  });

  it('nothing where it reads nothing', () => {
    expect(readingsOf({ containers: [{ name: 'app', image: 'a' }] })).toEqual([]);
  });
});
