import type { SandboxClock } from '../../clock.ts';

/** Delays that double, per key. Source: k8s.io/client-go util/flowcontrol/backoff.go. */
export interface BackOff {
  /** The delay in force, ms; 0 where there is none. */
  delay(key: string): number;
  /** Milliseconds left of the delay counted from `since` (ms of the clock); 0 where it is over. */
  left(key: string, since: number): number;
  /** Doubles the delay, or begins anew where `since` lies long after the last one. */
  next(key: string, since: number): void;
  forget(prefix: string): void;
}

const FIRST_MS = 10_000;
const LAST_MS = 300_000;
/** Twice the longest delay without a failure, and it counts as healthy again. */
const RESET_MS = 600_000;

export function createBackOff(clock: SandboxClock): BackOff {
  const entries = new Map<string, { delay: number; updated: number }>();
  const live = (key: string, since: number) => {
    const entry = entries.get(key);
    return entry && since - entry.updated <= RESET_MS ? entry : undefined;
  };
  return {
    delay: (key) => entries.get(key)?.delay ?? 0,
    left: (key, since) => {
      const entry = live(key, since);
      return entry ? Math.max(0, entry.delay - (clock.now().getTime() - since)) : 0;
    },
    next: (key, since) => {
      const entry = live(key, since);
      const delay = entry ? Math.min(entry.delay * 2, LAST_MS) : FIRST_MS;
      entries.set(key, { delay, updated: clock.now().getTime() });
    },
    forget: (prefix) => {
      for (const key of entries.keys()) if (key.startsWith(prefix)) entries.delete(key);
    },
  };
}
