/** What the pods of a template read from ConfigMaps and Secrets, and how they get at it. */
import type { ObjectRef } from '../../api/kube.ts';
import type { Container, EnvVar, PodSpec, Volume } from '../../api/workloads.ts';

/** How a pod gets at a value: all but `mount` stay as they were when it started; a mounted file changes within a minute or two. */
export type ReadBy = 'env' | 'subPath' | 'mount';

/** A ConfigMap or Secret, in the namespace of whoever reads it. */
export type Config = Pick<ObjectRef, 'kind' | 'name'>;

export interface Reading {
  config: Config;
  /** By what is hardest to change. */
  by: ReadBy;
  /** The containers that read it, init containers among them. */
  containers: string[];
}

/** Everything that a template reads, each ConfigMap and Secret once, sorted. */
export function readingsOf(spec: PodSpec): Reading[] {
  const containers = containersOf(spec);
  const named = [...containers.flatMap(namedByEnv), ...(spec.volumes ?? []).flatMap(namedByVolume)];
  const configs = new Map(named.map((config) => [`${config.kind}/${config.name}`, config]));
  return [...configs]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([, config]) => {
      const by = readBy(spec, config);
      return by ? [{ config, by, containers: containers.filter((one) => readsWith(spec, one, config)).map(({ name }) => name) }] : [];
    });
}

/** How a pod reads a ConfigMap or Secret: by what is hardest to change first; undefined where it does not. */
export function readBy(spec: PodSpec, config: Config): ReadBy | undefined {
  const containers = containersOf(spec);
  if (containers.some((container) => readsByEnv(container, config))) return 'env';
  const volumes = volumesWith(spec, config);
  const mounts = containers.flatMap((container) => container.volumeMounts ?? []).filter(({ name }) => volumes.has(name));
  if (mounts.some((mount) => mount.subPath !== undefined || mount.subPathExpr !== undefined)) return 'subPath';
  return mounts.length > 0 ? 'mount' : undefined;
}

function containersOf(spec: PodSpec): Container[] {
  return [...(spec.initContainers ?? []), ...spec.containers];
}

function readsWith(spec: PodSpec, container: Container, config: Config): boolean {
  const volumes = volumesWith(spec, config);
  return readsByEnv(container, config) || (container.volumeMounts ?? []).some(({ name }) => volumes.has(name));
}

function volumesWith(spec: PodSpec, config: Config): Set<string> {
  return new Set((spec.volumes ?? []).filter((volume) => holds(volume, config)).map(({ name }) => name));
}

function readsByEnv(container: Container, config: Config): boolean {
  return namedByEnv(container).some(({ kind, name }) => kind === config.kind && name === config.name);
}

function namedByEnv({ env = [], envFrom = [] }: Container): Config[] {
  return [
    ...env.flatMap(({ valueFrom }: EnvVar) => configs(valueFrom?.configMapKeyRef?.name, valueFrom?.secretKeyRef?.name)),
    ...envFrom.flatMap(({ configMapRef, secretRef }) => configs(configMapRef?.name, secretRef?.name)),
  ];
}

interface VolumeSource {
  configMap?: { name?: string };
  secret?: { secretName?: string; name?: string };
}

/** A volume of its own, or a projected one that has it among its sources (there a Secret is named by `name`). */
function namedByVolume(volume: Volume): Config[] {
  const { sources = [] } = (volume.projected ?? {}) as { sources?: VolumeSource[] };
  return [volume as VolumeSource, ...sources].flatMap(({ configMap, secret }) =>
    configs(configMap?.name, secret?.secretName ?? secret?.name),
  );
}

function holds(volume: Volume, config: Config): boolean {
  return namedByVolume(volume).some(({ kind, name }) => kind === config.kind && name === config.name);
}

function configs(configMap: string | undefined, secret: string | undefined): Config[] {
  return [
    ...(configMap === undefined ? [] : [{ kind: 'ConfigMap', name: configMap }]),
    ...(secret === undefined ? [] : [{ kind: 'Secret', name: secret }]),
  ];
}
