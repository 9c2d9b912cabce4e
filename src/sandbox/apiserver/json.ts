/** Reading JSON whose shape is not known: every step narrows, nothing throws. */

import { isObject, type JsonObject } from './fields/json.ts';

export { isObject, sameJson } from './fields/json.ts';
export type Json = JsonObject;

/** `value` where it is an object, else an empty one. */
export function asObject(value: unknown): Json {
  return isObject(value) ? value : {};
}

export function asArray(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

/** The objects of a list; other entries are dropped. */
export function asObjects(value: unknown): Json[] {
  return asArray(value).filter(isObject);
}

export function asString(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

export function asNumber(value: unknown): number {
  return typeof value === 'number' ? value : 0;
}

export function asStrings(value: unknown): string[] {
  return asArray(value).filter((entry): entry is string => typeof entry === 'string');
}

/** The value at a path of field names; undefined where a step is missing. */
export function at(value: unknown, ...path: readonly string[]): unknown {
  let node = value;
  for (const name of path) {
    if (!isObject(node)) return undefined;
    node = node[name];
  }
  return node;
}

/** Freezes a JSON value all the way down and returns it. */
export function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  for (const child of Object.values(value)) deepFreeze(child);
  return Object.freeze(value);
}
