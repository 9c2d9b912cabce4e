import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../../../api/kube.ts';
import { Registry } from '../kinds/registry.ts';
import { humanDuration } from './age.ts';
import { valuesAt } from './json-path.ts';
import { cellsOf, columnsOf } from './table.ts';

const registry = new Registry();
const NOW = new Date('2026-01-01T01:00:00Z');

function cells(object: Partial<KubeObject> & { apiVersion: string; kind: string }): unknown[] {
  const metadata = { name: 'x', namespace: 'default', creationTimestamp: '2026-01-01T00:00:00Z', ...object.metadata };
  const resource = registry.byKind(object);
  if (!resource) throw new Error(`${object.kind} is not served`);
  return cellsOf(resource, { ...object, metadata } as KubeObject, NOW);
}

function pod(status: unknown, metadata = {}): unknown[] {
  const spec = { containers: [{ name: 'a' }, { name: 'b' }] };
  return cells({ apiVersion: 'v1', kind: 'Pod', metadata: metadata as KubeObject['metadata'], spec, status }).slice(1, 4);
}

const running = { name: 'a', ready: true, restartCount: 0, state: { running: {} } };

describe('ages', () => {
  it.each([
    [0, '0s'],
    [119_000, '119s'],
    [120_000, '2m'],
    [150_000, '2m30s'],
    [3_600_000, '60m'],
    [5 * 3_600_000 + 60_000, '5h1m'],
    [50 * 3_600_000, '2d2h'],
    [400 * 86_400_000, '400d'],
    [-5_000, '<invalid>'],
  ])('of %i ms are shown as %s', (ms, text) => expect(humanDuration(ms)).toBe(text));
});

describe('rows of Pods', () => {
  it('show the phase while there is nothing better', () => expect(pod({ phase: 'Pending' })).toEqual(['0/2', 'Pending', '0']));

  it('count ready containers', () => {
    expect(pod({ phase: 'Running', containerStatuses: [running, { ...running, name: 'b', ready: false }] })).toEqual([
      '1/2',
      'Running',
      '0',
    ]);
  });

  it('show why a container waits, and when it last restarted', () => {
    const crashed = {
      ...running,
      ready: false,
      restartCount: 3,
      state: { waiting: { reason: 'CrashLoopBackOff' } },
      lastState: { terminated: { exitCode: 1, finishedAt: '2026-01-01T00:59:30Z' } },
    };
    expect(pod({ phase: 'Running', containerStatuses: [crashed, { ...running, name: 'b' }] })).toEqual([
      '1/2',
      'CrashLoopBackOff',
      '3 (30s ago)',
    ]);
  });

  it('show how a container ended', () => {
    const ended = { ...running, ready: false, state: { terminated: { exitCode: 7 } } };
    expect(pod({ phase: 'Failed', containerStatuses: [ended] })[1]).toBe('ExitCode:7');
  });

  it('show init containers first', () => {
    expect(
      pod({ phase: 'Pending', initContainerStatuses: [{ ...running, ready: false, state: { waiting: { reason: 'ErrImagePull' } } }] })[1],
    ).toBe('Init:ErrImagePull');
  });

  it('show that a Pod ends', () => {
    expect(pod({ phase: 'Running', containerStatuses: [running] }, { name: 'x', deletionTimestamp: '2026-01-01T00:59:59Z' })[1]).toBe(
      'Terminating',
    );
  });
});

describe('rows of other kinds', () => {
  it('have as many cells as columns', () => {
    for (const resource of registry.all()) {
      const object = { apiVersion: 'v1', kind: resource.kind, metadata: { name: 'x' } };
      if (resource.kind === 'Pod') continue;
      expect(cellsOf(resource, object, NOW), resource.kind).toHaveLength(columnsOf(resource).length);
    }
  });

  it('show autoscalers as kubectl does', () => {
    const metric = (name: string) => ({ type: 'Resource', resource: { name, target: { type: 'Utilization', averageUtilization: 50 } } });
    const spec = {
      scaleTargetRef: { kind: 'Deployment', name: 'api' },
      minReplicas: 2,
      maxReplicas: 9,
      metrics: [metric('cpu'), metric('memory'), metric('disk')],
    };
    const status = {
      currentReplicas: 3,
      currentMetrics: [{ type: 'Resource', resource: { name: 'cpu', current: { averageUtilization: 12 } } }],
    };
    expect(cells({ apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler', spec, status })).toEqual([
      'x',
      'Deployment/api',
      'cpu: 12%/50%, memory: <unknown>/50% + 1 more...',
      '2',
      9,
      3,
      '60m',
    ]);
  });

  it('shorten long lists of endpoints', () => {
    const endpoints = [{ addresses: ['10.0.0.1', '10.0.0.2'] }, { addresses: ['10.0.0.3', '10.0.0.4'] }];
    const slice = { apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', addressType: 'IPv4', ports: [{ port: 80 }], endpoints };
    expect(cells(slice)).toEqual(['x', 'IPv4', '80', '10.0.0.1,10.0.0.2,10.0.0.3 + 1 more...', '60m']);
  });
});

describe('paths of printer columns', () => {
  const object = {
    spec: { size: 2, 'a.b': 'dotted' },
    status: {
      conditions: [
        { type: 'Ready', status: 'True' },
        { type: 'Stalled', status: 'False' },
      ],
      list: [1, 2],
    },
  };

  it.each([
    ['.spec.size', [2]],
    ['{.spec.size}', [2]],
    ['.spec.none', []],
    [".spec['a.b']", ['dotted']],
    ['.spec.a\\.b', ['dotted']],
    ['.status.conditions[?(@.type=="Ready")].status', ['True']],
    ["$.status.conditions[?(@.type=='Stalled')].status", ['False']],
    ['.status.conditions[1].type', ['Stalled']],
    ['.status.conditions[*].type', ['Ready', 'Stalled']],
    ['.status.list', [[1, 2]]],
    ['.status[', []],
  ])('%s', (path, values) => expect(valuesAt(object, path)).toEqual(values));
});
