/** The environment and arguments of a container. Source: pkg/kubelet/kubelet_pods.go (makeEnvironmentVariables), third_party/forked/golang/expansion. */
import type { KubeObject } from '../../../api/kube.ts';
import type { Container, EnvVar, Pod } from '../../../api/workloads.ts';
import type { ClusterApi } from '../../cluster.ts';
import type { Program } from '../images.ts';
import { CONFIG_MAP, type ConfigMap, SECRET, SERVICE, type Secret, type Service } from '../kinds.ts';
import { parseQuantity } from '../scheduler/quantity.ts';

/** A ConfigMap, Secret or key that a container needs is missing: `CreateContainerConfigError`. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

interface EnvironmentRequest {
  api: ClusterApi;
  pod: Pod;
  container: Container;
  program: Program;
  podIP: string;
  /** What the sandbox itself sets; wins over everything, since without it pods would get in each other's way. */
  forced: Record<string, string>;
}

/**
 * The variables of a container: of the image, of the Services of the namespace, of `envFrom`, of `env`, each over the former.
 * @throws ConfigError in the kubelet's words
 */
export function buildEnvironment(request: EnvironmentRequest): Record<string, string> {
  const { api, pod, container, program, forced } = request;
  const services = pod.spec.enableServiceLinks === false ? {} : serviceVariables(api, pod.metadata.namespace);
  const base = { PATH: process.env.PATH ?? '', HOME: '/', HOSTNAME: String(pod.spec.hostname ?? pod.metadata.name), ...program.env };
  const variables: Record<string, string> = { ...base, ...services, ...fromSources(api, pod, container) };
  for (const variable of container.env ?? []) {
    const value = resolveVariable(request, variable, variables);
    if (value !== undefined) variables[variable.name] = value;
  }
  return { ...variables, ...forced };
}

/**
 * What is run: the image's program with the container's own words as arguments. A `command` cannot replace the program, as
 * there is no image to find it in: its first word stands for the program, the others are arguments before `args`.
 */
export function buildArguments(container: Container, program: Program, variables: Record<string, string>): string[] {
  const own = [...(container.command ?? []).slice(1), ...(container.args ?? [])];
  return [...program.command, ...own.map((word) => expand(word, variables))];
}

/** `$(NAME)` becomes the value of a known variable; `$$` a dollar. */
export function expand(text: string, variables: Record<string, string>): string {
  return text.replace(/\$\$|\$\(([^()]*)\)/g, (match, name: string | undefined) => {
    if (match === '$$') return '$';
    return variables[name ?? ''] ?? match;
  });
}

function fromSources(api: ClusterApi, pod: Pod, container: Container): Record<string, string> {
  const variables: Record<string, string> = {};
  for (const { prefix = '', configMapRef, secretRef } of container.envFrom ?? []) {
    const data = configMapRef ? configMapData(api, pod, configMapRef) : secretRef ? secretData(api, pod, secretRef) : undefined;
    for (const [key, value] of Object.entries(data ?? {})) variables[`${prefix}${key}`] = value;
  }
  return variables;
}

interface Reference {
  name: string;
  optional?: boolean;
}

function configMapData(
  api: ClusterApi,
  { metadata: { namespace } }: Pod,
  { name, optional }: Reference,
): Record<string, string> | undefined {
  const found = api.get<ConfigMap>({ ...CONFIG_MAP, namespace, name });
  if (!found && !optional) throw new ConfigError(`configmap "${name}" not found`);
  return found && { ...found.data };
}

function secretData(api: ClusterApi, { metadata: { namespace } }: Pod, { name, optional }: Reference): Record<string, string> | undefined {
  const found = api.get<Secret>({ ...SECRET, namespace, name });
  if (!found && !optional) throw new ConfigError(`secret "${name}" not found`);
  const entries = Object.entries(found?.data ?? {});
  return found && Object.fromEntries(entries.map(([key, value]) => [key, Buffer.from(value, 'base64').toString('utf8')]));
}

function resolveVariable(request: EnvironmentRequest, variable: EnvVar, variables: Record<string, string>): string | undefined {
  const { api, pod, container } = request;
  const source = variable.valueFrom as (NonNullable<EnvVar['valueFrom']> & { resourceFieldRef?: ResourceField }) | undefined;
  if (!source) return expand(variable.value ?? '', variables);
  const { configMapKeyRef, secretKeyRef, fieldRef, resourceFieldRef } = source;
  if (configMapKeyRef) {
    const data = configMapData(api, pod, configMapKeyRef);
    return pick(
      data,
      configMapKeyRef,
      `couldn't find key ${configMapKeyRef.key} in ConfigMap ${pod.metadata.namespace}/${configMapKeyRef.name}`,
    );
  }
  if (secretKeyRef) {
    const data = secretData(api, pod, secretKeyRef);
    return pick(data, secretKeyRef, `couldn't find key ${secretKeyRef.key} in Secret ${pod.metadata.namespace}/${secretKeyRef.name}`);
  }
  if (fieldRef) return fieldOf(pod, fieldRef.fieldPath, request.podIP);
  return resourceFieldRef ? resourceOf(container, resourceFieldRef) : undefined;
}

function pick(
  data: Record<string, string> | undefined,
  { key, optional }: { key: string; optional?: boolean },
  missing: string,
): string | undefined {
  const value = data?.[key];
  if (value === undefined && !optional) throw new ConfigError(missing);
  return value;
}

/** A field of the pod as text. Source: pkg/fieldpath/fieldpath.go. */
export function fieldOf(pod: Pod, path: string, podIP: string): string {
  const { metadata, spec } = pod;
  const subscript = /^metadata\.(labels|annotations)\['(.+)'\]$/.exec(path);
  if (subscript) return metadata[subscript[1] as 'labels' | 'annotations']?.[subscript[2] ?? ''] ?? '';
  const fields: Record<string, string | undefined> = {
    'metadata.name': metadata.name,
    'metadata.namespace': metadata.namespace,
    'metadata.uid': metadata.uid,
    'metadata.labels': formatMap(metadata.labels),
    'metadata.annotations': formatMap(metadata.annotations),
    'spec.nodeName': spec.nodeName,
    'spec.serviceAccountName': spec.serviceAccountName ?? 'default',
    'status.hostIP': '127.0.0.1',
    'status.hostIPs': '127.0.0.1',
    'status.podIP': podIP,
    'status.podIPs': podIP,
  };
  const value = fields[path];
  if (value === undefined) throw new ConfigError(`unsupported fieldPath: ${path}`);
  return value;
}

function formatMap(map: Record<string, string> | undefined): string {
  return Object.entries(map ?? {})
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key}=${JSON.stringify(value)}`)
    .join('\n');
}

interface ResourceField {
  resource: string;
  divisor?: string;
}

/** A request or limit in units of the divisor, rounded up. */
function resourceOf(container: Container, { resource, divisor }: ResourceField): string {
  const [kind = '', ...name] = resource.split('.');
  const amounts = (container.resources as Record<string, Record<string, string> | undefined> | undefined)?.[kind];
  const unit = parseQuantity(divisor ?? '1') || 1;
  return String(Math.ceil(parseQuantity(amounts?.[name.join('.')] ?? '0') / unit));
}

/** `API_SERVICE_HOST`, `API_SERVICE_PORT` … of every Service with an address. Source: pkg/kubelet/envvars/envvars.go. */
function serviceVariables(api: ClusterApi, namespace: string): Record<string, string> {
  const variables: Record<string, string> = {};
  for (const service of api.list<Service & KubeObject>(SERVICE, { namespace })) {
    const { clusterIP, ports = [] } = service.spec;
    const [first] = ports;
    if (!clusterIP || clusterIP === 'None' || !first) continue;
    const name = service.metadata.name.toUpperCase().replaceAll('-', '_');
    variables[`${name}_SERVICE_HOST`] = clusterIP;
    variables[`${name}_SERVICE_PORT`] = String(first.port);
    for (const port of ports) {
      if (port.name) variables[`${name}_SERVICE_PORT_${port.name.toUpperCase().replaceAll('-', '_')}`] = String(port.port);
    }
  }
  return variables;
}
