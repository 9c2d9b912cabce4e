import type { GroupVersionKind } from '../../../api/kube.ts';
import type { Schema } from '../fields/schema.ts';

export type Verb = 'create' | 'delete' | 'deletecollection' | 'get' | 'list' | 'patch' | 'update' | 'watch';

/** Where a kind keeps the replica counts that `scale` reads and writes, as JSON paths without the leading dot. */
export interface ScalePaths {
  specReplicas: string;
  statusReplicas: string;
  /** Path of the selector in its text form; absent where `spec.selector` is a label selector object. */
  labelSelector?: string;
}

/** A column that a CRD declares. */
export interface PrinterColumn {
  name: string;
  type: string;
  jsonPath: string;
  format?: string;
  description?: string;
  priority?: number;
}

/** One subresource, as discovery tells it. */
export interface Subresource {
  name: string;
  verbs: readonly string[];
  /** Kind of the body where it is not the resource's own. */
  responseKind?: GroupVersionKind;
}

/** One resource of the API in one version: what discovery tells of it and what the store has to know. */
export interface Resource {
  group: string;
  version: string;
  kind: string;
  plural: string;
  singular: string;
  listKind: string;
  shortNames: readonly string[];
  categories: readonly string[];
  namespaced: boolean;
  verbs: readonly Verb[];
  subresources: readonly Subresource[];
  /** Does a write to the main resource leave `status` alone (and the other way round)? */
  hasStatus: boolean;
  scale?: ScalePaths;
  /** Is `metadata.generation` kept? */
  hasGeneration: boolean;
  origin: 'builtin' | 'custom';
  /** The version in which objects are stored; other versions are views. */
  storageVersion: string;
  /** Resources with the same key share their objects (core and events.k8s.io Events, all versions of a custom kind). */
  storageKey: string;
  schema: Schema | undefined;
  columns?: readonly PrinterColumn[];
  /** Fields that `fieldSelector` takes besides metadata.name and metadata.namespace. */
  selectableFields: readonly string[];
  /** Told to clients as a warning where the version is deprecated. */
  deprecation?: string;
}

/** `apps/v1`, `v1`. */
export function apiVersionOf(resource: { group: string; version: string }): string {
  return resource.group ? `${resource.group}/${resource.version}` : resource.version;
}

/** How errors name the resource: by its plural. */
export function subjectOf(resource: Resource): { group: string; resource: string } {
  return { group: resource.group, resource: resource.plural };
}

/** How 422 names it: by its kind. */
export function kindOf(resource: Resource): { group: string; resource: string } {
  return { group: resource.group, resource: resource.kind };
}
