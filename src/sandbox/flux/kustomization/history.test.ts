import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FluxSnapshot } from '../../../api/flux.ts';
import { upsertSnapshot } from './history.ts';

const attempt = (digest: string, status: string, revision: string, second = 0) => ({
  digest,
  status,
  at: new Date(Date.UTC(2026, 0, 1, 0, 0, second)),
  duration: 5_250,
  metadata: { revision },
});

describe('the history', () => {
  it('adds what was never built before at the front', () => {
    const history = upsertSnapshot(
      upsertSnapshot([], attempt('a', 'ReconciliationSucceeded', 'r1')),
      attempt('b', 'ReconciliationSucceeded', 'r2', 1),
    );
    expect(history.map(({ digest }) => digest)).toEqual(['b', 'a']);
    expect(history[0]).toEqual({
      digest: 'b',
      firstReconciled: '2026-01-01T00:00:01Z',
      lastReconciled: '2026-01-01T00:00:01Z',
      lastReconciledDuration: '5.25s',
      lastReconciledStatus: 'ReconciliationSucceeded',
      totalReconciliations: 1,
      metadata: { revision: 'r2' },
    });
  });

  it('overwrites the revision of the old entry when a revert builds the same again', () => {
    const before = [attempt('a', 'ReconciliationSucceeded', 'good'), attempt('b', 'HealthCheckFailed', 'bad', 1)];
    const history = before.reduce<FluxSnapshot[]>(upsertSnapshot, []);
    const after = upsertSnapshot(history, attempt('a', 'ReconciliationSucceeded', 'revert', 2));
    expect(after.map(({ digest, metadata }) => [digest, metadata?.revision])).toEqual([
      ['a', 'revert'],
      ['b', 'bad'],
    ]);
    expect(after[0]).toMatchObject({
      firstReconciled: '2026-01-01T00:00:00Z',
      lastReconciled: '2026-01-01T00:00:02Z',
      totalReconciliations: 2,
    });
  });

  it('keeps a failed and a successful attempt of the same build apart', () => {
    const history = upsertSnapshot(
      upsertSnapshot([], attempt('a', 'HealthCheckFailed', 'r')),
      attempt('a', 'ReconciliationSucceeded', 'r'),
    );
    expect(history).toHaveLength(2);
  });

  it('never holds more than five, nor the same pair twice, and the last attempt is first', () => {
    const attempts = fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'), fc.constantFrom('ok', 'bad')), {
      minLength: 1,
      maxLength: 30,
    });
    fc.assert(
      fc.property(attempts, (pairs) => {
        const history = pairs.reduce<FluxSnapshot[]>((so, [digest, status]) => upsertSnapshot(so, attempt(digest, status, 'r')), []);
        const keys = history.map(({ digest, lastReconciledStatus }) => `${digest}/${lastReconciledStatus}`);
        expect(keys.length).toBeLessThanOrEqual(5);
        expect(new Set(keys).size).toBe(keys.length);
        expect(keys[0]).toBe(pairs.at(-1)?.join('/'));
      }),
    );
  });
});
