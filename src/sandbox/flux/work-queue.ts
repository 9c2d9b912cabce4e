/**
 * A queue of keys with what controllers count on: a key waits once however often it is added, at once or later, and never
 * runs twice at a time; added while it runs, it runs once more afterwards. What waits for later is moved forward by an
 * earlier wish and forgotten by a wish to run at once.
 * Source: sigs.k8s.io/controller-runtime pkg/controller/priorityqueue (lockedAddWithOpts); the back-off is that of
 * fluxcd/pkg runtime/controller/rate_limiter.go.
 */
import type { SandboxClock, Timer } from '../clock.ts';

const MIN_RETRY_DELAY_MS = 750;
const MAX_RETRY_DELAY_MS = 15 * 60_000;

export interface WorkQueueOptions {
  clock: SandboxClock;
  /** Keys that run at the same time. */
  concurrency: number;
  /** Must not reject. */
  handle: (key: string) => Promise<void>;
}

export class WorkQueue {
  readonly #options: WorkQueueOptions;
  readonly #waiting = new Set<string>();
  readonly #running = new Map<string, Promise<void>>();
  readonly #dirty = new Set<string>();
  readonly #delayed = new Map<string, { at: number; timer: Timer }>();
  readonly #failures = new Map<string, number>();
  #stopped = false;

  constructor(options: WorkQueueOptions) {
    this.#options = options;
  }

  add(key: string): void {
    if (this.#stopped) return;
    this.#delayed.get(key)?.timer.cancel();
    this.#delayed.delete(key);
    if (this.#running.has(key)) this.#dirty.add(key);
    else this.#waiting.add(key);
    this.#startNext();
  }

  /** Adds after `ms`; of several delays for one key the earliest counts, and none where it is to run at once anyway. */
  addAfter(key: string, ms: number): void {
    if (this.#stopped || this.#waiting.has(key) || this.#dirty.has(key)) return;
    if (ms <= 0) {
      this.add(key);
      return;
    }
    const { clock } = this.#options;
    const at = clock.now().getTime() + ms;
    const before = this.#delayed.get(key);
    if (before && before.at <= at) return;
    before?.timer.cancel();
    const timer = clock.after(ms, () => {
      this.#delayed.delete(key);
      this.add(key);
    });
    this.#delayed.set(key, { at, timer });
  }

  /** Adds after a delay that doubles with every call until `forget`. */
  addRateLimited(key: string): void {
    const failures = this.#failures.get(key) ?? 0;
    this.#failures.set(key, failures + 1);
    this.addAfter(key, Math.min(MIN_RETRY_DELAY_MS * 2 ** failures, MAX_RETRY_DELAY_MS));
  }

  forget(key: string): void {
    this.#failures.delete(key);
  }

  /** Takes nothing more; resolves when what runs has ended. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#waiting.clear();
    this.#dirty.clear();
    for (const { timer } of this.#delayed.values()) timer.cancel();
    this.#delayed.clear();
    await Promise.all(this.#running.values());
  }

  #startNext(): void {
    for (const key of this.#waiting) {
      if (this.#running.size >= this.#options.concurrency) return;
      this.#waiting.delete(key);
      // Set before the handler starts: it may add its own key synchronously.
      const done = Promise.resolve().then(() => this.#options.handle(key));
      this.#running.set(
        key,
        done.finally(() => this.#finish(key)),
      );
    }
  }

  #finish(key: string): void {
    this.#running.delete(key);
    if (this.#dirty.delete(key)) this.#waiting.add(key);
    if (!this.#stopped) this.#startNext();
  }
}
