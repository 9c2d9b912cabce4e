import { describe, expect, it } from 'vitest';
import { systemClock } from './system-clock.ts';

describe('the system clock', () => {
  it('wakes after the time asked for', async () => {
    const before = systemClock.now().getTime();
    await systemClock.sleep(20);
    expect(systemClock.now().getTime() - before).toBeGreaterThanOrEqual(19);
  });

  it('rejects with the reason when the signal aborts, before or during the sleep', async () => {
    const reason = new Error('enough');
    await expect(systemClock.sleep(60_000, AbortSignal.abort(reason))).rejects.toBe(reason);
    const abort = new AbortController();
    const sleep = systemClock.sleep(60_000, abort.signal);
    abort.abort(reason);
    await expect(sleep).rejects.toBe(reason);
  });
});
