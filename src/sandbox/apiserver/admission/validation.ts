/** Rules of the built-in kinds that the schema of the kind does not say: what depends on several fields or on the cluster. */
import type { KubeObject } from '../../../api/kube.ts';
import type { Cause } from '../fields/causes.ts';
import type { Resource } from '../kinds/resource.ts';
import { validateAddress } from './cluster-ips.ts';
import { configMapRules, eventRules, secretRules } from './configuration-rules.ts';
import { validateDefinition } from './definitions.ts';
import { podTemplateRules } from './pod-rules.ts';
import { autoscalerRules, bindingRules, budgetRules, claimRules, ingressRules, roleRules } from './policy-rules.ts';
import type { Surroundings } from './preparation.ts';
import { serviceRules } from './service-rules.ts';
import { cronJobRules, deploymentRules, jobRules } from './workload-rules.ts';

/** An object about to be stored, in its storage version. */
export interface Candidate {
  object: KubeObject;
  around: Surroundings;
  /** The stored object that it replaces. */
  before?: KubeObject;
}

type Rule = (candidate: Candidate) => Cause[];

const RULES: Readonly<Record<string, readonly Rule[]>> = {
  pods: [({ object }) => podTemplateRules(object.spec, 'spec')],
  'deployments.apps': [({ object }) => deploymentRules(object), template],
  'replicasets.apps': [template],
  'statefulsets.apps': [template],
  'daemonsets.apps': [template],
  'jobs.batch': [({ object }) => jobRules(object), template],
  'cronjobs.batch': [({ object }) => cronJobRules(object)],
  services: [({ object }) => serviceRules(object), address],
  events: [({ object }) => eventRules(object)],
  configmaps: [({ object }) => configMapRules(object)],
  secrets: [({ object }) => secretRules(object)],
  'horizontalpodautoscalers.autoscaling': [({ object }) => autoscalerRules(object)],
  'poddisruptionbudgets.policy': [({ object }) => budgetRules(object)],
  'ingresses.networking.k8s.io': [({ object }) => ingressRules(object)],
  persistentvolumeclaims: [({ object }) => claimRules(object)],
  'roles.rbac.authorization.k8s.io': [({ object }) => roleRules(object, true)],
  'clusterroles.rbac.authorization.k8s.io': [({ object }) => roleRules(object, false)],
  'rolebindings.rbac.authorization.k8s.io': [({ object }) => bindingRules(object)],
  'clusterrolebindings.rbac.authorization.k8s.io': [({ object }) => bindingRules(object)],
  'customresourcedefinitions.apiextensions.k8s.io': [({ object }) => validateDefinition(object)],
};

/** Causes against storing the object. */
export function validateObject(resource: Resource, candidate: Candidate): Cause[] {
  return (RULES[resource.storageKey] ?? []).flatMap((rule) => rule(candidate));
}

function template({ object }: Candidate): Cause[] {
  const spec = (object.spec as { template?: { spec?: unknown } } | undefined)?.template?.spec;
  return podTemplateRules(spec, 'spec.template.spec');
}

/** Only an address that is new has to be free: one that may not change is refused for that. */
function address({ object, around, before }: Candidate): Cause[] {
  if (before) return [];
  return validateAddress(
    object,
    around.services().filter((other) => other.metadata.uid !== object.metadata.uid),
  );
}
