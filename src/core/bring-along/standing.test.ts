import { describe, expect, it } from 'vitest';
import type { Kustomization, KustomizationSpec, KustomizationStatus } from '../../api/flux.ts';
import type { Condition } from '../../api/kube.ts';
import { standingOf, waitsIdly } from './standing.ts';

const [BAD, GOOD] = ['b', 'a'].map((digit) => `main@sha1:${digit.repeat(40)}`) as [string, string];
const NOW = new Date('2026-01-01T00:01:00Z');
const SINCE = '2026-01-01T00:00:30Z';

const ready = (status: Condition['status'], reason: string, message = 'm'): Condition => ({
  type: 'Ready',
  status,
  reason,
  message,
  observedGeneration: 1,
  lastTransitionTime: SINCE,
});
const reconciling = (reason: string, message: string): Condition => ({
  type: 'Reconciling',
  status: 'True',
  reason,
  message,
  lastTransitionTime: SINCE,
});
const checking = (revision: string) => reconciling('Progressing', `Running health checks for revision ${revision} with a timeout of 4m0s`);

function kustomization(status: KustomizationStatus, spec: Partial<KustomizationSpec> = {}, name = 'team-1'): Kustomization {
  return {
    apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
    kind: 'Kustomization',
    metadata: { name, namespace: 'flux-system', generation: 1 },
    spec: { interval: '10m', timeout: '4m', prune: true, sourceRef: { kind: 'GitRepository', name: 'fleet' }, ...spec },
    status,
  };
}

const well = (revision: string): KustomizationStatus => ({
  lastAttemptedRevision: revision,
  lastAppliedRevision: revision,
  conditions: [ready('True', 'ReconciliationSucceeded')],
});
const arrived = (revision: string | undefined) => revision === GOOD;
const standing = (status: KustomizationStatus, spec?: Partial<KustomizationSpec>) => standingOf(kustomization(status, spec), arrived, NOW);

describe('where a Kustomization stands on its way to a revision', () => {
  it.each<[string, KustomizationStatus, object]>([
    ['Flux has said nothing yet', {}, { kind: 'behind', waits: false }],
    ['it is well with the version before', well(BAD), { kind: 'behind', waits: false }],
    [
      'its run waits for the bad version to get healthy',
      { lastAttemptedRevision: BAD, conditions: [checking(BAD), ready('Unknown', 'Progressing')] },
      { kind: 'behind', waits: true },
    ],
    [
      'its run waits for the good version to get healthy',
      { lastAttemptedRevision: GOOD, conditions: [checking(GOOD), ready('Unknown', 'Progressing')] },
      { kind: 'under-way' },
    ],
    [
      'the good version is being applied',
      {
        lastAttemptedRevision: GOOD,
        conditions: [reconciling('Progressing', 'Detecting drift'), ready('False', 'HealthCheckFailed', 'of the bad one')],
      },
      { kind: 'under-way' },
    ],
    ['the good version is well', well(GOOD), { kind: 'ready' }],
    [
      'the good version was found wanting',
      { lastAttemptedRevision: GOOD, conditions: [ready('False', 'HealthCheckFailed', 'timeout waiting for: [Deployment/a/b]')] },
      { kind: 'failed', early: false, message: 'HealthCheckFailed: timeout waiting for: [Deployment/a/b]' },
    ],
    [
      'the good version was found wanting before its time, at a mark',
      {
        lastAttemptedRevision: GOOD,
        conditions: [ready('False', 'HealthCheckFailed', "failed early due to stalled resources: [Deployment/a/b status: 'Failed']")],
      },
      { kind: 'failed', early: true },
    ],
    [
      'it failed and is tried again after a while',
      {
        lastAttemptedRevision: GOOD,
        conditions: [reconciling('ProgressingWithRetry', 'm'), ready('False', 'ReconciliationFailed', 'namespaces "nowhere" not found')],
      },
      { kind: 'failed', early: false },
    ],
    [
      'it waits for a dependency',
      { lastAttemptedRevision: BAD, conditions: [ready('False', 'DependencyNotReady', "dependency 'a/b' is not ready")] },
      { kind: 'behind', waits: false, message: "DependencyNotReady: dependency 'a/b' is not ready" },
    ],
  ])('%s', (_, status, expected) => {
    expect(standing(status)).toMatchObject(expected);
  });

  it('says nothing of a suspended one from what it said before it was', () => {
    expect(standing(well(GOOD), { suspend: true })).toEqual({ kind: 'held' });
  });

  it('takes Ready about an older spec for no answer', () => {
    const object = kustomization(well(GOOD));
    object.metadata.generation = 2;
    expect(standingOf(object, arrived, NOW).kind).toBe('under-way');
  });
});

describe('a Kustomization that waits for dependencies', () => {
  const waiting = kustomization(
    { conditions: [ready('False', 'DependencyNotReady')] },
    { dependsOn: [{ name: 'first' }, { name: 'second', namespace: 'other' }] },
  );
  const known = (first: KustomizationStatus, second: KustomizationStatus, source = 'fleet') =>
    new Map([
      ['flux-system/first', kustomization(first)],
      ['other/second', kustomization(second, { sourceRef: { kind: 'GitRepository', name: source } })],
    ]);

  it('does so idly once all are ready, those of the same source with the revision', () => {
    expect(waitsIdly(waiting, known(well(GOOD), well(GOOD)), arrived)).toBe(true);
    expect(waitsIdly(waiting, known(well(GOOD), well(BAD)), arrived)).toBe(false);
    expect(waitsIdly(waiting, known(well(GOOD), well(BAD), 'elsewhere'), arrived)).toBe(true);
    expect(waitsIdly(waiting, known(well(GOOD), { conditions: [ready('False', 'BuildFailed')] }, 'elsewhere'), arrived)).toBe(false);
  });

  it('does not where one of them is not known', () => {
    expect(waitsIdly(waiting, new Map([['flux-system/first', kustomization(well(GOOD))]]), arrived)).toBe(false);
  });

  it('does not where it waits for something else', () => {
    expect(waitsIdly(kustomization(well(BAD), { dependsOn: [{ name: 'first' }] }), known(well(GOOD), well(GOOD)), arrived)).toBe(false);
  });
});
