/** What an API server says when it does not do what was asked, as a `Failure` that says what to do. */
import { groupOf } from '../../api/kube.ts';
import { Failure, type FailureDetails } from '../../core/failure.ts';
import { type Permission, placeText, resourceText } from '../../core/permission.ts';
import type { Reply } from './exchange.ts';

/** What was asked for, in the words of RBAC. */
export interface Operation {
  verb: 'get' | 'list' | 'watch' | 'create' | 'patch' | 'delete';
  apiVersion: string;
  kind: string;
  /** The plural, with the subresource: `deployments/status`. */
  resource: string;
  namespace?: string | undefined;
  name?: string | undefined;
}

/** Where it was asked. */
export interface Server {
  context: string;
  /** Without credentials. */
  url: string;
}

/** meta/v1 Status, as far as it is read. */
export interface ApiStatus {
  reason?: string;
  message?: string;
  code?: number;
  details?: { name?: string; kind?: string; retryAfterSeconds?: number; causes?: { field?: string; message?: string; reason?: string }[] };
}

/** The error body of the API; undefined where the answer is none. */
export function statusOf(text: string): ApiStatus | undefined {
  try {
    const body: unknown = JSON.parse(text);
    return typeof body === 'object' && body !== null && (body as { kind?: unknown }).kind === 'Status' ? (body as ApiStatus) : undefined;
  } catch {
    return undefined;
  }
}

/** Is it the object that is missing (true), or the kind that is not served? */
export function isObjectMissing(reply: Reply): boolean {
  return reply.status === 404 && statusOf(reply.text)?.details?.name !== undefined;
}

/** The failure for an answer other than 2xx. */
export function refusal(reply: Reply, operation: Operation, server: Server): Failure {
  const status = statusOf(reply.text);
  const plainNotFound = reply.status === 404 && (status !== undefined || reply.text.startsWith('404 page not found'));
  if (!status && !plainNotFound && reply.status !== 401) return notTheApi(reply, server);
  const seen = status?.message ? { seen: status.message } : {};
  switch (reply.status) {
    case 401:
      return unauthorized(seen, server);
    case 403:
      return forbidden(operation, status?.message);
    case 404:
      return status?.details?.name === undefined ? kindNotServed(operation, server) : notFound(seen, status, operation);
    case 409:
      return conflict(seen, status, operation);
    default:
      return clusterError(reply.status, status, operation);
  }
}

/** An answer that no API server gives: a proxy's or a login's page. */
export function notTheApi(reply: Reply, server: Server): Failure {
  const type = reply.headers['content-type']?.split(';')[0] ?? 'no content type';
  const title = /<title>([^<]{1,80})<\/title>/i.exec(reply.text)?.[1]?.trim();
  return new Failure('ClusterError', `${server.url} answered with something that is not the Kubernetes API`, {
    seen: `status ${reply.status}, ${type}${title ? `: "${title}"` : ''}`,
    causes: ['a proxy or a login page stands before the API server', 'the server of the context is not an API server'],
    next: [`kubectl --context ${server.context} get --raw /version`, `kubectl config view --minify --context ${server.context}`],
  });
}

function unauthorized(seen: FailureDetails, { context, url }: Server): Failure {
  return new Failure('Unauthorized', `${url} does not accept the credentials of the context ${context}`, {
    ...seen,
    causes: ['the token or certificate has expired', 'the cluster was made anew and the kubeconfig is of the old one'],
    next: [`kubectl --context ${context} auth whoami`],
  });
}

/** The failure for something that one may not do. @param message the API server's. */
export function forbidden(operation: Operation, message?: string): Failure {
  const permission = permissionIn(message) ?? permissionOf(operation);
  const { verb, group, resource } = permission;
  const user = /User "([^"]+)"/.exec(message ?? '')?.[1];
  const name = operation.name === undefined ? '' : ` ${operation.name}`;
  return new Failure('Forbidden', `no permission to ${verb} ${resourceText(permission)}${name} ${placeText(permission.namespace)}`, {
    ...(message ? { seen: message } : {}),
    causes: [
      `${user ?? 'this user'} has no role with the verb ${verb} on ${resource} of ${group ? `the API group ${group}` : 'the core API group'}`,
    ],
    next: [
      `kubectl auth can-i ${verb} ${canI(permission)}`,
      `kubectl apply -f - with this, then bind it to ${user ?? 'the user'}:\n${roleFor(permission)}`,
    ],
    permission,
  });
}

function permissionOf({ verb, apiVersion, resource, namespace }: Operation): Permission {
  return { verb, group: groupOf(apiVersion), resource, ...(namespace === undefined ? {} : { namespace }) };
}

/**
 * What the API server itself says is missing: it may be something else than what was asked for, as a server-side apply that
 * has to create needs `create`. Source of the words: k8s.io/apiserver endpoints/handlers/responsewriters/errors.go.
 */
function permissionIn(message = ''): Permission | undefined {
  const found = /cannot (\S+) resource "([^"]+)" in API group "([^"]*)"(?: in the namespace "([^"]+)")?/.exec(message);
  if (!found) return undefined;
  const [, verb, resource, group, namespace] = found as unknown as [string, string, string, string, string | undefined];
  return { verb, group, resource, ...(namespace === undefined ? {} : { namespace }) };
}

function qualified({ apiVersion, resource, name }: Operation): string {
  const group = groupOf(apiVersion);
  return `${resource}${group ? `.${group}` : ''}${name === undefined ? '' : ` ${name}`}`;
}

function canI({ group, resource, namespace }: Permission): string {
  const [plural, subresource] = resource.split('/');
  const flags = `${subresource ? ` --subresource=${subresource}` : ''}${namespace === undefined ? ' --all-namespaces' : ` -n ${namespace}`}`;
  return `${plural}${group ? `.${group}` : ''}${flags}`;
}

/** The role that is missing, whole, as YAML. */
function roleFor({ verb, group, resource, namespace }: Permission): string {
  return [
    'apiVersion: rbac.authorization.k8s.io/v1',
    `kind: ${namespace === undefined ? 'ClusterRole' : 'Role'}`,
    'metadata:',
    '  name: ebb',
    ...(namespace === undefined ? [] : [`  namespace: ${namespace}`]),
    'rules:',
    `  - apiGroups: ["${group}"]`,
    `    resources: ["${resource}"]`,
    `    verbs: ["${verb}"]`,
  ].join('\n');
}

/** @param served versions of the group that the server has, where it was asked. */
export function kindNotServed(
  { apiVersion, kind }: Pick<Operation, 'apiVersion' | 'kind'>,
  server: Server,
  served: readonly string[] = [],
): Failure {
  const flux = groupOf(apiVersion).endsWith('toolkit.fluxcd.io');
  const versions =
    served.length > 0 ? [`the server has ${served.join(', ')}: another version of ${flux ? 'Flux' : 'it'} is installed`] : [];
  return new Failure('KindNotServed', `the cluster of the context ${server.context} does not know the kind ${kind} (${apiVersion})`, {
    causes: [
      ...versions,
      flux ? 'Flux is not installed in this cluster' : 'its CustomResourceDefinition is not installed',
      'the context is of another cluster',
    ],
    next: [
      flux
        ? `flux check --context ${server.context}`
        : `kubectl --context ${server.context} api-resources --api-group=${groupOf(apiVersion)}`,
    ],
  });
}

function notFound(seen: FailureDetails, { details }: ApiStatus, { kind, name, namespace }: Operation): Failure {
  if (details?.kind === 'namespaces' && kind !== 'Namespace') {
    return new Failure('ClusterError', `the namespace ${details.name} does not exist`, { ...seen, next: ['kubectl get namespaces'] });
  }
  return new Failure('ClusterError', `${kind} ${name ?? ''} is not there${namespace ? ` (namespace ${namespace})` : ''}`, {
    ...seen,
    causes: ['it was deleted meanwhile', 'the namespace or the context is another one'],
    next: namespace ? [`kubectl get ${kind.toLowerCase()} -n ${namespace}`] : [`kubectl get ${kind.toLowerCase()}`],
  });
}

function conflict(seen: FailureDetails, status: ApiStatus | undefined, operation: Operation): Failure {
  const fields = causesOf(status);
  const exists = status?.reason === 'AlreadyExists';
  return new Failure('Conflict', `${qualified(operation)} ${exists ? 'exists already' : 'was changed by someone else'}`, {
    ...seen,
    causes: fields.length > 0 ? fields : [exists ? 'another run created it' : 'a controller or another person wrote at the same time'],
    next: exists ? [] : ['run the same command again'],
  });
}

function clusterError(code: number, status: ApiStatus | undefined, operation: Operation): Failure {
  const { verb } = operation;
  const invalid =
    code === 422 ? 'the API server finds it invalid' : `the API server answered ${code}${status?.reason ? ` ${status.reason}` : ''}`;
  return new Failure('ClusterError', `cannot ${verb} ${qualified(operation)}: ${invalid}`, {
    ...(status?.message ? { seen: status.message } : {}),
    causes: causesOf(status),
  });
}

function causesOf(status: ApiStatus | undefined): string[] {
  return (status?.details?.causes ?? []).map(({ field, message, reason }) => [field, message ?? reason].filter(Boolean).join(': '));
}
