/** What the runs of a target wait for just now: its own health check, and the Helm actions and Kustomizations inside it. */
import { findCondition } from '../api/conditions.ts';
import { HELM_RELEASE, type HelmRelease, KUSTOMIZATION, type Kustomization, RECONCILING } from '../api/flux.ts';
import { inventoryOf } from '../api/inventory.ts';
import { computeStatus } from '../api/kstatus.ts';
import type { Condition, KubeObject, ObjectRef } from '../api/kube.ts';
import { commitOf } from '../api/revision.ts';
import type { Target } from '../api/target.ts';
import { type Mark, markOf } from '../core/abandon/mark.ts';
import { healthCheckRun, helmRun, type Run } from '../core/runs/run.ts';
import type { Cluster } from '../ports.ts';
import { installedBy } from './helm-inventory.ts';

/** Kinds whose status ebb may mark: the ones that a bad release keeps from getting healthy. */
const MARKABLE = new Set(['apps/v1/Deployment', 'apps/v1/StatefulSet', 'apps/v1/DaemonSet']);

export interface AwaitedObject {
  ref: ObjectRef;
  /** One of the same name that is made anew is another object. */
  uid?: string;
  message: string;
  mark?: Mark;
}

/** One run of one controller, and the workloads that keep it waiting. */
export interface WaitingRun {
  target: Target;
  run: Run;
  workloads: AwaitedObject[];
  /** What else it waits for, that is of another kind. */
  others: ObjectRef[];
  /** A Helm action on a spec that was replaced meanwhile. */
  superseded: boolean;
  /** It runs because an outer run of the same revision applied it. */
  inner: boolean;
}

export interface ObservedRuns {
  /** The target's own run first. */
  runs: WaitingRun[];
  /** Every workload of the target and what is inside it that carries a mark, waited for or not. */
  marked: { ref: ObjectRef; mark: Mark }[];
}

/** @throws Failure of the cluster. An object that is gone is not waited for. */
export async function observeRuns(cluster: Cluster, target: Target, now: Date): Promise<ObservedRuns> {
  const seen: ObservedRuns = { runs: [], marked: [] };
  if (target.kind === 'HelmRelease') await new RunReader(cluster, now, seen).helmRelease(target, undefined);
  else await new RunReader(cluster, now, seen).kustomization(target, undefined);
  return seen;
}

class RunReader {
  readonly #cluster: Cluster;
  readonly #now: Date;
  readonly #seen: ObservedRuns;
  readonly #visited = new Set<string>();

  constructor(cluster: Cluster, now: Date, seen: ObservedRuns) {
    this.#cluster = cluster;
    this.#now = now;
    this.#seen = seen;
  }

  /** @param outer the run that waits for this one: only a run of the same revision is part of it, another's is its own affair. */
  async kustomization(target: Target, outer: Run | undefined): Promise<void> {
    if (!this.#isNew(target)) return;
    const object = await this.#cluster.get<Kustomization>({ ...KUSTOMIZATION, namespace: target.namespace, name: target.name });
    if (!object) return;
    const run = healthCheckRun(object, this.#now);
    if (outer && (!run || commitOf(run.revision) !== commitOf(outer.revision))) return;
    const inventory = inventoryOf(object);
    const workloads = await this.#workloads(inventory);
    if (run) this.#addRun({ target, run, inner: outer !== undefined }, inventory, workloads, object);
    for (const ref of inventory) {
      const inner = { namespace: ref.namespace ?? '', name: ref.name };
      if (ref.kind === 'HelmRelease') await this.helmRelease({ kind: 'HelmRelease', ...inner }, run);
      else if (ref.kind === 'Kustomization' && run) await this.kustomization({ kind: 'Kustomization', ...inner }, run);
    }
  }

  #addRun(
    { target, run, inner }: Pick<WaitingRun, 'target' | 'run' | 'inner'>,
    inventory: ObjectRef[],
    workloads: AwaitedObject[],
    { spec }: Kustomization,
  ): void {
    const checked = spec.wait
      ? undefined
      : new Set((spec.healthChecks ?? []).map((check) => `${check.kind}/${check.namespace ?? ''}/${check.name}`));
    const waitsFor = (ref: ObjectRef) => checked === undefined || checked.has(`${ref.kind}/${ref.namespace ?? ''}/${ref.name}`);
    this.#seen.runs.push({
      target,
      run,
      workloads: workloads.filter(({ ref }) => waitsFor(ref)),
      others: inventory.filter((ref) => waitsFor(ref) && !isMarkable(ref)),
      superseded: false,
      inner,
    });
  }

  /** An action that began before the outer run did is not of the revision that the outer run waits for. */
  async helmRelease(target: Target, outer: Run | undefined): Promise<void> {
    if (!this.#isNew(target)) return;
    const object = await this.#cluster.get<HelmRelease>({ ...HELM_RELEASE, namespace: target.namespace, name: target.name });
    if (!object) return;
    const inventory = await installedBy(this.#cluster, object);
    const workloads = await this.#workloads(inventory);
    const run = helmRun(object, this.#now);
    if (!run || (outer && run.since < outer.since)) return;
    const acting = findCondition(object.status?.conditions, RECONCILING)?.observedGeneration;
    const superseded = acting !== undefined && acting !== object.metadata.generation;
    this.#seen.runs.push({ target, run, workloads, others: [], superseded, inner: outer !== undefined });
  }

  /** Those that are not healthy; notes every mark by the way. */
  async #workloads(inventory: readonly ObjectRef[]): Promise<AwaitedObject[]> {
    const objects = await Promise.all(
      inventory.filter(isMarkable).map(async (ref) => ({ ref, object: await this.#cluster.get<KubeObject>(ref) })),
    );
    return objects.flatMap(({ ref, object }) => {
      if (!object) return [];
      const mark = markOf((object.status as { conditions?: Condition[] } | undefined)?.conditions);
      if (mark) this.#seen.marked.push({ ref, mark });
      const { status, message } = computeStatus(object);
      const { uid } = object.metadata;
      return status === 'Current' ? [] : [{ ref, message, ...(uid ? { uid } : {}), ...(mark ? { mark } : {}) }];
    });
  }

  #isNew(target: Target): boolean {
    const key = `${target.kind}/${target.namespace}/${target.name}`;
    if (this.#visited.has(key)) return false;
    this.#visited.add(key);
    return true;
  }
}

function isMarkable({ apiVersion, kind }: ObjectRef): boolean {
  return MARKABLE.has(`${apiVersion}/${kind}`);
}
