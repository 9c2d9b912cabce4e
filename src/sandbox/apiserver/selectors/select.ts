import type { KubeObject } from '../../../api/kube.ts';
import type { Resource } from '../kinds/resource.ts';
import { matchesFields, parseFieldSelector } from './fields.ts';
import { matchesLabels, parseLabelSelector } from './labels.ts';

/** A predicate of both selectors, for objects in the version of `resource`. @throws ApiStatusError 400 where malformed */
export function select(resource: Resource, selectors: { labelSelector?: string; fieldSelector?: string }): (object: KubeObject) => boolean {
  const labels = parseLabelSelector(selectors.labelSelector ?? '');
  const fields = parseFieldSelector(selectors.fieldSelector ?? '', resource);
  return (object) => matchesLabels(object.metadata.labels, labels) && matchesFields(object, fields);
}
