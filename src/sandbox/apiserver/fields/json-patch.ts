/**
 * JSON patch (RFC 6902) the way the API server applies it: `replace` of a field that is missing adds it, `copy` of one copies
 * null, negative positions count from the end, `add` and `remove` of the whole document do not apply.
 * Source: github.com/evanphx/json-patch, as kube-apiserver sets it up.
 */
import { field, isObject, sameJson, setField } from './json.ts';

/** Thrown where an operation does not apply. */
export class JsonPatchError extends Error {
  override readonly name = 'JsonPatchError';
}

interface Operation {
  op: string;
  path: string;
  from?: string;
  value?: unknown;
}

/** The document after all operations; the input is left alone. @throws JsonPatchError where one of them does not apply */
export function jsonPatch(document: unknown, operations: readonly unknown[]): unknown {
  return operations.reduce((current: unknown, operation) => applyOperation(current, asOperation(operation)), structuredClone(document));
}

function asOperation(operation: unknown): Operation {
  if (!isObject(operation)) throw new JsonPatchError('an operation is not an object');
  const { op, path, from } = operation;
  if (typeof op !== 'string' || typeof path !== 'string') throw new JsonPatchError('an operation has no op or path');
  return { op, path, value: operation.value ?? null, ...(typeof from === 'string' && { from }) };
}

function applyOperation(document: unknown, operation: Operation): unknown {
  const { op, path, value } = operation;
  const handlers: Record<string, () => unknown> = {
    add: () => added(document, path, structuredClone(value)),
    remove: () => removed(document, path),
    replace: () => replaced(document, path, structuredClone(value)),
    test: () => tested(document, path, value),
    copy: () => added(document, path, structuredClone(read(document, source(operation)) ?? null)),
    move: () => moved(document, source(operation), path),
  };
  const handler = Object.hasOwn(handlers, op) ? handlers[op] : undefined;
  if (!handler) throw new JsonPatchError(`unexpected kind: ${op}`);
  return handler();
}

function source({ op, from }: Operation): string {
  if (from === undefined) throw new JsonPatchError(`${op} operation has no from`);
  return from;
}

function moved(document: unknown, from: string, path: string): unknown {
  const value = read(document, from) ?? null;
  return added(removed(document, from), path, value);
}

function tested(document: unknown, path: string, value: unknown): unknown {
  const found = path === '' ? document : read(document, path);
  if (!sameJson(found ?? null, value)) throw new JsonPatchError(`testing value ${path} failed`);
  return document;
}

function read(document: unknown, path: string): unknown {
  const { parent, key } = locate(document, path);
  return Array.isArray(parent) ? parent[position(key, parent.length)] : field(parent, key);
}

function added(document: unknown, path: string, value: unknown): unknown {
  const { parent, key } = locate(document, path);
  if (!Array.isArray(parent)) setField(parent, key, value);
  else if (key === '-') parent.push(value);
  else parent.splice(position(key, parent.length + 1), 0, value);
  return document;
}

function removed(document: unknown, path: string): unknown {
  const { parent, key } = locate(document, path);
  if (Array.isArray(parent)) parent.splice(position(key, parent.length), 1);
  else if (Object.hasOwn(parent, key)) delete parent[key];
  else throw new JsonPatchError(`unable to remove nonexistent key: ${key}`);
  return document;
}

function replaced(document: unknown, path: string, value: unknown): unknown {
  if (path === '') return value;
  const { parent, key } = locate(document, path);
  if (Array.isArray(parent)) parent[position(key, parent.length)] = value;
  else setField(parent, key, value);
  return document;
}

type Container = Record<string, unknown> | unknown[];

/** The container that a pointer leads into, and the last part of it. */
function locate(document: unknown, path: string): { parent: Container; key: string } {
  const [, ...parts] = path.split('/');
  const key = parts.pop();
  const parent = parts.reduce(step, document);
  if (key === undefined || !isContainer(parent)) throw new JsonPatchError(`doc is missing path: ${path}`);
  return { parent, key: unescapePart(key) };
}

function step(current: unknown, part: string): unknown {
  const key = unescapePart(part);
  if (Array.isArray(current)) return current[position(key, current.length)];
  return isObject(current) ? field(current, key) : undefined;
}

function isContainer(value: unknown): value is Container {
  return Array.isArray(value) || isObject(value);
}

function unescapePart(part: string): string {
  return part.replaceAll('~1', '/').replaceAll('~0', '~');
}

function position(key: string, length: number): number {
  const index = /^-?\d+$/.test(key) ? Number(key) : Number.NaN;
  const counted = index < 0 ? index + length : index;
  if (Number.isNaN(counted) || counted < 0 || counted >= length) throw new JsonPatchError(`index out of bounds: ${key}`);
  return counted;
}
