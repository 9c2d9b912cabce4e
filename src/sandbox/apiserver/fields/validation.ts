/** Validation of a value against a structural schema. Source: k8s.io/kube-openapi pkg/validation/validate. */
import { type Cause, duplicate, invalid, invalidGroup, notSupported, required, tooLong, tooMany, wrongType } from './causes.ts';
import { hasFormat } from './formats.ts';
import { definedKeys, field, isObject, type JsonObject, sameJson } from './json.ts';
import { childSchema, declaredField } from './shape.ts';
import type { Schema } from './structure.ts';

/** Every way in which `value` breaks `schema`; empty where it fits. */
export function validateValue(schema: Schema, value: unknown, path = ''): Cause[] {
  if (value === undefined || (value === null && (schema.nullable || schema.type === undefined))) return [];
  const mismatch = typeMismatch(schema, value, path);
  if (mismatch) return [mismatch, ...validateEnum(schema, value, path)];
  return [
    ...validateContent(schema, value, path),
    ...validateEnum(schema, value, path),
    ...validateGroups(schema, value, path),
    ...(schema.check?.(value, path) ?? []),
  ];
}

function typeMismatch(schema: Schema, value: unknown, path: string): Cause | undefined {
  const seen = typeOf(value);
  if (schema.intOrString) return seen === 'string' || seen === 'integer' ? undefined : wrongType(path, seen, 'integer,string');
  if (schema.type === undefined || schema.type === seen || (schema.type === 'number' && seen === 'integer')) return undefined;
  return wrongType(path, seen, schema.type);
}

function typeOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  return typeof value;
}

function validateContent(schema: Schema, value: unknown, path: string): Cause[] {
  if (typeof value === 'string') return validateString(schema, value, path);
  if (typeof value === 'number') return validateNumber(schema, value, path);
  if (Array.isArray(value)) return validateList(schema, value, path);
  return isObject(value) ? validateObject(schema, value, path) : [];
}

function validateString({ pattern, minLength, maxLength, format }: Schema, text: string, path: string): Cause[] {
  const causes: Cause[] = [];
  const length = [...text].length;
  if (maxLength !== undefined && length > maxLength) causes.push(tooLong(path, maxLength));
  if (minLength !== undefined && length < minLength)
    causes.push(invalid(path, text, `${path} in body should be at least ${minLength} chars long`));
  if (pattern !== undefined && !matches(pattern, text)) causes.push(invalid(path, text, `${path} in body should match '${pattern}'`));
  if (format !== undefined && !hasFormat(text, format)) causes.push(wrongType(path, text, format));
  return causes;
}

/** Patterns are RE2; the few that JavaScript does not take are taken as matching. */
function matches(pattern: string, text: string): boolean {
  try {
    return new RegExp(pattern, 'u').test(text);
  } catch {
    return looselyMatches(pattern, text);
  }
}

function looselyMatches(pattern: string, text: string): boolean {
  try {
    return new RegExp(pattern).test(text);
  } catch {
    return true;
  }
}

function validateNumber(schema: Schema, value: number, path: string): Cause[] {
  const causes: Cause[] = [];
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf } = schema;
  const fail = (detail: string) => causes.push(invalid(path, value, `${path} in body should be ${detail}`));
  if (minimum !== undefined && exclusiveMinimum && value <= minimum) fail(`greater than ${minimum}`);
  if (minimum !== undefined && !exclusiveMinimum && value < minimum) fail(`greater than or equal to ${minimum}`);
  if (maximum !== undefined && exclusiveMaximum && value >= maximum) fail(`less than ${maximum}`);
  if (maximum !== undefined && !exclusiveMaximum && value > maximum) fail(`less than or equal to ${maximum}`);
  if (multipleOf !== undefined && value % multipleOf !== 0) fail(`a multiple of ${multipleOf}`);
  if (schema.format === 'int32' && (value < -(2 ** 31) || value >= 2 ** 31)) {
    causes.push(invalidGroup(`Checked value must be of type integer with format int32 in ${path}`));
  }
  return causes;
}

function validateList(schema: Schema, items: unknown[], path: string): Cause[] {
  const below = items.flatMap((item, index) => validateValue(schema.items ?? {}, item, `${path}[${index}]`));
  const causes = [...below, ...validateUniqueness(schema, items, path)];
  const { minItems, maxItems } = schema;
  if (maxItems !== undefined && items.length > maxItems) causes.push(tooMany(path, items.length, maxItems));
  if (minItems !== undefined && items.length < minItems)
    causes.push(invalid(path, items.length, `${path} in body should have at least ${minItems} items`));
  return causes;
}

/** Sets and keyed lists of custom kinds hold every item once; built-in kinds check theirs one by one. */
function validateUniqueness(schema: Schema, items: unknown[], path: string): Cause[] {
  if (schema.patchStrategy !== undefined || (schema.listType !== 'set' && schema.listType !== 'map')) return [];
  const keys = items.map((item) => (schema.listType === 'set' ? item : keyOf(schema, item)));
  return keys.flatMap((key, index) => {
    const repeated = key !== undefined && keys.findIndex((other) => sameJson(other, key)) < index;
    return repeated ? [duplicate(`${path}[${index}]`, key)] : [];
  });
}

function keyOf({ listMapKeys = [] }: Schema, item: unknown): JsonObject | undefined {
  if (!isObject(item)) return undefined;
  const present = listMapKeys.filter((name) => field(item, name) !== undefined);
  return present.length === 0 ? undefined : Object.fromEntries(present.map((name) => [name, item[name]]));
}

function validateObject(schema: Schema, object: JsonObject, path: string): Cause[] {
  const names = definedKeys(object);
  const at = (name: string) => (path === '' ? name : `${path}.${name}`);
  const causes: Cause[] = [];
  const { maxProperties, minProperties } = schema;
  if (maxProperties !== undefined && names.length > maxProperties) causes.push(tooMany(path, names.length, maxProperties));
  if (minProperties !== undefined && names.length < minProperties) {
    causes.push(invalid(path, names.length, `${path} in body should have at least ${minProperties} properties`));
  }
  for (const name of schema.required ?? []) if (isMissing(schema, object, name)) causes.push(required(at(name)));
  for (const name of names) causes.push(...validateValue(childSchema(schema, name) ?? {}, object[name], at(name)));
  return causes;
}

/** Go has no unset strings: in a built-in kind, an empty one is missing. */
function isMissing(schema: Schema, object: JsonObject, name: string): boolean {
  const value = field(object, name);
  if (value === undefined) return true;
  return (
    schema.compact === true && (value === '' || (Array.isArray(value) && value.length === 0)) && declaredField(schema, name) !== undefined
  );
}

function validateEnum(schema: Schema, value: unknown, path: string): Cause[] {
  if (!schema.enum || schema.enum.some((word) => sameJson(word, value))) return [];
  return [notSupported(path, value, schema.enum)];
}

function validateGroups({ allOf = [], anyOf, oneOf, not }: Schema, value: unknown, path: string): Cause[] {
  const causes = allOf.flatMap((part) => validateValue(part, value, path));
  if (not && validateValue(not, value, path).length === 0) causes.push(invalidGroup(`"${path}" must not validate the schema (not)`));
  if (anyOf) causes.push(...validateAnyOf(anyOf, value, path));
  if (oneOf) causes.push(...validateOneOf(oneOf, value, path));
  return causes;
}

function validateAnyOf(schemas: readonly Schema[], value: unknown, path: string): Cause[] {
  const results = schemas.map((schema) => validateValue(schema, value, path));
  if (results.some((causes) => causes.length === 0)) return [];
  return [invalidGroup(`"${path}" must validate at least one schema (anyOf)`), ...(results[0] ?? [])];
}

function validateOneOf(schemas: readonly Schema[], value: unknown, path: string): Cause[] {
  const results = schemas.map((schema) => validateValue(schema, value, path));
  const valid = results.filter((causes) => causes.length === 0).length;
  if (valid === 1) return [];
  const found = valid === 0 ? 'Found none valid' : `Found ${valid} valid alternatives`;
  const why = valid === 0 ? (results[0] ?? []) : [];
  return [invalidGroup(`"${path}" must validate one and only one schema (oneOf). ${found}`), ...why];
}
