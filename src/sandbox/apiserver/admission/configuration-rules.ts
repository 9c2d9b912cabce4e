/** Rules of ConfigMaps, Secrets and Events. Source: pkg/apis/core/validation/validation.go of kubernetes. */
import type { KubeObject } from '../../../api/kube.ts';
import { type Cause, invalid, required } from '../fields/causes.ts';
import { asObject, asString } from '../json.ts';

const SIZE_LIMIT = 1024 * 1024;
const KEY_DETAIL =
  "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')";

/** Keys that a type of Secret has to have; of `one of` lists any. */
const KEYS_OF_TYPE: Readonly<Record<string, readonly string[]>> = {
  'kubernetes.io/tls': ['tls.crt', 'tls.key'],
  'kubernetes.io/dockerconfigjson': ['.dockerconfigjson'],
  'kubernetes.io/dockercfg': ['.dockercfg'],
  'kubernetes.io/ssh-auth': ['ssh-privatekey'],
};

export function configMapRules({ data, binaryData }: KubeObject): Cause[] {
  const text = Object.keys(asObject(data));
  const binary = Object.keys(asObject(binaryData));
  const repeated = text.filter((key) => binary.includes(key));
  return [
    ...keyRules(text, 'data'),
    ...repeated.map((key) => invalid(`data[${key}]`, key, 'duplicate of key present in binaryData')),
    ...keyRules(binary, 'binaryData'),
    ...sizeRules({ ...asObject(data), ...asObject(binaryData) }, ''),
  ];
}

export function secretRules({ type, data: declared }: KubeObject): Cause[] {
  const data = asObject(declared);
  const missing = (KEYS_OF_TYPE[asString(type)] ?? []).filter((key) => data[key] === undefined);
  const basic = type === 'kubernetes.io/basic-auth' && data.username === undefined && data.password === undefined;
  return [
    ...keyRules(Object.keys(data), 'data'),
    ...sizeRules(data, 'data'),
    ...missing.map((key) => required(`data[${key}]`)),
    ...(basic ? [required('data[username]'), required('data[password]')] : []),
  ];
}

function keyRules(keys: readonly string[], field: string): Cause[] {
  return keys.flatMap((key) => {
    const causes = key.length > 253 ? [invalid(`${field}[${key}]`, key, 'must be no more than 253 bytes')] : [];
    return /^[-._a-zA-Z0-9]+$/.test(key) ? causes : [...causes, invalid(`${field}[${key}]`, key, KEY_DETAIL)];
  });
}

function sizeRules(data: Record<string, unknown>, field: string): Cause[] {
  const size = Object.values(data).reduce<number>((sum, value) => sum + asString(value).length, 0);
  return size > SIZE_LIMIT ? [{ reason: 'FieldValueTooLong', message: `Too long: may not be more than ${SIZE_LIMIT} bytes`, field }] : [];
}

/** An Event lies where its object does; one of a cluster-wide object in `default`. */
export function eventRules({ involvedObject, metadata }: KubeObject): Cause[] {
  const field = 'involvedObject.namespace';
  const namespace = asString(asObject(involvedObject).namespace);
  if (namespace === (metadata.namespace ?? '') || (!namespace && metadata.namespace === 'default')) return [];
  return [invalid(field, namespace, 'does not match event.namespace')];
}
