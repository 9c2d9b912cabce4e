/** Rules within a Pod's spec. Source: pkg/apis/core/validation/validation.go of kubernetes. */
import { type Cause, forbidden, invalid, required } from '../fields/causes.ts';
import { asArray, asNumber, asObject, asObjects, asString, isObject, type Json } from '../json.ts';
import { portNameProblems, portNumberProblems } from './ports.ts';

const HANDLERS = ['exec', 'httpGet', 'tcpSocket', 'grpc'];
const VALUE_SOURCES = ['fieldRef', 'resourceFieldRef', 'configMapKeyRef', 'secretKeyRef', 'fileKeyRef'];

/** @param path of the spec within its object */
export function podTemplateRules(spec: unknown, path: string): Cause[] {
  const { initContainers, containers, volumes } = asObject(spec);
  return [
    ...asObjects(volumes).flatMap((volume, index) => volumeRules(volume, `${path}.volumes[${index}]`)),
    ...asObjects(containers).flatMap((container, index) => containerRules(container, `${path}.containers[${index}]`)),
    ...asObjects(initContainers).flatMap((container, index) => containerRules(container, `${path}.initContainers[${index}]`)),
  ];
}

function volumeRules({ configMap, secret }: Json, path: string): Cause[] {
  const causes: Cause[] = [];
  if (isObject(configMap) && !configMap.name) causes.push(required(`${path}.configMap.name`));
  if (isObject(secret) && !secret.secretName) causes.push(required(`${path}.secret.secretName`));
  return causes;
}

function containerRules(container: Json, path: string): Cause[] {
  return [
    ...asObjects(container.ports).flatMap((port, index) => portRules(port, `${path}.ports[${index}]`)),
    ...asObjects(container.env).flatMap((variable, index) => variableRules(variable, `${path}.env[${index}]`)),
    ...asObjects(container.envFrom).flatMap((source, index) => envSourceRules(source, path, index)),
    ...probeRules(container.livenessProbe, `${path}.livenessProbe`, true),
    ...probeRules(container.readinessProbe, `${path}.readinessProbe`, false),
    ...probeRules(container.startupProbe, `${path}.startupProbe`, true),
  ];
}

function portRules({ name, hostPort }: Json, path: string): Cause[] {
  const names = name ? portNameProblems(asString(name)).map((problem) => invalid(`${path}.name`, name, problem)) : [];
  const host = hostPort ? portNumberProblems(asNumber(hostPort)).map((problem) => invalid(`${path}.hostPort`, hostPort, problem)) : [];
  return [...names, ...host];
}

function variableRules({ name, value, valueFrom }: Json, path: string): Cause[] {
  const causes: Cause[] = [];
  if (/[=]|[^\x20-\x7e]/.test(asString(name))) {
    causes.push(
      invalid(`${path}.name`, name, "a valid environment variable name must consist only of printable ASCII characters other than '='"),
    );
  }
  if (!isObject(valueFrom)) return causes;
  const sources = VALUE_SOURCES.filter((source) => valueFrom[source] !== undefined);
  if (sources.length === 0) {
    const detail = 'must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`';
    causes.push(invalid(`${path}.valueFrom`, '', detail));
  }
  if (value) causes.push(invalid(`${path}.valueFrom`, '', 'may not be specified when `value` is not empty'));
  else if (sources.length > 1) causes.push(invalid(`${path}.valueFrom`, '', 'may not have more than one field specified at a time'));
  return causes;
}

function envSourceRules({ configMapRef, secretRef }: Json, container: string, index: number): Cause[] {
  const path = `${container}.envFrom`;
  if (!configMapRef && !secretRef) return [invalid(path, '', 'must specify one of: `configMapRef` or `secretRef`')];
  const causes: Cause[] = [];
  if (isObject(configMapRef) && !configMapRef.name) causes.push(required(`${path}[${index}].configMapRef.name`));
  if (isObject(secretRef) && !secretRef.name) causes.push(required(`${path}[${index}].secretRef.name`));
  return causes;
}

const PROBE_NUMBERS = ['initialDelaySeconds', 'timeoutSeconds', 'periodSeconds', 'successThreshold', 'failureThreshold'];

/** A probe that restarts (`once`) has to succeed but once. */
function probeRules(probe: unknown, path: string, once: boolean): Cause[] {
  if (!isObject(probe)) return [];
  const handlers = HANDLERS.filter((handler) => probe[handler] !== undefined);
  const numbers = PROBE_NUMBERS.filter((field) => asNumber(probe[field]) < 0);
  return [
    ...handlers.flatMap((handler) => handlerRules(handler, asObject(probe[handler]), path)),
    ...handlers.slice(1).map((handler) => forbidden(`${path}.${handler}`, 'may not specify more than 1 handler type')),
    ...numbers.map((field) => invalid(`${path}.${field}`, probe[field], 'must be greater than or equal to 0')),
    ...(once && asNumber(probe.successThreshold) > 1 ? [invalid(`${path}.successThreshold`, probe.successThreshold, 'must be 1')] : []),
  ];
}

function handlerRules(handler: string, action: Json, path: string): Cause[] {
  if (handler === 'exec') return asArray(action.command).length === 0 ? [required(`${path}.exec.command`)] : [];
  const { port } = action;
  const problems = typeof port === 'string' ? portNameProblems(port) : portNumberProblems(asNumber(port));
  return problems.map((problem) => invalid(`${path}.${handler}.port`, port ?? 0, problem));
}
