/**
 * The sandbox's time: every interval, back-off, timeout and timestamp of the embedded cluster comes from here, so that
 * a test can run it faster than the wall clock or by hand.
 */

export interface Timer {
  cancel(): void;
}

export interface SandboxClock {
  now(): Date;
  /** Milliseconds with fractions, from an origin of its own: for measuring. */
  precise(): number;
  /** Calls `run` once after `ms` of this clock. */
  after(ms: number, run: () => void): Timer;
}

/** Runs `speed` times as fast as the wall clock, from now. */
export class ScaledClock implements SandboxClock {
  readonly #speed: number;
  readonly #origin = Date.now();

  constructor(speed = 1) {
    this.#speed = speed;
  }

  now(): Date {
    return new Date(this.#origin + (Date.now() - this.#origin) * this.#speed);
  }

  precise(): number {
    return performance.now() * this.#speed;
  }

  after(ms: number, run: () => void): Timer {
    const handle = setTimeout(run, Math.max(0, ms / this.#speed));
    return { cancel: () => clearTimeout(handle) };
  }
}

/** Stands still until `advance`; for unit tests of controllers. */
export class ManualClock implements SandboxClock {
  #now: number;
  #queue: { at: number; order: number; run: () => void }[] = [];
  #order = 0;

  constructor(start = '2026-01-01T00:00:00Z') {
    this.#now = Date.parse(start);
  }

  now(): Date {
    return new Date(this.#now);
  }

  precise(): number {
    return this.#now;
  }

  after(ms: number, run: () => void): Timer {
    const entry = { at: this.#now + Math.max(0, ms), order: this.#order++, run };
    this.#queue.push(entry);
    return {
      cancel: () => {
        this.#queue = this.#queue.filter((other) => other !== entry);
      },
    };
  }

  /** Moves on by `ms`, running what falls due in order; between two timers it lets pending promises settle. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms;
    for (;;) {
      await new Promise((resolve) => setImmediate(resolve));
      const due = this.#queue.filter((entry) => entry.at <= end).sort((a, b) => a.at - b.at || a.order - b.order)[0];
      if (!due) break;
      this.#queue = this.#queue.filter((entry) => entry !== due);
      this.#now = Math.max(this.#now, due.at);
      due.run();
    }
    this.#now = end;
  }
}

/** A promise for the passing of `ms`; rejects with the signal's reason. */
export function sleepOn(clock: SandboxClock, ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const timer = clock.after(ms, () => {
      signal?.removeEventListener('abort', stop);
      resolve();
    });
    const stop = () => {
      timer.cancel();
      reject(signal?.reason);
    };
    signal?.addEventListener('abort', stop, { once: true });
  });
}
