import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Workload } from '../../../api/workloads.ts';
import { maxSurge, maxUnavailable } from './fenceposts.ts';

function sized(replicas: number, surge?: number | string, unavailable?: number | string): Workload {
  const strategy = { type: 'RollingUpdate', rollingUpdate: { maxSurge: surge, maxUnavailable: unavailable } };
  return { spec: { replicas, strategy } } as unknown as Workload;
}

const amount = fc.oneof(
  fc.integer({ min: 0, max: 20 }),
  fc.integer({ min: 0, max: 100 }).map((share) => `${share}%`),
);

describe('the bounds of a rolling update', () => {
  it.each([
    [3, '25%', '25%', 1, 0],
    [4, '25%', '25%', 1, 1],
    [10, '30%', '30%', 3, 3],
    [2, 1, 0, 1, 0],
    [5, 0, 0, 0, 1],
    [0, '25%', '25%', 0, 0],
  ])('%d replicas, surge %s, unavailable %s', (replicas, surge, unavailable, more, less) => {
    const deployment = sized(replicas, surge, unavailable);
    expect([maxSurge(deployment), maxUnavailable(deployment)]).toEqual([more, less]);
  });

  it('always let something move, and never more pods down than there are', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 200 }), amount, amount, (replicas, surge, unavailable) => {
        const deployment = sized(replicas, surge, unavailable);
        expect(maxSurge(deployment) + maxUnavailable(deployment)).toBeGreaterThan(0);
        expect(maxUnavailable(deployment)).toBeLessThanOrEqual(replicas);
      }),
    );
  });
});
