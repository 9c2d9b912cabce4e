/** A hold on a field that somebody else applies again and again: it would not last. */
import { formatRef } from '../../api/kube.ts';
import { formatTarget } from '../../api/target.ts';
import type { HeldField } from '../holds/field-owners.ts';
import type { SourceState, TargetState } from '../world.ts';
import type { Hazard } from './hazard.ts';

/** The field that a hold would write, whose it is, and who would put it back. */
interface Contest {
  field: HeldField;
  object: string;
  manager: string;
  /** The Kustomization by which Git declares the object. */
  parent: string | undefined;
  /** `spec.ref.commit` of the target's source is free. */
  sourceIsFree: boolean;
}

export interface ContestedInput {
  target: TargetState;
  source?: SourceState;
  strategy: string;
  pinScope?: 'target' | 'source';
}

/** Blocking, for what is held would come back at a time of its own. */
export function contestedFields(input: ContestedInput): Hazard[] {
  return contests(input).map((contest) => ({
    name: 'FieldContested',
    severity: 'block',
    evidence: `${contest.manager} applies ${contest.field} of ${contest.object}, and would undo it`,
    advice: remedy(contest),
  }));
}

function contests({ target, source, strategy, pinScope = 'target' }: ContestedInput): Contest[] {
  const parent = target.parent ? formatTarget(target.parent) : undefined;
  const sourceIsFree = source !== undefined && source.appliers?.['spec.ref.commit'] === undefined;
  if (strategy === 'suspend') {
    const object = formatTarget(target.target);
    return (target.appliers?.['spec.suspend'] ?? []).map((manager) => ({ field: 'spec.suspend', object, manager, parent, sourceIsFree }));
  }
  if (strategy !== 'pin') return [];
  if (pinScope === 'source' && source) {
    const object = formatRef({ ...source.name, kind: source.name.kind.toLowerCase() });
    const managers = source.appliers?.['spec.ref.commit'] ?? [];
    return managers.map((manager) => ({ field: 'spec.ref.commit', object, manager, parent: undefined, sourceIsFree }));
  }
  // The pin tells the parent to leave the target alone (annotation `reconcile: disabled`); nobody else heeds that.
  const managers = (target.appliers?.['spec.sourceRef'] ?? []).filter(
    (manager) => parent === undefined || manager !== 'kustomize-controller',
  );
  return managers.map((manager) => ({ field: 'spec.sourceRef', object: formatTarget(target.target), manager, parent, sourceIsFree }));
}

function remedy(contest: Contest): string {
  const { field, manager, object, parent, sourceIsFree } = contest;
  if (manager === 'kustomize-controller' && field === 'spec.suspend')
    return `set spec.suspend: true in Git, where ${parent ?? 'a Kustomization'} applies it from; or ebb pin ${object}, which holds all the same`;
  if (manager === 'kustomize-controller') return `change ${field} in Git, which declares it`;
  if (field === 'spec.sourceRef' && sourceIsFree) return `--scope source pins the source's spec.ref.commit, which nobody else applies`;
  // Heeded on what a FluxInstance applies since flux-operator#1011.
  if (manager === 'flux-operator')
    return `change it in the FluxInstance; or kubectl annotate fluxinstance flux -n flux-system fluxcd.controlplane.io/reconcile=disabled meanwhile`;
  return `have ${manager} leave ${field} alone first`;
}
