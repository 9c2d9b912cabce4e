/** ConfigMap, Secret, ServiceAccount, Namespace, quotas, leases, priorities. Source: k8s.io/api core/v1, coordination/v1, scheduling/v1. */

import { completeNamespace, completeSecret } from './completion.ts';
import { allOf, fixed, fixedWhereMarked } from './immutable.ts';
import { kind } from './object.ts';
import { localObjectReference, objectReference } from './references.ts';
import {
  booleans,
  bytes,
  choice,
  dictionary,
  held,
  integers,
  keyed,
  list,
  quantity,
  string,
  strings,
  struct,
  time,
  withDefault,
} from './vocabulary.ts';

export const configMap = kind(
  { ...booleans('immutable'), binaryData: dictionary(bytes), data: dictionary(string) },
  { checkUpdate: fixedWhereMarked },
);

export const secret = kind(
  {
    ...booleans('immutable'),
    data: dictionary(bytes),
    stringData: dictionary(string),
    type: withDefault(string, 'Opaque'),
  },
  { complete: completeSecret, checkUpdate: allOf(fixed('type'), fixedWhereMarked) },
);

export const serviceAccount = kind({
  ...booleans('automountServiceAccountToken'),
  imagePullSecrets: list(localObjectReference),
  secrets: keyed(objectReference, 'name'),
});

const namespaceSpec = struct({ finalizers: list(string) });

const namespaceCondition = struct({ ...strings('message reason status type'), lastTransitionTime: time });

const namespaceStatus = struct({ conditions: keyed(namespaceCondition, 'type'), phase: withDefault(string, 'Active') });

export const namespace = kind(
  { spec: held(namespaceSpec), status: held(namespaceStatus) },
  { complete: completeNamespace, statusSubresource: true, names: 'label' },
);

const limitRangeItem = struct(
  {
    ...strings('type'),
    default: dictionary(quantity),
    defaultRequest: dictionary(quantity),
    max: dictionary(quantity),
    maxLimitRequestRatio: dictionary(quantity),
    min: dictionary(quantity),
  },
  { required: 'type' },
);

const limitRangeSpec = struct({ limits: held(list(limitRangeItem)) }, { required: 'limits' });

export const limitRange = kind({ spec: held(limitRangeSpec) });

const scopedResourceSelectorRequirement = struct(
  {
    operator: choice('DoesNotExist', 'Exists', 'In', 'NotIn'),
    scopeName: choice(
      'BestEffort',
      'CrossNamespacePodAffinity',
      'NotBestEffort',
      'NotTerminating',
      'PriorityClass',
      'Terminating',
      'VolumeAttributesClass',
    ),
    values: list(string),
  },
  { required: 'scopeName operator' },
);

const scopeSelector = struct({ matchExpressions: list(scopedResourceSelectorRequirement) }, { owned: 'whole' });

const resourceQuotaSpec = struct({
  hard: dictionary(quantity),
  scopeSelector,
  scopes: list(
    choice(
      'BestEffort',
      'CrossNamespacePodAffinity',
      'NotBestEffort',
      'NotTerminating',
      'PriorityClass',
      'Terminating',
      'VolumeAttributesClass',
    ),
  ),
});

const resourceQuotaStatus = struct({ hard: dictionary(quantity), used: dictionary(quantity) });

export const resourceQuota = kind({ spec: held(resourceQuotaSpec), status: held(resourceQuotaStatus) }, { statusSubresource: true });

const leaseSpec = struct({
  ...strings('holderIdentity preferredHolder strategy'),
  ...integers('leaseDurationSeconds leaseTransitions'),
  acquireTime: time,
  renewTime: time,
});

export const lease = kind({ spec: held(leaseSpec) });

export const priorityClass = kind({
  ...strings('description'),
  ...booleans('globalDefault'),
  ...integers('value'),
  preemptionPolicy: withDefault(choice('Never', 'PreemptLowerPriority'), 'PreemptLowerPriority'),
});
