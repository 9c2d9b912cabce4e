/**
 * Cancels the health checks of a run when something newer is asked for, where the feature gate
 * `CancelHealthCheckOnNewRevision` is on. Source: fluxcd/pkg runtime/controller (reconciler.go, queue.go).
 */
import type { ObjectRef } from '../../../api/kube.ts';

export interface Interrupt {
  readonly signal: AbortSignal;
  /** What asked; undefined while nothing did. */
  readonly trigger: ObjectRef | undefined;
}

class Listener implements Interrupt {
  readonly #controller = new AbortController();
  trigger: ObjectRef | undefined;

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  fire(trigger: ObjectRef): void {
    this.trigger ??= trigger;
    this.#controller.abort(new Error('a new reconciliation was triggered'));
  }
}

export class Interrupts {
  readonly #enabled: boolean;
  readonly #listeners = new Map<string, Listener>();

  constructor(enabled: boolean) {
    this.#enabled = enabled;
  }

  /** Runs `work` with the interrupt of the object `key`. */
  async during<T>(key: string, work: (interrupt: Interrupt) => Promise<T>): Promise<T> {
    const listener = new Listener();
    if (this.#enabled) this.#listeners.set(key, listener);
    try {
      return await work(listener);
    } finally {
      if (this.#listeners.get(key) === listener) this.#listeners.delete(key);
    }
  }

  /** `trigger` asked for a run of `key`. */
  notify(key: string, trigger: ObjectRef): void {
    this.#listeners.get(key)?.fire(trigger);
  }
}
