/** Records the new inventory and deletes what dropped out of it: after the apply, before health is checked. */
import type { InventoryEntry } from '../../../../api/flux.ts';
import { entryOf, refOfEntry } from '../../../../api/inventory.ts';
import type { ObjectRef } from '../../../../api/kube.ts';
import { formatChanges } from '../../ssa/change-set.ts';
import { deleteOwned } from '../../ssa/delete.ts';
import { recordEvent } from '../events.ts';
import { AttemptFailure, type AttemptRun } from '../run.ts';

export async function collectGarbage(run: AttemptRun): Promise<void> {
  const { object, api, revision, originRevision } = run;
  const entries = run.changes.map(({ ref }) => entryOf(ref));
  object.status.inventory = { entries };
  if (!object.spec.prune) return;
  const stale = staleRefs(run.inventoryBefore.entries, entries);
  if (stale.length === 0) return;
  const { changes, error, survivors } = deleteOwned(stale, object.metadata, api);
  if (error !== undefined) {
    // Kept in the inventory, so that the next run tries again.
    object.status.inventory = { entries: [...entries, ...survivors.map(entryOf)] };
    throw new AttemptFailure('PruneFailed', error, { recorded: true });
  }
  recordEvent(run, { severity: 'info', message: formatChanges(changes), revision, originRevision });
}

/** By id alone: another API version of the same object is the same object. */
function staleRefs(before: readonly InventoryEntry[], after: readonly InventoryEntry[]): ObjectRef[] {
  const kept = new Set(after.map(({ id }) => id));
  return before.filter(({ id }) => !kept.has(id)).flatMap((entry) => refOfEntry(entry) ?? []);
}
