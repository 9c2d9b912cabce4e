/**
 * OpenAPI as far as clients insist on it: kubectl asks it whether the server validates fields itself (a `fieldValidation`
 * parameter on a kind's PATCH) and then leaves validation to the server.
 */
import { createHash } from 'node:crypto';
import { apiVersionOf, type Resource } from '../kinds/resource.ts';

const WRITE_PARAMETERS = ['dryRun', 'fieldManager', 'fieldValidation', 'force'];

function rootOf(apiVersion: string): string {
  return apiVersion.includes('/') ? `apis/${apiVersion}` : `api/${apiVersion}`;
}

/** `/openapi/v3`: the documents that there are; the hash tells clients whether a cached one is still good. */
export function openApiIndex(resources: readonly Resource[]): unknown {
  const versions = [...new Set(resources.map(apiVersionOf))];
  const entries = versions.map((apiVersion) => {
    const text = JSON.stringify(openApiDocument(resources, rootOf(apiVersion)));
    const hash = createHash('sha256').update(text).digest('hex').toUpperCase();
    return [rootOf(apiVersion), { serverRelativeURL: `/openapi/v3/${rootOf(apiVersion)}?hash=${hash}` }];
  });
  return { paths: Object.fromEntries(entries) };
}

/** `/openapi/v3/apis/apps/v1`; undefined where nothing of it is served. @param root `apis/apps/v1`, `api/v1` */
export function openApiDocument(resources: readonly Resource[], root: string): unknown {
  const own = resources.filter((resource) => rootOf(apiVersionOf(resource)) === root);
  if (own.length === 0) return undefined;
  return {
    openapi: '3.0.0',
    info: { title: 'Kubernetes', version: 'v1' },
    paths: Object.fromEntries(own.flatMap((resource) => pathsOf(resource, root))),
  };
}

function pathsOf(resource: Resource, root: string): [string, unknown][] {
  const { group, version, kind, plural, namespaced, verbs } = resource;
  if (!verbs.includes('patch')) return [];
  const extension = { 'x-kubernetes-group-version-kind': { group, version, kind } };
  const parameters = WRITE_PARAMETERS.map((name) => ({
    name,
    in: 'query',
    schema: { type: name === 'force' ? 'boolean' : 'string', uniqueItems: true },
  }));
  const responses = { 200: { description: 'OK' } };
  const collection = `/${root}/${namespaced ? 'namespaces/{namespace}/' : ''}${plural}`;
  return [
    [collection, { post: { 'x-kubernetes-action': 'post', ...extension, parameters, responses } }],
    [`${collection}/{name}`, { patch: { 'x-kubernetes-action': 'patch', ...extension, parameters, responses } }],
  ];
}

/** `/openapi/v2` with no paths: clients that still ask for it fall back on what they know themselves. */
export function openApiV2(): unknown {
  return { swagger: '2.0', info: { title: 'Kubernetes', version: 'v1' }, paths: {} };
}

export const OPENAPI_V2_PROTOBUF = /application\/com\.github\.proto-openapi\.spec\.v2[@.]v1\.0\+protobuf/;

/** The same in the protobuf form that client-go asks for: field 1 `swagger`, field 2 `info` (1 `title`, 2 `version`). */
export function openApiV2Protobuf(): Buffer {
  const field = (number: number, content: Buffer): Buffer => Buffer.concat([Buffer.from([number * 8 + 2, content.length]), content]);
  const info = Buffer.concat([field(1, Buffer.from('Kubernetes')), field(2, Buffer.from('v1'))]);
  return Buffer.concat([field(1, Buffer.from('2.0')), field(2, info)]);
}
