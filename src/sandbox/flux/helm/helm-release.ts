/**
 * HelmReleases, as far as suspending and asking for a run go: the sandbox has no Helm, and says so.
 * Source: helm-controller internal/controller/helmrelease_controller.go.
 */
import { HELM_RELEASE, type HelmRelease, READY, STALLED } from '../../../api/flux.ts';
import type { SandboxClock } from '../../clock.ts';
import type { ClusterApi } from '../../cluster.ts';
import { ConditionSet } from '../condition-set.ts';
import { type Controller, type Result, splitKey, startController } from '../controller.ts';
import type { EventRecorder } from '../event-recorder.ts';
import { FINALIZER, hasFinalizer, withFinalizer, withoutFinalizer } from '../finalizer.ts';
import { requestOf } from '../requests.ts';
import { StatusPatcher } from '../status-patcher.ts';

export const HELM_CONTROLLER = 'helm-controller';
const OWNED_CONDITIONS = ['Ready', 'Reconciling', 'Stalled', 'Released', 'Remediated', 'TestSuccess', 'Drifted'];
const REASON = 'HelmNotSupported';
const MESSAGE =
  'this embedded cluster has no Helm: the chart is neither fetched nor installed; only spec.suspend and reconcile requests are answered';

export interface HelmEnvironment {
  api: ClusterApi;
  clock: SandboxClock;
  events: EventRecorder;
  log: (line: string) => void;
}

export function startHelmController(environment: HelmEnvironment, concurrency: number): Controller {
  const { api, clock, log } = environment;
  const reconcile = async (key: string) => reconcileHelmRelease(environment, key);
  return startController({ api, clock, log, concurrency, kind: HELM_RELEASE, reconcile });
}

function reconcileHelmRelease({ api, clock, events }: HelmEnvironment, key: string): Result {
  const stored = api.get<HelmRelease>({ ...HELM_RELEASE, ...splitKey(key) });
  if (!stored) return {};
  const object = structuredClone(stored);
  object.status ??= {};
  const conditions = new ConditionSet(object, clock);
  const patcher = new StatusPatcher(api, stored, { manager: HELM_CONTROLLER, ownedConditions: OWNED_CONDITIONS });
  if (object.metadata.deletionTimestamp) {
    object.metadata = withoutFinalizer(object.metadata, FINALIZER);
    patcher.patch(object);
    return {};
  }
  if (!hasFinalizer(object.metadata, FINALIZER)) {
    object.metadata = withFinalizer(object.metadata, FINALIZER);
    patcher.patch(object);
    return { retry: true };
  }
  if (!object.spec.suspend && !conditions.is(STALLED, 'True')) {
    events.record(object, { type: 'Warning', reason: REASON, message: MESSAGE });
  }
  if (!object.spec.suspend) {
    conditions.markStalled(REASON, MESSAGE);
    conditions.markFalse(READY, REASON, MESSAGE);
  }
  const requested = requestOf(object);
  object.status = { ...object.status, observedGeneration: object.metadata.generation };
  if (requested !== undefined) object.status.lastHandledReconcileAt = requested;
  patcher.patch(object);
  return {};
}
