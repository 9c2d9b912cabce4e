/**
 * The HorizontalPodAutoscaler of a cluster without a metrics server: keeps the scale within its bounds, and says why it
 * cannot do more. Source: pkg/controller/podautoscaler/horizontal.go, reconcileAutoscaler.
 */
import { withCondition } from '../../api/conditions.ts';
import type { Condition, ObjectRef } from '../../api/kube.ts';
import type { Workload } from '../../api/workloads.ts';
import { type Controller, type ControllerContext, keyOf, parseKey, startController } from './controller.ts';
import { AUTOSCALER, type Autoscaler, CONTROLLER_MANAGER, replicasOf } from './kinds.ts';
import { createRecorder, type EventRecorder } from './recorder.ts';
import { writeStatus } from './status-writer.ts';
import { timestamp } from './timestamps.ts';

const SYNC_PERIOD_MS = 15_000;

export function startAutoscalers(context: ControllerContext): Controller {
  const recorder = createRecorder(context, { component: 'horizontal-pod-autoscaler' });
  return startController(context, {
    name: 'autoscaler',
    watches: [{ kind: AUTOSCALER, keys: (object) => [keyOf(object)] }],
    sync: (key, controller) => sync(context, recorder, key, controller),
  });
}

function sync(context: ControllerContext, recorder: EventRecorder, key: string, controller: Controller): void {
  const { api } = context;
  const autoscaler = api.get<Autoscaler>({ ...AUTOSCALER, ...parseKey(key) });
  if (!autoscaler || autoscaler.metadata.deletionTimestamp) return;
  controller.enqueueAfter(key, SYNC_PERIOD_MS);
  const ref = targetRef(autoscaler);
  const target = api.describe(ref) ? api.get<Workload>(ref) : undefined;
  if (!target) {
    reportMissing(context, recorder, autoscaler);
    return;
  }

  const note = createNote(context, autoscaler);
  note('AbleToScale', 'True', 'SucceededGetScale', "the HPA controller was able to get the target's current scale");
  const replicas = replicasOf(target);
  const current = target.status?.replicas ?? 0;
  const bound = outOfBounds(autoscaler, replicas);
  if (replicas === 0) {
    note('ScalingActive', 'False', 'ScalingDisabled', 'scaling is disabled since the replica count of the target is zero');
  } else if (bound) {
    rescale({ context, recorder, autoscaler, ref, note }, bound);
  } else {
    reportNoMetrics(recorder, autoscaler, note);
  }
  const desiredReplicas = replicas === 0 ? 0 : (bound?.size ?? autoscaler.status?.desiredReplicas ?? 0);
  const lastScaleTime = replicas > 0 && bound ? timestamp(context.clock) : autoscaler.status?.lastScaleTime;
  writeStatus(api, autoscaler, {
    ...autoscaler.status,
    observedGeneration: autoscaler.metadata.generation,
    currentReplicas: current,
    desiredReplicas,
    ...(lastScaleTime ? { lastScaleTime } : {}),
    conditions: note.conditions(),
  });
}

function targetRef({ metadata, spec }: Autoscaler): ObjectRef {
  const { apiVersion = 'apps/v1', kind, name } = spec.scaleTargetRef;
  return { apiVersion, kind, namespace: metadata.namespace, name };
}

interface Bound {
  size: number;
  reason: string;
}

function outOfBounds({ spec }: Autoscaler, replicas: number): Bound | undefined {
  const min = spec.minReplicas ?? 1;
  if (replicas > spec.maxReplicas) return { size: spec.maxReplicas, reason: 'Current number of replicas above Spec.MaxReplicas' };
  if (replicas < min) return { size: min, reason: 'Current number of replicas below Spec.MinReplicas' };
  return undefined;
}

interface Note {
  (type: string, status: Condition['status'], reason: string, message: string): void;
  conditions(): Condition[];
}

function createNote({ clock }: ControllerContext, autoscaler: Autoscaler): Note {
  let conditions = autoscaler.status?.conditions ?? [];
  const now = timestamp(clock);
  const note = (type: string, status: Condition['status'], reason: string, message: string) => {
    conditions = withCondition(conditions, { type, status, reason, message }, now);
  };
  return Object.assign(note, { conditions: () => conditions });
}

interface Rescale {
  context: ControllerContext;
  recorder: EventRecorder;
  autoscaler: Autoscaler;
  ref: ObjectRef;
  note: Note;
}

function rescale({ context, recorder, autoscaler, ref, note }: Rescale, { size, reason }: Bound): void {
  context.api.patch(ref, { spec: { replicas: size } }, { type: 'merge', manager: CONTROLLER_MANAGER, subresource: 'scale' });
  note('AbleToScale', 'True', 'SucceededRescale', `the HPA controller was able to update the target scale to ${size}`);
  recorder.record(autoscaler, { type: 'Normal', reason: 'SuccessfulRescale', message: `New size: ${size}; reason: ${reason}` });
}

function reportMissing(context: ControllerContext, recorder: EventRecorder, autoscaler: Autoscaler): void {
  const { kind, name } = autoscaler.spec.scaleTargetRef;
  const cause = `${kind.toLowerCase()}s.apps "${name}" not found`;
  const note = createNote(context, autoscaler);
  recorder.record(autoscaler, { type: 'Warning', reason: 'FailedGetScale', message: cause });
  note('AbleToScale', 'False', 'FailedGetScale', `the HPA controller was unable to get the target's current scale: ${cause}`);
  writeStatus(context.api, autoscaler, { currentReplicas: 0, desiredReplicas: 0, ...autoscaler.status, conditions: note.conditions() });
}

/** The first metric that cannot be had decides the words; here none can. */
function reportNoMetrics(recorder: EventRecorder, autoscaler: Autoscaler, note: Note): void {
  const metrics = autoscaler.spec.metrics ?? [{ type: 'Resource', resource: { name: 'cpu' } }];
  const [first] = metrics;
  if (!first) return;
  const { reason, error, what } = unavailable(first);
  recorder.record(autoscaler, { type: 'Warning', reason, message: error });
  note('ScalingActive', 'False', reason, `the HPA was unable to compute the replica count: ${error}`);
  const message = `invalid metrics (${metrics.length} invalid out of ${metrics.length}), first error is: failed to get ${what} metric value: ${error}`;
  recorder.record(autoscaler, { type: 'Warning', reason: 'FailedComputeMetricsReplicas', message });
}

function unavailable(metric: { type: string; resource?: { name: string } }): { reason: string; error: string; what: string } {
  if (metric.type !== 'Resource' && metric.type !== 'ContainerResource') {
    const api = metric.type === 'External' ? 'external' : 'custom';
    const cause = `no ${api} metrics API (${api}.metrics.k8s.io) registered`;
    const error = `unable to get ${metric.type.toLowerCase()} metric: unable to fetch metrics from ${api} metrics API: ${cause}`;
    return { reason: `FailedGet${metric.type}Metric`, error, what: metric.type.toLowerCase() };
  }
  const name = metric.resource?.name ?? 'cpu';
  const cause = 'the server could not find the requested resource (get pods.metrics.k8s.io)';
  const error = `failed to get ${name} utilization: unable to get metrics for resource ${name}: unable to fetch metrics from resource metrics API: ${cause}`;
  return { reason: `FailedGet${metric.type}Metric`, error, what: `${name} resource` };
}
