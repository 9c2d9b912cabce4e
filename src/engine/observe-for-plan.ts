/** Observes what planning needs: target, source, who shares it, health, history. */
import type { Kustomization } from '../api/flux.ts';
import { formatTarget, type Target, targetRef } from '../api/target.ts';
import type { Sha } from '../core/commit.ts';
import { diagnose } from '../core/diagnosis/diagnose.ts';
import type { DeploymentRecord } from '../core/history/record.ts';
import type { Refusal } from '../core/plan/plan.ts';
import { runEndsIn } from '../core/runs/run.ts';
import type { SourceState } from '../core/world.ts';
import { observeDependencies } from '../observe/dependencies.ts';
import { observeFluxEvents } from '../observe/events.ts';
import { observeCancelGate } from '../observe/flux-controllers.ts';
import { observeHistory } from '../observe/history.ts';
import { Lacks } from '../observe/lacks.ts';
import { readMentions } from '../observe/readers-of.ts';
import { observeRendering } from '../observe/rendering.ts';
import { observeConsumers, observeSource, observeTarget } from '../observe/target.ts';
import { observeWorkloads } from '../observe/workloads.ts';
import type { Engine } from './engine.ts';
import type { Observed } from './propose/observed.ts';

/** How many deployments back a plan looks: at first, and where that is not enough. */
const NEAR = 12;
const FAR = 200;

/**
 * @param wants `all` where the revision to go back to was named: it may be an old one.
 * @throws Failure of the cluster or of Git.
 */
export async function observeForPlan(
  engine: Pick<Engine, 'cluster' | 'repo' | 'renderer' | 'clock'>,
  target: Target,
  wants: { depth: 'near' | 'all' },
): Promise<Observed | Refusal> {
  const { cluster, repo, renderer, clock } = engine;
  if (target.kind !== 'Kustomization') return helmRefusal(cluster, target);
  const head: Promise<Sha> = repo.fetch();
  // The fetch runs beside the cluster's answers; its failure is met at the await below.
  head.catch(() => undefined);
  // Read beside the history: it takes as long, and both only need the head.
  const mentions = head.then((at) => readMentions(repo, at));
  mentions.catch(() => undefined);
  const lacks = new Lacks();
  const [observed, { blocker }, { source }, object, events, gate] = await Promise.all([
    observeTarget(cluster, target),
    observeDependencies(cluster, target),
    observeSource(cluster, target),
    cluster.get<Kustomization>(targetRef(target)),
    observeFluxEvents(cluster, target, lacks),
    observeCancelGate(cluster, lacks),
  ]);
  const state = blocker ? { ...observed, blocker } : observed;
  const [consumers, workloads, { rendering, deployments }] = await Promise.all([
    consumersWithRendering(cluster, source, target),
    observeWorkloads(cluster, state.inventory, { logs: false, lacks }),
    // Git and the renderer work while the cluster answers.
    observeRendering(cluster, state.build ?? {}, target.namespace, source.ignore).then(async (rendering) => {
      const pinned = (state.hold?.commit ?? source.pinnedCommit) !== undefined;
      const context = { head: await head, pinned, events, rendering };
      const deployments = await nearHistory((limit) => observeHistory(repo, renderer, state, { ...context, limit }), wants.depth);
      return { rendering, deployments };
    }),
  ]);
  const runEndsInMs = object ? runEndsIn(object, clock.now()) : undefined;
  return {
    target: state,
    source,
    consumers,
    workloads,
    findings: diagnose(state, source, workloads),
    deployments,
    rendering,
    mentions: await mentions,
    notes: [...new Set([...lacks.notes, ...rendering.notes, ...consumers.flatMap((consumer) => consumer.rendering.notes)])],
    head: await head,
    branch: repo.branch,
    now: clock.now(),
    gate,
    ...(runEndsInMs === undefined ? {} : { runEndsInMs }),
  };
}

/** Almost every rollback goes back a few deployments: only where none of those is good is it worth to look further. */
async function nearHistory(look: (limit: number) => Promise<DeploymentRecord[]>, depth: 'near' | 'all'): Promise<DeploymentRecord[]> {
  if (depth === 'all') return look(FAR);
  const near = await look(NEAR);
  return near.some((record) => record.lastGood) ? near : look(FAR);
}

/** Other consumers, each with its own live values. */
async function consumersWithRendering(cluster: Engine['cluster'], source: SourceState, target: Target): Promise<Observed['consumers']> {
  const consumers = await observeConsumers(cluster, source, target);
  return Promise.all(
    consumers.map(async (consumer) => ({
      ...consumer,
      rendering: await observeRendering(cluster, consumer.build, consumer.target.namespace, source.ignore),
    })),
  );
}

/** Where to go for a HelmRelease: it needs no Git and no source to say so. @throws Failure TargetNotFound */
export async function helmRefusal(cluster: Engine['cluster'], target: Target): Promise<Refusal> {
  const state = await observeTarget(cluster, target);
  const parent = state.parent ? formatTarget(state.parent) : undefined;
  return {
    kind: 'refused',
    reason: 'NotAKustomization',
    message: `${formatTarget(target)} is a HelmRelease: its chart and values are rolled back where Git declares them`,
    next: parent
      ? [`ebb rollback ${parent}`, `ebb suspend ${formatTarget(target)}  stops it meanwhile`]
      : ['roll back the Kustomization that applies it; ebb status lists them', `ebb suspend ${formatTarget(target)}  stops it meanwhile`],
  };
}
