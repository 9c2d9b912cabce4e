/** What takes many requests to see and seldom changes a verdict: looked at once all else is well, and meanwhile now and then. */
import type { OwnedState, WorkloadsState } from '../core/world.ts';
import { observeConfigReads } from '../observe/config-reads.ts';
import type { Health } from '../observe/health.ts';
import { Lacks } from '../observe/lacks.ts';
import { observeOwned } from '../observe/owned.ts';
import type { StepContext } from './step.ts';

/** Between two closer looks, in milliseconds. */
const EVERY = 5_000;

export interface Closer {
  /** Left behind, stuck or gone; undefined of a HelmRelease. */
  owned?: OwnedState;
  config?: WorkloadsState['config'];
}

export class CloserLook {
  readonly #context: Pick<StepContext, 'cluster' | 'clock'>;
  /** When it was last looked, or looking began. */
  #at: number | undefined;
  /** What was seen last. */
  last: Closer = {};

  constructor(context: Pick<StepContext, 'cluster' | 'clock'>) {
    this.#context = context;
  }

  isDue(): boolean {
    const now = this.#context.clock.now().getTime();
    this.#at ??= now;
    if (now - this.#at < EVERY) return false;
    this.#at = now;
    return true;
  }

  /** Adds to the notes of `health` what may not be looked at. @throws Failure of the cluster, but for Forbidden. */
  async look({ target, workloads, notes }: Health): Promise<Closer> {
    const { cluster } = this.#context;
    const lacks = new Lacks();
    const [owned, config] = await Promise.all([
      target.target.kind === 'Kustomization' ? observeOwned(cluster, target, lacks) : undefined,
      observeConfigReads(
        cluster,
        workloads.workloads.map(({ ref }) => ref),
        lacks,
      ),
    ]);
    notes.push(...lacks.notes);
    this.last = { ...(owned ? { owned } : {}), config };
    return this.last;
  }
}
