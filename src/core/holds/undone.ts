/** Holds that somebody else ended: the record of who and why is still there, what was held is not. */
import { FIELD_MANAGER, HELD_BY, PIN_RESTORES, PINNED_COMMIT } from '../../api/annotations.ts';
import type { SourceReference } from '../../api/flux.ts';
import type { KubeObject } from '../../api/kube.ts';
import { type HeldField, newestOwners } from './field-owners.ts';
import { type Hold, recordOf } from './hold.ts';

/** What `unpin` puts back; JSON in annotation `ebb.dev/pin-restores`. */
export interface PinRestores {
  sourceRef: SourceReference;
  /** The pin had to tell the parent not to touch the target. */
  disabledReconcile: boolean;
}

/** The name of a target's own source. */
export function pinSourceName(target: { namespace: string; name: string }, sourceNamespace: string): string {
  return target.namespace === sourceNamespace ? `${target.name}-pin` : `${target.namespace}-${target.name}-pin`;
}

export interface UndoneHold extends Hold {
  /** The field that is no longer as the hold wants it. */
  field: HeldField;
  /** The manager that wrote it last; absent where the field is gone. */
  undoneBy?: string;
  /** RFC 3339. */
  undoneAt?: string;
}

/** What a pinned target's `sourceRef` was before the pin; undefined where it is not pinned by a source of its own. */
export function pinRestoresOf(object: KubeObject): PinRestores | undefined {
  const text = object.metadata.annotations?.[PIN_RESTORES];
  if (text === undefined) return undefined;
  try {
    const parsed = JSON.parse(text) as PinRestores;
    return typeof parsed.sourceRef?.name === 'string' ? parsed : undefined;
  } catch {
    return undefined;
  }
}

/**
 * The hold that an object's annotations tell of and that its spec denies. Ebb writes both in one patch, and takes both away
 * in one. A suspension counts only where another manager says `suspend: false`: `flux resume` takes the field out, which is
 * somebody's decision.
 */
export function undoneHoldOf(object: KubeObject): UndoneHold | undefined {
  const field = undoneField(object);
  if (field === undefined) return undefined;
  const owner = newestOwners(object, field).find(({ manager }) => manager !== FIELD_MANAGER);
  if (field === 'spec.suspend' && owner === undefined) return undefined;
  return {
    ...recordOf(object),
    kind: field === 'spec.suspend' ? 'suspend' : 'pin',
    field,
    ...(owner ? { undoneBy: owner.manager } : {}),
    ...(owner?.time ? { undoneAt: owner.time } : {}),
  };
}

function undoneField(object: KubeObject): HeldField | undefined {
  const annotations = object.metadata.annotations ?? {};
  const spec = (object.spec ?? {}) as { suspend?: boolean; ref?: { commit?: string }; sourceRef?: SourceReference };
  const commit = annotations[PINNED_COMMIT];
  if (object.kind === 'GitRepository' && commit !== undefined) return spec.ref?.commit === commit ? undefined : 'spec.ref.commit';
  const restores = pinRestoresOf(object);
  if (restores) return readsPinSource(object, spec.sourceRef, restores) ? undefined : 'spec.sourceRef';
  return annotations[HELD_BY] !== undefined && commit === undefined && spec.suspend !== true ? 'spec.suspend' : undefined;
}

function readsPinSource({ metadata }: KubeObject, reads: SourceReference | undefined, restores: PinRestores): boolean {
  const target = { namespace: metadata.namespace ?? '', name: metadata.name };
  const namespace = restores.sourceRef.namespace ?? target.namespace;
  return reads?.name === pinSourceName(target, namespace) && (reads.namespace ?? target.namespace) === namespace;
}

/** `the suspension by Ann Lee was undone by kustomize-controller: spec.suspend is no longer as it was set`. */
export function undoneText(hold: UndoneHold): string {
  const what = hold.kind === 'pin' ? `pin to ${hold.commit?.slice(0, 8)}` : 'suspension';
  const by = hold.undoneBy ?? 'someone';
  return `the ${what}${hold.by ? ` by ${hold.by}` : ''} was undone by ${by}: ${hold.field} is no longer as it was set`;
}
