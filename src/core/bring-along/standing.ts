/** Where a Kustomization stands on its way to a revision, from one look at it. Pure. */
import { findCondition, isTrue } from '../../api/conditions.ts';
import { FluxReason, type Kustomization, READY, RECONCILING } from '../../api/flux.ts';
import { healthCheckRun } from '../runs/run.ts';

export type Standing =
  | { kind: 'held' }
  /** Flux has not taken the revision up. `waits`: a run of another one waits for health, and the revision waits for that. */
  | { kind: 'behind'; waits: boolean; message: string }
  | { kind: 'under-way'; message: string }
  /** Flux says Ready for the revision. */
  | { kind: 'ready'; message: string }
  /** `early`: its health check ended before its time, at something that said it had failed. */
  | { kind: 'failed'; early: boolean; message: string };

/** `failed early due to stalled resources: [Deployment/ns/x status: 'Failed']` (fluxcd/pkg ssa/manager_wait.go). */
const EARLY = /failed early due to stalled resources/;

export function standingOf(object: Kustomization, arrived: (revision: string | undefined) => boolean, now: Date): Standing {
  if (object.spec.suspend) return { kind: 'held' };
  const run = healthCheckRun(object, now);
  if (run && !arrived(run.revision)) return { kind: 'behind', waits: true, message: text(object, RECONCILING) };
  if (!arrived(object.status?.lastAttemptedRevision)) return { kind: 'behind', waits: false, message: text(object, READY) };
  if (run) return { kind: 'under-way', message: text(object, RECONCILING) };
  return takenUp(object);
}

/** A run that is under way says `Progressing`; one that failed and will be tried again `ProgressingWithRetry` (kustomize-controller). */
function takenUp(object: Kustomization): Standing {
  const { conditions, lastAppliedRevision, lastAttemptedRevision, observedGeneration } = object.status ?? {};
  const ready = findCondition(conditions, READY);
  const message = text(object, READY);
  const reconciling = findCondition(conditions, RECONCILING);
  if (reconciling?.status === 'True' && reconciling.reason === FluxReason.Progressing) return { kind: 'under-way', message };
  if (ready?.status === 'False' && ready.reason !== FluxReason.DependencyNotReady)
    return { kind: 'failed', early: EARLY.test(ready.message ?? ''), message };
  const aboutNow = (ready?.observedGeneration ?? observedGeneration) === object.metadata.generation;
  if (isTrue(conditions, READY) && aboutNow && lastAppliedRevision === lastAttemptedRevision) return { kind: 'ready', message };
  return { kind: 'under-way', message };
}

function text({ status }: Kustomization, type: string): string {
  const condition = findCondition(status?.conditions, type);
  if (!condition) return 'Flux has said nothing about it yet';
  return condition.message ? `${condition.reason}: ${condition.message}` : `${condition.reason ?? condition.status}`;
}

/**
 * Does it wait for dependencies although all that are known are ready? Flux looks at it again within 30 s
 * (kustomize-controller `--requeue-dependency`), unless it is asked to.
 * @param known by `NAMESPACE/NAME`. @param arrived of a revision: is it the expected one?
 */
export function waitsIdly(
  object: Kustomization,
  known: ReadonlyMap<string, Kustomization>,
  arrived: (revision: string | undefined) => boolean,
): boolean {
  const { dependsOn = [], sourceRef } = object.spec;
  if (dependsOn.length === 0 || findCondition(object.status?.conditions, READY)?.reason !== FluxReason.DependencyNotReady) return false;
  return dependsOn.every(({ namespace = object.metadata.namespace, name }) => {
    const dependency = known.get(`${namespace}/${name}`);
    if (!dependency || !isTrue(dependency.status?.conditions, READY)) return false;
    // A dependency of the same source has to be at the same revision (kustomization_controller.go checkDependencies()).
    return dependency.spec.sourceRef.name !== sourceRef.name || arrived(dependency.status?.lastAppliedRevision);
  });
}
