/** Does an applied configuration fit the schema at all? Source: structured-merge-diff typed/validate.go. */

import { formatPath } from './fieldpath.ts';
import { definedKeys, isObject, type JsonObject } from './json.ts';
import { childSchema, itemElement, type ListShape, shapeOf } from './shape.ts';
import type { Schema } from './structure.ts';

/** One line a problem, `.spec.replcias: field not declared in schema`; empty where it fits. */
export function typingProblems(schema: Schema, object: unknown): string[] {
  return problemsOf(schema, object, '');
}

function problemsOf(schema: Schema, value: unknown, path: string): string[] {
  if (value === undefined || value === null) return [];
  const mismatch = typeMismatch(schema, value);
  if (mismatch) return [path === '' ? mismatch : `${path}: ${mismatch}`];
  if (Array.isArray(value)) return problemsOfItems(schema, value, path);
  return isObject(value) ? problemsOfFields(schema, value, path) : [];
}

function typeMismatch({ type, intOrString, format }: Schema, value: unknown): string | undefined {
  switch (type) {
    case 'integer':
    case 'number':
      return typeof value === 'number' || intOrString ? undefined : `expected numeric (int or float), got ${goType(value)}`;
    case 'string':
      if ((format && format !== 'byte') || intOrString)
        return isObject(value) || Array.isArray(value) ? `expected any scalar, got ${goValue(value)}` : undefined;
      return typeof value === 'string' ? undefined : `expected string, got &value.valueUnstructured{Value:${goValue(value)}}`;
    case 'boolean':
      return typeof value === 'boolean' ? undefined : `expected boolean, got &{${goText(value)}}`;
    case 'array':
      return Array.isArray(value) ? undefined : `expected list, got &{${goText(value)}}`;
    case 'object':
      return isObject(value) ? undefined : `expected map, got &{${goText(value)}}`;
    default:
      return undefined;
  }
}

function goType(value: unknown): string {
  if (Array.isArray(value)) return '[]interface {}';
  if (isObject(value)) return 'map[string]interface {}';
  return typeof value === 'boolean' ? 'bool' : typeof value;
}

/** A value the way Go writes it as source. */
function goValue(value: unknown): string {
  if (Array.isArray(value)) return `[]interface {}{${value.map(goValue).join(', ')}}`;
  if (!isObject(value)) return typeof value === 'string' ? JSON.stringify(value) : goText(value);
  return `map[string]interface {}{${sortedKeys(value)
    .map((name) => `${JSON.stringify(name)}:${goValue(value[name])}`)
    .join(', ')}}`;
}

/** A value the way Go prints it. */
function goText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(goText).join(' ')}]`;
  if (isObject(value))
    return `map[${sortedKeys(value)
      .map((name) => `${name}:${goText(value[name])}`)
      .join(' ')}]`;
  return value === null ? '<nil>' : String(value);
}

function sortedKeys(object: JsonObject): string[] {
  return definedKeys(object).sort();
}

/** As in the original, the first field that is not declared ends the walk over its object. */
function problemsOfFields(schema: Schema, object: JsonObject, path: string): string[] {
  const problems: string[] = [];
  for (const name of definedKeys(object)) {
    const child = childSchema(schema, name);
    if (!child) return [...problems, `${path}.${name}: field not declared in schema`];
    problems.push(...problemsOf(child, object[name], `${path}.${name}`));
  }
  return problems;
}

function problemsOfItems(schema: Schema, items: unknown[], path: string): string[] {
  const shape = shapeOf(schema, items, items);
  if (shape.kind === 'list') return problemsOfKeyedItems(shape, items, path);
  return items.flatMap((item, index) => problemsOf(schema.items ?? {}, item, `${path}[${index}]`));
}

function problemsOfKeyedItems(shape: ListShape, items: unknown[], path: string): string[] {
  const seen = new Set<string>();
  return items.flatMap((item, index) => {
    const found = itemElement(shape, item);
    if (!('element' in found)) return [`${path}: element ${index}: ${found.problem}`];
    const name = formatPath([found.element]);
    const repeated = seen.has(name) ? [`${path}: duplicate entries for key ${name}`] : [];
    seen.add(name);
    return [...repeated, ...problemsOf(shape.items, item, `${path}${name}`)];
  });
}
