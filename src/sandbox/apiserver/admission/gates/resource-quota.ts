/**
 * ResourceQuotas: how much of a thing a namespace may have. Source: apiserver pkg/admission/plugin/resourcequota/controller.go
 * and pkg/quota/v1/evaluator/core of kubernetes. Scopes are not looked at.
 */
import type { KubeObject } from '../../../../api/kube.ts';
import { asObject, asObjects, asString, type Json } from '../../json.ts';
import { subjectOf } from '../../kinds/resource.ts';
import { forbidden } from '../../refusals.ts';
import type { State } from '../../storage/state.ts';
import { amount, quantityLike } from './amounts.ts';
import type { Admission } from './gates.ts';

const QUOTAS = 'resourcequotas';
/** Counted under their plain plural, too. */
const COUNTED = new Set([
  'pods',
  'services',
  'secrets',
  'configmaps',
  'persistentvolumeclaims',
  'replicationcontrollers',
  'resourcequotas',
]);
const COMPUTE = new Set(['cpu', 'memory', 'ephemeral-storage']);

type Amounts = Readonly<Record<string, number>>;

/** @throws ApiStatusError 403 of the first quota that is used up, or that has a pod ask for more than it does */
export function checkQuotas({ state, resource, object, before, subresource }: Admission): void {
  if (before || subresource || !resource.namespaced) return;
  for (const quota of state.objects.list(QUOTAS, object.metadata.namespace)) {
    const hard = asObject(asObject(quota.spec).hard);
    const unasked = resource.storageKey === 'pods' ? unaskedFor(hard, object) : [];
    const { name } = quota.metadata;
    const refuse = (why: string) => forbidden(subjectOf(resource), object.metadata.name, why);
    if (unasked.length > 0) throw refuse(`failed quota: ${name}: must specify ${unasked.join('; ')}`);
    const over = tooMuch(state, hard, usageOf(resource.storageKey, object), object.metadata.namespace);
    if (over) throw refuse(`exceeded quota: ${name}, ${over}`);
  }
}

function tooMuch(state: State, hard: Json, requested: Amounts, namespace: string | undefined): string | undefined {
  const names = Object.keys(hard).filter((name) => (requested[name] ?? 0) > 0);
  if (names.length === 0) return undefined;
  const used = usedIn(state, namespace);
  const over = names.filter((name) => (used[name] ?? 0) + (requested[name] ?? 0) > amount(hard[name])).sort();
  if (over.length === 0) return undefined;
  const list = (amounts: Amounts) => over.map((name) => `${name}=${quantityLike(amounts[name] ?? 0, hard[name])}`).join(',');
  const limited = over.map((name) => `${name}=${String(hard[name])}`).join(',');
  return `requested: ${list(requested)}, used: ${list(used)}, limited: ${limited}`;
}

/** `limits.cpu for: app`; a quota on a resource has every container ask for it. */
function unaskedFor(hard: Json, pod: KubeObject): string[] {
  const containers = asObjects(asObject(pod.spec).containers);
  return Object.keys(hard)
    .sort()
    .flatMap((name) => {
      const [part, resource] = partOf(name);
      if (resource === undefined) return [];
      const lacking = containers.filter((container) => asObject(asObject(container.resources)[part])[resource] === undefined);
      return lacking.length > 0
        ? [
            `${name} for: ${lacking
              .map((container) => asString(container.name))
              .sort()
              .join(',')}`,
          ]
        : [];
    });
}

/** `limits.cpu` → limits, cpu; `memory` means its requests. */
function partOf(name: string): ['requests' | 'limits', string | undefined] {
  const [, part = 'requests', resource = ''] = /^(?:(requests|limits)\.)?(.+)$/.exec(name) ?? [];
  return [part as 'requests' | 'limits', COMPUTE.has(resource) ? resource : undefined];
}

function usedIn(state: State, namespace: string | undefined): Amounts {
  const sum: Record<string, number> = {};
  const keys = new Set(
    state.registry
      .all()
      .filter(({ namespaced }) => namespaced)
      .map(({ storageKey }) => storageKey),
  );
  for (const storageKey of keys)
    for (const object of state.objects.list(storageKey, namespace))
      for (const [name, value] of Object.entries(usageOf(storageKey, object))) sum[name] = (sum[name] ?? 0) + value;
  return sum;
}

function usageOf(storageKey: string, object: KubeObject): Amounts {
  const [plural = '', ...group] = storageKey.split('.');
  const count = { [`count/${storageKey}`]: 1, ...(group.length === 0 && COUNTED.has(plural) ? { [plural]: 1 } : {}) };
  if (storageKey === 'persistentvolumeclaims')
    return { ...count, 'requests.storage': amount(asObject(asObject(asObject(object.spec).resources).requests).storage) };
  if (storageKey !== 'pods') return count;
  const phase = asObject(object.status).phase;
  // Pods that ended take no more room, but are still counted as objects.
  if (phase === 'Succeeded' || phase === 'Failed') return { [`count/${storageKey}`]: 1 };
  return { ...count, ...computeOf(object) };
}

function computeOf(pod: KubeObject): Amounts {
  const sum: Record<string, number> = {};
  for (const container of asObjects(asObject(pod.spec).containers)) {
    const resources = asObject(container.resources);
    for (const part of ['requests', 'limits'] as const)
      for (const [name, quantity] of Object.entries(asObject(resources[part]))) {
        sum[`${part}.${name}`] = (sum[`${part}.${name}`] ?? 0) + amount(quantity);
        if (part === 'requests') sum[name] = (sum[name] ?? 0) + amount(quantity);
      }
  }
  return sum;
}

/** Follows what is in each namespace, and says it in the status of its quotas. In a real cluster a controller does it. */
export function startQuotaStatus(state: State): void {
  state.subscribe(undefined, ({ object, storageKey }) => {
    const { namespace } = object.metadata;
    if (!namespace || storageKey === 'events') return;
    for (const quota of state.objects.list(QUOTAS, namespace)) {
      const hard = asObject(asObject(quota.spec).hard);
      const used = usedIn(state, namespace);
      const status = {
        hard,
        used: Object.fromEntries(Object.keys(hard).map((name) => [name, quantityLike(used[name] ?? 0, hard[name])])),
      };
      if (JSON.stringify(quota.status) !== JSON.stringify(status)) state.put(QUOTAS, { ...quota, status });
    }
  });
}
