/** Rows of autoscalers, budgets, quotas and priorities. Source: pkg/printers/internalversion/printers.go of kubernetes. */
import type { KubeObject } from '../../../api/kube.ts';
import { asNumber, asObject, asObjects, asString, at, type Json } from '../json.ts';
import { AGE, ageOf, column, type KindTable, NAME, wide } from './column.ts';

/** How many metrics of an autoscaler are shown. */
const METRICS_SHOWN = 2;

const autoscalerTable: KindTable = {
  columns: [
    NAME,
    column('Reference', 'scaleTargetRef points to the target resource to scale.'),
    column('Targets', 'metrics contains the specifications for which to use to calculate the desired replica count.'),
    column('MinPods', 'minReplicas is the lower limit for the number of replicas to which the autoscaler can scale down.'),
    column('MaxPods', 'maxReplicas is the upper limit for the number of replicas to which the autoscaler can scale up.'),
    column('Replicas', 'currentReplicas is current number of replicas of pods managed by this autoscaler.'),
    AGE,
  ],
  cells: (object, now) => {
    const spec = asObject(object.spec);
    const target = asObject(spec.scaleTargetRef);
    return [
      object.metadata.name,
      `${asString(target.kind)}/${asString(target.name)}`,
      metricsText(asObjects(spec.metrics), asObjects(at(object, 'status', 'currentMetrics'))),
      typeof spec.minReplicas === 'number' ? String(spec.minReplicas) : '<unset>',
      asNumber(spec.maxReplicas),
      asNumber(at(object, 'status', 'currentReplicas')),
      ageOf(object, now),
    ];
  },
};

function metricsText(specs: readonly Json[], statuses: readonly Json[]): string {
  if (specs.length === 0) return '<none>';
  const shown = specs
    .map((spec, index) => metricText(spec, statuses[index]))
    .slice(0, METRICS_SHOWN)
    .join(', ');
  return specs.length > METRICS_SHOWN ? `${shown} + ${specs.length - METRICS_SHOWN} more...` : shown;
}

const SOURCE_OF_TYPE: Record<string, string> = {
  Resource: 'resource',
  ContainerResource: 'containerResource',
  Pods: 'pods',
  Object: 'object',
  External: 'external',
};

function metricText(spec: Json, status: Json | undefined): string {
  const source = SOURCE_OF_TYPE[asString(spec.type)];
  if (!source) return '<unknown type>';
  const declared = asObject(spec[source]);
  const target = asObject(declared.target);
  const current = asObject(at(status, source, 'current'));
  if (source === 'resource' || source === 'containerResource') return `${asString(declared.name)}: ${resourceMetric(target, current)}`;
  if (target.averageValue === undefined) return `${quantity(current.value)}/${quantity(target.value)}`;
  return `${quantity(current.averageValue)}/${quantity(target.averageValue)}${source === 'pods' ? '' : ' (avg)'}`;
}

function resourceMetric(target: Json, current: Json): string {
  if (target.averageValue !== undefined) return `${quantity(current.averageValue)}/${quantity(target.averageValue)}`;
  const now = typeof current.averageUtilization === 'number' ? `${current.averageUtilization}%` : '<unknown>';
  return `${now}/${typeof target.averageUtilization === 'number' ? `${target.averageUtilization}%` : '<auto>'}`;
}

function quantity(value: unknown): string {
  return value === undefined || value === null ? '<unknown>' : String(value);
}

const budgetTable: KindTable = {
  columns: [
    NAME,
    column('Min Available', 'The minimum number of pods that must be available.'),
    column('Max Unavailable', 'The maximum number of pods that may be unavailable.'),
    column('Allowed Disruptions', 'Calculated number of pods that may be disrupted at this time.', 'integer'),
    AGE,
  ],
  cells: (object, now) => {
    const { minAvailable, maxUnavailable } = asObject(object.spec);
    return [
      object.metadata.name,
      String(minAvailable ?? 'N/A'),
      String(maxUnavailable ?? 'N/A'),
      asNumber(at(object, 'status', 'disruptionsAllowed')),
      ageOf(object, now),
    ];
  },
};

const quotaTable: KindTable = {
  columns: [
    NAME,
    column('Request', 'Request represents a minimum amount of cpu/memory that a container may consume.'),
    column('Limit', 'Limits control the maximum amount of cpu/memory that a container may use independent of contention on the node.'),
    AGE,
  ],
  cells: (object, now) => [object.metadata.name, quotaText(object, false), quotaText(object, true), ageOf(object, now)],
};

function quotaText(quota: KubeObject, limits: boolean): string {
  const used = asObject(at(quota, 'status', 'used'));
  const hard = Object.entries(asObject(at(quota, 'status', 'hard'))).filter(([name]) => name.startsWith('limits.') === limits);
  return hard
    .sort(([left], [right]) => left.localeCompare(right))
    .map(([name, value]) => `${name}: ${String(used[name] ?? 0)}/${String(value)}`)
    .join(', ');
}

const priorityClassTable: KindTable = {
  columns: [
    NAME,
    column('Value', 'value represents the integer value of this priority class.', 'integer'),
    column('Global-Default', 'globalDefault specifies whether this PriorityClass should be considered as the default priority.', 'boolean'),
    AGE,
    wide('PreemptionPolicy', 'preemptionPolicy is the Policy for preempting pods with lower priority.'),
  ],
  cells: (object, now) => [
    object.metadata.name,
    asNumber(object.value),
    object.globalDefault === true,
    ageOf(object, now),
    asString(object.preemptionPolicy),
  ],
};

export const policyTables: Readonly<Record<string, KindTable>> = {
  'HorizontalPodAutoscaler.autoscaling': autoscalerTable,
  'PodDisruptionBudget.policy': budgetTable,
  ResourceQuota: quotaTable,
  'PriorityClass.scheduling.k8s.io': priorityClassTable,
};
