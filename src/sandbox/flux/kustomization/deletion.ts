/** What a Kustomization leaves behind when it is deleted. Source: kustomize-controller finalize(). */
import type { Kustomization } from '../../../api/flux.ts';
import { refOfEntry } from '../../../api/inventory.ts';
import { sleepOn } from '../../clock.ts';
import type { Result } from '../controller.ts';
import { FINALIZER, withoutFinalizer } from '../finalizer.ts';
import { type Change, formatChanges } from '../ssa/change-set.ts';
import { deleteOwned } from '../ssa/delete.ts';
import { timeoutOf } from './defaults.ts';
import { type KustomizationEvent, recordEvent } from './events.ts';
import type { KustomizationRun } from './run.ts';

const TERMINATION_POLL_MS = 2_000;

/** Deletes what belongs to the object, where its policy says so, and lets it go. A suspended one leaves everything as it is. */
export async function finalize(run: KustomizationRun): Promise<Result> {
  const { object, api } = run;
  if (deletesResources(object)) {
    const refs = (object.status.inventory?.entries ?? []).flatMap((entry) => refOfEntry(entry) ?? []);
    const { changes, error } = deleteOwned(refs, object.metadata, api);
    if (error !== undefined) {
      tell(run, { severity: 'error', message: 'pruning for deleted resource failed' });
      return { retry: true };
    }
    if (changes.length > 0) tell(run, { severity: 'info', message: formatChanges(changes) });
    if (object.spec.deletionPolicy === 'WaitForTermination') await waitForTermination(run, changes);
  }
  object.metadata = withoutFinalizer(object.metadata, FINALIZER);
  return {};
}

function deletesResources({ spec, status }: Kustomization): boolean {
  if (spec.suspend || !status?.inventory?.entries.length) return false;
  switch (spec.deletionPolicy ?? 'MirrorPrune') {
    case 'MirrorPrune':
      return spec.prune;
    case 'Orphan':
      return false;
    default:
      return true;
  }
}

async function waitForTermination(run: KustomizationRun, changes: readonly Change[]): Promise<void> {
  const { api, clock, signal, object } = run;
  const deadline = clock.now().getTime() + timeoutOf(object.spec);
  const deleted = changes.filter(({ action }) => action === 'deleted').map(({ ref }) => ref);
  while (deleted.some((ref) => api.describe(ref) && api.get(ref))) {
    if (clock.now().getTime() >= deadline) {
      tell(run, { severity: 'error', message: 'failed to wait for resources termination' });
      return;
    }
    await sleepOn(clock, TERMINATION_POLL_MS, signal);
  }
}

function tell(run: KustomizationRun, event: Pick<KustomizationEvent, 'severity' | 'message'>): void {
  const { lastAppliedRevision: revision, lastAppliedOriginRevision: originRevision } = run.object.status;
  recordEvent(run, { ...event, revision, originRevision });
}
