/** Bodies in Kubernetes' protobuf form. Source: k8s.io/apimachinery pkg/runtime/serializer/protobuf/doc.go. */

import { formatDuration } from '../../../api/duration.ts';
import { groupOf } from '../../../api/kube.ts';
import { asArray, asObject, type Json } from '../json.ts';
import { badRequest } from '../refusals.ts';
import { builtinMessages, type MessageField } from './messages.ts';
import { readFields, readPacked, type WireField } from './wire.ts';

export const PROTOBUF = 'application/vnd.kubernetes.protobuf';

/** `k8s` and a zero byte: how such a body begins. */
const MAGIC = Buffer.from([0x6b, 0x38, 0x73, 0x00]);
const TYPE_META = 1;
const RAW = 2;

/** Kinds of other groups than their message's name says. */
const FOREIGN: Readonly<Record<string, string>> = { DeleteOptions: 'DeleteOptions', Scale: 'autoscalingv1.Scale' };

/** The object in a body as JSON. @throws ApiStatusError 400 where it cannot be read or the kind is not known */
export function decodeProtobuf(body: Buffer): Json {
  if (!body.subarray(0, MAGIC.length).equals(MAGIC))
    throw badRequest('provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]');
  try {
    return decodeEnvelope(body.subarray(MAGIC.length));
  } catch (error) {
    if (error instanceof RangeError || error instanceof SyntaxError) throw badRequest(error.message);
    throw error;
  }
}

function decodeEnvelope(bytes: Uint8Array): Json {
  const fields = new Map([...readFields(bytes)].map(({ number, value }) => [number, value]));
  const [apiVersion = '', kind = ''] = strings(fields.get(TYPE_META));
  const name = messageName(apiVersion, kind);
  if (!builtinMessages().has(name))
    throw badRequest(`no kind ${JSON.stringify(kind)} is registered for version ${JSON.stringify(apiVersion)}`);
  return { apiVersion, kind, ...decodeMessage(name, bytesOf(fields.get(RAW))) };
}

function strings(message: bigint | Uint8Array | undefined): string[] {
  return [...readFields(bytesOf(message))].sort((a, b) => a.number - b.number).map(({ value }) => textOf(value));
}

/** `apps.Deployment`, `Pod`: groups go by their first label. */
function messageName(apiVersion: string, kind: string): string {
  const group = groupOf(apiVersion).split('.')[0];
  return FOREIGN[kind] ?? (group ? `${group}.${kind}` : kind);
}

function decodeMessage(name: string, bytes: Uint8Array): Json {
  const message = builtinMessages().get(name);
  const object: Json = {};
  for (const wire of readFields(bytes)) {
    const field = message?.get(wire.number);
    if (field) addField(object, field, wire);
  }
  return object;
}

function addField(object: Json, field: MessageField, wire: WireField): void {
  if (field.map) addEntry(object, field, wire);
  else if (field.repeated) addItems(object, field, wire);
  else if (field.inline) Object.assign(object, decodeValue(field.type, wire));
  else addValue(object, field, decodeValue(field.type, wire));
}

/** Go sends every field that is no pointer, set or not: what is zero was not set. */
function addValue(object: Json, { name, pointer }: MessageField, value: unknown): void {
  if (pointer ? value !== undefined : !isZero(value)) object[name] = value;
}

function addEntry(object: Json, { name, type }: MessageField, { value }: WireField): void {
  const entries = asObject(object[name]);
  object[name] = entries;
  let key = '';
  let entry: unknown = type === 's' || type === 'y' ? '' : undefined;
  for (const wire of readFields(bytesOf(value))) {
    if (wire.number === 1) key = textOf(wire.value);
    else entry = decodeValue(type, wire);
  }
  entries[key] = entry;
}

function addItems(object: Json, { name, type }: MessageField, wire: WireField): void {
  const items = asArray(object[name]);
  object[name] = items;
  if (type === 'i' && wire.value instanceof Uint8Array) items.push(...readPacked(wire.value));
  else items.push(decodeValue(type, wire));
}

function isZero(value: unknown): boolean {
  if (value === undefined || value === '' || value === 0 || value === false) return true;
  return typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).length === 0;
}

const DECODERS: Readonly<Record<string, (wire: WireField) => unknown>> = {
  s: ({ value }) => textOf(value),
  y: ({ value }) => Buffer.from(bytesOf(value)).toString('base64'),
  i: ({ value }) => Number(value),
  b: ({ value }) => value === 1n,
  f: ({ value }) => Buffer.from(bytesOf(value)).readDoubleLE(),
  Q: ({ value }) => strings(value)[0] ?? '0',
  O: ({ value }) => intOrString(bytesOf(value)),
  T: ({ value }) => time(bytesOf(value), 0),
  M: ({ value }) => time(bytesOf(value), 6),
  D: ({ value }) => formatDuration(Number(firstOf(bytesOf(value))) / 1e6),
  R: ({ value }) => embedded(bytesOf(value)),
};

function decodeValue(type: string, wire: WireField): unknown {
  const decoder = DECODERS[type];
  return decoder ? decoder(wire) : decodeMessage(type, bytesOf(wire.value));
}

function bytesOf(value: bigint | Uint8Array | undefined): Uint8Array {
  return value instanceof Uint8Array ? value : new Uint8Array();
}

function textOf(value: bigint | Uint8Array | undefined): string {
  return Buffer.from(bytesOf(value)).toString('utf8');
}

function firstOf(bytes: Uint8Array): bigint {
  for (const { value } of readFields(bytes)) if (typeof value === 'bigint') return value;
  return 0n;
}

/** Fields: 1 which of the two, 2 the number, 3 the text. */
function intOrString(bytes: Uint8Array): number | string {
  const fields = new Map([...readFields(bytes)].map(({ number, value }) => [number, value]));
  return fields.get(1) === 1n ? textOf(fields.get(3)) : Number(fields.get(2) ?? 0n);
}

/** Fields: 1 seconds, 2 nanoseconds. Without either: the zero time, which stands for none. */
function time(bytes: Uint8Array, digits: number): string | undefined {
  const fields = new Map([...readFields(bytes)].map(({ number, value }) => [number, value]));
  if (fields.size === 0) return undefined;
  const seconds = Number(fields.get(1) ?? 0n);
  const micros = Math.trunc(Number(fields.get(2) ?? 0n) / 1000);
  const whole = new Date(seconds * 1000).toISOString().slice(0, 19);
  return digits === 0 ? `${whole}Z` : `${whole}.${String(micros).padStart(digits, '0')}Z`;
}

/** Field 1: JSON. */
function embedded(bytes: Uint8Array): unknown {
  for (const { number, value } of readFields(bytes)) if (number === 1) return JSON.parse(textOf(value));
  return undefined;
}
