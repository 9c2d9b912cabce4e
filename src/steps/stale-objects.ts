/**
 * Flux objects inside a target (a HelmRelease, a Kustomization) that failed on the bad version. A rollback changes them, or
 * only the values that they read; their controllers come to it in their own time: at once where the values carry the label
 * `reconcile.fluxcd.io/watch: Enabled`, else at the next interval. Meanwhile the target's own health check may fail on what
 * they said before (`Stalled`, helm-controller's RetriesExceeded), and comes again only after its retry interval.
 */
import { findCondition } from '../api/conditions.ts';
import { FluxReason, READY } from '../api/flux.ts';
import { groupOf, type ObjectRef, objectKey } from '../api/kube.ts';
import { type Target, targetRef } from '../api/target.ts';
import type { JudgeInput } from '../core/verdict/judge.ts';
import type { Health } from '../observe/health.ts';
import { askNow } from './ask-now.ts';
import type { StepContext } from './step.ts';

/** How long a controller that was asked is left in peace, in milliseconds. */
const ASK_EVERY = 10_000;

export class StaleObjects {
  readonly #context: StepContext;
  readonly #target: Target;
  /** Key → reference, of what had failed at the first look. */
  #before: Map<string, ObjectRef> | undefined;
  readonly #still = new Set<string>();
  readonly #askedAt = new Map<string, number>();

  constructor(context: StepContext, target: Target) {
    this.#context = context;
    this.#target = target;
  }

  /** What a judge has to know of them, from one look; the first look says which they are. */
  of({ workloads }: Health): Pick<JudgeInput, 'failedBefore' | 'stillAsBefore'> {
    const failed = new Map(
      workloads.others
        .filter(({ ref, health }) => health.status === 'Failed' && groupOf(ref.apiVersion).endsWith('.toolkit.fluxcd.io'))
        .map(({ ref }) => [objectKey(ref), ref]),
    );
    if (this.#before === undefined) {
      this.#before = failed;
      for (const key of failed.keys()) this.#still.add(key);
    }
    for (const key of this.#still) if (!failed.has(key)) this.#still.delete(key);
    return { failedBefore: new Set(this.#before.keys()), stillAsBefore: new Set(this.#still) };
  }

  /** Has them, and a target whose health check failed on them, looked at now. @throws Failure of the cluster, but for Forbidden. */
  async ask({ target }: Health): Promise<void> {
    if (!this.#before?.size) return;
    for (const key of this.#still) await this.#askOnce(this.#before.get(key) as ObjectRef);
    if (findCondition(target.conditions, READY)?.reason === FluxReason.HealthCheckFailed) await this.#askOnce(targetRef(this.#target));
  }

  async #askOnce(ref: ObjectRef): Promise<void> {
    const key = objectKey(ref);
    const now = this.#context.clock.now().getTime();
    if (now - (this.#askedAt.get(key) ?? 0) < ASK_EVERY) return;
    this.#askedAt.set(key, now);
    await askNow(this.#context, ref);
  }
}
