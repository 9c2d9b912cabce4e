/** Objects and lists as the client wants to see them: whole, as metadata only, as rows of a table. */
import type { KubeObject } from '../../../api/kube.ts';
import type { SandboxClock } from '../../clock.ts';
import { apiVersionOf, type Resource } from '../kinds/resource.ts';
import { badRequest } from '../refusals.ts';
import { cellsOf, columnsOf, rowConditions } from '../tables/table.ts';
import type { Representation } from './negotiation.ts';

export type IncludeObject = 'None' | 'Metadata' | 'Object';

export interface ViewOptions {
  resource: Resource;
  representation: Representation;
  include: IncludeObject;
  clock: SandboxClock;
}

export interface ListMetadata {
  resourceVersion: string;
  continue?: string;
  remainingItemCount?: number;
}

/** @throws ApiStatusError 400 */
export function includeObject(url: URL): IncludeObject {
  const include = url.searchParams.get('includeObject') || 'Metadata';
  if (include === 'None' || include === 'Metadata' || include === 'Object') return include;
  throw badRequest(`unrecognized includeObject value: ${JSON.stringify(include)}`);
}

/** One object. */
export function objectView(object: KubeObject, options: ViewOptions): unknown {
  const { as } = options.representation;
  if (as === 'Table') return table([object], { resourceVersion: object.metadata.resourceVersion ?? '' }, options);
  if (as === 'PartialObjectMetadata') return partial(object);
  const { kind, apiVersion, metadata, ...rest } = object;
  return { kind, apiVersion, metadata, ...rest };
}

/** A list. */
export function listView(objects: readonly KubeObject[], metadata: ListMetadata, options: ViewOptions): unknown {
  const { as } = options.representation;
  if (as === 'Table') return table(objects, metadata, options);
  if (as === 'PartialObjectMetadataList') {
    return { kind: 'PartialObjectMetadataList', apiVersion: 'meta.k8s.io/v1', metadata, items: objects.map(partial) };
  }
  const { resource } = options;
  const items = resource.origin === 'custom' ? objects : objects.map(({ kind: _kind, apiVersion: _version, ...rest }) => rest);
  return { kind: resource.listKind, apiVersion: apiVersionOf(resource), metadata, items };
}

function partial({ metadata }: KubeObject): unknown {
  return { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata };
}

/** A Table of some objects; later events of a watch come without the columns. */
export function table(objects: readonly KubeObject[], metadata: ListMetadata, options: ViewOptions, withColumns = true): unknown {
  const { resource, include, clock, representation } = options;
  const columnDefinitions = withColumns ? columnsOf(resource) : null;
  const rows = objects.map((object) => {
    const conditions = rowConditions(object);
    const shown = include === 'None' ? {} : { object: include === 'Object' ? object : partial(object) };
    return { cells: cellsOf(resource, object, clock.now()), ...(conditions.length > 0 ? { conditions } : {}), ...shown };
  });
  return { kind: 'Table', apiVersion: `meta.k8s.io/${representation.version ?? 'v1'}`, metadata, columnDefinitions, rows };
}
