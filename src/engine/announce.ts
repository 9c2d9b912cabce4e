/** Kubernetes Events about a rollback, on the target itself, so that `kubectl get events` and `flux events` tell the story. */
import { EbbReason, FIELD_MANAGER, ROLLBACK_ID } from '../api/annotations.ts';
import { formatTarget, targetRef } from '../api/target.ts';
import { summarise } from '../core/plan/build.ts';
import type { Plan } from '../core/plan/plan.ts';
import type { Engine } from './engine.ts';

const REASONS = { started: EbbReason.RollbackStarted, succeeded: EbbReason.RollbackSucceeded, failed: EbbReason.RollbackFailed };

/** Writes one Event; a cluster that does not let us is not a reason to stop a rollback. */
export async function announce(
  engine: Pick<Engine, 'cluster' | 'clock'>,
  plan: Plan,
  what: keyof typeof REASONS,
  detail?: string,
): Promise<void> {
  const ref = targetRef(plan.target);
  const now = engine.clock
    .now()
    .toISOString()
    .replace(/\.\d+Z$/, 'Z');
  const object = await engine.cluster.get(ref).catch(() => undefined);
  const event = {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { generateName: `${plan.target.name}.`, name: '', namespace: plan.target.namespace, annotations: { [ROLLBACK_ID]: plan.id } },
    involvedObject: { ...ref, namespace: plan.target.namespace, ...(object?.metadata.uid ? { uid: object.metadata.uid } : {}) },
    reason: REASONS[what],
    message: `${summarise(plan)} (${plan.id})${detail ? `: ${detail}` : ''}`.slice(0, 1024),
    type: what === 'failed' ? 'Warning' : 'Normal',
    count: 1,
    firstTimestamp: now,
    lastTimestamp: now,
    source: { component: FIELD_MANAGER },
    reportingComponent: FIELD_MANAGER,
    reportingInstance: formatTarget(plan.target),
  };
  await engine.cluster.create(event).catch(() => undefined);
}
