/** Rules of autoscalers, budgets, Ingresses, claims and RBAC. Source: pkg/apis/<group>/validation of kubernetes. */
import type { KubeObject } from '../../../api/kube.ts';
import { type Cause, invalid, notSupported, required } from '../fields/causes.ts';
import { nameCauses } from '../fields/names.ts';
import { asArray, asNumber, asObject, asObjects, asString, at, type Json } from '../json.ts';
import { percentageRules } from './workload-rules.ts';

const RBAC = 'rbac.authorization.k8s.io';

export function autoscalerRules({ spec: declared }: KubeObject): Cause[] {
  const spec = asObject(declared);
  const { minReplicas, maxReplicas } = spec;
  const target = asObject(spec.scaleTargetRef);
  const causes: Cause[] = [];
  if (typeof minReplicas === 'number' && minReplicas < 1) {
    causes.push(invalid('spec.minReplicas', minReplicas, 'must be greater than or equal to 1'));
  }
  if (asNumber(maxReplicas) < 1) causes.push(invalid('spec.maxReplicas', asNumber(maxReplicas), 'must be greater than 0'));
  if (typeof minReplicas === 'number' && asNumber(maxReplicas) < minReplicas) {
    causes.push(invalid('spec.maxReplicas', asNumber(maxReplicas), 'must be greater than or equal to `minReplicas`'));
  }
  const missing = ['kind', 'name'].filter((field) => !target[field]);
  return [...causes, ...missing.map((field) => required(`spec.scaleTargetRef.${field}`))];
}

export function budgetRules({ spec: declared }: KubeObject): Cause[] {
  const { minAvailable, maxUnavailable, selector } = asObject(declared);
  if (minAvailable !== undefined && maxUnavailable !== undefined) {
    const shown = {
      MinAvailable: minAvailable,
      Selector: selector ?? null,
      MaxUnavailable: maxUnavailable,
      UnhealthyPodEvictionPolicy: null,
    };
    return [invalid('spec', shown, 'minAvailable and maxUnavailable cannot be both set')];
  }
  return [...percentageRules(minAvailable, 'spec.minAvailable'), ...percentageRules(maxUnavailable, 'spec.maxUnavailable')];
}

export function ingressRules({ spec: declared }: KubeObject): Cause[] {
  const spec = asObject(declared);
  const rules = asObjects(spec.rules);
  if (rules.length === 0 && !spec.defaultBackend) {
    return [invalid('spec', null, 'either `defaultBackend` or `rules` must be specified')];
  }
  return rules.flatMap((rule, index) => ingressRule(rule, `spec.rules[${index}]`));
}

function ingressRule({ host, http }: Json, path: string): Cause[] {
  const name = asString(host).replace(/^\*\./, '');
  const hosts = name ? nameCauses(name, `${path}.host`, 'subdomain').map((cause) => ({ ...cause, message: cause.message })) : [];
  const paths = asObjects(asObject(http).paths);
  return [...hosts, ...paths.flatMap((entry, index) => ingressPath(entry, `${path}.http.paths[${index}]`))];
}

function ingressPath(entry: Json, field: string): Cause[] {
  const causes: Cause[] = [];
  if (!entry.pathType) {
    causes.push({ reason: 'FieldValueRequired', message: 'Required value: pathType must be specified', field: `${field}.pathType` });
  } else if (['Exact', 'Prefix'].includes(asString(entry.pathType)) && !asString(entry.path).startsWith('/')) {
    causes.push(invalid(`${field}.path`, entry.path ?? '', 'must be an absolute path'));
  }
  const service = at(entry, 'backend', 'service');
  const port = asObject(at(service, 'port'));
  if (service && !port.name && !port.number) {
    causes.push({ reason: 'FieldValueRequired', message: 'Required value: port name or number is required', field: `${field}.backend` });
  }
  return causes;
}

const ACCESS_MODES = ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod'];

export function claimRules({ spec: declared }: KubeObject): Cause[] {
  const spec = asObject(declared);
  const modes = asArray(spec.accessModes);
  const causes: Cause[] = modes
    .filter((mode) => !ACCESS_MODES.includes(String(mode)))
    .map((mode) => notSupported('spec.accessModes', mode, ACCESS_MODES));
  if (modes.length === 0) {
    causes.push({ reason: 'FieldValueRequired', message: 'Required value: at least 1 access mode is required', field: 'spec.accessModes' });
  }
  if (at(spec, 'resources', 'requests', 'storage') === undefined) causes.push(required('spec.resources[storage]'));
  return causes;
}

const needed = (field: string, detail: string): Cause => ({ reason: 'FieldValueRequired', message: `Required value: ${detail}`, field });

/** @param namespaced of a Role, which cannot speak of paths */
export function roleRules({ rules }: KubeObject, namespaced: boolean): Cause[] {
  return asObjects(rules).flatMap((rule, index) => {
    const path = `rules[${index}]`;
    const causes: Cause[] = [];
    if (asArray(rule.verbs).length === 0) causes.push(needed(`${path}.verbs`, 'verbs must contain at least one value'));
    const urls = asArray(rule.nonResourceURLs);
    if (urls.length > 0) {
      if (namespaced) causes.push(invalid(`${path}.nonResourceURLs`, urls, 'namespaced rules cannot apply to non-resource URLs'));
      return causes;
    }
    if (asArray(rule.apiGroups).length === 0) causes.push(needed(`${path}.apiGroups`, 'resource rules must supply at least one api group'));
    if (asArray(rule.resources).length === 0) causes.push(needed(`${path}.resources`, 'resource rules must supply at least one resource'));
    return causes;
  });
}

export function bindingRules({ kind, roleRef: declared, subjects }: KubeObject): Cause[] {
  const roleRef = asObject(declared);
  const kinds = kind === 'ClusterRoleBinding' ? ['ClusterRole'] : ['Role', 'ClusterRole'];
  const causes: Cause[] = [];
  if (roleRef.apiGroup !== RBAC) causes.push(notSupported('roleRef.apiGroup', roleRef.apiGroup ?? '', [RBAC]));
  if (!kinds.includes(asString(roleRef.kind))) causes.push(notSupported('roleRef.kind', roleRef.kind ?? '', kinds));
  if (!roleRef.name) causes.push(required('roleRef.name'));
  return [...causes, ...asObjects(subjects).flatMap((subject, index) => subjectRules(subject, `subjects[${index}]`, kind))];
}

function subjectRules({ kind, name, namespace }: Json, path: string, binding: string): Cause[] {
  if (!['ServiceAccount', 'User', 'Group'].includes(asString(kind)))
    return [notSupported(`${path}.kind`, kind ?? '', ['ServiceAccount', 'User', 'Group'])];
  const causes = name ? [] : [required(`${path}.name`)];
  if (kind === 'ServiceAccount' && !namespace && binding === 'ClusterRoleBinding') causes.push(required(`${path}.namespace`));
  return causes;
}
