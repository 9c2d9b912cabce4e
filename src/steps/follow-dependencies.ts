/**
 * While Flux keeps a target waiting for its dependencies: says for which, gives up where one will not get ready, and has
 * Flux look again as soon as one is, for by itself it does so every 30 s (kustomize-controller `--requeue-dependency`).
 */
import { formatTarget, type Target, targetRef } from '../api/target.ts';
import type { Blocker } from '../core/world.ts';
import { observeDependencies } from '../observe/dependencies.ts';
import { askNow } from './ask-now.ts';
import type { StepContext } from './step.ts';

/** Between two looks, and before the same target is asked again, in milliseconds. */
const LOOK_EVERY = 1_000;
const ASK_EVERY = 5_000;

/**
 * Ends once a dependency stands in the way for good.
 * @throws the signal's reason when it is no longer needed; Failure of the cluster.
 */
export async function followDependencies(context: StepContext, target: Target): Promise<Blocker> {
  const asked = new Map<string, number>();
  let told = '';
  for (;;) {
    const { blocker, idle } = await observeDependencies(context.cluster, target);
    if (blocker?.final) return blocker;
    if (blocker && told !== blocker.message) {
      told = blocker.message;
      context.progress(`waiting for ${formatTarget(blocker.target)}: ${blocker.message}`);
    }
    const now = context.clock.now().getTime();
    for (const waiting of idle) {
      const name = formatTarget(waiting);
      if (now - (asked.get(name) ?? 0) < ASK_EVERY) continue;
      asked.set(name, now);
      await askNow(context, targetRef(waiting));
    }
    await context.clock.sleep(LOOK_EVERY, context.signal);
  }
}
