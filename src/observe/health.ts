/** One look at everything that says how a target is: Flux, workloads, findings. */
import { findCondition } from '../api/conditions.ts';
import { FluxReason, HELM_RELEASE, READY } from '../api/flux.ts';
import { groupOf, type ObjectRef } from '../api/kube.ts';
import type { Target } from '../api/target.ts';
import { diagnose } from '../core/diagnosis/diagnose.ts';
import { elsewhereNote } from '../core/diagnosis/elsewhere.ts';
import type { Finding } from '../core/diagnosis/finding.ts';
import type { SourceState, TargetState, WorkloadsState } from '../core/world.ts';
import type { Cluster } from '../ports.ts';
import { observeConfigReads } from './config-reads.ts';
import { observeDependencies } from './dependencies.ts';
import { helmInventory } from './helm-inventory.ts';
import { Lacks } from './lacks.ts';
import { observeOwned } from './owned.ts';
import { observeTarget } from './target.ts';
import { observeWorkloads } from './workloads.ts';

const HELM_GROUP = groupOf(HELM_RELEASE.apiVersion);

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
  /** Look for what failed releases left behind, too, and for what pods read when they started. */
  owned?: boolean;
}

export async function observeHealth(cluster: Cluster, target: Target, options: HealthOptions): Promise<Health> {
  const state = await withBlocker(cluster, await observeTarget(cluster, target));
  const lacks = new Lacks();
  const inventory = await whole(cluster, state, lacks);
  const [observed, owned, config] = await Promise.all([
    observeWorkloads(cluster, inventory, { logs: options.logs, lacks }),
    options.owned && target.kind === 'Kustomization' ? observeOwned(cluster, state, lacks) : undefined,
    options.owned ? observeConfigReads(cluster, inventory, lacks) : undefined,
  ]);
  const workloads = { ...observed, ...(owned ? { owned } : {}), ...(config ? { config } : {}) };
  return {
    target: state,
    workloads,
    findings: diagnose(state, options.source, workloads),
    notes: [...elsewhereNote(state), ...lacks.notes],
  };
}

/** A target's inventory, and what the HelmReleases in it applied: Flux calls them ready, and it is their pods that people use. */
async function whole(cluster: Cluster, { target, inventory }: TargetState, lacks: Lacks): Promise<ObjectRef[]> {
  if (target.kind === 'HelmRelease') return helmInventory(cluster, target);
  const releases = inventory.filter(({ apiVersion, kind }) => kind === HELM_RELEASE.kind && groupOf(apiVersion) === HELM_GROUP);
  const inner = await Promise.all(
    releases.map(({ namespace = '', name }) =>
      lacks.or(helmInventory(cluster, { namespace, name }), [], `what HelmRelease/${namespace}/${name} runs is not known`),
    ),
  );
  return [...inventory, ...inner.flat()];
}

/** What Flux says names the target's own dependency alone, and not what is wrong with it. */
async function withBlocker(cluster: Cluster, state: TargetState): Promise<TargetState> {
  if (findCondition(state.conditions, READY)?.reason !== FluxReason.DependencyNotReady) return state;
  const { blocker } = await observeDependencies(cluster, state.target);
  return blocker ? { ...state, blocker } : state;
}
