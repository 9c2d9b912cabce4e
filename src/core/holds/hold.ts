/**
 * A hold: something keeps a target from following Git, on purpose. A suspended target, or one pinned to a commit.
 * Who, why, since and until live in annotations on the held object itself, so that everyone who looks sees them.
 */
import { FIELD_MANAGER, HELD_BY, HELD_SINCE, HOLD_REASON, HOLD_UNTIL, PINNED_COMMIT } from '../../api/annotations.ts';
import type { KubeObject, ManagedFieldsEntry } from '../../api/kube.ts';
import type { Sha } from '../commit.ts';
import { newestOwners } from './field-owners.ts';

/** Who writes what Git declares. */
const DECLARING_MANAGER = 'kustomize-controller';

export interface Hold {
  kind: 'suspend' | 'pin';
  /** Absent where nobody left a name: suspended by other means than Ebb. */
  by?: string;
  /** The field manager that suspended, where nobody left a name: `flux`, `kubectl-patch` … */
  manager?: string;
  reason?: string;
  /** RFC 3339. */
  since?: string;
  until?: string;
  /** The commit of a pin. */
  commit?: Sha;
}

/**
 * The hold on an object; undefined where it follows Git. What the annotations say about a suspension counts only where
 * Ebb is the one who suspended: `flux resume` leaves them behind, a pin beneath has some too, and whoever suspends next must
 * not stand under another's name, nor be resumed at another's time.
 */
export function holdOf(object: KubeObject): Hold | undefined {
  const annotations = object.metadata.annotations ?? {};
  const suspended = (object.spec as { suspend?: boolean } | undefined)?.suspend === true;
  const commit = annotations[PINNED_COMMIT];
  if (!suspended) return commit === undefined ? undefined : { kind: 'pin', commit, ...recorded(annotations) };
  const suspender = newestSuspender(object);
  const foreign = suspender !== undefined && suspender.manager !== FIELD_MANAGER;
  const hold: Hold = { kind: 'suspend', ...(foreign ? {} : recorded(annotations)), ...(commit === undefined ? {} : { commit }) };
  if (hold.by === undefined && suspender) {
    hold.manager = suspender.manager;
    if (hold.since === undefined && suspender.time !== undefined) hold.since = suspender.time;
  }
  return hold;
}

/** What the annotations say of a hold, whether it holds or not. */
export function recordOf({ metadata }: KubeObject): Omit<Hold, 'kind' | 'manager'> {
  const commit = metadata.annotations?.[PINNED_COMMIT];
  return { ...recorded(metadata.annotations ?? {}), ...(commit === undefined ? {} : { commit }) };
}

function recorded(annotations: Record<string, string>): Pick<Hold, 'by' | 'reason' | 'since' | 'until'> {
  const fields = { by: HELD_BY, reason: HOLD_REASON, since: HELD_SINCE, until: HOLD_UNTIL };
  return Object.fromEntries(
    Object.entries(fields).flatMap(([field, key]) => (annotations[key] === undefined ? [] : [[field, annotations[key]]])),
  );
}

/**
 * The commit that others than Ebb made a GitRepository stand still at, as the guide does it (`spec.ref.commit`); undefined where
 * there is none, or where Git itself declares it.
 */
export function foreignPinOf(source: KubeObject): Hold | undefined {
  const commit = (source.spec as { ref?: { commit?: string } } | undefined)?.ref?.commit;
  if (commit === undefined || source.metadata.annotations?.[PINNED_COMMIT] !== undefined) return undefined;
  const [owner] = newestOwners(source, 'spec.ref.commit');
  if (owner?.manager === DECLARING_MANAGER) return undefined;
  return { kind: 'pin', commit, ...(owner ? { manager: owner.manager } : {}), ...(owner?.time ? { since: owner.time } : {}) };
}

/** The manager that owns `spec.suspend`: Ebb where it is among them, else the one that wrote last. */
function newestSuspender(object: KubeObject): ManagedFieldsEntry | undefined {
  const newest = newestOwners(object, 'spec.suspend');
  return newest.find((entry) => entry.manager === FIELD_MANAGER) ?? newest[0];
}

/** Did a hold run out? One without an end, or with an end that nobody can read, does not. */
export function isExpired(hold: Hold, now: Date): boolean {
  return hold.until !== undefined && Date.parse(hold.until) <= now.getTime();
}

/** When a hold ends that begins now: RFC 3339 in whole seconds, never early. @param forMs milliseconds */
export function holdEnd(now: Date, forMs: number): string {
  return new Date(Math.ceil((now.getTime() + forMs) / 1_000) * 1_000).toISOString().replace('.000Z', 'Z');
}

/** The annotations that record a hold; `null` removes one (merge patch). */
export function holdAnnotations(hold: Omit<Hold, 'kind' | 'manager'>): Record<string, string | null> {
  return {
    [HELD_BY]: hold.by ?? null,
    [HOLD_REASON]: hold.reason ?? null,
    [HELD_SINCE]: hold.since ?? null,
    [HOLD_UNTIL]: hold.until ?? null,
    [PINNED_COMMIT]: hold.commit ?? null,
  };
}

/** The merge patch that removes every trace of a hold. */
export function noHoldAnnotations(): Record<string, null> {
  return { [HELD_BY]: null, [HOLD_REASON]: null, [HELD_SINCE]: null, [HOLD_UNTIL]: null, [PINNED_COMMIT]: null };
}
