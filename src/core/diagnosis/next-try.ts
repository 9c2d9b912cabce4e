/** When Flux comes back by itself to what failed, and how it is asked to do so now. */
import { findCondition } from '../../api/conditions.ts';
import { formatDuration } from '../../api/duration.ts';
import { FluxReason, READY } from '../../api/flux.ts';
import type { SourceState, TargetState } from '../world.ts';

/**
 * `Flux tries again at 04:42:17Z, …`: Ready turns to False when a run ends, and the next one begins `retryInterval` after that
 * (kustomize-controller, Reconcile: RequeueAfter of GetRetryInterval). Undefined where nothing failed, or Flux knows better: a
 * dependency is looked at after a time of its own.
 */
export function nextTry({ target, conditions, retryIntervalMs, suspended }: TargetState): string | undefined {
  const ready = findCondition(conditions, READY);
  const ended = Date.parse(ready?.lastTransitionTime ?? '');
  if (ready?.status !== 'False' || ready.reason === FluxReason.DependencyNotReady || suspended) return undefined;
  if (target.kind !== 'Kustomization' || retryIntervalMs === undefined || Number.isNaN(ended)) return undefined;
  const at = new Date(ended + retryIntervalMs).toISOString().replace('.000Z', 'Z');
  return `Flux tries again at ${at}, ${formatDuration(retryIntervalMs)} after it failed (spec.retryInterval, or spec.interval)`;
}

/** Has Flux reconcile a target now. */
export function reconcileCommand({ target }: Pick<TargetState, 'target'>): string {
  return `flux reconcile ${target.kind.toLowerCase()} ${target.name} -n ${target.namespace}`;
}

/**
 * Why a revision has not come to a target that follows this source.
 * @param attempted the revision that the target is at
 */
export function sourceText(source: SourceState, attempted: string | undefined): { message: string; next: string[] } | undefined {
  const { name, suspended, conditions, revision, intervalMs } = source;
  const subject = `${name.kind}/${name.namespace}/${name.name}`;
  const fetchNow = `flux reconcile source git ${name.name} -n ${name.namespace}`;
  if (suspended)
    return { message: `${subject} is suspended and fetches nothing`, next: [`flux resume source git ${name.name} -n ${name.namespace}`] };
  const ready = findCondition(conditions, READY);
  const every = intervalMs === undefined ? '' : `, and looks every ${formatDuration(intervalMs)}`;
  if (ready?.status === 'False')
    return {
      message: `${subject} cannot fetch it: ${ready.reason}: ${ready.message ?? ''}${every}`,
      next: [`kubectl describe gitrepository ${name.name} -n ${name.namespace}`, fetchNow],
    };
  if (revision !== undefined && revision === attempted) return { message: `${subject} has not fetched it yet${every}`, next: [fetchNow] };
  return undefined;
}
