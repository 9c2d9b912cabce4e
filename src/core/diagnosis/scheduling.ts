/** Why no node takes a pod, in the scheduler's words, and who holds the room. Source: pkg/scheduler/framework/types.go (FitError.Error). */
import { formatRef } from '../../api/kube.ts';
import type { PodState, WorkloadState } from '../world.ts';
import type { Obstacle, Owner } from './obstacle.ts';

/** `1 Insufficient cpu, 2 node(s) had untolerated taint(s)`: without what it says about preemption and claims of devices. */
export function nodesText(message: string): string {
  const [, text = message] = /^\d+\/\d+ nodes are available: (.*)$/s.exec(message) ?? [];
  return text
    .replace(/\.? (?:no new claims to deallocate|preemption:).*$/s, '')
    .replace(/[.,]?\s*(?:not found)?\s*$/, '')
    .trim();
}

/**
 * A node may be added, another pod may end, somebody may uncordon: it is waited for, and named meanwhile.
 */
export function notPlaced(pod: PodState, workload: WorkloadState, { target }: Owner): Obstacle {
  const message = pod.unschedulable ?? '';
  if (/unbound immediate PersistentVolumeClaims/.test(message)) return unbound(pod, workload);
  const { ref } = workload;
  const isShort = /Insufficient |Too many pods/.test(message);
  const holders = isShort ? holdersOf(workload) : [];
  const stays = holders.length > 0 && workload.maxUnavailable === 0;
  const parts = [
    `no node takes new pods of ${formatRef(ref)}: ${nodesText(message)}`,
    ...(isShort ? asksText(workload) : []),
    ...(holders.length ? [holdersText(holders.length, stays)] : []),
  ];
  return {
    reason: 'FailedScheduling',
    object: ref,
    message: parts.join('; '),
    details: [
      ...(stays ? [`Git says how many may be away, so Flux may put maxUnavailable back in its next run of ${target.name}`] : []),
      ...(isShort && workload.autoscaled ? [`an autoscaler holds it at ${workload.desired} replicas: fewer may fit`] : []),
    ],
    next: [...(stays ? [makeRoom(ref.name, ref.namespace)] : []), ...looks(message)],
    pods: [pod.name],
  };
}

/** Pods of another version that have a node. */
function holdersOf({ pods }: WorkloadState): PodState[] {
  return pods.filter(({ current, terminating, node, phase }) => !current && !terminating && node !== undefined && phase !== 'Failed');
}

function holdersText(count: number, stays: boolean): string {
  const who = `${count} pod${count === 1 ? '' : 's'} of the other version ${count === 1 ? 'holds' : 'hold'} room`;
  return stays ? `${who} and may not go before new ones are ready (maxUnavailable comes to 0)` : who;
}

function asksText({ asks = {} }: WorkloadState): string[] {
  const resources = Object.entries(asks).map(([resource, quantities]) => `${resource} ${quantities.join(' + ')}`);
  return resources.length ? [`each asks for ${resources.join(', ')}`] : [];
}

function makeRoom(name: string, namespace: string | undefined): string {
  const patch = JSON.stringify({ spec: { strategy: { rollingUpdate: { maxUnavailable: 1 } } } });
  return `kubectl patch deployment ${name} -n ${namespace} --type merge -p '${patch}'`;
}

function looks(message: string): string[] {
  return [
    ...(/unschedulable/.test(message) ? ['kubectl get nodes   # then, of the node that is cordoned: kubectl uncordon NODE'] : []),
    ...(/taint/.test(message) ? ['kubectl get nodes -o custom-columns=NODE:.metadata.name,TAINTS:.spec.taints'] : []),
    ...(/affinity|selector|topology spread/.test(message) ? ['kubectl get nodes --show-labels'] : []),
    ...(/Insufficient |Too many pods|no nodes available/.test(message)
      ? ['kubectl describe nodes   # what holds the room; or add a node']
      : []),
  ];
}

/** The claim is there and has no volume: its class has no provisioner, or the provisioner fails. */
function unbound(pod: PodState, { ref, needs = [] }: WorkloadState): Obstacle {
  const claims = needs.filter(({ kind }) => kind === 'PersistentVolumeClaim');
  const [first] = claims;
  const names = claims.map(({ name }) => `PersistentVolumeClaim/${ref.namespace}/${name}`).join(', ') || 'a PersistentVolumeClaim';
  return {
    reason: 'FailedScheduling',
    object:
      first && claims.length === 1 ? { kind: first.kind, ...(ref.namespace ? { namespace: ref.namespace } : {}), name: first.name } : ref,
    message: `${names} ${claims.length > 1 ? 'are' : 'is'} not bound to a volume, and ${formatRef(ref)} needs it${first ? ` (${claims.map(({ field }) => field).join(', ')})` : ''}`,
    details: ['its class has no provisioner, or the provisioner cannot make one: its events say so'],
    next: [claims.length === 1 ? `kubectl describe pvc ${first?.name} -n ${ref.namespace}` : `kubectl describe pvc -n ${ref.namespace}`],
    pods: [pod.name],
  };
}
