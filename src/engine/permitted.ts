/** Asked before anything is written: may all of it be done? */
import type { Target } from '../api/target.ts';
import { Failure } from '../core/failure.ts';
import type { Step } from '../core/plan/plan.ts';
import { lackText } from '../observe/lacks.ts';
import type { Access, Cluster } from '../ports.ts';
import { needsOf, type Wish, wishesOf } from '../steps/needs.ts';

/** Who is told by an Event. */
const EVENT = { verb: 'create', apiVersion: 'v1', kind: 'Event' } as const;

/**
 * @param tells the target on which Events tell what is done.
 * @returns a note for each permission that is missing and not indispensable.
 * @throws Failure Forbidden that names every rule that is missing.
 */
export async function ensurePermitted(steps: readonly Step[], tells: Target, cluster: Cluster): Promise<string[]> {
  const [, notes] = await Promise.all([ensureNeeds(steps, cluster), unfulfilled(steps, tells, cluster)]);
  return notes;
}

async function unfulfilled(steps: readonly Step[], { namespace }: Target, cluster: Cluster): Promise<string[]> {
  const told: Wish = { access: { ...EVENT, namespace }, consequence: 'no Event tells on the target what is done, by whom and why' };
  const wishes = (await Promise.all(steps.map((step) => wishesOf(step, cluster)))).flat();
  const notes = await Promise.all(
    [...wishes, told].map(async ({ access, consequence }) => lackText(await cluster.refusal(access), consequence)),
  );
  return [...new Set(notes.filter((note) => note !== undefined))];
}

async function ensureNeeds(steps: readonly Step[], cluster: Cluster): Promise<void> {
  const needs = (await Promise.all(steps.map((step) => needsOf(step, cluster)))).flat();
  const distinct = [...new Map(needs.map((access) => [keyOf(access), access])).values()];
  const refusals = await Promise.all(distinct.map((access) => cluster.refusal(access)));
  const missing = refusals.filter((refusal) => refusal !== undefined);
  if (missing.length > 0) throw together(missing);
}

function keyOf({ verb, apiVersion, kind, subresource, namespace, name }: Access): string {
  return [verb, apiVersion, kind, subresource, namespace, name].join(' ');
}

function together(missing: readonly Failure[]): Failure {
  const [first] = missing as [Failure];
  return new Failure('Forbidden', `${missing.map((one) => one.message).join('; ')}; nothing was changed`, {
    causes: missing.flatMap((one) => one.causes),
    next: missing.flatMap((one) => one.next),
    ...(first.permission ? { permission: first.permission } : {}),
  });
}
