/** Pods on a node that does not answer: nobody starts, stops or reports them. Source: pkg/controller/nodelifecycle, pkg/controller/tainteviction. */
import { formatRef, type ObjectRef } from '../../api/kube.ts';
import type { PodState, WorkloadState } from '../world.ts';
import type { Obstacle } from './obstacle.ts';

/**
 * A node may come back, so it is waited for. A Deployment gets another pod elsewhere once the old one is on its way out (five
 * minutes, by default); a StatefulSet gets none before the old one is gone, which only its node can say, or whoever knows that
 * the machine is off.
 */
export function lostNodes({ ref, pods }: WorkloadState): Obstacle[] {
  const holds = ref.kind === 'StatefulSet' || ref.kind === 'DaemonSet';
  // Of a Deployment another pod is there already once the lost one is on its way out.
  const lost = pods.filter((pod): pod is LostPod => pod.lost !== undefined && pod.node !== undefined && (holds || !pod.terminating));
  const groups = new Map<string, LostPod[]>();
  for (const pod of lost) {
    const key = `${pod.node}|${pod.terminating}`;
    groups.set(key, [...(groups.get(key) ?? []), pod]);
  }
  return [...groups.values()].map((group) => lostNode(group, ref, holds));
}

interface LostPod extends PodState {
  node: string;
  lost: string;
}

function lostNode(pods: readonly LostPod[], ref: ObjectRef, holds: boolean): Obstacle {
  const { node, lost, terminating } = pods[0] as LostPod;
  const names = pods.map(({ name }) => name).sort();
  const several = names.length > 1;
  const how = terminating
    ? `${several ? 'are' : 'is'} Terminating and ${several ? 'stay' : 'stays'} so`
    : `${several ? 'are' : 'is'} not ready`;
  return {
    reason: 'NodeNotReady',
    object: { kind: 'Node', name: node },
    message: `Node/${node} does not answer (${lost}), and ${several ? 'Pods' : 'Pod'} ${names.join(', ')} of ${formatRef(ref)} on it ${how}`,
    details: [
      holds
        ? `a ${ref.kind} makes no other pod in place of one that is not gone`
        : 'others are made elsewhere once Kubernetes gives these up: 5 minutes after the node was lost, by default',
    ],
    next: [
      `kubectl describe node ${node}`,
      `kubectl delete node ${node}   # only if the machine is off for good: its pods are forgotten, and made elsewhere`,
    ],
    pods: names,
  };
}
