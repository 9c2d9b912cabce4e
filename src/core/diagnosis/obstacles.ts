/** Finds what keeps the pods of a workload from coming up. */
import { formatRef } from '../../api/kube.ts';
import type { ContainerState, PodState, WorkloadState } from '../world.ts';
import { lackIn } from './lack.ts';
import { lacking } from './lacking.ts';
import { lostNodes } from './lost-node.ts';
import type { Obstacle, Owner } from './obstacle.ts';
import { pausedObstacle } from './paused.ts';
import { notPulled } from './pulling.ts';
import { refusedPods } from './refused-pods.ts';
import { notPlaced } from './scheduling.ts';

/** Of the template that is applied now, each once. Pods of another template are on their way out and tell nothing of it. */
export function obstaclesOf(workload: WorkloadState, target: Owner): Obstacle[] {
  const found = [
    ...pausedObstacle(workload),
    ...refusal(workload, target),
    ...workload.pods.filter(({ current }) => current).flatMap((pod) => ofPod(pod, workload, target)),
    ...lostNodes(workload),
  ];
  const groups = new Map<string, Obstacle>();
  for (const obstacle of found) {
    const key = `${obstacle.reason}|${formatRef(obstacle.object)}|${obstacle.message}`;
    const known = groups.get(key);
    if (known) known.pods.push(...obstacle.pods);
    else groups.set(key, obstacle);
  }
  return [...groups.values()];
}

/** The API server takes no new pod. Sources: plugin/pkg/admission/serviceaccount, pkg/quota, webhooks. */
function refusal(workload: WorkloadState, target: Owner): Obstacle[] {
  const { refused, ref } = workload;
  if (refused === undefined) return [];
  const lack = lackIn(refused);
  if (lack) return [lacking({ lack, workload, target, reason: 'FailedCreate', pods: [] })];
  return [refusedPods(ref, refused)];
}

function ofPod(pod: PodState, workload: WorkloadState, target: Owner): Obstacle[] {
  if (pod.terminating || pod.lost !== undefined) return [];
  if (pod.unschedulable !== undefined) {
    const lack = lackIn(pod.unschedulable, workload.needs);
    return [lack ? lacking({ lack, workload, target, reason: 'FailedScheduling', pods: [pod.name] }) : notPlaced(pod, workload, target)];
  }
  return [...notMounted(pod, workload, target), ...pod.containers.flatMap((container) => notStarted(pod, container, workload, target))];
}

/** The kubelet tries a mount again and again; what it said once may have been a moment too early, which the next look shows. */
function notMounted(pod: PodState, workload: WorkloadState, target: Owner): Obstacle[] {
  const isWaiting =
    pod.phase === 'Pending' &&
    pod.containers.every(({ waiting, ready }) => !ready && (waiting === undefined || waiting.reason === 'ContainerCreating'));
  const event = isWaiting ? pod.warnings.find(({ reason }) => reason === 'FailedMount') : undefined;
  const lack = event && lackIn(event.message, workload.needs);
  return lack ? [lacking({ lack, workload, target, reason: 'FailedMount', pods: [pod.name] })] : [];
}

function notStarted(pod: PodState, container: ContainerState, workload: WorkloadState, target: Owner): Obstacle[] {
  const { waiting } = container;
  if (!waiting) return [];
  if (waiting.reason === 'CreateContainerConfigError') {
    const lack = lackIn(waiting.message, workload.needs);
    return lack ? [lacking({ lack, workload, target, reason: waiting.reason, pods: [pod.name] })] : [];
  }
  if (waiting.reason !== 'ErrImagePull' && waiting.reason !== 'ImagePullBackOff') return [];
  return notPulled({ pod, container, message: waiting.message, workload, target });
}
