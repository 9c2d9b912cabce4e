/** One look at everything that says how a target is: Flux, workloads, findings. */
import type { Target } from '../api/target.ts';
import { diagnose } from '../core/diagnosis/diagnose.ts';
import type { Finding } from '../core/diagnosis/finding.ts';
import type { SourceState, TargetState, WorkloadsState } from '../core/world.ts';
import type { Cluster } from '../ports.ts';
import { observeTarget } from './target.ts';
import { helmInventory, observeWorkloads } from './workloads.ts';

export interface Health {
  target: TargetState;
  workloads: WorkloadsState;
  findings: Finding[];
}

export interface HealthOptions {
  /** Read the last log lines of what is not well. */
  logs: boolean;
  source?: SourceState;
}

export async function observeHealth(cluster: Cluster, target: Target, options: HealthOptions): Promise<Health> {
  const state = await observeTarget(cluster, target);
  const inventory = target.kind === 'HelmRelease' ? await helmInventory(cluster, target, target.namespace) : state.inventory;
  const workloads = await observeWorkloads(cluster, inventory, { logs: options.logs });
  return { target: state, workloads, findings: diagnose(state, options.source, workloads) };
}
