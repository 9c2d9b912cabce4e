/** A run of a Flux controller that waits for health: what it waits for, and until when. */
import { findCondition, isTrue } from '../../api/conditions.ts';
import { parseDuration } from '../../api/duration.ts';
import { type HelmRelease, type Kustomization, READY, RECONCILING, timeoutOf } from '../../api/flux.ts';

export interface Run {
  /** Flux's revision that is being waited for, as its condition names it; undefined for a HelmRelease. */
  revision?: string;
  /** RFC 3339, seconds: since when the controller works on this. */
  since: string;
  /** Milliseconds until it gives up. */
  endsInMs: number;
}

/** `Running health checks for revision main@sha1:… with a timeout of 4m0s` (kustomize-controller kustomization_controller.go). */
const HEALTH_CHECKS = /health checks? for revision (\S+)/i;
/** `Running 'upgrade' action with timeout of 4m0s` (helm-controller internal/reconcile/atomic_release.go). */
const HELM_ACTION = /'(?:install|upgrade|rollback)' action with timeout of (\S+)/;

/** The run of a Kustomization that has come to its health checks: only that one keeps other revisions waiting. */
export function healthCheckRun(object: Kustomization, now: Date): Run | undefined {
  const reconciling = findCondition(object.status?.conditions, RECONCILING);
  const [, revision] = HEALTH_CHECKS.exec(reconciling?.message ?? '') ?? [];
  const endsInMs = runEndsIn(object, now);
  if (revision === undefined || endsInMs === undefined) return undefined;
  return { revision, since: reconciling?.lastTransitionTime as string, endsInMs };
}

/** Milliseconds until the run of a Kustomization that is under way gives up; undefined where none is. */
export function runEndsIn(object: Kustomization, now: Date): number | undefined {
  const running = findCondition(object.status?.conditions, RECONCILING);
  if (running?.status !== 'True' || running.reason !== 'Progressing' || running.lastTransitionTime === undefined) return undefined;
  return Math.max(0, Date.parse(running.lastTransitionTime) + timeoutOf(object.spec) - now.getTime());
}

/** The Helm action of a HelmRelease that is under way. */
export function helmRun(object: HelmRelease, now: Date): Run | undefined {
  const reconciling = findCondition(object.status?.conditions, RECONCILING);
  if (reconciling?.status !== 'True' || reconciling.lastTransitionTime === undefined) return undefined;
  const [, timeout] = HELM_ACTION.exec(reconciling.message ?? '') ?? [];
  const limit = timeout === undefined ? undefined : parseDuration(timeout);
  if (limit === undefined || isTrue(object.status?.conditions, READY)) return undefined;
  return {
    since: reconciling.lastTransitionTime,
    endsInMs: Math.max(0, Date.parse(reconciling.lastTransitionTime) + limit - now.getTime()),
  };
}
