/** Webhook configurations and APIService. Source: k8s.io/api admissionregistration/v1, kube-aggregator apiregistration/v1. */

import { labelSelector } from './meta.ts';
import { kind } from './object.ts';
import { booleans, bytes, choice, held, integer, integers, keyed, list, string, strings, struct, time, withDefault } from './vocabulary.ts';

const matchCondition = struct({ ...strings('expression name') });

const ruleWithOperations = struct({
  apiGroups: list(string),
  apiVersions: list(string),
  operations: list(choice('*', 'CONNECT', 'CREATE', 'DELETE', 'UPDATE')),
  resources: list(string),
  scope: withDefault(choice('*', 'Cluster', 'Namespaced'), '*'),
});

const serviceReference = struct({ ...strings('name namespace path'), port: withDefault(integer, 443) }, { required: 'namespace name' });

const webhookClientConfig = struct({ ...strings('url'), caBundle: bytes, service: serviceReference });

const validatingWebhook = struct(
  {
    ...strings('name'),
    admissionReviewVersions: list(string),
    clientConfig: webhookClientConfig,
    failurePolicy: withDefault(choice('Fail', 'Ignore'), 'Fail'),
    matchConditions: keyed(matchCondition, 'name'),
    matchPolicy: withDefault(choice('Equivalent', 'Exact'), 'Equivalent'),
    namespaceSelector: withDefault(labelSelector, {}),
    objectSelector: withDefault(labelSelector, {}),
    rules: list(ruleWithOperations),
    sideEffects: choice('None', 'NoneOnDryRun', 'Some', 'Unknown'),
    timeoutSeconds: withDefault(integer, 10),
  },
  { required: 'name clientConfig sideEffects admissionReviewVersions' },
);

export const validatingWebhookConfiguration = kind({ webhooks: keyed(validatingWebhook, 'name') });

const mutatingWebhook = struct(
  {
    ...strings('name'),
    admissionReviewVersions: list(string),
    clientConfig: webhookClientConfig,
    failurePolicy: withDefault(choice('Fail', 'Ignore'), 'Fail'),
    matchConditions: keyed(matchCondition, 'name'),
    matchPolicy: withDefault(choice('Equivalent', 'Exact'), 'Equivalent'),
    namespaceSelector: withDefault(labelSelector, {}),
    objectSelector: withDefault(labelSelector, {}),
    reinvocationPolicy: withDefault(choice('IfNeeded', 'Never'), 'Never'),
    rules: list(ruleWithOperations),
    sideEffects: choice('None', 'NoneOnDryRun', 'Some', 'Unknown'),
    timeoutSeconds: withDefault(integer, 10),
  },
  { required: 'name clientConfig sideEffects admissionReviewVersions' },
);

export const mutatingWebhookConfiguration = kind({ webhooks: keyed(mutatingWebhook, 'name') });

const aggregatedServiceReference = struct({ ...strings('name namespace'), port: withDefault(integer, 443) });

const apiServiceSpec = struct({
  ...strings('group version'),
  ...integers('groupPriorityMinimum versionPriority'),
  ...booleans('insecureSkipTLSVerify'),
  caBundle: bytes,
  service: aggregatedServiceReference,
});

const apiServiceCondition = struct({ ...strings('message reason status type'), lastTransitionTime: time });

const apiServiceStatus = struct({ conditions: keyed(apiServiceCondition, 'type') });

export const apiService = kind({ spec: held(apiServiceSpec), status: held(apiServiceStatus) }, { statusSubresource: true });
