import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../../api/kube.ts';
import type { WorkloadState } from '../world.ts';
import { pausedBy, pausedObstacle } from './paused.ts';

const ref = { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'shop', name: 'web' };

function deployment(managers: { manager: string; time: string; fields: object }[], paused = true): KubeObject {
  const managedFields = managers.map(({ manager, time, fields }) => ({
    manager,
    time,
    operation: 'Update' as const,
    apiVersion: 'apps/v1',
    fieldsType: 'FieldsV1' as const,
    fieldsV1: fields as Record<string, unknown>,
  }));
  return { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web', namespace: 'shop', managedFields }, spec: { paused } };
}

function workload(by: string, more: Partial<WorkloadState> = {}): WorkloadState {
  const health = { status: 'InProgress' as const, message: 'ReplicaSet not Available' };
  return {
    ref,
    health,
    images: [],
    desired: 2,
    updated: 0,
    ready: 2,
    pods: [],
    warnings: [],
    paused: { by, at: '2026-01-01T00:00:00Z' },
    ...more,
  };
}

describe('a paused Deployment', () => {
  it('is told with who owns the field, and not with who wrote something else', () => {
    const managers = [
      { manager: 'canary', time: '2026-01-01T00:00:00Z', fields: { 'f:spec': { 'f:paused': {} } } },
      { manager: 'other', time: '2026-01-02T00:00:00Z', fields: { 'f:spec': { 'f:replicas': {} } } },
    ];
    expect(pausedBy(deployment(managers))).toEqual({ by: 'canary', at: '2026-01-01T00:00:00Z' });
    expect(pausedBy(deployment([]))).toEqual({ by: 'nobody that is known' });
    expect(pausedBy(deployment(managers, false))).toBeUndefined();
  });

  it('holds the version back for good, unless it was paused by kubectl', () => {
    const [other] = pausedObstacle(workload('canary'));
    expect(other).toMatchObject({ final: true, next: ['kubectl rollout resume deployment/web -n shop'] });
    expect(other?.message).toContain(
      'it has the new template and makes no pods of it (spec.paused, set by canary at 2026-01-01T00:00:00Z)',
    );
    expect(pausedObstacle(workload('kubectl-rollout'))[0]?.final).toBeUndefined();
    expect(pausedObstacle(workload('kustomize-controller'))[0]?.details[0]).toMatch(/^Git says so/);
  });

  it('is not healthy for Flux even where all is rolled out', () => {
    expect(pausedObstacle(workload('canary', { updated: 2 }))[0]?.message).toContain('Flux does not call it healthy');
    expect(pausedObstacle(workload('canary', { health: { status: 'Current', message: '' } }))).toEqual([]);
  });
});
