/** How one of the others is, beyond what its Kustomization says. */
import { computeStatus } from '../api/kstatus.ts';
import { formatRef, type ObjectRef } from '../api/kube.ts';
import type { OtherOutcome } from '../core/bring-along/outcome.ts';
import { observeHealth } from '../observe/health.ts';
import type { Cluster } from '../ports.ts';

/** @returns the first that is not well, the gravest first; an empty message where all are. @throws Failure of the cluster. */
export async function changedText(
  cluster: Cluster,
  changed: readonly ObjectRef[],
): Promise<{ state: 'well' | 'waiting' | 'failed'; message: string }> {
  const looked = await Promise.all(changed.map(async (ref) => ({ ref, health: await healthOf(cluster, ref) })));
  const open = looked.filter(({ health }) => health.status !== 'Current');
  const worst = open.find(({ health }) => health.status === 'Failed') ?? open[0];
  if (!worst) return { state: 'well', message: '' };
  const message = `${formatRef(worst.ref)}: ${worst.health.message}`;
  return { state: worst.health.status === 'Failed' ? 'failed' : 'waiting', message };
}

async function healthOf(cluster: Cluster, ref: ObjectRef): Promise<{ status: string; message: string }> {
  const object = await cluster.get(ref);
  return object ? computeStatus(object) : { status: 'NotFound', message: 'not in the cluster' };
}

/** Adds what keeps it from getting well, where it can be seen: a container that does not start, an image that is not there. */
export async function withCause(cluster: Cluster, outcome: OtherOutcome): Promise<void> {
  const health = await observeHealth(cluster, outcome.target, { logs: false }).catch(() => undefined);
  const cause = health?.findings.find(({ severity, object }) => severity === 'error' && object.kind !== outcome.target.kind);
  if (cause) outcome.message = `${outcome.message}; ${cause.reason} on ${formatRef(cause.object)}: ${cause.message}`;
}
