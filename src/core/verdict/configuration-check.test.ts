import { describe, expect, it } from 'vitest';
import { BAD, container, GOOD, pod, ready, ref, service, target, workload } from '../../../test/observed.ts';
import type { ConfigUser } from '../plan/plan.ts';
import type { WorkloadState, WorkloadsState } from '../world.ts';
import { type JudgeInput, judge } from './judge.ts';

const SETTINGS = ref('ConfigMap', 'settings', 'v1');
const WENT_BACK = '2026-11-25T10:10:00Z';
const USER: ConfigUser = { ref: ref('Deployment', 'sample-saas-app'), reads: [SETTINGS], since: '2026-11-25T10:00:00Z' };

const started = (at: string) => workload({ pods: [pod('a', { createdAt: at, containers: [container({ startedAt: at })] })] });

function input(state: WorkloadState, more: Partial<JudgeInput> = {}, config = true): JudgeInput {
  const reads = [{ ref: SETTINGS, by: 'env' as const, containers: ['app'], changedAt: WENT_BACK }];
  const workloads: WorkloadsState = {
    workloads: [state],
    services: [service()],
    others: [],
    ...(config ? { config: [{ workload: state.ref, reads }] } : {}),
  };
  return {
    target: target(),
    workloads,
    findings: [],
    revision: { expected: GOOD, reached: true },
    symptoms: [],
    steady: { forMs: 10_000, needMs: 10_000 },
    http: [],
    ...more,
  };
}

describe('configuration, which Flux and Kubernetes say nothing of', () => {
  it('keeps a rollback from being verified while a pod has what was taken back', () => {
    const verdict = judge(input(started('2026-11-25T10:05:00Z'), { configuration: [USER] }));
    expect(verdict.outcome).toBe('undecided');
    expect(verdict.checks.find(({ name }) => name === 'Configuration')).toEqual({
      name: 'Configuration',
      status: 'wait',
      message: '1 pod of Deployment/sample-saas-app/sample-saas-app still with the bad ConfigMap/sample-saas-app/settings: a',
      next: ['kubectl delete pod a -n sample-saas-app'],
    });
  });

  it.each(['2026-11-25T09:59:00Z', '2026-11-25T10:11:00Z'])('is well of a pod that started at %s', (at) => {
    const verdict = judge(input(started(at), { configuration: [USER] }));
    expect(verdict).toMatchObject({ outcome: 'good' });
    expect(verdict.notes, 'what is checked is not noted as well').toBeUndefined();
  });

  it('is a note where nothing was rolled back: the value that the pod reads may be as it was', () => {
    const verdict = judge(input(started('2026-11-25T10:05:00Z')));
    expect(verdict.outcome).toBe('good');
    expect(verdict.notes?.join()).toContain(`older than ConfigMap/sample-saas-app/settings's change at ${WENT_BACK}`);
  });

  it('is not told of before it was looked for', () => {
    expect(judge(input(started('2026-11-25T10:05:00Z'), { configuration: [USER] }, false)).checks.map(({ name }) => name)).not.toContain(
      'Configuration',
    );
  });
});

describe('a workload that a rollback has marked as failed', () => {
  const mark = { rollbackId: 'rb-0123456789ab', since: '2026-11-25T10:00:00Z' };
  const marked = workload({ mark, health: { status: 'Failed', message: 'Stalled' } });

  it('is waited for: that is no news of its pods', () => {
    const verdict = judge(input(marked));
    expect(verdict.outcome).toBe('undecided');
    expect(verdict.checks.find(({ name }) => name === 'Rollout')).toMatchObject({
      status: 'wait',
      message: expect.stringContaining('rb-0123456789ab'),
    });
  });

  it('does not make final what Flux said of it', () => {
    const conditions = [ready('False', 'HealthCheckFailed', 'failed early due to stalled resources')];
    const failed = target({ conditions, lastAttemptedRevision: `main@sha1:${BAD}` });
    expect(judge(input(marked, { target: failed })).outcome).toBe('undecided');
    const unmarked = workload({ health: { status: 'Failed', message: 'deadline exceeded' } });
    expect(judge(input(unmarked, { target: failed })).outcome).toBe('bad');
  });
});
