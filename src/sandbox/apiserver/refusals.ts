/**
 * The API server's error bodies. Reasons, codes and wording: k8s.io/apimachinery pkg/api/errors/errors.go and
 * pkg/util/validation/field/errors.go.
 */
import { type ApiStatus, ApiStatusError } from '../cluster.ts';
import type { Cause } from './fields/causes.ts';

/** What of a resource an error names. */
export interface Subject {
  group: string;
  /** Plural of the resource, or the kind where the API says the kind. */
  resource: string;
}

interface Refusal {
  code: number;
  reason: string;
  message: string;
  details?: ApiStatus['details'];
}

function refusal({ code, reason, message, details }: Refusal): ApiStatusError {
  const status: ApiStatus = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason, code };
  if (details) status.details = details;
  return new ApiStatusError(status);
}

/** `deployments.apps`, `pods`. */
function qualified({ group, resource }: Subject): string {
  return group ? `${resource}.${group}` : resource;
}

function detailsOf({ group, resource }: Subject, name: string): NonNullable<ApiStatus['details']> {
  return { ...(name ? { name } : {}), ...(group ? { group } : {}), kind: resource };
}

export function notFound(subject: Subject, name: string): ApiStatusError {
  const message = `${qualified(subject)} ${JSON.stringify(name)} not found`;
  return refusal({ code: 404, reason: 'NotFound', message, details: detailsOf(subject, name) });
}

/** A path that no API serves. */
export function noSuchResource(): ApiStatusError {
  return refusal({ code: 404, reason: 'NotFound', message: 'the server could not find the requested resource', details: {} });
}

export function alreadyExists(subject: Subject, name: string): ApiStatusError {
  const message = `${qualified(subject)} ${JSON.stringify(name)} already exists`;
  return refusal({ code: 409, reason: 'AlreadyExists', message, details: detailsOf(subject, name) });
}

export function conflict(subject: Subject, name: string, why: string): ApiStatusError {
  const message = `Operation cannot be fulfilled on ${qualified(subject)} ${JSON.stringify(name)}: ${why}`;
  return refusal({ code: 409, reason: 'Conflict', message, details: detailsOf(subject, name) });
}

/** The optimistic lock was lost. */
export function modified(subject: Subject, name: string): ApiStatusError {
  return conflict(subject, name, 'the object has been modified; please apply your changes to the latest version and try again');
}

/** Server-side apply met fields of other managers; wording of apiserver's endpoints/handlers/fieldmanager. */
export function applyConflict(conflicts: readonly { manager: string; field: string }[]): ApiStatusError {
  const causes = conflicts.map(({ manager, field }) => ({
    reason: 'FieldManagerConflict',
    message: `conflict with ${manager}`,
    field,
  }));
  const message = `Apply failed with ${conflictSummary(conflicts)}`;
  return refusal({ code: 409, reason: 'Conflict', message, details: { causes } });
}

function conflictSummary(conflicts: readonly { manager: string; field: string }[]): string {
  const only = conflicts.length === 1 ? conflicts[0] : undefined;
  if (only) return `1 conflict: conflict with ${only.manager}: ${only.field}`;
  const byManager = new Map<string, string[]>();
  for (const { manager, field } of conflicts) byManager.set(manager, [...(byManager.get(manager) ?? []), field]);
  const blocks = [...byManager].map(([manager, fields]) => `conflicts with ${manager}:\n${fields.map((field) => `- ${field}`).join('\n')}`);
  return `${conflicts.length} conflicts: ${blocks.join('\n')}`;
}

/** 422 with one cause a field; `kind` is the kind, not the plural. */
export function invalid(kind: Subject, name: string, causes: readonly Cause[]): ApiStatusError {
  const texts = [...new Set(causes.map((cause) => `${cause.field}: ${cause.message}`))];
  const summary = texts.length === 1 ? texts[0] : `[${texts.join(', ')}]`;
  const message = `${qualified(kind)} ${JSON.stringify(name)} is invalid${texts.length > 0 ? `: ${summary}` : ''}`;
  return refusal({ code: 422, reason: 'Invalid', message, details: { ...detailsOf(kind, name), causes: [...causes] } });
}

export function badRequest(message: string): ApiStatusError {
  return refusal({ code: 400, reason: 'BadRequest', message });
}

export function forbidden(subject: Subject, name: string, why: string): ApiStatusError {
  const what = name ? `${qualified(subject)} ${JSON.stringify(name)}` : qualified(subject);
  return refusal({ code: 403, reason: 'Forbidden', message: `${what} is forbidden: ${why}`, details: detailsOf(subject, name) });
}

/** Refused for a path that is no resource. */
export function forbiddenPath(why: string): ApiStatusError {
  return refusal({ code: 403, reason: 'Forbidden', message: `forbidden: ${why}`, details: {} });
}

export function namespaceTerminating(subject: Subject, name: string, namespace: string): ApiStatusError {
  const error = forbidden(subject, name, `unable to create new content in namespace ${namespace} because it is being terminated`);
  const causes = [{ reason: 'NamespaceTerminating', message: `namespace ${namespace} is being terminated`, field: 'metadata.namespace' }];
  error.status.details = { ...error.status.details, causes };
  return error;
}

/** Wording of pkg/registry/core/pod/storage/eviction.go. */
export function budgetExceeded(budget: string, needed: number, healthy: number): ApiStatusError {
  const message = "Cannot evict pod as it would violate the pod's disruption budget.";
  const cause = `The disruption budget ${budget} needs ${needed} healthy pods and has ${healthy} currently`;
  const details = { causes: [{ reason: 'DisruptionBudget', message: cause }] };
  return refusal({ code: 429, reason: 'TooManyRequests', message, details });
}

export function severalBudgets(): ApiStatusError {
  const message = 'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.';
  return refusal({ code: 500, reason: 'InternalError', message: `Internal error occurred: ${message}` });
}

export function unauthorized(): ApiStatusError {
  return refusal({ code: 401, reason: 'Unauthorized', message: 'Unauthorized' });
}

export function methodNotAllowed(): ApiStatusError {
  const message = 'the server does not allow this method on the requested resource';
  return refusal({ code: 405, reason: 'MethodNotAllowed', message, details: {} });
}

export function notAcceptable(): ApiStatusError {
  const message = '406: Not Acceptable\n\nAvailable representations: application/json, application/yaml';
  return refusal({ code: 406, reason: 'NotAcceptable', message, details: {} });
}

export function unsupportedMediaType(accepted: readonly string[]): ApiStatusError {
  const message = `the body of the request was in an unknown format - accepted media types include: ${accepted.join(', ')}`;
  return refusal({ code: 415, reason: 'UnsupportedMediaType', message });
}

/** The patch's media type is none that PATCH takes. */
export function unknownPatchType(): ApiStatusError {
  return refusal({ code: 415, reason: 'UnsupportedMediaType', message: '415: Unsupported Media Type', details: {} });
}

/** 410: the history that the client asks for is gone; it must list again. */
export function expired(message: string): ApiStatusError {
  return refusal({ code: 410, reason: 'Expired', message });
}

export function tooLargeResourceVersion(asked: number, current: number): ApiStatusError {
  const message = `Timeout: Too large resource version: ${asked}, current: ${current}`;
  const causes = [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }];
  return refusal({ code: 504, reason: 'Timeout', message, details: { causes, retryAfterSeconds: 1 } });
}

export function serviceUnavailable(message: string): ApiStatusError {
  return refusal({ code: 503, reason: 'ServiceUnavailable', message });
}

export function tooLarge(): ApiStatusError {
  const message = 'Request entity too large: limit is 3145728';
  return refusal({ code: 413, reason: 'RequestEntityTooLarge', message });
}

export function internalError(message: string): ApiStatusError {
  return refusal({
    code: 500,
    reason: 'InternalError',
    message: `Internal error occurred: ${message}`,
    details: { causes: [{ reason: '', message }] },
  });
}

/** What the real server answers to a POST with a resourceVersion: a 500 without a reason. */
export function resourceVersionOnCreate(): ApiStatusError {
  return refusal({ code: 500, reason: '', message: 'resourceVersion should not be set on objects to be created' });
}
