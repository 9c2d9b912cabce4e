/** Garbage collection. Source: kustomize-controller deleteObjects, fluxcd/pkg ssa/manager_delete.go. */
import { type ObjectRef, objectKey } from '../../../api/kube.ts';
import type { ClusterApi } from '../../cluster.ts';
import { type Action, type Change, subjectOf } from './change-set.ts';
import { isMarked, isOwnedBy, NOT_PRUNED } from './metadata.ts';
import { byApplyOrder } from './order.ts';

export interface Deletion {
  changes: Change[];
  /** Why some were not deleted; absent where all went well. */
  error?: string;
  /** Whose deletion the API server did not confirm. */
  survivors: ObjectRef[];
}

/** Deletes what belongs to `owner` and may be pruned, in reverse order of applying. What is gone already counts as deleted. */
export function deleteOwned(refs: readonly ObjectRef[], owner: { namespace: string; name: string }, api: ClusterApi): Deletion {
  const changes: Change[] = [];
  const errors: string[] = [];
  for (const ref of [...refs].sort(byApplyOrder).reverse()) {
    try {
      changes.push({ ref, action: deleteOne(ref, owner, api) });
    } catch (error) {
      changes.push({ ref, action: 'unknown' });
      errors.push(`${subjectOf(ref)} delete failed: ${(error as Error).message};`);
    }
  }
  const unsettled = new Set(changes.filter(({ action }) => action === 'unknown').map(({ ref }) => objectKey(ref)));
  const survivors = refs.filter((ref) => unsettled.has(objectKey(ref)));
  return errors.length === 0 ? { changes, survivors } : { changes, survivors, error: `delete failed, errors: ${errors.join('')}` };
}

function deleteOne(ref: ObjectRef, owner: { namespace: string; name: string }, api: ClusterApi): Action {
  const existing = api.describe(ref) && api.get(ref);
  if (!existing) return 'deleted';
  if (!isOwnedBy(existing, owner) || isMarked(existing, NOT_PRUNED)) return 'skipped';
  api.delete(ref, { propagationPolicy: 'Background' });
  return 'deleted';
}
