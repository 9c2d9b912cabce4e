/** Role-based access control over the roles in the store. Source: plugin/pkg/auth/authorizer/rbac of kubernetes. */
import type { KubeObject } from '../../../api/kube.ts';
import { asObject, asObjects, asString, asStrings, type Json } from '../json.ts';
import type { State } from '../storage/state.ts';
import type { ResourceAttributes, User } from './user.ts';

const RBAC = 'rbac.authorization.k8s.io';

export interface PolicyRule {
  verbs: string[];
  apiGroups: string[];
  resources: string[];
  resourceNames: string[];
  nonResourceURLs: string[];
}

/** May `user` do this to the resource? */
export function mayUse(state: State, user: User, attributes: ResourceAttributes): boolean {
  if (user.groups.includes('system:masters')) return true;
  return rulesFor(state, user, attributes.namespace).some((rule) => allowsResource(rule, attributes));
}

/** May `user` send this verb (`get`) to a path that is no resource (`/version`)? */
export function mayVisit(state: State, user: User, verb: string, path: string): boolean {
  if (user.groups.includes('system:masters')) return true;
  return rulesFor(state, user, undefined).some(
    (rule) => matchesAny(rule.verbs, verb) && rule.nonResourceURLs.some((url) => matchesPath(url, path)),
  );
}

/** Every rule that holds for `user` in the cluster and in `namespace`. */
export function rulesFor(state: State, user: User, namespace: string | undefined): PolicyRule[] {
  const clusterWide = state.objects.list(`clusterrolebindings.${RBAC}`);
  const local = namespace ? state.objects.list(`rolebindings.${RBAC}`, namespace) : [];
  return [...clusterWide, ...local].filter((binding) => names(binding, user)).flatMap((binding) => rulesOf(state, binding));
}

function names(binding: KubeObject, user: User): boolean {
  return asObjects(binding.subjects).some((subject) => isSubject(subject, user, binding.metadata.namespace));
}

function isSubject(subject: Json, user: User, bindingNamespace: string | undefined): boolean {
  const name = asString(subject.name);
  if (subject.kind === 'User') return user.name === name;
  if (subject.kind === 'Group') return user.groups.includes(name);
  const namespace = asString(subject.namespace) || bindingNamespace;
  return subject.kind === 'ServiceAccount' && user.name === `system:serviceaccount:${namespace}:${name}`;
}

function rulesOf(state: State, binding: KubeObject): PolicyRule[] {
  const { kind, name } = asObject(binding.roleRef);
  const role =
    kind === 'Role'
      ? state.objects.get(`roles.${RBAC}`, `${binding.metadata.namespace}/${asString(name)}`)
      : state.objects.get(`clusterroles.${RBAC}`, `/${asString(name)}`);
  return asObjects(role?.rules).map((rule) => ({
    verbs: asStrings(rule.verbs),
    apiGroups: asStrings(rule.apiGroups),
    resources: asStrings(rule.resources),
    resourceNames: asStrings(rule.resourceNames),
    nonResourceURLs: asStrings(rule.nonResourceURLs),
  }));
}

function allowsResource(rule: PolicyRule, { verb, group, resource, subresource, name }: ResourceAttributes): boolean {
  if (!matchesAny(rule.verbs, verb) || !matchesAny(rule.apiGroups, group)) return false;
  if (!rule.resources.some((pattern) => matchesResource(pattern, resource, subresource))) return false;
  return rule.resourceNames.length === 0 || (name !== undefined && rule.resourceNames.includes(name));
}

function matchesAny(patterns: readonly string[], value: string): boolean {
  return patterns.includes('*') || patterns.includes(value);
}

/** `pods`, `pods/log`, `*`, `*` + `/scale`. */
function matchesResource(pattern: string, resource: string, subresource: string | undefined): boolean {
  if (pattern === '*' || pattern === (subresource ? `${resource}/${subresource}` : resource)) return true;
  return subresource !== undefined && pattern === `*/${subresource}`;
}

function matchesPath(pattern: string, path: string): boolean {
  return pattern === path || (pattern.endsWith('*') && path.startsWith(pattern.slice(0, -1)));
}
