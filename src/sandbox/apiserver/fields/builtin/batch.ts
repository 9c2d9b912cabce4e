/** Job and CronJob. Source: k8s.io/api batch/v1/types.go. */

import { completeJob } from './completion.ts';
import { allOf, fixed, fixedJobTemplate } from './immutable.ts';
import { labelSelector, objectMeta } from './meta.ts';
import { kind } from './object.ts';
import { podTemplateSpec } from './pod.ts';
import { objectReference } from './references.ts';
import { checkTemplateMounts } from './rules.ts';
import {
  boolean,
  booleans,
  choice,
  held,
  integer,
  integers,
  list,
  mergedList,
  open,
  set,
  strings,
  struct,
  time,
  withDefault,
} from './vocabulary.ts';

const podFailurePolicyOnExitCodesRequirement = struct(
  { ...strings('containerName'), operator: choice('In', 'NotIn'), values: set(integer) },
  { required: 'operator values' },
);

const podFailurePolicyOnPodConditionsPattern = struct({ ...strings('status type') }, { required: 'type' });

const podFailurePolicyRule = struct(
  {
    action: choice('Count', 'FailIndex', 'FailJob', 'Ignore'),
    onExitCodes: podFailurePolicyOnExitCodesRequirement,
    onPodConditions: list(podFailurePolicyOnPodConditionsPattern),
  },
  { required: 'action' },
);

const podFailurePolicy = struct({ rules: list(podFailurePolicyRule) }, { required: 'rules' });

const successPolicyRule = struct({ ...integers('succeededCount'), ...strings('succeededIndexes') });

const successPolicy = struct({ rules: list(successPolicyRule) }, { required: 'rules' });

const jobSpec = struct(
  {
    ...integers('activeDeadlineSeconds backoffLimit backoffLimitPerIndex completions maxFailedIndexes parallelism ttlSecondsAfterFinished'),
    ...strings('managedBy'),
    ...booleans('manualSelector suspend'),
    completionMode: choice('Indexed', 'NonIndexed'),
    podFailurePolicy,
    podReplacementPolicy: choice('Failed', 'TerminatingOrFailed'),
    selector: labelSelector,
    successPolicy,
    template: held(podTemplateSpec),
  },
  { required: 'template', check: checkTemplateMounts },
);

const jobCondition = struct({ ...strings('message reason status type'), lastProbeTime: time, lastTransitionTime: time });

const jobStatus = struct({
  ...integers('active failed ready succeeded terminating'),
  ...strings('completedIndexes failedIndexes'),
  completionTime: time,
  conditions: mergedList(jobCondition, 'type'),
  startTime: time,
  uncountedTerminatedPods: open,
});

export const job = kind(
  { spec: held(jobSpec), status: held(jobStatus) },
  {
    complete: completeJob,
    statusSubresource: true,
    checkUpdate: allOf(fixed('spec.completions', 'spec.selector'), fixedJobTemplate, fixed('spec.completionMode')),
  },
);

const jobTemplateSpec = struct({ metadata: held(objectMeta), spec: held(jobSpec) });

const cronJobSpec = struct(
  {
    ...strings('schedule timeZone'),
    ...integers('startingDeadlineSeconds'),
    concurrencyPolicy: withDefault(choice('Allow', 'Forbid', 'Replace'), 'Allow'),
    failedJobsHistoryLimit: withDefault(integer, 1),
    jobTemplate: held(jobTemplateSpec),
    successfulJobsHistoryLimit: withDefault(integer, 3),
    suspend: withDefault(boolean, false),
  },
  { required: 'schedule jobTemplate' },
);

const cronJobStatus = struct({ active: list(objectReference), lastScheduleTime: time, lastSuccessfulTime: time });

export const cronJob = kind({ spec: held(cronJobSpec), status: held(cronJobStatus) }, { required: 'spec', statusSubresource: true });
