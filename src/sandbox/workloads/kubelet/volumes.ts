/**
 * Volumes of a pod as folders, and mounts as links to them below each container's root folder.
 * Sources: pkg/volume/configmap, pkg/volume/secret, pkg/volume/util/atomic_writer.go.
 */
import {
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, posix } from 'node:path';
import type { Container, Pod, Volume } from '../../../api/workloads.ts';
import type { ClusterApi } from '../../cluster.ts';
import { CONFIG_MAP, type ConfigMap, SECRET, type Secret } from '../kinds.ts';
import { fieldOf } from './environment.ts';

/** A volume that cannot be set up, in the kubelet's words. */
export class MountError extends Error {
  override readonly name = 'MountError';
}

export interface PodFolders {
  /** Of this pod alone. */
  pod: string;
  /** Of all claims; their content outlives pods. */
  claims: string;
}

type Files = Map<string, Buffer>;

interface Item {
  key: string;
  path: string;
}

interface Source {
  name?: string;
  secretName?: string;
  optional?: boolean;
  items?: Item[];
}

interface VolumeRequest {
  api: ClusterApi;
  pod: Pod;
  podIP: string;
  folders: PodFolders;
}

/**
 * Sets up every volume of the pod; again and again, as ConfigMaps and Secrets change.
 * @throws MountError for the first volume that cannot be
 */
export function setUpVolumes(request: VolumeRequest): void {
  for (const volume of request.pod.spec.volumes ?? []) {
    try {
      setUp(request, volume);
    } catch (error) {
      throw new MountError(`MountVolume.SetUp failed for volume "${volume.name}" : ${(error as Error).message}`);
    }
  }
}

function setUp(request: VolumeRequest, volume: Volume): void {
  const folder = volumeFolder(request, volume);
  mkdirSync(folder, { recursive: true });
  const files = contentOf(request, volume);
  if (files) writeAtomically(folder, files);
}

/** The claims that the volumes of a pod name. */
export function claimNames({ spec }: Pod): string[] {
  return (spec.volumes ?? []).map(claimOf).filter((name) => name !== undefined);
}

function claimOf(volume: Volume): string | undefined {
  return (volume.persistentVolumeClaim as { claimName: string } | undefined)?.claimName;
}

/** Where the content of a claim is, below the folder of all of them. */
export function claimFolder(folder: string, namespace: string, name: string): string {
  return join(folder, `${namespace}_${name}`);
}

function volumeFolder({ pod, folders }: VolumeRequest, volume: Volume): string {
  const claim = claimOf(volume);
  if (claim) return claimFolder(folders.claims, pod.metadata.namespace, claim);
  return join(folders.pod, 'volumes', volume.name);
}

/** Undefined for a volume that starts empty. */
function contentOf(request: VolumeRequest, volume: Volume): Files | undefined {
  if (volume.configMap) return configMapFiles(request, volume.configMap as Source);
  if (volume.secret) return secretFiles(request, volume.secret as Source);
  if (volume.downwardAPI) return downwardFiles(request, volume.downwardAPI as DownwardSource);
  if (volume.projected) return projectedFiles(request, volume.projected as { sources?: ProjectedSource[] });
  return undefined;
}

interface DownwardSource {
  items?: { path: string; fieldRef?: { fieldPath: string } }[];
}

interface ProjectedSource {
  configMap?: Source;
  secret?: Source;
  downwardAPI?: DownwardSource;
}

function projectedFiles(request: VolumeRequest, { sources = [] }: { sources?: ProjectedSource[] }): Files {
  const parts = sources.map((source) => {
    if (source.configMap) return configMapFiles(request, source.configMap);
    if (source.secret) return secretFiles(request, source.secret);
    return source.downwardAPI ? downwardFiles(request, source.downwardAPI) : new Map<string, Buffer>();
  });
  return new Map(parts.flatMap((part) => [...part]));
}

function configMapFiles({ api, pod }: VolumeRequest, source: Source): Files {
  const name = source.name ?? '';
  const found = api.get<ConfigMap>({ ...CONFIG_MAP, namespace: pod.metadata.namespace, name });
  if (!found && !source.optional) throw new Error(`configmap "${name}" not found`);
  const texts = Object.entries(found?.data ?? {}).map(([key, value]): [string, Buffer] => [key, Buffer.from(value)]);
  const binaries = Object.entries(found?.binaryData ?? {}).map(([key, value]): [string, Buffer] => [key, Buffer.from(value, 'base64')]);
  return projected(new Map([...texts, ...binaries]), source, 'configmap references non-existent config key');
}

function secretFiles({ api, pod }: VolumeRequest, source: Source): Files {
  const name = source.secretName ?? source.name ?? '';
  const found = api.get<Secret>({ ...SECRET, namespace: pod.metadata.namespace, name });
  if (!found && !source.optional) throw new Error(`secret "${name}" not found`);
  const data = Object.entries(found?.data ?? {}).map(([key, value]): [string, Buffer] => [key, Buffer.from(value, 'base64')]);
  return projected(new Map(data), source, 'references non-existent secret key');
}

function projected(files: Files, { items, optional }: Source, missing: string): Files {
  if (!items || items.length === 0) return files;
  const chosen: Files = new Map();
  for (const { key, path } of items) {
    const content = files.get(key);
    if (content) chosen.set(path, content);
    else if (!optional) throw new Error(`${missing}: ${key}`);
  }
  return chosen;
}

function downwardFiles({ pod, podIP }: VolumeRequest, { items = [] }: DownwardSource): Files {
  return new Map(items.map(({ path, fieldRef }) => [path, Buffer.from(fieldRef ? fieldOf(pod, fieldRef.fieldPath, podIP) : '')]));
}

/** Never leaves `folder`, whatever the path says. */
function inside(folder: string, path: string): string {
  return join(folder, posix.normalize(`/${path}`));
}

/**
 * Replaces all files at once: they are links through `..data`, which is renamed over to the folder of the new ones.
 * So a program that reads two of them never sees one old and one new.
 */
function writeAtomically(folder: string, files: Files): void {
  const data = join(folder, '..data');
  const before = existsSync(data) ? readlinkSync(data) : undefined;
  if (before && !differs(join(folder, before), files)) return;
  const version = `..${process.hrtime.bigint()}`;
  mkdirSync(join(folder, version));
  for (const [path, content] of files) {
    const target = inside(join(folder, version), path);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, content, { mode: 0o600 });
  }
  symlinkSync(version, join(folder, '..data_tmp'));
  renameSync(join(folder, '..data_tmp'), data);
  linkNames(folder, new Set([...files.keys()].map((path) => posix.normalize(`/${path}`).split('/')[1] ?? '')));
  if (before) rmSync(join(folder, before), { recursive: true, force: true });
}

function differs(folder: string, files: Files): boolean {
  const names = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  if (names.length !== files.size) return true;
  return [...files].some(([path, content]) => {
    const file = inside(folder, path);
    return !existsSync(file) || !readFileSync(file).equals(content);
  });
}

function linkNames(folder: string, names: Set<string>): void {
  for (const entry of readdirSync(folder)) {
    if (!entry.startsWith('..') && !names.has(entry)) rmSync(join(folder, entry), { force: true });
  }
  for (const name of names) {
    const link = join(folder, name);
    if (!exists(link)) symlinkSync(join('..data', name), link);
  }
}

/** Unlike `existsSync` true for a link that leads nowhere. */
function exists(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}

/** Makes the root folder of a container and its mounts. @returns the folder, for `EBB_ROOTFS` */
export function mountVolumes(request: VolumeRequest, container: Container): string {
  const { pod, folders } = request;
  const root = join(folders.pod, 'containers', container.name);
  mkdirSync(root, { recursive: true });
  const mounts = [...(container.volumeMounts ?? [])].sort((a, b) => a.mountPath.length - b.mountPath.length);
  for (const mount of mounts) {
    const volume = (pod.spec.volumes ?? []).find((candidate) => candidate.name === mount.name);
    const target = inside(root, mount.mountPath);
    if (!volume || target === root) continue;
    mkdirSync(dirname(target), { recursive: true });
    const source = volumeFolder(request, volume);
    if (mount.subPath) copySubPath(inside(source, mount.subPath), target);
    else if (!exists(target)) symlinkSync(source, target);
  }
  return root;
}

/** A mounted sub-path is not updated when the volume is: a copy of what it is when the container starts. */
function copySubPath(source: string, target: string): void {
  if (!existsSync(source)) mkdirSync(source, { recursive: true });
  rmSync(target, { recursive: true, force: true });
  cpSync(source, target, { recursive: true, dereference: true });
}
