/** Admission of an object into the store. */
import type { KubeObject } from '../../../api/kube.ts';
import type { Cause } from './causes.ts';
import { applyDefaults } from './defaulting.ts';
import { prune } from './prune.ts';
import type { Schema } from './schema.ts';
import { validateValue } from './validation.ts';

export type { Cause } from './causes.ts';

export interface Admission {
  /** Pruned, defaulted and in its stored form; a copy, the input is left alone. */
  object: KubeObject;
  causes: Cause[];
  /** Paths of fields that the kind does not have (`spec.replcias`); empty for `Ignore`. */
  unknown: string[];
}

/**
 * What the API server does to an object before it is stored: drops unknown fields, applies defaults and validates.
 * @param mode `fieldValidation` of the request: `Ignore` drops unknown fields without a word.
 */
export function admit(schema: Schema, object: KubeObject, mode: 'Strict' | 'Warn' | 'Ignore'): Admission {
  const { value, unknown } = prune(schema, object);
  const stored = applyDefaults(schema, value) as KubeObject;
  return { object: stored, causes: validateValue(schema, stored), unknown: mode === 'Ignore' ? [] : unknown };
}

/** Fields that an update may not change, and does; empty for kinds that say nothing about it. Both objects are in their stored form. */
export function validateUpdate(schema: Schema, before: KubeObject, after: KubeObject): Cause[] {
  return schema.checkUpdate?.(before, after) ?? [];
}
