/** When something is first seen in a cluster. */
import { GIT_REPOSITORY, type Kustomization, REQUESTED_AT } from '../../src/api/flux.ts';
import type { KubeObject, ObjectRef } from '../../src/api/kube.ts';
import type { Cluster } from '../../src/ports.ts';

/**
 * Follows one object until it is as wanted. @returns that moment, as `performance.now()` tells it.
 * @throws the signal's reason.
 */
export async function firstSeen<T extends KubeObject>(
  cluster: Cluster,
  { namespace = '', name, ...kind }: ObjectRef,
  signal: AbortSignal,
  met: (object: T) => boolean,
): Promise<number> {
  for await (const { type, object } of cluster.watch<T>(kind, { namespace, fieldSelector: `metadata.name=${name}` }, signal)) {
    if (type !== 'DELETED' && met(object)) return performance.now();
  }
  throw signal.reason;
}

/** Has Flux look at an object now, as a webhook receiver or `flux reconcile` does. */
export async function ask(cluster: Cluster, ref: ObjectRef): Promise<void> {
  await cluster.patch(ref, { metadata: { annotations: { [REQUESTED_AT]: new Date().toISOString() } } }, { type: 'merge' });
}

export function sourceRef(name: string): ObjectRef {
  return { ...GIT_REPOSITORY, namespace: 'flux-system', name };
}

/** Healthy, says Flux, at this commit. */
export function isWell({ status }: Kustomization, commit: string): boolean {
  const ready = status?.conditions?.find((condition) => condition.type === 'Ready');
  return ready?.status === 'True' && status?.lastAppliedRevision?.endsWith(commit) === true;
}
