/** Which events start a run of which Kustomization. Source: kustomize-controller kustomization_manager.go, kustomization_indexers.go. */
import { findCondition } from '../../../api/conditions.ts';
import { type Artifact, GIT_REPOSITORY, KUSTOMIZATION, type Kustomization, READY, RECONCILING, STALLED } from '../../../api/flux.ts';
import { type KubeObject, refOf } from '../../../api/kube.ts';
import type { ClusterEvent } from '../../cluster.ts';
import { type Controller, keyOf, startController } from '../controller.ts';
import { sourceNamespaceOf } from './defaults.ts';
import { sortByDependencies } from './dependencies.ts';
import { Interrupts } from './interrupts.ts';
import { reconcileKustomization } from './reconcile.ts';
import type { KustomizationEnvironment } from './run.ts';

export interface KustomizationControllerOptions {
  concurrency: number;
  /** The feature gate `CancelHealthCheckOnNewRevision`. */
  cancelHealthCheckOnNewRevision: boolean;
}

type Source = KubeObject & { status?: { artifact?: Artifact } };

export function startKustomizationController(environment: KustomizationEnvironment, options: KustomizationControllerOptions): Controller {
  const { api, clock, log } = environment;
  const interrupts = new Interrupts(options.cancelHealthCheckOnNewRevision);
  const controller = startController({
    api,
    clock,
    log,
    concurrency: options.concurrency,
    kind: KUSTOMIZATION,
    reconcile: (key, signal) => interrupts.during(key, (interrupt) => reconcileKustomization(environment, key, { signal, interrupt })),
    onRequest: (key, trigger) => interrupts.notify(key, refOf(trigger)),
  });
  const unwatch = api.watch<Source>(GIT_REPOSITORY, (event) => {
    if (!hasNewRevision(event)) return;
    const consumers = consumersOf(event.object, api.list<Kustomization>(KUSTOMIZATION));
    for (const consumer of consumers) controller.enqueue(keyOf(consumer), event.object);
  });
  return {
    ...controller,
    async stop() {
      unwatch();
      await controller.stop();
    },
  };
}

function hasNewRevision({ type, object, before }: ClusterEvent<Source>): boolean {
  if (type === 'DELETED') return false;
  const revision = object.status?.artifact?.revision;
  return revision !== undefined && revision !== before?.status?.artifact?.revision;
}

/** Those that read from the source and have not yet tried its revision, dependencies first. */
function consumersOf(source: Source, all: readonly Kustomization[]): Kustomization[] {
  const revision = source.status?.artifact?.revision;
  const consumers = all.filter((object) => {
    const { kind, name } = object.spec.sourceRef;
    if (kind !== source.kind || name !== source.metadata.name || sourceNamespaceOf(object) !== source.metadata.namespace) return false;
    return !(isSettled(object) && object.status?.lastAttemptedRevision === revision);
  });
  return sortByDependencies(consumers) ?? [];
}

/** Ready, or on the way to it. */
function isSettled({ status }: Kustomization): boolean {
  const is = (type: string) => findCondition(status?.conditions, type)?.status === 'True';
  return !is(STALLED) && (is(READY) || is(RECONCILING));
}
