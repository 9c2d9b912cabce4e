/** HorizontalPodAutoscaler and PodDisruptionBudget. Source: k8s.io/api autoscaling/v1 and v2, policy/v1. */

import { completeAutoscalerSpec } from './completion.ts';
import { condition, labelSelector } from './meta.ts';
import { kind } from './object.ts';
import {
  choice,
  dictionary,
  held,
  integer,
  integers,
  intOrString,
  keyed,
  list,
  patched,
  quantity,
  strings,
  struct,
  time,
  withDefault,
} from './vocabulary.ts';

const crossVersionObjectReference = struct({ ...strings('apiVersion kind name') }, { required: 'kind name' });

const hpaScalingPolicy = struct({ ...integers('periodSeconds value'), ...strings('type') }, { required: 'type value periodSeconds' });

const hpaScalingRules = struct({
  ...strings('selectPolicy'),
  ...integers('stabilizationWindowSeconds'),
  policies: list(hpaScalingPolicy),
  tolerance: quantity,
});

const horizontalPodAutoscalerBehavior = struct({ scaleDown: hpaScalingRules, scaleUp: hpaScalingRules });

const metricTarget = struct(
  { ...integers('averageUtilization'), ...strings('type'), averageValue: quantity, value: quantity },
  { required: 'type' },
);

const containerResourceMetricSource = struct({ ...strings('container name'), target: metricTarget }, { required: 'name target container' });

const metricIdentifier = struct({ ...strings('name'), selector: labelSelector }, { required: 'name' });

const externalMetricSource = struct({ metric: metricIdentifier, target: metricTarget }, { required: 'metric target' });

const objectMetricSource = struct(
  { describedObject: crossVersionObjectReference, metric: metricIdentifier, target: metricTarget },
  { required: 'describedObject target metric' },
);

const podsMetricSource = struct({ metric: metricIdentifier, target: metricTarget }, { required: 'metric target' });

const resourceMetricSource = struct({ ...strings('name'), target: metricTarget }, { required: 'name target' });

const metricSpec = struct(
  {
    ...strings('type'),
    containerResource: containerResourceMetricSource,
    external: externalMetricSource,
    object: objectMetricSource,
    pods: podsMetricSource,
    resource: resourceMetricSource,
  },
  { required: 'type' },
);

const horizontalPodAutoscalerSpec = struct(
  {
    ...integers('maxReplicas'),
    behavior: horizontalPodAutoscalerBehavior,
    metrics: list(metricSpec),
    minReplicas: withDefault(integer, 1),
    scaleTargetRef: held(crossVersionObjectReference),
  },
  { required: 'scaleTargetRef maxReplicas', complete: completeAutoscalerSpec },
);

const horizontalPodAutoscalerCondition = struct({ ...strings('message reason status type'), lastTransitionTime: time });

const metricValueStatus = struct({ ...integers('averageUtilization'), averageValue: quantity, value: quantity });

const containerResourceMetricStatus = struct({ ...strings('container name'), current: metricValueStatus });

const externalMetricStatus = struct({ current: metricValueStatus, metric: metricIdentifier });

const objectMetricStatus = struct({ current: metricValueStatus, describedObject: crossVersionObjectReference, metric: metricIdentifier });

const podsMetricStatus = struct({ current: metricValueStatus, metric: metricIdentifier });

const resourceMetricStatus = struct({ ...strings('name'), current: metricValueStatus });

const metricStatus = struct({
  ...strings('type'),
  containerResource: containerResourceMetricStatus,
  external: externalMetricStatus,
  object: objectMetricStatus,
  pods: podsMetricStatus,
  resource: resourceMetricStatus,
});

const horizontalPodAutoscalerStatus = struct({
  ...integers('currentReplicas desiredReplicas observedGeneration'),
  conditions: keyed(horizontalPodAutoscalerCondition, 'type'),
  currentMetrics: held(list(metricStatus)),
  lastScaleTime: time,
});

export const horizontalPodAutoscaler = kind(
  { spec: held(horizontalPodAutoscalerSpec), status: held(horizontalPodAutoscalerStatus) },
  { required: 'spec', statusSubresource: true },
);

const legacyCrossVersionObjectReference = struct({ ...strings('apiVersion kind name') }, { required: 'kind name', owned: 'whole' });

const legacyHorizontalPodAutoscalerSpec = struct(
  {
    ...integers('maxReplicas targetCPUUtilizationPercentage'),
    minReplicas: withDefault(integer, 1),
    scaleTargetRef: held(legacyCrossVersionObjectReference),
  },
  { required: 'scaleTargetRef maxReplicas' },
);

const legacyHorizontalPodAutoscalerStatus = struct({
  ...integers('currentCPUUtilizationPercentage currentReplicas desiredReplicas observedGeneration'),
  lastScaleTime: time,
});

export const legacyHorizontalPodAutoscaler = kind(
  { spec: held(legacyHorizontalPodAutoscalerSpec), status: held(legacyHorizontalPodAutoscalerStatus) },
  { required: 'spec', statusSubresource: true },
);

const podDisruptionBudgetSpec = struct({
  maxUnavailable: intOrString,
  minAvailable: intOrString,
  selector: patched(labelSelector, 'replace'),
  unhealthyPodEvictionPolicy: choice('AlwaysAllow', 'IfHealthyBudget'),
});

const podDisruptionBudgetStatus = struct({
  ...integers('currentHealthy desiredHealthy disruptionsAllowed expectedPods observedGeneration'),
  conditions: keyed(condition, 'type'),
  disruptedPods: dictionary(time),
});

export const podDisruptionBudget = kind(
  { spec: held(podDisruptionBudgetSpec), status: held(podDisruptionBudgetStatus) },
  { statusSubresource: true },
);
