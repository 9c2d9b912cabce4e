/** Marks of a rollback that is no longer at work: whoever comes by takes them out, for they make every health check fail. */
import { formatRef, type ObjectRef } from '../api/kube.ts';
import type { Target } from '../api/target.ts';
import { isLeftBehind } from '../core/abandon/mark.ts';
import { observeRuns } from '../observe/runs.ts';
import { unmark } from './mark.ts';
import type { StepContext } from './step.ts';

/**
 * Takes out the marks of this rollback, and of any other that had its time.
 * @returns the objects that carried one. @throws Failure of the cluster
 */
export async function removeLeftBehind(
  context: Pick<StepContext, 'cluster' | 'clock' | 'rollbackId' | 'progress'>,
  target: Target,
): Promise<ObjectRef[]> {
  const now = context.clock.now();
  const { marked } = await observeRuns(context.cluster, target, now);
  const left = marked.filter(({ mark }) => mark.rollbackId === context.rollbackId || isLeftBehind(mark, now)).map(({ ref }) => ref);
  if (left.length > 0) context.progress(`taking out marks that a rollback left behind on ${left.map(formatRef).join(', ')}`);
  await Promise.all(left.map((ref) => unmark(context, ref)));
  return left;
}
