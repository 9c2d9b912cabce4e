/** Objects between the version in which they are stored and the one in which they are asked for. */
import type { KubeObject } from '../../../api/kube.ts';
import { apiVersionOf, type Resource } from './resource.ts';

/** Names of an Event's fields in core/v1 and in events.k8s.io/v1. Source: k8s.io/api events/v1 types.go. */
const EVENT_FIELDS: readonly (readonly [core: string, events: string])[] = [
  ['involvedObject', 'regarding'],
  ['message', 'note'],
  ['source', 'deprecatedSource'],
  ['firstTimestamp', 'deprecatedFirstTimestamp'],
  ['lastTimestamp', 'deprecatedLastTimestamp'],
  ['count', 'deprecatedCount'],
  ['reportingComponent', 'reportingController'],
];

/** A stored object as `resource` shows it. Shares what did not change. */
export function toVersion(object: KubeObject, resource: Resource): KubeObject {
  const apiVersion = apiVersionOf(resource);
  if (object.apiVersion === apiVersion) return object;
  if (resource.storageKey === 'events') return { ...renamed(object, EVENT_FIELDS), apiVersion };
  return { ...object, apiVersion };
}

/** An object of a client in the version in which it is stored. */
export function toStorage(object: KubeObject, resource: Resource, storage: Resource): KubeObject {
  const apiVersion = apiVersionOf(storage);
  if (resource === storage) return object;
  if (resource.storageKey === 'events') {
    const swapped = EVENT_FIELDS.map(([core, events]): [string, string] => [events, core]);
    return { ...renamed(object, swapped), apiVersion };
  }
  return { ...object, apiVersion };
}

function renamed(object: KubeObject, names: readonly (readonly [string, string])[]): KubeObject {
  const byOld = new Map(names);
  const entries = Object.entries(object).map(([field, value]) => [byOld.get(field) ?? field, value]);
  return Object.fromEntries(entries) as KubeObject;
}
