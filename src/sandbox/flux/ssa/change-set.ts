/** What became of each object of a run. Source: fluxcd/pkg ssa/changeset.go, ssa/utils/fmt.go. */
import { type KubeObject, type ObjectRef, refOf } from '../../../api/kube.ts';

export type Action = 'created' | 'configured' | 'unchanged' | 'skipped' | 'deleted' | 'unknown';

export interface Change {
  ref: ObjectRef;
  action: Action;
}

export function changeOf(object: KubeObject, action: Action): Change {
  return { ref: refOf(object), action };
}

/** `Deployment/shop/web`; without the namespace for cluster-scoped objects. */
export function subjectOf(ref: ObjectRef): string {
  return ref.namespace ? `${ref.kind}/${ref.namespace}/${ref.name}` : `${ref.kind}/${ref.name}`;
}

/** One line a change: `Deployment/shop/web configured`. */
export function formatChanges(changes: readonly Change[]): string {
  return changes.map(({ ref, action }) => `${subjectOf(ref)} ${action}`).join('\n');
}

/** Did the cluster change by it? */
export function hasChanged({ action }: Change): boolean {
  return action !== 'skipped' && action !== 'unchanged';
}
