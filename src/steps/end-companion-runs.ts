/** Ends the runs of one of the others that wait for a version which is being replaced, as far as there are any. */
import { formatRef, type ObjectRef, objectKey } from '../api/kube.ts';
import { targetRef } from '../api/target.ts';
import { Failure } from '../core/failure.ts';
import { healthCheckRun } from '../core/runs/run.ts';
import { observeRuns, type WaitingRun } from '../observe/runs.ts';
import type { Arrivals } from './arrivals.ts';
import { type Companion, keyOf } from './companion.ts';
import { endRun, PATIENCE, untilActionOver } from './end-run.ts';
import { everyOne } from './every-one.ts';
import type { StepContext } from './step.ts';

/** Between two looks at what was heard of an object, in milliseconds: a mark goes as soon as its run is over. */
const LOOK_EVERY = 100;
/** Before the same object is looked at again, in milliseconds. */
const AGAIN = 1_000;
/** How often one is looked at: what it waits for shows at first or not at all. */
const TRIES = 15;

export class RunEnder {
  readonly #context: StepContext;
  readonly #arrivals: Arrivals;

  /** @param context one whose progress nobody reads: fifty of these are at work at once. */
  constructor(context: StepContext, arrivals: Arrivals) {
    this.#context = context;
    this.#arrivals = arrivals;
  }

  isDue({ refusal, tries, notBefore }: Companion): boolean {
    return refusal === undefined && tries < TRIES && this.#context.clock.now().getTime() >= notBefore;
  }

  /** @throws Failure of the cluster, but for Forbidden, which is taken down. */
  async end(companion: Companion): Promise<void> {
    companion.tries += 1;
    try {
      const runs = (await this.#staleRuns(companion)).filter(({ workloads }) => workloads.length > 0);
      if (runs.length > 0) await this.#endAll(companion, runs);
    } catch (error) {
      if (!(error instanceof Failure) || error.code !== 'Forbidden') throw error;
      companion.refusal = error.message;
    } finally {
      companion.notBefore = this.#context.clock.now().getTime() + AGAIN;
    }
  }

  /** Its own, those inside of it, and Helm actions on a spec that was replaced meanwhile. */
  async #staleRuns({ other }: Companion): Promise<WaitingRun[]> {
    const { runs } = await observeRuns(this.#context.cluster, other.target, this.#context.clock.now());
    const own = runs.find(({ target, inner }) => target.kind === 'Kustomization' && !inner);
    const stale = own !== undefined && !this.#arrivals.has(own.run.revision);
    return runs.filter(({ superseded, inner, target }) => superseded || (stale && (inner || target.kind === 'Kustomization')));
  }

  async #endAll(companion: Companion, runs: readonly WaitingRun[]): Promise<void> {
    const refs = new Map(runs.flatMap(({ workloads }) => workloads.map(({ ref }) => [objectKey(ref), ref] as const)));
    await this.#context.marking?.([...refs.values()]);
    const ended = await everyOne(
      // Deployments and DaemonSets keep conditions that they do not know: it is only StatefulSets that have to be watched.
      runs.map((run) =>
        endRun(this.#context, run, () => this.#untilOver(companion, run), run.workloads.map(({ ref }) => ref).filter(isSet)),
      ),
    );
    if (ended.some(({ how }) => how === 'ended')) companion.outcome.endedRun = true;
    const refused = ended.find(({ how }) => how === 'refused');
    if (refused && ended.every(({ how }) => how !== 'ended'))
      companion.refusal = refused.refusal ?? `no permission to mark ${[...refs.values()].map(formatRef).join(', ')}`;
  }

  /** Seen by what the shared watch brings; what is not in it is asked for. */
  async #untilOver(companion: Companion, waiting: WaitingRun): Promise<boolean> {
    const { clock, signal, deadline, cluster } = this.#context;
    const patience = new Date(Math.min(deadline.getTime(), clock.now().getTime() + PATIENCE));
    const { target, run } = waiting;
    if (target.kind === 'HelmRelease') return untilActionOver(this.#context, waiting, patience);
    const own = keyOf(target) === keyOf(companion.other.target);
    for (;;) {
      const object = own ? companion.object : await cluster.get<NonNullable<Companion['object']>>(targetRef(target));
      if (!object || healthCheckRun(object, clock.now())?.revision !== run.revision) return true;
      if (clock.now() >= patience) return false;
      await clock.sleep(own ? LOOK_EVERY : AGAIN, signal);
    }
  }
}

function isSet({ kind }: ObjectRef): boolean {
  return kind === 'StatefulSet';
}
