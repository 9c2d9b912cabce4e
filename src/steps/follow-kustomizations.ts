/** Follows many Kustomizations by few watches: one for the cluster, or one a namespace. */
import { KUSTOMIZATION, type Kustomization } from '../api/flux.ts';
import type { Target } from '../api/target.ts';
import { Failure } from '../core/failure.ts';
import type { Cluster, WatchEvent } from '../ports.ts';

/** So many namespaces are followed by a watch of their own each, rather than all of the cluster for their sake. */
const FEW = 3;

export interface Listener {
  hear(event: WatchEvent<Kustomization>): void;
  /** Nothing is heard of these: why not, for people. */
  lack(namespace: string, message: string): void;
}

/** Ends when `signal` aborts. @throws Failure of the cluster, but for Forbidden. */
export async function followKustomizations(
  cluster: Cluster,
  targets: readonly Target[],
  listener: Listener,
  signal: AbortSignal,
): Promise<void> {
  const namespaces = [...new Set(targets.map(({ namespace }) => namespace))];
  if (namespaces.length > FEW && (await follow(cluster, undefined, listener, signal)) === undefined) return;
  await Promise.all(
    namespaces.map(async (namespace) => {
      const refused = await follow(cluster, namespace, listener, signal);
      if (refused) listener.lack(namespace, refused.message);
    }),
  );
}

/** @returns why it may not. */
async function follow(
  cluster: Cluster,
  namespace: string | undefined,
  { hear }: Listener,
  signal: AbortSignal,
): Promise<Failure | undefined> {
  const options = namespace === undefined ? {} : { namespace };
  try {
    for await (const event of cluster.watch<Kustomization>(KUSTOMIZATION, options, signal)) hear(event);
    return undefined;
  } catch (error) {
    if (error instanceof Failure && error.code === 'Forbidden') return error;
    throw error;
  }
}
