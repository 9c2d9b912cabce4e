/**
 * LimitRanges: what a container or claim that asks for nothing gets, and what none may exceed.
 * Source: kubernetes plugin/pkg/admission/limitranger/admission.go.
 */
import type { KubeObject } from '../../../../api/kube.ts';
import { canonicalQuantity } from '../../fields/quantity.ts';
import { asObject, asObjects, asString, type Json } from '../../json.ts';
import { type Resource, subjectOf } from '../../kinds/resource.ts';
import { forbidden } from '../../refusals.ts';
import type { State } from '../../storage/state.ts';
import { amount } from './amounts.ts';
import type { Admission } from './gates.ts';

const ANNOTATION = 'kubernetes.io/limit-ranger';

function itemsOf(state: State, namespace: string | undefined, type: string): Json[] {
  const ranges = state.objects.list('limitranges', namespace);
  return ranges.flatMap((range) => asObjects(asObject(range.spec).limits)).filter((item) => item.type === type);
}

/** Gives the containers of a new Pod what they do not ask for. */
export function fillLimits(state: State, resource: Resource, object: KubeObject): void {
  if (resource.storageKey !== 'pods') return;
  const items = itemsOf(state, object.metadata.namespace, 'Container');
  const told: string[] = [];
  for (const container of asObjects(asObject(object.spec).containers)) {
    for (const item of items) {
      for (const [part, from] of [
        ['requests', 'defaultRequest'],
        ['limits', 'default'],
      ] as const)
        told.push(...fill(container, part, asObject(item[from])));
    }
  }
  if (told.length > 0)
    object.metadata.annotations = { ...object.metadata.annotations, [ANNOTATION]: `LimitRanger plugin set: ${told.join('; ')}` };
}

function fill(container: Json, part: 'requests' | 'limits', defaults: Json): string[] {
  const resources = asObject(container.resources);
  const given = asObject(resources[part]);
  const missing = Object.keys(defaults)
    .filter((name) => given[name] === undefined)
    .sort();
  if (missing.length === 0) return [];
  container.resources = { ...resources, [part]: { ...given, ...Object.fromEntries(missing.map((name) => [name, defaults[name]])) } };
  const kind = part === 'requests' ? 'request' : 'limit';
  return [`${missing.join(', ')} ${kind} for container ${asString(container.name)}`];
}

/** @throws ApiStatusError 403 */
export function checkLimits({ state, resource, object, before }: Admission): void {
  const causes = before ? [] : causesOf(state, resource, object);
  if (causes.length === 0) return;
  throw forbidden(subjectOf(resource), object.metadata.name, causes.length === 1 ? (causes[0] as string) : `[${causes.join(', ')}]`);
}

function causesOf(state: State, { storageKey }: Resource, object: KubeObject): string[] {
  const { namespace } = object.metadata;
  const spec = asObject(object.spec);
  if (storageKey === 'persistentvolumeclaims') {
    const asked = { requests: asObject(asObject(spec.resources).requests), limits: {} };
    return itemsOf(state, namespace, 'PersistentVolumeClaim').flatMap((item) => exceeded(item, asked));
  }
  if (storageKey !== 'pods') return [];
  const containers = asObjects(spec.containers).map(({ resources }) => ({
    requests: asObject(asObject(resources).requests),
    limits: asObject(asObject(resources).limits),
  }));
  return itemsOf(state, namespace, 'Container').flatMap((item) => containers.flatMap((asked) => exceeded(item, asked)));
}

interface Asked {
  requests: Json;
  limits: Json;
}

function exceeded(item: Json, { requests, limits }: Asked): string[] {
  const type = asString(item.type);
  const tooLittle = Object.entries(asObject(item.min)).flatMap(([name, least]) => {
    const usage = `minimum ${name} usage per ${type} is ${text(least)}`;
    if (requests[name] === undefined) return [`${usage}.  No request is specified`];
    return amount(requests[name]) < amount(least) ? [`${usage}, but request is ${text(requests[name])}`] : [];
  });
  const tooMuch = Object.entries(asObject(item.max)).flatMap(([name, most]) => {
    const usage = `maximum ${name} usage per ${type} is ${text(most)}`;
    // A claim has a request alone.
    if (type === 'PersistentVolumeClaim')
      return amount(requests[name]) > amount(most) ? [`${usage}, but request is ${text(requests[name])}`] : [];
    if (limits[name] === undefined) return [`${usage}.  No limit is specified`];
    if (amount(limits[name]) > amount(most)) return [`${usage}, but limit is ${text(limits[name])}`];
    return amount(requests[name]) > amount(most) ? [`${usage}, but request is ${text(requests[name])}`] : [];
  });
  return [...tooLittle, ...tooMuch];
}

function text(quantity: unknown): string {
  return canonicalQuantity(String(quantity)) ?? String(quantity);
}
