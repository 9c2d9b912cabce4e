/** Says what the run is about to do: Reconciling with a message for each stage. */
import { READY } from '../../../../api/flux.ts';
import { goDuration } from '../../go-duration.ts';
import { timeoutOf } from '../defaults.ts';
import type { AttemptRun } from '../run.ts';

/** Ready becomes unknown with every run, also one that finds nothing to do. */
export async function announceRun(run: AttemptRun): Promise<void> {
  run.conditions.markUnknown(READY, 'Progressing', 'Reconciliation in progress');
  announce(run, 'Fetching manifests');
}

/** `Building manifests for revision main@sha1:… with a timeout of 5m0s`. */
export function announce(run: AttemptRun, doing: string): void {
  run.conditions.markReconciling('Progressing', progressMessage(run, doing));
  run.patch();
}

export function progressMessage({ revision, object }: AttemptRun, doing: string): string {
  return `${doing} for revision ${revision} with a timeout of ${goDuration(timeoutOf(object.spec))}`;
}
