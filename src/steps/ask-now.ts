/** Asks Flux to look at an object now. Whoever may not write there still gets what Git says, at Flux's own interval. */
import { REQUESTED_AT } from '../api/flux.ts';
import type { ObjectRef } from '../api/kube.ts';
import { Failure } from '../core/failure.ts';
import type { StepContext } from './step.ts';

/**
 * @param token by which the run that was asked for is known in `status.lastHandledReconcileAt`
 * @returns what to add to the line about the wait: empty where Flux was asked. @throws Failure of the cluster, but for Forbidden.
 */
export async function askNow({ cluster, clock }: StepContext, ref: ObjectRef, token = clock.now().toISOString()): Promise<string> {
  try {
    await cluster.patch(ref, { metadata: { annotations: { [REQUESTED_AT]: token } } }, { type: 'merge' });
    return '';
  } catch (error) {
    if (!(error instanceof Failure) || error.code !== 'Forbidden') throw error;
    return `; you have no permission to ask for it now (${error.message}), so Flux comes to it at its own interval`;
  }
}
