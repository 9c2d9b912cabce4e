import type { SandboxClock, Timer } from '../clock.ts';

/** Keys to work on, each at most once in the queue. Source of the rules: k8s.io/client-go util/workqueue. */
export interface WorkQueue {
  add(key: string): void;
  /** Adds `key` after `ms` of the clock; of two pending delays of one key the sooner counts. */
  addAfter(key: string, ms: number): void;
  stop(): void;
}

export interface WorkQueueOptions {
  clock: SandboxClock;
  /** Works on one key; what it throws brings the key back with a growing delay. */
  work(key: string): void;
  failed(key: string, error: unknown): void;
}

/** Exponential delay of failures, as `DefaultTypedControllerRateLimiter` sets it. */
const FIRST_DELAY_MS = 5;
const LAST_DELAY_MS = 1_000_000;

export function createWorkQueue({ clock, work, failed }: WorkQueueOptions): WorkQueue {
  const ready = new Set<string>();
  const delayed = new Map<string, { at: number; timer: Timer }>();
  const failures = new Map<string, number>();
  let draining: NodeJS.Immediate | undefined;
  let stopped = false;

  const attempt = (key: string) => {
    try {
      work(key);
      failures.delete(key);
    } catch (error) {
      const count = failures.get(key) ?? 0;
      failures.set(key, count + 1);
      failed(key, error);
      addAfter(key, Math.min(FIRST_DELAY_MS * 2 ** count, LAST_DELAY_MS));
    }
  };

  const drain = () => {
    draining = undefined;
    const batch = [...ready];
    ready.clear();
    for (const key of batch) {
      if (stopped) return;
      attempt(key);
    }
  };

  const add = (key: string) => {
    if (stopped) return;
    ready.add(key);
    draining ??= setImmediate(drain);
  };

  const addAfter = (key: string, ms: number) => {
    if (stopped) return;
    if (ms <= 0) return add(key);
    const at = clock.now().getTime() + ms;
    const pending = delayed.get(key);
    if (pending && pending.at <= at) return;
    pending?.timer.cancel();
    const timer = clock.after(ms, () => {
      delayed.delete(key);
      add(key);
    });
    delayed.set(key, { at, timer });
  };

  const stop = () => {
    stopped = true;
    if (draining) clearImmediate(draining);
    for (const { timer } of delayed.values()) timer.cancel();
    delayed.clear();
    ready.clear();
  };

  return { add, addAfter, stop };
}
