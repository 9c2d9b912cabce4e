import { describe, expect, it } from 'vitest';
import { container, pod, ref } from '../../../test/observed.ts';
import type { ConfigUser } from '../plan/plan.ts';
import type { ConfigRead, ConfigReads, PodState } from '../world.ts';
import { certainlyBad, maybeBad } from './bad-pods.ts';

const SETTINGS = ref('ConfigMap', 'settings', 'v1');
const BAD = '2026-11-25T10:00:00Z';
const GOOD = '2026-11-25T10:10:00Z';

const started = (at: string, more: Partial<PodState> = {}) =>
  pod('api-0', { createdAt: at, containers: [container({ startedAt: at })], ...more });

function reads(read: Partial<ConfigRead> = {}): ConfigReads {
  return { workload: ref('Deployment', 'api'), reads: [{ ref: SETTINGS, by: 'env', containers: ['app'], changedAt: GOOD, ...read }] };
}

const user = (since?: string): ConfigUser => ({
  ref: ref('Deployment', 'api'),
  reads: [SETTINGS],
  ...(since ? { since } : { unknown: 'why' }),
});

const isRestarted = (state: PodState, read: Partial<ConfigRead> = {}, since: string | undefined = BAD) =>
  maybeBad(user(since), reads(read), [state]).length > 0;
const isBad = (state: PodState, read: Partial<ConfigRead> = {}) => certainlyBad(user(BAD), reads(read), [state]).length > 0;

describe('a pod that reads configuration which goes back', () => {
  it('is left where it started before the bad one arrived, or well after the good one came back', () => {
    expect(isRestarted(started('2026-11-25T09:59:00Z'))).toBe(false);
    expect(isRestarted(started('2026-11-25T10:11:00Z'))).toBe(false);
  });

  it('is replaced where it started in between, or so near that nobody can tell', () => {
    for (const at of ['2026-11-25T09:59:59Z', BAD, '2026-11-25T10:05:00Z', GOOD, '2026-11-25T10:10:05Z'])
      expect(isRestarted(started(at)), at).toBe(true);
  });

  it('is replaced where it is not known when the bad one arrived', () => {
    expect(maybeBad(user(), reads(), [started('2026-11-25T09:00:00Z')])).toHaveLength(1);
    expect(maybeBad(user(), reads({ changedAt: undefined } as Partial<ConfigRead>), [started('2026-11-25T10:30:00Z')])).toHaveLength(1);
  });

  it('has read it when its container started last, whatever the age of the pod', () => {
    const at = (startedAt: string) => started('2026-11-25T09:00:00Z', { containers: [container({ startedAt, restarts: 3 })] });
    expect(isRestarted(at('2026-11-25T10:05:00Z'))).toBe(true);
    expect(isRestarted(at('2026-11-25T10:11:00Z'))).toBe(false);
    // The volume of the pod may still hold what it held.
    expect(isRestarted(at('2026-11-25T10:11:00Z'), { by: 'subPath' })).toBe(true);
  });

  it('is replaced where its container does not run: it would start only after its back-off', () => {
    const waiting = container({ ready: false, waiting: { reason: 'CrashLoopBackOff', message: '' } });
    expect(isRestarted(started('2026-11-25T10:05:00Z', { ready: false, containers: [waiting] }))).toBe(true);
    expect(isBad(started('2026-11-25T10:05:00Z', { ready: false, containers: [waiting] }))).toBe(false);
  });

  it('may read it in an init container, which ended before the others began', () => {
    expect(isRestarted(started('2026-11-25T09:59:00Z'), { containers: ['prepare'] })).toBe(false);
    expect(isRestarted(started('2026-11-25T10:05:00Z'), { containers: ['prepare'] })).toBe(true);
  });

  it('is no matter where it is on its way out, or reads something else', () => {
    expect(isRestarted(started(BAD, { terminating: true }))).toBe(false);
    expect(isRestarted(started(BAD), { ref: ref('ConfigMap', 'other', 'v1') })).toBe(false);
  });
});

describe('a pod that certainly runs with the bad configuration', () => {
  it('started while it was there', () => {
    expect(isBad(started('2026-11-25T10:05:00Z'))).toBe(true);
    expect(isBad(started('2026-11-25T09:59:00Z'))).toBe(false);
    expect(isBad(started('2026-11-25T10:10:00Z'))).toBe(false);
  });

  it('is none whose files have been changed meanwhile', () => {
    expect(isBad(started('2026-11-25T10:05:00Z'), { by: 'mount' })).toBe(false);
  });
});
