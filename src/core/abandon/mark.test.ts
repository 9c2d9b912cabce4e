import { describe, expect, test } from 'vitest';
import { computeStatus } from '../../api/kstatus.ts';
import { isLeftBehind, markCondition, markOf } from './mark.ts';

const NOW = '2026-11-25T10:00:00Z';

describe('the mark that ends a run', () => {
  const condition = markCondition('rb-0123456789ab', NOW);

  test('makes a workload that is still rolling out count as failed', () => {
    const rolling = {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'api', namespace: 'shop', generation: 2 },
      spec: { replicas: 2 },
      status: { observedGeneration: 2, replicas: 3, updatedReplicas: 1, readyReplicas: 2, availableReplicas: 2 },
    };
    expect(computeStatus(rolling).status).toBe('InProgress');
    expect(computeStatus({ ...rolling, status: { ...rolling.status, conditions: [condition] } }).status).toBe('Failed');
  });

  test('says which rollback set it and since when', () => {
    expect(markOf([{ type: 'Available', status: 'True' }, condition])).toEqual({ rollbackId: 'rb-0123456789ab', since: NOW });
  });

  test('a Stalled of anybody else is none of ours', () => {
    expect(markOf([{ type: 'Stalled', status: 'True', reason: 'RetriesExceeded', message: 'ebb rollback x y' }])).toBeUndefined();
    expect(markOf([{ ...condition, status: 'False' }])).toBeUndefined();
    expect(markOf(undefined)).toBeUndefined();
  });

  test('a runner holds it for seconds: an older one was left behind', () => {
    const mark = { rollbackId: 'rb-0123456789ab', since: NOW };
    expect(isLeftBehind(mark, new Date('2026-11-25T10:00:20Z'))).toBe(false);
    expect(isLeftBehind(mark, new Date('2026-11-25T10:01:00Z'))).toBe(true);
    expect(isLeftBehind({ ...mark, since: '' }, new Date(NOW))).toBe(true);
  });
});
