/** The types of metadata's fields, which hold for every kind: what is built in and what a CRD declares alike. */
import { isObject } from '../json.ts';

type Shape = 'string' | 'strings' | 'map' | 'objects';

const SHAPES: Readonly<Record<string, Shape>> = {
  name: 'string',
  generateName: 'string',
  namespace: 'string',
  uid: 'string',
  resourceVersion: 'string',
  labels: 'map',
  annotations: 'map',
  finalizers: 'strings',
  ownerReferences: 'objects',
  managedFields: 'objects',
};

const GO_TYPE: Readonly<Record<Shape, string>> = {
  string: 'string',
  strings: '[]string',
  map: 'map[string]string',
  objects: '[]struct',
};

/** Why this cannot be an object's metadata, in the words of Go's encoding/json; undefined where it can. */
export function metadataMisfit(metadata: unknown): string | undefined {
  if (!isObject(metadata)) return 'json: cannot unmarshal into Go struct field .metadata of type ObjectMeta';
  for (const [field, shape] of Object.entries(SHAPES)) {
    const value = metadata[field];
    if (value === undefined || value === null || fits(value, shape)) continue;
    return `json: cannot unmarshal ${jsonType(value)} into Go struct field ObjectMeta.metadata.${field} of type ${GO_TYPE[shape]}`;
  }
  return undefined;
}

function fits(value: unknown, shape: Shape): boolean {
  if (shape === 'string') return typeof value === 'string';
  if (shape === 'map') return isObject(value) && Object.values(value).every((entry) => typeof entry === 'string' || entry === null);
  if (!Array.isArray(value)) return false;
  return value.every((entry) => (shape === 'strings' ? typeof entry === 'string' : isObject(entry)));
}

function jsonType(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  return typeof value === 'boolean' ? 'bool' : typeof value;
}
