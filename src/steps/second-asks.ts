/** What a verification has Flux look at once more, where it would come back to it only at its own interval. */
import { findCondition } from '../api/conditions.ts';
import { FluxReason, READY } from '../api/flux.ts';
import { type Target, targetRef } from '../api/target.ts';
import type { TargetState } from '../core/world.ts';
import type { Health } from '../observe/health.ts';
import { askNow } from './ask-now.ts';
import type { StepContext } from './step.ts';

/** Between two requests to Flux, in milliseconds. */
const ASK_EVERY = 15_000;

export class SecondAsks {
  readonly #context: StepContext;
  readonly #target: Target;
  /** The token of the run that was asked for because the one before saw a mark; empty where that was not allowed. */
  #again: string | undefined;
  #createdAt = 0;

  constructor(context: StepContext, target: Target) {
    this.#context = context;
    this.#target = target;
  }

  /**
   * The good version's own health check saw the mark of the bad one before it was taken out: it is tried again at once,
   * rather than at its retry interval. Once.
   * @param unmarked it was this verification that took the mark out: somebody who only looks asks for nothing else
   */
  async afterMark(health: Health, unmarked: boolean): Promise<void> {
    if (this.#again !== undefined || (this.#context.rollbackId === undefined && !unmarked) || !failedOnMark(health)) return;
    const token = this.#context.clock.now().toISOString();
    const unasked = await askNow(this.#context, targetRef(this.#target), token);
    this.#again = unasked === '' ? token : '';
  }

  /** Flux does not look for what disappears: its health check waits in vain, and the next run comes at its interval. */
  async toCreate(): Promise<void> {
    const now = this.#context.clock.now().getTime();
    if (this.#context.rollbackId === undefined || now - this.#createdAt < ASK_EVERY) return;
    this.#createdAt = now;
    await askNow(this.#context, targetRef(this.#target));
  }

  /** Flux was asked after a mark and has not answered yet. */
  isAwaited({ lastHandledReconcileAt }: TargetState): boolean {
    return Boolean(this.#again) && lastHandledReconcileAt !== this.#again;
  }
}

/** `failed early due to stalled resources: [Deployment/ns/x status: 'Failed']` (fluxcd/pkg ssa manager_wait.go), and nothing is marked any more. */
function failedOnMark({ target, workloads }: Health): boolean {
  const ready = findCondition(target.conditions, READY);
  if (ready?.reason !== FluxReason.HealthCheckFailed || !/stalled resources/.test(ready.message ?? '')) return false;
  return workloads.workloads.every(({ mark, health }) => mark === undefined && health.status !== 'Failed');
}
