import { setTimeout as delay } from 'node:timers/promises';
import type { Clock } from '../../ports.ts';

/** The wall clock. A sleep that is aborted rejects with the signal's reason and leaves no timer behind. */
export const systemClock: Clock = {
  now: () => new Date(),
  async sleep(ms, signal) {
    signal?.throwIfAborted();
    try {
      await delay(ms, undefined, { signal });
    } catch (problem) {
      throw signal?.aborted ? signal.reason : problem;
    }
  },
};
