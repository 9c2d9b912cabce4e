/**
 * Pods that run with older configuration than there is. A warning and never more: of a ConfigMap it is told when it changed
 * and not which of its values, so the one that a pod reads may well be as it was.
 */
import { formatRef, objectKey } from '../../api/kube.ts';
import { isOlderThan, runningPods } from '../restart/read-at.ts';
import type { ConfigRead, ConfigReads, WorkloadState, WorkloadsState } from '../world.ts';
import type { Finding } from './finding.ts';

export function configFindings({ workloads, config = [] }: Pick<WorkloadsState, 'workloads' | 'config'>): Finding[] {
  const states = new Map(workloads.map((workload) => [objectKey(workload.ref), workload]));
  return config.flatMap((reads) => {
    const state = states.get(objectKey(reads.workload));
    return state && !reads.reloads ? reads.reads.flatMap((read) => older(state, reads, read)) : [];
  });
}

function older(state: WorkloadState, { workload }: ConfigReads, read: ConfigRead): Finding[] {
  const pods = runningPods(state.pods);
  const old = pods.filter((pod) => isOlderThan(pod, read));
  if (old.length === 0) return [];
  const names = old.length === 1 ? `pod ${old[0]?.name} runs` : `${old.length} of ${pods.length} pods run`;
  return [
    {
      severity: 'warning',
      reason: 'OldConfiguration',
      object: workload,
      message: `${names} with configuration older than ${formatRef(read.ref)}'s change at ${read.changedAt}, which a pod reads only when it starts (${HOW[read.by]})`,
      details: [`where that matters: kubectl rollout restart ${workload.kind.toLowerCase()}/${workload.name} -n ${workload.namespace}`],
    },
  ];
}

const HOW = { env: 'environment', subPath: 'subPath', mount: 'mounted' };
