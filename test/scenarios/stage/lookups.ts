/** Pods that start only once the Secrets and ConfigMaps are there that they refer to, on every stage. */
import type { Cluster } from '../../../src/ports.ts';
import { STAGE } from './kind.ts';

/** The label that such a pod has in a story; the sandbox's kubelet looks for every pod, and heeds no label. */
export const LOOKS_UP = 'nodes.ebb.dev/looks-up';

/** On the real control plane, where kwok plays the kubelet, its lookups are played here. @returns what ends it. */
export async function withLookups(cluster: Cluster): Promise<() => Promise<void>> {
  if (STAGE === 'sandbox') return async () => {};
  const { playLookups } = await import('../../cluster/nodes/lookups.ts');
  const lookups = playLookups(cluster);
  return () => lookups.stop();
}
