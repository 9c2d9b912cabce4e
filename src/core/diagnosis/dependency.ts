/**
 * Does a Kustomization hold up those that depend on it, and for good? As kustomize-controller judges it:
 * checkDependencies() of internal/controller/kustomization_controller.go.
 */
import { findCondition, isTrue } from '../../api/conditions.ts';
import { FluxReason, type Kustomization, READY, STALLED } from '../../api/flux.ts';
import { shortRevision } from '../../api/revision.ts';
import { formatTarget } from '../../api/target.ts';
import type { Blocker } from '../world.ts';
import { UNDER_WAY } from './under-way.ts';

export interface Dependency {
  object: Kustomization | undefined;
  /** What its own source has now. */
  available: string | undefined;
  /** The revision that it must have applied: that of the dependent's source, where both read the same one. */
  needed: string | undefined;
  /** `readyExpr`: Flux judges it by an expression instead. */
  byExpression: boolean;
}

export type Standing =
  | { kind: 'ready' }
  /** It waits for dependencies of its own. */
  | { kind: 'dependent' }
  | { kind: 'blocks'; final: boolean; reason: string; message: string };

/** How a dependency stands towards what waits for it. */
export function standingOf(dependency: Dependency): Standing {
  const { object, available, needed, byExpression } = dependency;
  if (!object) return { kind: 'blocks', final: true, reason: 'NotFound', message: 'it does not exist' };
  if (byExpression) return { kind: 'ready' };
  const { status } = object;
  const ready = findCondition(status?.conditions, READY);
  const observed = status?.observedGeneration === object.metadata.generation;
  const current = needed === undefined || status?.lastAppliedRevision === needed;
  if (ready?.status === 'True' && observed && current) return { kind: 'ready' };
  if (object.spec.suspend) return suspended(status?.lastAppliedRevision, needed);
  if (ready?.status === 'False' && ready.reason === FluxReason.DependencyNotReady) return { kind: 'dependent' };
  if (ready?.status === 'True') return { kind: 'blocks', final: false, reason: FluxReason.Progressing, message: behind(needed) };
  const reason = ready?.reason ?? FluxReason.Progressing;
  const message = ready?.message || 'Flux is working on it';
  const failed = ready?.status === 'False' && (!UNDER_WAY.has(reason) || isTrue(status?.conditions, STALLED));
  // What failed on an older revision may be healed by the one that it has not tried yet.
  if (failed && available !== undefined && status?.lastAttemptedRevision !== available)
    return { kind: 'blocks', final: false, reason, message: `${message}; it has not tried ${shortRevision(available)} yet` };
  return { kind: 'blocks', final: failed, reason, message };
}

/** While it is suspended it never applies the revision that those who read the same source wait for. */
function suspended(applied: string | undefined, needed: string | undefined): Standing {
  const at = applied === undefined ? 'nothing' : shortRevision(applied);
  const wanted = needed === undefined ? '' : `, and ${shortRevision(needed)} is needed`;
  return { kind: 'blocks', final: true, reason: 'Suspended', message: `it is suspended at ${at}${wanted}` };
}

function behind(needed: string | undefined): string {
  return needed === undefined ? 'Flux has not observed its spec yet' : `it has not applied ${shortRevision(needed)} yet`;
}

/** The command that gets a blocker out of the way. */
export function remedyFor({ target, reason }: Blocker): string {
  const name = formatTarget(target);
  if (reason === 'Suspended') return `ebb resume ${name}`;
  // One that is not there is declared nowhere any more, or by a parent that has not applied it.
  return reason === 'NotFound' ? 'flux get kustomizations --all-namespaces' : `ebb rollback ${name}`;
}
