/** Roles and their bindings. Source: k8s.io/api rbac/v1/types.go. */

import { completeRoleRef, completeSubject } from './completion.ts';
import { fixedRoleRef } from './immutable.ts';
import { labelSelector } from './meta.ts';
import { kind } from './object.ts';
import { held, list, string, strings, struct } from './vocabulary.ts';

const policyRule = struct(
  { apiGroups: list(string), nonResourceURLs: list(string), resourceNames: list(string), resources: list(string), verbs: list(string) },
  { required: 'verbs' },
);

export const role = kind({ rules: held(list(policyRule)) }, { names: 'path-segment' });

const roleRef = struct({ ...strings('apiGroup kind name') }, { required: 'kind name', owned: 'whole', complete: completeRoleRef });

const subject = struct(
  { ...strings('apiGroup kind name namespace') },
  { required: 'kind name', owned: 'whole', complete: completeSubject },
);

export const roleBinding = kind(
  { roleRef: held(roleRef), subjects: list(subject) },
  { required: 'roleRef', names: 'path-segment', checkUpdate: fixedRoleRef },
);

const aggregationRule = struct({ clusterRoleSelectors: list(labelSelector) });

export const clusterRole = kind({ aggregationRule, rules: held(list(policyRule)) }, { names: 'path-segment' });

export const clusterRoleBinding = kind(
  { roleRef: held(roleRef), subjects: list(subject) },
  { required: 'roleRef', names: 'path-segment', checkUpdate: fixedRoleRef },
);
