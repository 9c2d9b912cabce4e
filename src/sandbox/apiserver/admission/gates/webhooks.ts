/**
 * Admission webhooks, called as the API server calls them. Sources: apiserver pkg/admission/plugin/webhook (generic, validating,
 * mutating, errors/statuserror.go). Of `matchConditions` nothing is looked at (they are CEL), and deletions are not asked about.
 */
import { randomUUID } from 'node:crypto';
import type { KubeObject } from '../../../../api/kube.ts';
import type { LabelSelector } from '../../../../api/workloads.ts';
import { ApiStatusError } from '../../../cluster.ts';
import { jsonPatch } from '../../fields/json-patch.ts';
import { asArray, asNumber, asObject, asObjects, asString, asStrings, type Json } from '../../json.ts';
import { apiVersionOf, type Resource } from '../../kinds/resource.ts';
import { badRequest, internalError } from '../../refusals.ts';
import { matchesLabels, requirementsOf } from '../../selectors/labels.ts';
import type { State } from '../../storage/state.ts';
import type { Admission } from './gates.ts';
import { CallFailure, post } from './webhook-call.ts';

const VALIDATING = 'validatingwebhookconfigurations.admissionregistration.k8s.io';
const MUTATING = 'mutatingwebhookconfigurations.admissionregistration.k8s.io';

/** @throws ApiStatusError as the webhook answers, or 500 where it cannot be asked and its failurePolicy is Fail */
export function askValidating(admission: Admission): void {
  for (const webhook of concerned(VALIDATING, admission)) ask(webhook, admission);
}

/** The object as the mutating webhooks make it. @throws ApiStatusError as above */
export function askMutating(admission: Admission): KubeObject {
  return concerned(MUTATING, admission).reduce<KubeObject>((object, webhook) => {
    const response = ask(webhook, { ...admission, object });
    const patch = asString(response.patch);
    if (patch === '') return object;
    return jsonPatch(object, asArray(JSON.parse(Buffer.from(patch, 'base64').toString('utf8')))) as unknown as KubeObject;
  }, admission.object);
}

function concerned(storageKey: string, admission: Admission): Json[] {
  // What registers webhooks is never asked about, so that a bad one can be taken away.
  if (admission.resource.group === 'admissionregistration.k8s.io') return [];
  const webhooks = admission.state.objects.list(storageKey).flatMap((configuration) => asObjects(configuration.webhooks));
  return webhooks.filter((webhook) => isConcerned(webhook, admission));
}

function isConcerned(webhook: Json, { state, resource, object, before, subresource }: Admission): boolean {
  const operation = before ? 'UPDATE' : 'CREATE';
  const name = subresource ? `${resource.plural}/${subresource}` : resource.plural;
  const rule = asObjects(webhook.rules).some(
    ({ operations, apiGroups, apiVersions, resources, scope }) =>
      has(operations, operation) &&
      has(apiGroups, resource.group) &&
      has(apiVersions, resource.version) &&
      asStrings(resources).some(
        (one) => one === name || one === '*/*' || (one === '*' && !subresource) || one === `${resource.plural}/*`,
      ) &&
      (scope === undefined || scope === '*' || scope === (resource.namespaced ? 'Namespaced' : 'Cluster')),
  );
  if (!rule || !isSelected(webhook.objectSelector, object.metadata.labels)) return false;
  const namespace = namespaceOf(state, resource, object);
  return namespace === undefined || isSelected(webhook.namespaceSelector, namespace.metadata.labels);
}

function has(list: unknown, wanted: string): boolean {
  return asStrings(list).some((one) => one === '*' || one === wanted);
}

function isSelected(selector: unknown, labels: Record<string, string> | undefined): boolean {
  return matchesLabels(labels, requirementsOf(asObject(selector) as LabelSelector));
}

/** A Namespace is judged by its own labels. */
function namespaceOf(state: State, resource: Resource, object: KubeObject): KubeObject | undefined {
  if (resource.storageKey === 'namespaces') return object;
  return resource.namespaced ? state.objects.get('namespaces', `/${object.metadata.namespace}`) : undefined;
}

/** @returns the response, which allows it */
function ask(webhook: Json, admission: Admission): Json {
  const name = asString(webhook.name);
  const harmless = webhook.sideEffects === 'None' || webhook.sideEffects === 'NoneOnDryRun';
  if (admission.dryRun && !harmless) throw badRequest(`admission webhook ${JSON.stringify(name)} does not support dry run`);
  try {
    const response = asObject(asObject(call(webhook, admission)).response);
    if (response.allowed !== true) throw denied(name, asObject(response.status));
    return response;
  } catch (error) {
    if (!(error instanceof CallFailure)) throw error;
    if (webhook.failurePolicy === 'Ignore') return { allowed: true };
    throw internalError(`failed calling webhook ${JSON.stringify(name)}: failed to call webhook: ${error.message}`);
  }
}

function call(webhook: Json, admission: Admission): unknown {
  const { caBundle, url, service } = asObject(webhook.clientConfig);
  const seconds = asNumber(webhook.timeoutSeconds) || 10;
  const certificate = typeof caBundle === 'string' ? Buffer.from(caBundle, 'base64').toString('utf8') : undefined;
  const address = typeof url === 'string' ? url : addressOf(asObject(service), admission.state, seconds);
  return post({ url: address, body: reviewOf(admission), seconds, ...(certificate ? { certificate } : {}) });
}

/** Services have no addresses here that something outside of a pod could call. */
function addressOf({ namespace, name, port, path }: Json, state: State, seconds: number): never {
  const address = `Post "https://${asString(name)}.${asString(namespace)}.svc:${asNumber(port) || 443}${asString(path)}?timeout=${seconds}s"`;
  if (!state.objects.get('services', `${asString(namespace)}/${asString(name)}`))
    throw new CallFailure(`${address}: service ${JSON.stringify(name)} not found`);
  throw new CallFailure(`${address}: no endpoints available for service ${JSON.stringify(name)}`);
}

function reviewOf({ resource, object, before, subresource, dryRun }: Admission): unknown {
  const { group, version, kind, plural } = resource;
  const request = {
    uid: randomUUID(),
    kind: { group, version, kind },
    resource: { group, version, resource: plural },
    ...(subresource ? { subResource: subresource } : {}),
    name: object.metadata.name,
    ...(object.metadata.namespace ? { namespace: object.metadata.namespace } : {}),
    operation: before ? 'UPDATE' : 'CREATE',
    object: { ...object, apiVersion: apiVersionOf(resource), kind },
    oldObject: before ?? null,
    dryRun,
  };
  return { kind: 'AdmissionReview', apiVersion: 'admission.k8s.io/v1', request };
}

/** ToStatusErr() of errors/statuserror.go. */
function denied(name: string, status: Json): ApiStatusError {
  const [message, reason] = [asString(status.message), asString(status.reason)];
  const why = message || reason;
  const code = asNumber(status.code);
  return new ApiStatusError({
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: `admission webhook ${JSON.stringify(name)} denied the request${why ? `: ${why}` : ' without explanation'}`,
    reason,
    code: Math.max(code, 400),
  });
}
