import { describe, expect, it } from 'vitest';
import type { FluxSnapshot } from '../../api/flux.ts';
import type { Condition } from '../../api/kube.ts';
import type { TargetState } from '../world.ts';
import { evidenceIn } from './evidence.ts';

const GOOD = `main@sha1:${'a'.repeat(40)}`;
const BAD = `main@sha1:${'b'.repeat(40)}`;
const NEW = `refs/heads/main@sha1:${'c'.repeat(40)}`;

function target(state: Partial<TargetState>): TargetState {
  return {
    target: { kind: 'Kustomization', namespace: 'flux-system', name: 'sample-app' },
    suspended: false,
    generation: 1,
    observedGeneration: 1,
    conditions: [],
    snapshots: [],
    inventory: [],
    waits: true,
    dependsOn: [],
    httpChecks: [],
    ...state,
  };
}

const ready = (status: Condition['status'], reason: string): Condition => ({
  type: 'Ready',
  status,
  reason,
  lastTransitionTime: '2026-01-01T00:00:00Z',
});
const reconciling = (message: string): Condition => ({ type: 'Reconciling', status: 'True', reason: 'Progressing', message });
const brief = (state: Partial<TargetState>) =>
  evidenceIn(target(state)).map(({ revision, outcome, source }) => [revision, outcome, source]);

function snapshot(lastReconciledStatus: string, revision: string | undefined): FluxSnapshot {
  return {
    digest: 'sha256:0',
    firstReconciled: '2026-01-01T00:00:00Z',
    lastReconciled: '2026-01-01T00:05:00Z',
    lastReconciledStatus,
    totalReconciliations: 2,
    ...(revision === undefined ? {} : { metadata: { revision } }),
  };
}

describe('what a Kustomization says about how its revisions went', () => {
  it('nothing, before its first run', () => {
    expect(brief({})).toEqual([]);
    expect(brief({ conditions: [ready('Unknown', 'Progressing')] })).toEqual([]);
  });

  it('a healthy one: what was applied succeeded', () => {
    expect(
      brief({ conditions: [ready('True', 'ReconciliationSucceeded')], lastAttemptedRevision: GOOD, lastAppliedRevision: GOOD }),
    ).toEqual([
      [GOOD, 'succeeded', 'condition Ready ReconciliationSucceeded'],
      [GOOD, 'succeeded', 'status.lastAppliedRevision'],
    ]);
  });

  it.each(['HealthCheckFailed', 'ReconciliationFailed', 'BuildFailed', 'PruneFailed'])(
    '%s: what was attempted failed; what was applied before it had succeeded',
    (reason) => {
      expect(brief({ conditions: [ready('False', reason)], lastAttemptedRevision: BAD, lastAppliedRevision: GOOD })).toEqual([
        [BAD, 'failed', `condition Ready ${reason}`],
        [GOOD, 'succeeded', 'status.lastAppliedRevision'],
      ]);
    },
  );

  it.each(['ArtifactFailed', 'DependencyNotReady', 'HealthCheckCanceled'])('%s says nothing about what was attempted before', (reason) => {
    expect(brief({ conditions: [ready('False', reason)], lastAttemptedRevision: BAD })).toEqual([]);
  });

  it('its failure counts although Flux has not observed the newest generation: it observes it only once it succeeds', () => {
    const state = { generation: 2, observedGeneration: 1, conditions: [ready('False', 'HealthCheckFailed')], lastAttemptedRevision: BAD };
    expect(brief(state)).toEqual([[BAD, 'failed', 'condition Ready HealthCheckFailed']]);
  });

  it('Ready left over from a revision that is no longer attempted is not success', () => {
    expect(
      brief({ conditions: [ready('True', 'ReconciliationSucceeded')], lastAttemptedRevision: BAD, lastAppliedRevision: GOOD }),
    ).toEqual([[GOOD, 'succeeded', 'status.lastAppliedRevision']]);
  });

  it('while a run is under way, the revision that the run is about is the one in progress', () => {
    const conditions = [ready('Unknown', 'Progressing'), reconciling(`Fetching manifests for revision ${NEW} with a timeout of 4m30s`)];
    expect(brief({ conditions, lastAttemptedRevision: BAD })).toEqual([[NEW, 'progressing', 'condition Ready Progressing']]);
  });

  it('a run that does not name its revision is about the attempted one', () => {
    expect(brief({ conditions: [ready('Unknown', 'Progressing')], lastAttemptedRevision: BAD })).toEqual([
      [BAD, 'progressing', 'condition Ready Progressing'],
    ]);
  });

  it('its snapshots, newest first, each with the revision that Flux noted last', () => {
    const snapshots = [snapshot('HealthCheckFailed', BAD), snapshot('ReconciliationSucceeded', GOOD)];
    expect(evidenceIn(target({ snapshots }))).toEqual([
      {
        revision: BAD,
        outcome: 'failed',
        source: 'status.history HealthCheckFailed',
        first: '2026-01-01T00:00:00Z',
        last: '2026-01-01T00:05:00Z',
      },
      {
        revision: GOOD,
        outcome: 'succeeded',
        source: 'status.history ReconciliationSucceeded',
        first: '2026-01-01T00:00:00Z',
        last: '2026-01-01T00:05:00Z',
      },
    ]);
  });

  it('a snapshot without a revision, or of a run that was called off, says nothing', () => {
    expect(brief({ snapshots: [snapshot('ReconciliationSucceeded', undefined), snapshot('HealthCheckCanceled', BAD)] })).toEqual([]);
  });
});
