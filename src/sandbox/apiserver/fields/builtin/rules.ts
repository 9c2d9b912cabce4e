/**
 * What must hold between fields of pods and of what runs them. Source: kubernetes pkg/apis/core/validation/validation.go,
 * pkg/apis/apps/validation/validation.go.
 */
import { type Cause, duplicate, forbidden, invalid, notFound, notSupported, required } from '../causes.ts';
import { field, isObject, type JsonObject } from '../json.ts';
import { nameCauses } from '../names.ts';

function objectsIn(value: unknown): JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

function nested(value: unknown, ...names: string[]): unknown {
  return names.reduce((current: unknown, name) => (isObject(current) ? field(current, name) : undefined), value);
}

/** Deployment, StatefulSet, DaemonSet, ReplicaSet: the selector picks the pods of the template, which run for good. */
export function checkWorkload(kind: string): (spec: unknown, path: string) => Cause[] {
  return (spec, path) => {
    if (!isObject(spec)) return [];
    const labels = nested(spec, 'template', 'metadata', 'labels');
    const claims = objectsIn(spec.volumeClaimTemplates).map((claim) => nested(claim, 'metadata', 'name'));
    const mounts = checkMounts(nested(spec, 'template', 'spec'), `${path}.template.spec`, claims);
    const causes = [...negativeReplicas(spec, path), ...restartPolicy(spec, path), ...mounts];
    if (isObject(spec.selector) && Object.keys(spec.selector).length === 0) {
      return [...causes, invalid(`${path}.selector`, {}, `empty selector is invalid for ${kind}`)];
    }
    if (selects(spec.selector, labels)) return causes;
    return [...causes, invalid(`${path}.template.metadata.labels`, labels ?? null, '`selector` does not match template `labels`')];
  };
}

function negativeReplicas({ replicas }: JsonObject, path: string): Cause[] {
  return typeof replicas === 'number' && replicas < 0 ? [invalid(`${path}.replicas`, replicas, 'must be greater than or equal to 0')] : [];
}

function restartPolicy(spec: JsonObject, path: string): Cause[] {
  const policy = nested(spec, 'template', 'spec', 'restartPolicy');
  const known = policy === undefined || policy === 'Always' || !['Never', 'OnFailure'].includes(String(policy));
  return known ? [] : [notSupported(`${path}.template.spec.restartPolicy`, policy, ['Always'])];
}

function selects(selector: unknown, labels: unknown): boolean {
  if (!isObject(selector)) return false;
  const pods = isObject(labels) ? labels : {};
  const matchLabels = isObject(selector.matchLabels) ? selector.matchLabels : {};
  return (
    Object.entries(matchLabels).every(([key, value]) => field(pods, key) === value) &&
    objectsIn(selector.matchExpressions).every((expression) => selectsByExpression(expression, pods))
  );
}

function selectsByExpression({ key, operator, values }: JsonObject, labels: JsonObject): boolean {
  const value = field(labels, String(key));
  const listed = Array.isArray(values) && values.includes(value);
  switch (operator) {
    case 'In':
      return value !== undefined && listed;
    case 'NotIn':
      return !listed;
    case 'Exists':
      return value !== undefined;
    default:
      return value === undefined;
  }
}

export function checkDeploymentStrategy(strategy: unknown, path: string): Cause[] {
  if (!isObject(strategy) || strategy.type !== 'Recreate' || strategy.rollingUpdate === undefined) return [];
  return [forbidden(`${path}.rollingUpdate`, "may not be specified when strategy `type` is 'Recreate'")];
}

/** Containers and volumes have names of their own, and a volume has one source. */
export function checkPodSpec(spec: unknown, path: string): Cause[] {
  if (!isObject(spec)) return [];
  const volumes = objectsIn(spec.volumes);
  return [
    ...uniqueNames(volumes, `${path}.volumes`),
    ...volumes.flatMap((volume, index) => surplusSources(volume, `${path}.volumes[${index}]`)),
    ...CONTAINER_LISTS.flatMap((list) => checkContainers(objectsIn(spec[list]), `${path}.${list}`)),
  ];
}

const CONTAINER_LISTS = ['initContainers', 'containers'];

/** What the containers of a template mount exists. */
export function checkTemplateMounts(spec: unknown, path: string): Cause[] {
  return checkMounts(nested(spec, 'template', 'spec'), `${path}.template.spec`, []);
}

/** @param claims names of volumes that come from elsewhere. */
function checkMounts(spec: unknown, path: string, claims: unknown[]): Cause[] {
  if (!isObject(spec)) return [];
  const names = [...objectsIn(spec.volumes).map(({ name }) => name), ...claims];
  return CONTAINER_LISTS.flatMap((list) =>
    objectsIn(spec[list]).flatMap((container, index) => checkMountsOf(container, names, `${path}.${list}[${index}].volumeMounts`)),
  );
}

function checkMountsOf(container: JsonObject, names: unknown[], path: string): Cause[] {
  const mounts = objectsIn(container.volumeMounts);
  return mounts.flatMap(({ name, mountPath }, index) => {
    const missing = names.includes(name) ? [] : [notFound(`${path}[${index}].name`, name)];
    const repeated = mounts.findIndex((other) => other.mountPath === mountPath) < index;
    return [...missing, ...(repeated ? [invalid(`${path}[${index}].mountPath`, mountPath, 'must be unique')] : [])];
  });
}

/** A pod mounts what it has. */
export function checkPodMounts(spec: unknown, path: string): Cause[] {
  return [...checkPodSpec(spec, path), ...checkMounts(spec, path, [])];
}

function uniqueNames(items: JsonObject[], path: string): Cause[] {
  return items.flatMap(({ name }, index) => {
    const at = `${path}[${index}].name`;
    if (typeof name !== 'string' || name === '') return [];
    const repeated = items.findIndex((other) => other.name === name) < index;
    return repeated ? [duplicate(at, name)] : nameCauses(name, at, 'label');
  });
}

function surplusSources(volume: JsonObject, path: string): Cause[] {
  const sources = Object.keys(volume).filter((name) => name !== 'name');
  return sources.slice(1).map((name) => forbidden(`${path}.${name}`, 'may not specify more than 1 volume type'));
}

function checkContainers(containers: JsonObject[], path: string): Cause[] {
  return [
    ...uniqueNames(containers, path),
    ...containers.flatMap((container, index) => [
      ...missingImage(container, `${path}[${index}]`),
      ...checkPorts(container, `${path}[${index}].ports`),
    ]),
  ];
}

function missingImage({ image }: JsonObject, path: string): Cause[] {
  return image === undefined || image === '' ? [required(`${path}.image`)] : [];
}

function checkPorts(container: JsonObject, path: string): Cause[] {
  return objectsIn(container.ports).flatMap(({ containerPort }, index) => {
    const valid = typeof containerPort !== 'number' || (containerPort >= 1 && containerPort <= 65_535);
    return valid ? [] : [invalid(`${path}[${index}].containerPort`, containerPort, 'must be between 1 and 65535, inclusive')];
  });
}

/** A probe asks in some way. */
export function checkProbe(probe: unknown, path: string): Cause[] {
  if (!isObject(probe) || ['exec', 'httpGet', 'tcpSocket', 'grpc'].some((name) => probe[name] !== undefined)) return [];
  return [{ reason: 'FieldValueRequired', message: 'Required value: must specify a handler type', field: path }];
}

/** A Service of every type but ExternalName has ports or is headless. */
export function checkServiceSpec(spec: unknown, path: string): Cause[] {
  if (!isObject(spec)) return [];
  const ports = objectsIn(spec.ports);
  const needsPorts = spec.type !== 'ExternalName' && spec.clusterIP !== 'None' && ports.length === 0;
  return [...(needsPorts ? [required(`${path}.ports`)] : []), ...servicePortNames(ports, `${path}.ports`)];
}

function servicePortNames(ports: JsonObject[], path: string): Cause[] {
  if (ports.length < 2) return [];
  return ports.flatMap(({ name }, index) => {
    if (name === undefined || name === '') return [required(`${path}[${index}].name`)];
    return ports.findIndex((other) => other.name === name) < index ? [duplicate(`${path}[${index}].name`, name)] : [];
  });
}
