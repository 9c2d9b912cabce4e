/** Kubernetes Events about rollbacks and holds, on the target itself, so that `kubectl get events` and `flux events` tell the story. */
import { EbbReason, FIELD_MANAGER, ROLLBACK_ID } from '../api/annotations.ts';
import { formatTarget, type Target, targetRef } from '../api/target.ts';
import type { OtherOutcome } from '../core/bring-along/outcome.ts';
import { summarise } from '../core/plan/build.ts';
import type { Plan } from '../core/plan/plan.ts';
import { fewAtATime } from '../steps/few-at-a-time.ts';
import type { Engine } from './engine.ts';

type Ports = Pick<Engine, 'cluster' | 'clock'>;

interface Announcement {
  reason: keyof typeof EbbReason;
  type: 'Normal' | 'Warning';
  message: string;
  rollbackId?: string;
}

const REASONS = { started: EbbReason.RollbackStarted, succeeded: EbbReason.RollbackSucceeded, failed: EbbReason.RollbackFailed };
/** An Event's message may have as many characters (k8s.io/api core/v1 and events/v1 NoteLengthLimit). */
const LONGEST = 1_024;

/** Tells how a rollback goes. */
export function announce(ports: Ports, plan: Plan, what: keyof typeof REASONS, detail?: string): Promise<void> {
  const message = `${summarise(plan)} (${plan.id})${detail ? `: ${detail}` : ''}`;
  return tell(ports, plan.target, { reason: REASONS[what], type: what === 'failed' ? 'Warning' : 'Normal', message, rollbackId: plan.id });
}

/** Tells that Flux's run of the bad version was ended before its timeout: whoever reads Flux's own events sees why it failed. */
export function announceRunAbandoned(ports: Ports, plan: Plan, message: string): Promise<void> {
  return tell(ports, plan.target, { reason: EbbReason.RunAbandoned, type: 'Normal', message, rollbackId: plan.id });
}

/** So many Events are on their way at once. */
const AT_ONCE = 8;

/** Tells on each of the others that it was brought back, or what is wrong; whoever was left alone is not told. */
export async function announceOthers(ports: Ports, plan: Plan, others: readonly OtherOutcome[]): Promise<void> {
  const told = others.filter(({ state }) => state === 'well' || state === 'failed' || state === 'waiting');
  const cluster = fewAtATime(ports.cluster, AT_ONCE);
  await Promise.all(
    told.map(({ target, state, message, endedRun }) => {
      const well = state === 'well';
      const ended = endedRun ? "; Flux's run of the bad version was ended before its timeout" : '';
      const text = `${well ? 'brought back' : 'not well yet'} by the rollback of ${formatTarget(plan.target)} to ${plan.to.slice(0, 8)} (${plan.id})${ended}: ${message}`;
      const reason = well ? EbbReason.BroughtBack : EbbReason.NotBroughtBack;
      return tell({ ...ports, cluster }, target, { reason, type: well ? 'Normal' : 'Warning', message: text, rollbackId: plan.id });
    }),
  );
}

/** Tells that a target is held or no longer held. */
export function announceHold(
  ports: Ports,
  target: Target,
  reason: 'Suspended' | 'Resumed' | 'Unpinned' | 'HoldExpired',
  message: string,
): Promise<void> {
  return tell(ports, target, { reason, type: 'Normal', message });
}

/** Writes one Event; a cluster that does not let us is not a reason to stop. */
async function tell({ cluster, clock }: Ports, target: Target, { reason, type, message, rollbackId }: Announcement): Promise<void> {
  const ref = targetRef(target);
  const now = clock
    .now()
    .toISOString()
    .replace(/\.\d+Z$/, 'Z');
  const object = await cluster.get(ref).catch(() => undefined);
  const annotations = rollbackId === undefined ? {} : { annotations: { [ROLLBACK_ID]: rollbackId } };
  const event = {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { generateName: `${target.name}.`, name: '', namespace: target.namespace, ...annotations },
    involvedObject: { ...ref, namespace: target.namespace, ...(object?.metadata.uid ? { uid: object.metadata.uid } : {}) },
    reason,
    message: message.slice(0, LONGEST),
    type,
    count: 1,
    firstTimestamp: now,
    lastTimestamp: now,
    source: { component: FIELD_MANAGER },
    reportingComponent: FIELD_MANAGER,
    reportingInstance: formatTarget(target),
  };
  await cluster.create(event).catch(() => undefined);
}
