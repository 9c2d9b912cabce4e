/** Obstacles as findings: beside what the pods themselves say, where they say anything. */
import type { TargetState, WorkloadState } from '../world.ts';
import { autoscalerNote } from './autoscaler.ts';
import type { Finding } from './finding.ts';
import type { Obstacle } from './obstacle.ts';
import { obstaclesOf } from './obstacles.ts';

/** Adds to a workload's findings what is in the way of its pods, and what mends it. */
export function withObstacles(findings: readonly Finding[], workload: WorkloadState, target: TargetState): Finding[] {
  const obstacles = obstaclesOf(workload, target);
  const told = new Set<Obstacle>();
  const explained = findings.map((finding) => {
    const own = obstacles.filter(({ pods }) => finding.object.kind === 'Pod' && pods.includes(finding.object.name));
    for (const obstacle of own) told.add(obstacle);
    const details = own.flatMap((obstacle) => [obstacle.message, ...advice(obstacle)]);
    return details.length ? { ...finding, details: [...details, ...(finding.details ?? [])] } : finding;
  });
  const alone = obstacles.filter((obstacle) => !told.has(obstacle)).map(findingOf);
  // What a rollout waits for is said by what is in its way.
  return [...alone, ...explained.filter(({ reason }) => reason !== 'RolloutInProgress' || alone.length === 0)];
}

function findingOf(obstacle: Obstacle): Finding {
  const { reason, object, message, pods } = obstacle;
  const more = pods.length > 1 ? [`the same on ${pods.length} pods`] : [];
  return { severity: 'error', reason, object, message, details: [...advice(obstacle), ...more] };
}

function advice({ details, next }: Obstacle): string[] {
  return [...details, ...next];
}

export function autoscaled(workload: WorkloadState): Finding[] {
  return autoscalerNote(workload).map((message) => ({ severity: 'info', reason: 'Autoscaled', object: workload.ref, message }));
}
