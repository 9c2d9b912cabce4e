/** Marks of a rollback that is no longer at work: whoever comes by takes them out, for they make every health check fail. */
import { formatRef, type ObjectRef } from '../api/kube.ts';
import type { Target } from '../api/target.ts';
import { isLeftBehind, type Mark } from '../core/abandon/mark.ts';
import { Failure } from '../core/failure.ts';
import { observeRuns } from '../observe/runs.ts';
import { everyOne } from './every-one.ts';
import { unmark } from './mark.ts';
import type { StepContext } from './step.ts';

type Context = Pick<StepContext, 'cluster' | 'clock' | 'rollbackId' | 'progress'>;

interface Marked {
  ref: ObjectRef;
  mark: Mark;
}

/**
 * Takes out the marks of this rollback, and of any other that had its time.
 * @returns the objects that carried one. @throws Failure of the cluster
 */
export async function removeLeftBehind(context: Context, target: Target): Promise<ObjectRef[]> {
  const { marked } = await observeRuns(context.cluster, target, context.clock.now());
  return removeLeftOf(context, marked);
}

/** The same, where the marks were seen already. Whoever may only look leaves them. */
export async function removeLeftOf(context: Context, marked: readonly Marked[]): Promise<ObjectRef[]> {
  const now = context.clock.now();
  const left = marked.filter(({ mark }) => mark.rollbackId === context.rollbackId || isLeftBehind(mark, now)).map(({ ref }) => ref);
  if (left.length > 0) context.progress(`taking out marks that a rollback left behind on ${left.map(formatRef).join(', ')}`);
  const freed = await everyOne(left.map((ref) => free(context, ref)));
  return left.filter((_, index) => freed[index]);
}

async function free(context: Context, ref: ObjectRef): Promise<boolean> {
  try {
    await unmark(context, ref);
    return true;
  } catch (error) {
    if (error instanceof Failure && error.code === 'Forbidden') return false;
    throw error;
  }
}
