/** A kustomization file, read into the types that kustomize has for it. */
import { parseYaml, YamlError } from './go-yaml.ts';
import { type FieldType, KUSTOMIZATION_FIELDS } from './kustomization-fields.ts';

/** In the order in which kustomize and Flux look for them. */
export const KUSTOMIZATION_NAMES = ['kustomization.yaml', 'kustomization.yml', 'Kustomization'] as const;

export interface PatchEntry {
  path?: string;
  patch?: string;
  target?: Record<string, string>;
}

export interface ImageEntry {
  name?: string;
  newName?: string;
  newTag?: string;
  digest?: string;
}

export interface GeneratorEntry {
  files?: string[];
  envs?: string[];
  env?: string;
}

/** The fields that are looked into here; every other known one is carried along. */
export interface KustomizationFile {
  apiVersion?: string;
  kind?: string;
  namespace?: string;
  namePrefix?: string;
  nameSuffix?: string;
  resources?: string[];
  bases?: string[];
  components?: string[];
  crds?: string[];
  configurations?: string[];
  generators?: string[];
  transformers?: string[];
  validators?: string[];
  openapi?: Record<string, string>;
  patches?: PatchEntry[];
  patchesStrategicMerge?: string[];
  patchesJson6902?: PatchEntry[];
  replacements?: { path?: string }[];
  images?: ImageEntry[];
  configMapGenerator?: GeneratorEntry[];
  secretGenerator?: GeneratorEntry[];
  buildMetadata?: string[];
  sortOptions?: { order?: string };
  [field: string]: unknown;
}

/** The file cannot be read as a kustomization; the message is for people. */
export class KustomizationInvalid extends Error {
  override readonly name = 'KustomizationInvalid';
}

/**
 * Reads a kustomization file. Names of fields match in any case, numbers and booleans become text where text is asked
 * for, fields that kustomize does not know are left out, as the controller does when it reads the root of a build
 * (fluxcd/pkg kustomize_generator.go GenerateManifest with sigs.k8s.io/yaml).
 * @throws KustomizationInvalid
 */
export function readKustomization(content: Uint8Array): KustomizationFile {
  let data: unknown;
  try {
    data = parseYaml(new TextDecoder('utf-8', { fatal: true }).decode(content));
  } catch (fault) {
    throw new KustomizationInvalid(fault instanceof YamlError ? fault.message : 'yaml: invalid UTF-8 text');
  }
  if (data === null) return {};
  return typed(data, { fields: KUSTOMIZATION_FIELDS }, '') as KustomizationFile;
}

function typed(value: unknown, type: FieldType, path: string): unknown {
  if (value === null || type === 'any') return value;
  if (type === 'string') return text(value, path);
  if (type === 'boolean') return typeof value === 'boolean' ? value : mismatch(value, path, 'bool');
  if (type === 'integer') return Number.isInteger(value) ? value : mismatch(value, path, 'int');
  if ('list' in type) {
    if (!Array.isArray(value)) return mismatch(value, path, 'array');
    return value.map((item) => typed(item, type.list, path) ?? (type.list === 'string' ? '' : {}));
  }
  if (typeof value !== 'object' || Array.isArray(value)) return mismatch(value, path, 'object');
  if ('map' in type) return typedMap(value as Record<string, unknown>, type.map, path);
  return typedFields(value as Record<string, unknown>, type.fields, path);
}

function typedMap(value: Record<string, unknown>, type: FieldType, path: string): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, typed(item, type, join(path, key)) ?? '']));
}

function typedFields(value: Record<string, unknown>, fields: Readonly<Record<string, FieldType>>, path: string): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const [key, item] of Object.entries(value)) {
    const name = Object.hasOwn(fields, key) ? key : Object.keys(fields).find((known) => known.toLowerCase() === key.toLowerCase());
    if (name === undefined || item === null) continue;
    result[name] = typed(item, fields[name] as FieldType, join(path, name));
  }
  return result;
}

function text(value: unknown, path: string): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return mismatch(value, path, 'string');
}

function mismatch(value: unknown, path: string, wanted: string): never {
  const found = Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value;
  const where = path === '' ? 'Kustomization' : `Kustomization.${path}`;
  throw new KustomizationInvalid(`json: cannot unmarshal ${found} into Go struct field ${where} of type ${wanted}`);
}

function join(path: string, key: string): string {
  return path === '' ? key : `${path}.${key}`;
}
