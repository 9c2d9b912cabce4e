/** A node of which nobody hears any more. */
import type { Condition, KubeObject } from '../../../src/api/kube.ts';
import type { Cluster } from '../../../src/ports.ts';
import { STAGE } from './kind.ts';

/**
 * On the sandbox the node controller's part is played: it says that the node is in no known state, and the kubelet falls silent.
 * On the real control plane kwok's stages leave node and pods with an annotation alone, and somebody else takes the node's lease:
 * the real node controller finds after 50 seconds that it is not renewed.
 * @returns the name of the node
 */
export async function loseNode(cluster: Cluster): Promise<string> {
  const [node] = await cluster.list<KubeObject>({ apiVersion: 'v1', kind: 'Node' });
  const name = node?.metadata.name as string;
  await (STAGE === 'sandbox' ? silence(cluster, node as KubeObject) : abandon(cluster, name));
  return name;
}

async function silence(cluster: Cluster, node: KubeObject): Promise<void> {
  const { conditions } = node.status as { conditions: Condition[] };
  const now = `${new Date().toISOString().slice(0, 19)}Z`;
  const lost = { status: 'Unknown', reason: 'NodeStatusUnknown', message: 'Kubelet stopped posting node status.', lastTransitionTime: now };
  const after = conditions.map((condition) => (condition.type === 'Ready' ? { ...condition, ...lost } : condition));
  const ref = { apiVersion: 'v1', kind: 'Node', name: node.metadata.name };
  await cluster.patch(ref, { status: { conditions: after } }, { type: 'merge', subresource: 'status' });
}

async function abandon(cluster: Cluster, name: string): Promise<void> {
  const { LOST } = await import('../../cluster/nodes/behaviour.ts');
  const lost = { metadata: { annotations: { [LOST]: 'true' } } };
  const pods = await cluster.list<KubeObject>({ apiVersion: 'v1', kind: 'Pod' });
  const here = pods.filter(({ spec }) => (spec as { nodeName?: string }).nodeName === name);
  const refs = here.map(({ metadata }) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    namespace: metadata.namespace as string,
    name: metadata.name,
  }));
  for (const ref of [{ apiVersion: 'v1', kind: 'Node', name }, ...refs]) await cluster.patch(ref, lost, { type: 'merge' });
  await takeLease(cluster, name);
}

async function takeLease(cluster: Cluster, name: string): Promise<void> {
  const ref = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', namespace: 'kube-node-lease', name };
  const renewTime = new Date().toISOString().replace(/Z$/, '000Z');
  await cluster.patch(ref, { spec: { holderIdentity: 'nobody', leaseDurationSeconds: 3_600, renewTime } }, { type: 'merge' });
}
