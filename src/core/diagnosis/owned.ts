/** Objects that a target's inventory does not tell about: left behind by an apply that failed, or stuck while they are deleted. */
import { findCondition } from '../../api/conditions.ts';
import { READY } from '../../api/flux.ts';
import { formatRef, groupOf, type ObjectRef } from '../../api/kube.ts';
import { formatTarget } from '../../api/target.ts';
import type { OwnedState, TargetState } from '../world.ts';
import type { Finding } from './finding.ts';

const WORKLOADS = new Set(['Deployment', 'StatefulSet', 'DaemonSet', 'Job']);

export function ownedFindings(target: TargetState, owned: OwnedState | undefined): Finding[] {
  if (!owned) return [];
  return [
    ...untrackedOf(target, owned).map((ref) => untracked(target, ref)),
    ...owned.terminating.map(terminating),
    ...owned.missing.filter(isSeenNowhereElse).map(missing),
  ];
}

/** While Flux applies, what it applied is not in the inventory yet (kustomize-controller writes it after the last stage). */
export function untrackedOf({ conditions }: Pick<TargetState, 'conditions'>, owned: OwnedState): ObjectRef[] {
  return findCondition(conditions, READY)?.status === 'Unknown' ? [] : owned.untracked;
}

function untracked({ target }: TargetState, ref: ObjectRef): Finding {
  return {
    severity: 'warning',
    reason: 'Untracked',
    object: ref,
    message: `was applied for ${formatTarget(target)} and is not in its inventory: an apply that failed left it, and Flux will not prune it`,
    details: [`if nothing needs it: ${deletion(ref)}`],
  };
}

function terminating({ ref, since, finalizers, tracked }: OwnedState['terminating'][number]): Finding {
  return {
    severity: tracked ? 'error' : 'warning',
    reason: 'Terminating',
    object: ref,
    message: `was deleted at ${since} and ${waitsFor(finalizers)}`,
    ...(tracked ? { details: ['Flux wants it and creates it anew only once it is gone'] } : {}),
  };
}

/** Workloads are looked at one by one, and those that are gone are told there. */
function isSeenNowhereElse({ kind }: ObjectRef): boolean {
  return !WORKLOADS.has(kind);
}

function missing(ref: ObjectRef): Finding {
  const message = `${formatRef(ref)} is in Flux's inventory and not in the cluster: Flux creates it anew in its next run`;
  return { severity: 'error', reason: 'NotFound', object: ref, message };
}

/** `is not gone: it waits for the finalizer example.com/export`. */
export function waitsFor(finalizers: readonly string[]): string {
  const what = `finalizer${finalizers.length === 1 ? '' : 's'} ${finalizers.join(', ')}`;
  return finalizers.length ? `is not gone: whoever set the ${what} has not let it go` : 'is not gone yet';
}

/** The command that deletes an object. */
export function deletion(ref: ObjectRef): string {
  const group = groupOf(ref.apiVersion);
  const kind = ref.kind.toLowerCase() + (group === '' || group === 'apps' || group === 'batch' ? '' : `.${group}`);
  return `kubectl delete ${kind} ${ref.name}${ref.namespace ? ` -n ${ref.namespace}` : ''}`;
}

/** `ClusterRole/reader is in no inventory …`: for a verdict that is good all the same. */
export function leftBehind(ref: ObjectRef): string {
  return `${formatRef(ref)} is left from an apply that failed and in no inventory, so Flux will not prune it: ${deletion(ref)}`;
}
