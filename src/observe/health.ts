/** One look at everything that says how a target is: Flux, workloads, findings. */
import { findCondition } from '../api/conditions.ts';
import { FluxReason, READY } from '../api/flux.ts';
import type { Target } from '../api/target.ts';
import { diagnose } from '../core/diagnosis/diagnose.ts';
import type { Finding } from '../core/diagnosis/finding.ts';
import type { SourceState, TargetState, WorkloadsState } from '../core/world.ts';
import type { Cluster } from '../ports.ts';
import { observeDependencies } from './dependencies.ts';
import { Lacks } from './lacks.ts';
import { observeOwned } from './owned.ts';
import { observeTarget } from './target.ts';
import { helmInventory, observeWorkloads } from './workloads.ts';

export interface Health {
  target: TargetState;
  workloads: WorkloadsState;
  findings: Finding[];
  /** What could not be looked at, for want of permission. */
  notes: string[];
}

export interface HealthOptions {
  /** Read the last log lines of what is not well. */
  logs: boolean;
  source?: SourceState;
  /** Look for what failed releases left behind, too. */
  owned?: boolean;
}

export async function observeHealth(cluster: Cluster, target: Target, options: HealthOptions): Promise<Health> {
  const state = await withBlocker(cluster, await observeTarget(cluster, target));
  const inventory = target.kind === 'HelmRelease' ? await helmInventory(cluster, target, target.namespace) : state.inventory;
  const lacks = new Lacks();
  const [observed, owned] = await Promise.all([
    observeWorkloads(cluster, inventory, { logs: options.logs, lacks }),
    options.owned && target.kind === 'Kustomization' ? observeOwned(cluster, state, lacks) : undefined,
  ]);
  const workloads = owned ? { ...observed, owned } : observed;
  return { target: state, workloads, findings: diagnose(state, options.source, workloads), notes: lacks.notes };
}

/** What Flux says names the target's own dependency alone, and not what is wrong with it. */
async function withBlocker(cluster: Cluster, state: TargetState): Promise<TargetState> {
  if (findCondition(state.conditions, READY)?.reason !== FluxReason.DependencyNotReady) return state;
  const { blocker } = await observeDependencies(cluster, state.target);
  return blocker ? { ...state, blocker } : state;
}
