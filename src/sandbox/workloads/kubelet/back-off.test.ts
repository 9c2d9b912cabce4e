import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../clock.ts';
import { createBackOff } from './back-off.ts';

describe('back-off', () => {
  it('doubles from ten seconds to five minutes', () => {
    const clock = new ManualClock();
    const backOff = createBackOff(clock);
    const delays = Array.from({ length: 7 }, () => {
      backOff.next('pod', clock.now().getTime());
      return backOff.delay('pod') / 1_000;
    });
    expect(delays).toEqual([10, 20, 40, 80, 160, 300, 300]);
  });

  it('counts from the end of the last run', async () => {
    const clock = new ManualClock();
    const backOff = createBackOff(clock);
    const ended = clock.now().getTime();
    expect(backOff.left('pod', ended)).toBe(0);
    backOff.next('pod', ended);
    await clock.advance(4_000);
    expect(backOff.left('pod', ended)).toBe(6_000);
    await clock.advance(6_000);
    expect(backOff.left('pod', ended)).toBe(0);
  });

  it('begins anew after ten minutes without a failure', async () => {
    const clock = new ManualClock();
    const backOff = createBackOff(clock);
    backOff.next('pod', clock.now().getTime());
    backOff.next('pod', clock.now().getTime());
    await clock.advance(600_001);
    const ended = clock.now().getTime();
    expect(backOff.left('pod', ended)).toBe(0);
    backOff.next('pod', ended);
    expect(backOff.delay('pod')).toBe(10_000);
  });
});
