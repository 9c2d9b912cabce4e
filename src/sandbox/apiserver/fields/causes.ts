/** Why a field is invalid, in the API server's words. Source: k8s.io/apimachinery pkg/util/validation/field/errors.go, kube-openapi pkg/validation/errors. */
import { isObject } from './json.ts';

/** One reason why an object is invalid, as `status.details.causes` names it. */
export interface Cause {
  /** `FieldValueRequired`, `FieldValueInvalid`, … */
  reason: string;
  message: string;
  /** `spec.template.spec.containers[0].image` */
  field: string;
}

export function required(field: string): Cause {
  return { reason: 'FieldValueRequired', message: 'Required value', field };
}

/** @param detail for example `spec.interval in body should match '…'` */
export function invalid(field: string, value: unknown, detail: string): Cause {
  return { reason: 'FieldValueInvalid', message: `Invalid value: ${shown(value)}: ${detail}`, field };
}

/** An error of a group of schemas has no field of its own: the API server writes `<nil>`. */
export function invalidGroup(detail: string): Cause {
  return invalid('<nil>', '', detail);
}

export function wrongType(field: string, value: unknown, type: string): Cause {
  const seen = JSON.stringify(value);
  return { reason: 'FieldValueTypeInvalid', message: `Invalid value: ${seen}: ${field} in body must be of type ${type}: ${seen}`, field };
}

export function notSupported(field: string, value: unknown, supported: readonly unknown[]): Cause {
  const seen = isObject(value) || Array.isArray(value) ? '{}' : shown(value);
  const list = supported.map((word) => (typeof word === 'string' ? JSON.stringify(word) : `"${String(word)}"`)).join(', ');
  return { reason: 'FieldValueNotSupported', message: `Unsupported value: ${seen}: supported values: ${list}`, field };
}

export function duplicate(field: string, value: unknown): Cause {
  return { reason: 'FieldValueDuplicate', message: `Duplicate value: ${JSON.stringify(value)}`, field };
}

export function forbidden(field: string, detail: string): Cause {
  return { reason: 'FieldValueForbidden', message: `Forbidden: ${detail}`, field };
}

export function notFound(field: string, value: unknown): Cause {
  return { reason: 'FieldValueNotFound', message: `Not found: ${JSON.stringify(value)}`, field };
}

export function tooLong(field: string, limit: number): Cause {
  return { reason: 'FieldValueTooLong', message: `Too long: may not be more than ${limit} bytes`, field };
}

export function tooMany(field: string, count: number, limit: number): Cause {
  return { reason: 'FieldValueTooMany', message: `Too many: ${count}: must have at most ${limit} items`, field };
}

function shown(value: unknown): string {
  return JSON.stringify(value) ?? 'null';
}
