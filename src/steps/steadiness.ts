/** Since when the containers of a target run without a restart. */
import type { WorkloadsState } from '../core/world.ts';

/** `POD/CONTAINER` → how often it restarted. */
export type Restarts = Readonly<Record<string, number>>;

export class Steadiness {
  /** Restarts at the first look: those are the bad release's. */
  #before: Restarts | undefined;
  #last: string | undefined;
  #since = 0;

  /** Takes one look. @returns the restarts at the first one, and for how many milliseconds pods and restarts have been as they are. */
  see(workloads: WorkloadsState, now: Date): { before: Restarts; forMs: number } {
    const restarts = restartsOf(workloads);
    this.#before ??= restarts;
    const counts = JSON.stringify(restarts);
    if (counts !== this.#last) {
      this.#last = counts;
      this.#since = now.getTime();
    }
    return { before: this.#before, forMs: now.getTime() - this.#since };
  }
}

/** In a fixed order. */
function restartsOf({ workloads }: WorkloadsState): Restarts {
  const counts = workloads
    .flatMap((workload) => workload.pods)
    .flatMap((pod) => pod.containers.map((container): [string, number] => [`${pod.name}/${container.name}`, container.restarts]));
  return Object.fromEntries(counts.sort(([a], [b]) => a.localeCompare(b)));
}
