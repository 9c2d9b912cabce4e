/** Rules of the kinds that run Pods. Source: pkg/apis/apps/validation and pkg/apis/batch/validation of kubernetes. */
import type { KubeObject } from '../../../api/kube.ts';
import { type Cause, invalid, notSupported } from '../fields/causes.ts';
import { asNumber, asObject, asString, at, type Json } from '../json.ts';
import { podTemplateRules } from './pod-rules.ts';

export function deploymentRules({ spec: declared }: KubeObject): Cause[] {
  const spec = asObject(declared);
  const rolling = asObject(at(spec, 'strategy', 'rollingUpdate'));
  return [...rollingUpdateRules(rolling, 'spec.strategy.rollingUpdate'), ...deadlineRules(spec)];
}

function rollingUpdateRules(rolling: Json, path: string): Cause[] {
  const causes = ['maxUnavailable', 'maxSurge'].flatMap((field) => percentageRules(rolling[field], `${path}.${field}`));
  const { maxUnavailable, maxSurge } = rolling;
  if (isZero(maxUnavailable) && isZero(maxSurge)) {
    causes.push(invalid(`${path}.maxUnavailable`, maxUnavailable, 'may not be 0 when `maxSurge` is 0'));
  }
  const percentage = /^(\d+)%$/.exec(asString(maxUnavailable));
  if (percentage && Number(percentage[1]) > 100)
    causes.push(invalid(`${path}.maxUnavailable`, maxUnavailable, 'must not be greater than 100%'));
  return causes;
}

function isZero(value: unknown): boolean {
  return value === 0 || value === '0%';
}

/** A whole number or a percentage. */
export function percentageRules(value: unknown, path: string): Cause[] {
  if (typeof value === 'number') return value < 0 ? [invalid(path, value, 'must be greater than or equal to 0')] : [];
  if (typeof value !== 'string' || /^\d+%$/.test(value)) return [];
  const detail =
    "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')";
  return [invalid(path, value, detail)];
}

function deadlineRules({ progressDeadlineSeconds, minReadySeconds, revisionHistoryLimit }: Json): Cause[] {
  const negative = Object.entries({ minReadySeconds, revisionHistoryLimit }).filter(([, value]) => asNumber(value) < 0);
  const causes = negative.map(([field, value]) => invalid(`spec.${field}`, value, 'must be greater than or equal to 0'));
  if (typeof progressDeadlineSeconds === 'number' && progressDeadlineSeconds <= asNumber(minReadySeconds)) {
    causes.push(invalid('spec.progressDeadlineSeconds', progressDeadlineSeconds, 'must be greater than minReadySeconds'));
  }
  return causes;
}

export function jobRules({ spec }: KubeObject): Cause[] {
  return jobSpecRules(asObject(spec), 'spec');
}

function jobSpecRules(spec: Json, path: string): Cause[] {
  const negative = ['parallelism', 'completions', 'backoffLimit', 'activeDeadlineSeconds', 'ttlSecondsAfterFinished'].filter(
    (field) => asNumber(spec[field]) < 0,
  );
  const policy = asString(at(spec, 'template', 'spec', 'restartPolicy'));
  return [
    ...negative.map((field) => invalid(`${path}.${field}`, spec[field], 'must be greater than or equal to 0')),
    ...restartPolicyRules(policy, `${path}.template.spec.restartPolicy`),
  ];
}

/** A Job's Pods end; the default policy of a Pod, `Always`, counts as not given. */
function restartPolicyRules(policy: string, field: string): Cause[] {
  if (policy === 'OnFailure' || policy === 'Never') return [];
  if (policy === 'Always') return [{ reason: 'FieldValueRequired', message: 'Required value: valid values: "OnFailure", "Never"', field }];
  return [notSupported(field, policy, ['OnFailure', 'Never'])];
}

export function cronJobRules({ spec: declared }: KubeObject): Cause[] {
  const spec = asObject(declared);
  const jobSpec = asObject(at(spec, 'jobTemplate', 'spec'));
  const path = 'spec.jobTemplate.spec';
  return [
    ...scheduleRules(asString(spec.schedule)),
    ...jobSpecRules(jobSpec, path),
    ...podTemplateRules(at(jobSpec, 'template', 'spec'), `${path}.template.spec`),
  ];
}

function scheduleRules(schedule: string): Cause[] {
  if (schedule === '' || schedule.startsWith('@')) return [];
  const fields = schedule.trim().split(/\s+/);
  if (fields.length === 5) return [];
  return [invalid('spec.schedule', schedule, `expected exactly 5 fields, found ${fields.length}: [${fields.join(' ')}]`)];
}
