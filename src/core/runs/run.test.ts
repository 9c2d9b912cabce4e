import { describe, expect, test } from 'vitest';
import type { HelmRelease, Kustomization } from '../../api/flux.ts';
import type { Condition } from '../../api/kube.ts';
import { healthCheckRun, helmRun, runEndsIn } from './run.ts';

const NOW = new Date('2026-11-25T10:01:00Z');
const reconciling = (message: string, more: Partial<Condition> = {}): Condition => ({
  type: 'Reconciling',
  status: 'True',
  reason: 'Progressing',
  message,
  lastTransitionTime: '2026-11-25T10:00:00Z',
  ...more,
});

function kustomization(...conditions: Condition[]): Kustomization {
  return {
    apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
    kind: 'Kustomization',
    metadata: { name: 'shop', namespace: 'flux-system' },
    spec: { interval: '10m', timeout: '4m', prune: true, sourceRef: { kind: 'GitRepository', name: 'fleet' } },
    status: { conditions },
  };
}

function release(...conditions: Condition[]): HelmRelease {
  return {
    apiVersion: 'helm.toolkit.fluxcd.io/v2',
    kind: 'HelmRelease',
    metadata: { name: 'shop', namespace: 'apps' },
    spec: { interval: '10m' },
    status: { conditions },
  };
}

describe('the run of a Kustomization', () => {
  const CHECKS = 'Running health checks for revision main@sha1:0123456789012345678901234567890123456789 with a timeout of 4m0s';

  test('that waits for health tells for which revision, since when, and how long it may go on', () => {
    expect(healthCheckRun(kustomization(reconciling(CHECKS)), NOW)).toEqual({
      revision: 'main@sha1:0123456789012345678901234567890123456789',
      since: '2026-11-25T10:00:00Z',
      endsInMs: 180_000,
    });
  });

  test('that builds or applies keeps nobody waiting', () => {
    const building = kustomization(reconciling('Building manifests for revision main@sha1:0123456789 with a timeout of 4m0s'));
    expect(healthCheckRun(building, NOW)).toBeUndefined();
    expect(runEndsIn(building, NOW)).toBe(180_000);
  });

  test('is over once it waits to be tried again, and where it never was', () => {
    expect(healthCheckRun(kustomization(reconciling(CHECKS, { reason: 'ProgressingWithRetry' })), NOW)).toBeUndefined();
    expect(healthCheckRun(kustomization(reconciling(CHECKS, { status: 'False' })), NOW)).toBeUndefined();
    expect(healthCheckRun(kustomization(), NOW)).toBeUndefined();
  });

  test('that should have ended by now ends at once', () => {
    expect(runEndsIn(kustomization(reconciling(CHECKS)), new Date('2026-11-25T11:00:00Z'))).toBe(0);
  });
});

describe('the Helm action of a HelmRelease', () => {
  test('tells since when it runs and how long it may', () => {
    expect(helmRun(release(reconciling("Running 'upgrade' action with timeout of 4m0s")), NOW)).toEqual({
      since: '2026-11-25T10:00:00Z',
      endsInMs: 180_000,
    });
  });

  test('is none while the release waits for its chart, or is ready', () => {
    expect(helmRun(release(reconciling('Fulfilling prerequisites')), NOW)).toBeUndefined();
    const ready: Condition = { type: 'Ready', status: 'True', reason: 'UpgradeSucceeded' };
    expect(helmRun(release(reconciling("Running 'test' action with timeout of 5m0s"), ready), NOW)).toBeUndefined();
  });
});
