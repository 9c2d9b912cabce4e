/** The `scale` subresource: the replica counts of a kind as an autoscaling/v1 Scale. */
import type { KubeObject } from '../../../api/kube.ts';
import type { LabelSelector } from '../../../api/workloads.ts';
import { invalid as invalidValue } from '../fields/causes.ts';
import { applyPatch } from '../fields/patch.ts';
import { asNumber, asObject, asString, at, isObject } from '../json.ts';
import { type Resource, type ScalePaths, subjectOf } from '../kinds/resource.ts';
import { invalid, modified, notFound } from '../refusals.ts';
import { formatRequirements, requirementsOf } from '../selectors/labels.ts';
import type { Patch } from './patch.ts';
import { current, settle } from './replace.ts';
import type { Place, WriteRequest, Written } from './request.ts';

const SCALE_SCHEMA = { type: 'object', preserveUnknownFields: true } as const;

/** @throws ApiStatusError 404 */
export function readScale(place: Place, namespace: string | undefined, name: string): KubeObject {
  return scaleOf(place.resource, current(place, namespace, name));
}

function scaleOf(resource: Resource, object: KubeObject): KubeObject {
  const paths = requirePaths(resource, object.metadata.name);
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata;
  const replicas = at(object, ...paths.specReplicas.split('.'));
  const selector = selectorText(object, paths);
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: { name, ...(namespace ? { namespace } : {}), uid, resourceVersion, creationTimestamp },
    spec: typeof replicas === 'number' ? { replicas } : {},
    status: { replicas: asNumber(at(object, ...paths.statusReplicas.split('.'))), ...(selector ? { selector } : {}) },
  };
}

function selectorText(object: KubeObject, { labelSelector }: ScalePaths): string {
  if (labelSelector) return asString(at(object, ...labelSelector.split('.')));
  const selector = at(object, 'spec', 'selector');
  return isObject(selector) ? formatRequirements(requirementsOf(selector as LabelSelector)) : '';
}

function requirePaths(resource: Resource, name: string): ScalePaths {
  if (!resource.scale) throw notFound(subjectOf(resource), name);
  return resource.scale;
}

/** Writes the replica count of a Scale. @throws ApiStatusError 404, 409, 422 */
export function updateScale(place: Place, scale: KubeObject, request: WriteRequest): Written {
  const { resource } = place;
  const before = current(place, scale.metadata.namespace, scale.metadata.name);
  const paths = requirePaths(resource, before.metadata.name);
  const { resourceVersion } = scale.metadata;
  if (resourceVersion && resourceVersion !== before.metadata.resourceVersion) throw modified(subjectOf(resource), before.metadata.name);
  const replicas = asNumber(asObject(scale.spec).replicas);
  if (replicas < 0) {
    const cause = invalidValue('spec.replicas', replicas, 'must be greater than or equal to 0');
    throw invalid({ group: 'autoscaling', resource: 'Scale' }, before.metadata.name, [cause]);
  }
  const proposed = withValue(structuredClone(before), paths.specReplicas.split('.'), replicas);
  const written = settle(place, { before, proposed, request: { ...request, subresource: 'scale' } });
  return { ...written, object: scaleOf(resource, written.object) };
}

/** @throws ApiStatusError 400, 404, 409, 422 */
export function patchScale(place: Place, { namespace, name, type, patch }: Patch, request: WriteRequest): Written {
  const scale = readScale(place, namespace, name);
  return updateScale(place, applyPatch({ schema: SCALE_SCHEMA, type, current: scale, patch }), request);
}

function withValue(object: KubeObject, path: readonly string[], value: number): KubeObject {
  let node: Record<string, unknown> = object;
  for (const field of path.slice(0, -1)) {
    node[field] = asObject(node[field]);
    node = asObject(node[field]);
  }
  node[path.at(-1) ?? ''] = value;
  return object;
}
