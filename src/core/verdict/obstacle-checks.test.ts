import { describe, expect, it } from 'vitest';
import { GOOD, illPod, pod, ready, target, workload, workloads } from '../../../test/observed.ts';
import type { Condition } from '../../api/kube.ts';
import type { PodState, TargetState } from '../world.ts';
import { obstacleChecks } from './obstacle-checks.ts';
import type { Check } from './verdict.ts';

const REVISION = `main@sha1:${GOOD}`;
const absent = illPod('new', { waiting: { reason: 'ImagePullBackOff', message: 'x: not found' } }, { phase: 'Pending' });

interface Seen {
  pods: PodState[];
  target?: Partial<TargetState>;
  reached?: boolean;
  forMs?: number;
}

function checks({ pods, target: state, reached = true, forMs = 60_000 }: Seen): Check[] {
  const seen = workloads({ workloads: [workload({ pods, health: { status: 'InProgress', message: 'Available: 0/1' } })] });
  return obstacleChecks({
    target: target(state),
    workloads: seen,
    revision: { expected: GOOD, reached },
    steady: { forMs, needMs: 3_000 },
  });
}

function running(message: string): Condition[] {
  return [
    ready('Unknown', 'Progressing', 'Reconciliation in progress'),
    { type: 'Reconciling', status: 'True', reason: 'Progressing', message },
  ];
}

describe('what is in the way of a version', () => {
  it('is no matter before Flux attempted it, and nothing where all is well', () => {
    expect(checks({ pods: [absent], reached: false })).toEqual([]);
    expect(checks({ pods: [pod('a')] })).toEqual([]);
  });

  it('may be cleared by others: it is waited for, however long it stands', () => {
    const unplaced = pod('new', {
      phase: 'Pending',
      ready: false,
      containers: [],
      unschedulable: '0/1 nodes are available: 1 Insufficient cpu.',
    });
    expect(checks({ pods: [unplaced], forMs: 3_600_000 })).toMatchObject([
      { name: 'Obstacle', status: 'wait', next: [expect.any(String)] },
    ]);
  });

  it('an image that is not there: certain once the registry was asked twice', () => {
    expect(checks({ pods: [absent], forMs: 5_000 })[0]?.status).toBe('wait');
    expect(checks({ pods: [absent] })[0]?.status).toBe('fail');
  });

  it('never certain while the template may still be that of the version before', () => {
    const status = (conditions: Condition[]) => checks({ pods: [absent], target: { conditions } })[0]?.status;
    expect(status(running(`Building manifests for revision ${REVISION} with a timeout of 5m0s`))).toBe('wait');
    expect(status(running('Running health checks for revision main@sha1:another with a timeout of 5m0s'))).toBe('wait');
    expect(status(running(`Running health checks for revision ${REVISION} with a timeout of 5m0s`))).toBe('fail');
    expect(status([ready('False', 'HealthCheckFailed')])).toBe('fail');
  });
});
