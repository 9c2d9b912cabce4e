/**
 * What may not change once an object exists: the reason why some rollbacks need the object to be made anew.
 * Source: the Validate…Update functions of kubernetes pkg/apis/<group>/validation.
 */
import { type Cause, forbidden, invalid } from '../causes.ts';
import { field, isObject, type JsonObject, sameJson } from '../json.ts';

export type UpdateRule = (before: JsonObject, after: JsonObject) => Cause[];

function at(object: JsonObject, path: string): unknown {
  return path.split('.').reduce((current: unknown, name) => (isObject(current) ? field(current, name) : undefined), object);
}

/** These fields (dotted paths) keep their value. */
export function fixed(...paths: string[]): UpdateRule {
  return (before, after) =>
    paths.flatMap((path) =>
      sameJson(at(before, path), at(after, path)) ? [] : [invalid(path, at(after, path) ?? null, 'field is immutable')],
    );
}

/**
 * A Job's template keeps what it is; of a suspended one the scheduling and the containers' resources may change.
 * Source: pkg/apis/batch/validation validatePodTemplateUpdate.
 */
export const fixedJobTemplate: UpdateRule = (before, after) => {
  if (at(before, 'spec.suspend') !== true) return fixed('spec.template')(before, after);
  const [was, is] = [at(before, 'spec.template.spec'), at(after, 'spec.template.spec')];
  if (sameJson(suspendedForm(was), suspendedForm(is))) return [];
  return [invalid('spec.template.spec', is ?? null, 'field is immutable')];
};

function suspendedForm(spec: unknown): unknown {
  if (!isObject(spec)) return spec;
  const withoutResources = (containers: unknown) =>
    Array.isArray(containers) ? containers.map((container) => without(container, ['resources'])) : containers;
  return {
    ...(without(spec, ['nodeSelector', 'tolerations', 'schedulingGates', 'affinity']) as JsonObject),
    containers: withoutResources(spec.containers),
    initContainers: withoutResources(spec.initContainers),
  };
}

const STATEFUL_SET_MUTABLE = [
  'replicas',
  'ordinals',
  'template',
  'updateStrategy',
  'revisionHistoryLimit',
  'persistentVolumeClaimRetentionPolicy',
  'minReadySeconds',
];

/** Of a StatefulSet's spec, only a few fields may change. */
export const fixedStatefulSetSpec: UpdateRule = (before, after) => {
  if (sameJson(without(before.spec, STATEFUL_SET_MUTABLE), without(after.spec, STATEFUL_SET_MUTABLE))) return [];
  const names = STATEFUL_SET_MUTABLE.map((name) => `'${name}'`);
  const listed = `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
  return [forbidden('spec', `updates to statefulset spec for fields other than ${listed} are forbidden`)];
};

function without(spec: unknown, names: readonly string[]): unknown {
  return isObject(spec) ? Object.fromEntries(Object.entries(spec).filter(([name]) => !names.includes(name))) : spec;
}

/** ConfigMaps and Secrets with `immutable: true` stay as they are. */
export const fixedWhereMarked: UpdateRule = (before, after) => {
  if (before.immutable !== true) return [];
  const changed = ['immutable', 'data', 'binaryData'].filter((name) => !sameJson(before[name], after[name]));
  return changed.map((name) => forbidden(name, 'field is immutable when `immutable` is set'));
};

export const fixedRoleRef: UpdateRule = (before, after) =>
  sameJson(before.roleRef, after.roleRef) ? [] : [invalid('roleRef', after.roleRef, 'cannot change roleRef')];

/** A Service keeps the address that it has, unless it stops being one with an address. */
export const fixedClusterIp: UpdateRule = (before, after) => {
  const [was, is] = [at(before, 'spec.clusterIP'), at(after, 'spec.clusterIP')];
  const kept = !was || !is || was === is || at(after, 'spec.type') === 'ExternalName' || at(before, 'spec.type') === 'ExternalName';
  return kept ? [] : [invalid('spec.clusterIPs[0]', [is], 'may not change once set')];
};

const CLAIM_MUTABLE = ['resources', 'volumeName', 'volumeAttributesClassName'];

/** A claim may grow once it is bound. */
export const fixedClaimSpec: UpdateRule = (before, after) => {
  const mutable = at(before, 'status.phase') === 'Bound' ? CLAIM_MUTABLE : ['volumeName'];
  if (sameJson(without(before.spec, mutable), without(after.spec, mutable))) return [];
  return [forbidden('spec', 'spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims')];
};

/** Of a pod's spec, images, deadlines, further tolerations and the node may change. */
export const fixedPodSpec: UpdateRule = (before, after) => {
  if (sameJson(comparablePod(before.spec, before.spec), comparablePod(after.spec, before.spec))) return [];
  const mutable =
    '`spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)';
  return [forbidden('spec', `pod updates may not change fields other than ${mutable}`)];
};

function comparablePod(spec: unknown, before: unknown): unknown {
  if (!isObject(spec)) return spec;
  const unassigned = isObject(before) && before.nodeName === undefined;
  const ignored = ['activeDeadlineSeconds', 'tolerations', 'ephemeralContainers', ...(unassigned ? ['nodeName'] : [])];
  const withoutImages = (containers: unknown) =>
    Array.isArray(containers) ? containers.map((container) => without(container, ['image'])) : containers;
  return {
    ...(without(spec, ignored) as JsonObject),
    containers: withoutImages(spec.containers),
    initContainers: withoutImages(spec.initContainers),
  };
}

/** Several rules at once. */
export function allOf(...rules: UpdateRule[]): UpdateRule {
  return (before, after) => rules.flatMap((rule) => rule(before, after));
}
