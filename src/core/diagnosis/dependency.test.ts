import { describe, expect, it } from 'vitest';
import { GOOD, ready } from '../../../test/observed.ts';
import { KUSTOMIZATION, type Kustomization, type KustomizationStatus } from '../../api/flux.ts';
import type { Condition } from '../../api/kube.ts';
import { type Dependency, standingOf } from './dependency.ts';

const AT = `main@sha1:${GOOD}`;
const OLDER = `main@sha1:${'c'.repeat(40)}`;

interface Observed extends Partial<Omit<Dependency, 'object'>> {
  condition?: Condition;
  status?: Partial<KustomizationStatus>;
  suspend?: boolean;
  generation?: number;
}

/** A dependency that is well and reads the same source, until a test says otherwise. */
function standing({ condition = ready('True', 'ReconciliationSucceeded'), status, suspend, generation = 1, ...rest }: Observed = {}) {
  const object: Kustomization = {
    ...KUSTOMIZATION,
    metadata: { name: 'infrastructure', namespace: 'flux-system', generation },
    spec: {
      interval: '5m',
      prune: true,
      sourceRef: { kind: 'GitRepository', name: 'flux-system' },
      ...(suspend === undefined ? {} : { suspend }),
    },
    status: { observedGeneration: 1, conditions: [condition], lastAppliedRevision: AT, lastAttemptedRevision: AT, ...status },
  };
  return standingOf({ object, available: AT, needed: AT, byExpression: false, ...rest });
}

describe('a dependency', () => {
  it('that is ready at the revision of the shared source lets others go on', () => {
    expect(standing()).toEqual({ kind: 'ready' });
  });

  it('at an older revision holds up those that read the same source, and nobody else', () => {
    expect(standing({ status: { lastAppliedRevision: OLDER } })).toMatchObject({ kind: 'blocks', final: false });
    expect(standing({ status: { lastAppliedRevision: OLDER }, needed: undefined })).toEqual({ kind: 'ready' });
  });

  it('whose newest spec Flux has not seen yet is waited for', () => {
    expect(standing({ generation: 2, needed: undefined })).toMatchObject({ kind: 'blocks', final: false });
  });

  it('that is not there stands in the way for good', () => {
    expect(standingOf({ object: undefined, available: undefined, needed: undefined, byExpression: false })).toMatchObject({
      kind: 'blocks',
      final: true,
      reason: 'NotFound',
    });
  });

  it('that waits itself is looked through', () => {
    expect(standing({ condition: ready('False', 'DependencyNotReady') })).toEqual({ kind: 'dependent' });
  });

  it.each(['ReconciliationFailed', 'BuildFailed', 'HealthCheckFailed', 'PruneFailed'])(
    'that failed (%s) stands in the way for good',
    (reason) => {
      expect(standing({ condition: ready('False', reason, 'because') })).toEqual({
        kind: 'blocks',
        final: true,
        reason,
        message: 'because',
      });
    },
  );

  it('that failed on an older revision may be healed by the one that it has not tried', () => {
    const found = standing({ condition: ready('False', 'HealthCheckFailed', 'because'), status: { lastAttemptedRevision: OLDER } });
    expect(found).toMatchObject({ final: false, message: 'because; it has not tried main@sha1:aaaaaaaa yet' });
  });

  it.each([ready('Unknown', 'Progressing', 'Reconciliation in progress'), ready('False', 'HealthCheckCanceled', 'newer')])(
    'that is at work is waited for ($reason)',
    (condition) => {
      expect(standing({ condition })).toMatchObject({ kind: 'blocks', final: false, reason: condition.reason });
    },
  );

  it('that is suspended never comes to the revision that is needed', () => {
    expect(standing({ suspend: true })).toEqual({ kind: 'ready' });
    expect(standing({ suspend: true, status: { lastAppliedRevision: OLDER } })).toMatchObject({ final: true, reason: 'Suspended' });
  });

  it('that Flux judges by an expression is left to Flux', () => {
    expect(standing({ condition: ready('False', 'HealthCheckFailed'), byExpression: true })).toEqual({ kind: 'ready' });
  });
});
