/** Reviews: who am I, what may I. Sources: k8s.io/api authorization/v1 and authentication/v1. */
import { mayUse, mayVisit, rulesFor } from '../access/rbac.ts';
import type { ResourceAttributes } from '../access/user.ts';
import { asObject, asString, isObject, type Json } from '../json.ts';
import { badRequest } from '../refusals.ts';
import type { ResourceCall } from './endpoint.ts';
import { answer, readDocument } from './exchange.ts';

/** Answers a SelfSubjectAccessReview, SelfSubjectRulesReview or SelfSubjectReview. */
export async function answerReview(call: ResourceCall): Promise<void> {
  const { exchange, resource } = call;
  const body = asObject(await readDocument(exchange.request));
  const spec = asObject(body.spec);
  const head = { kind: resource.kind, apiVersion: `${resource.group}/${resource.version}`, metadata: {} };
  answer(exchange, {
    status: 201,
    body: { ...head, ...(resource.kind === 'SelfSubjectReview' ? {} : { spec }), status: statusOf(call, spec) },
  });
}

function statusOf(call: ResourceCall, spec: Json): Json {
  const { exchange, resource } = call;
  if (resource.kind === 'SelfSubjectReview') {
    return { userInfo: { username: exchange.user.name, groups: exchange.user.groups } };
  }
  if (resource.kind === 'SelfSubjectRulesReview') return rulesStatus(call, asString(spec.namespace));
  return { allowed: isAllowed(call, spec) };
}

function isAllowed({ service, exchange }: ResourceCall, spec: Json): boolean {
  const { resourceAttributes, nonResourceAttributes } = spec;
  if (isObject(nonResourceAttributes)) {
    return mayVisit(service.state, exchange.user, asString(nonResourceAttributes.verb), asString(nonResourceAttributes.path));
  }
  if (!isObject(resourceAttributes)) throw badRequest('exactly one of nonResourceAttributes or resourceAttributes must be specified');
  const attribute = (name: string): string => asString(resourceAttributes[name]);
  const attributes: ResourceAttributes = { verb: attribute('verb'), group: attribute('group'), resource: attribute('resource') };
  if (attribute('namespace')) attributes.namespace = attribute('namespace');
  if (attribute('subresource')) attributes.subresource = attribute('subresource');
  if (attribute('name')) attributes.name = attribute('name');
  return mayUse(service.state, exchange.user, attributes);
}

function rulesStatus({ service, exchange }: ResourceCall, namespace: string): Json {
  const rules = rulesFor(service.state, exchange.user, namespace || undefined);
  const resourceRules = rules
    .filter((rule) => rule.resources.length > 0)
    .map(({ verbs, apiGroups, resources, resourceNames }) => ({
      verbs,
      apiGroups,
      resources,
      ...(resourceNames.length > 0 ? { resourceNames } : {}),
    }));
  const nonResourceRules = rules
    .filter((rule) => rule.nonResourceURLs.length > 0)
    .map(({ verbs, nonResourceURLs }) => ({ verbs, nonResourceURLs }));
  return { resourceRules, nonResourceRules, incomplete: false };
}
