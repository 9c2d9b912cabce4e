/** Writes and removes the mark that ends a failing run. Server-side apply: it owns that one condition and nothing else. */
import { FIELD_MANAGER } from '../api/annotations.ts';
import type { Condition, ObjectRef } from '../api/kube.ts';
import { markCondition, markOf, RENEWED_AFTER } from '../core/abandon/mark.ts';
import { Failure } from '../core/failure.ts';
import type { Clock, Cluster } from '../ports.ts';

/** Tries to remove a mark, and the pause after each, in milliseconds: a mark that stays makes the good version fail. */
const REMOVAL_PAUSES = [100, 300, 1_000, 2_000, 4_000];

interface Ports {
  cluster: Cluster;
  clock: Clock;
}

export type Marking = { kind: 'marked' } | { kind: 'gone' } | { kind: 'refused'; message: string };

export interface Marker {
  rollbackId: string;
  /** Of the object that was waited for: what was made anew under its name is left alone. */
  uid?: string | undefined;
}

/**
 * A mark that stands is written again only now and then, so that who looks sees that a runner is at work.
 * @returns `refused` without the permission, and where somebody else's `Stalled` stands there already. @throws Failure
 */
export async function mark({ cluster, clock }: Ports, ref: ObjectRef, { rollbackId, uid }: Marker): Promise<Marking> {
  const now = clock.now();
  const object = await cluster.get(ref);
  if (!object || (uid !== undefined && object.metadata.uid !== uid)) return { kind: 'gone' };
  const standing = markOf((object.status as { conditions?: Condition[] } | undefined)?.conditions);
  if (standing?.rollbackId === rollbackId && now.getTime() - Date.parse(standing.since) < RENEWED_AFTER) return { kind: 'marked' };
  const condition = markCondition(rollbackId, now.toISOString().replace(/\.\d+Z$/, 'Z'));
  try {
    await cluster.patch(ref, { ...bare(ref), status: { conditions: [condition] } }, { type: 'apply', subresource: 'status' });
    return { kind: 'marked' };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    if (error.code === 'Forbidden' || error.code === 'Conflict') return { kind: 'refused', message: error.message };
    if ((await cluster.get(ref)) === undefined) return { kind: 'gone' };
    throw error;
  }
}

/**
 * Takes the mark out; an object without one stays as it is. Does not listen to Ctrl-C: what was marked is cleaned.
 * @throws Failure where the cluster could not be reached for so long, and Forbidden.
 */
export async function unmark({ cluster, clock }: Ports, ref: ObjectRef): Promise<void> {
  for (const pause of REMOVAL_PAUSES) {
    try {
      return await removeOnce(cluster, ref);
    } catch (error) {
      if (error instanceof Failure && error.code === 'Forbidden') throw error;
      await clock.sleep(pause);
    }
  }
  await removeOnce(cluster, ref);
}

async function removeOnce(cluster: Cluster, ref: ObjectRef): Promise<void> {
  // Asked first: an apply would create what is not there.
  const object = await cluster.get(ref);
  const owns = object?.metadata.managedFields?.some(({ manager, subresource }) => manager === FIELD_MANAGER && subresource === 'status');
  if (owns) await cluster.patch(ref, bare(ref), { type: 'apply', subresource: 'status' });
}

function bare({ apiVersion, kind, name, namespace }: ObjectRef): object {
  return { apiVersion, kind, metadata: { name, ...(namespace === undefined ? {} : { namespace }) } };
}
