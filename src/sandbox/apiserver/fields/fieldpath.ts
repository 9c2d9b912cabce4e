/**
 * Paths of fields as managedFields writes them: `f:name` a field, `k:{…}` an item of a keyed list, `v:…` an item of a set,
 * `i:0` a position. Source: sigs.k8s.io/structured-merge-diff fieldpath (element.go, serialize-pe.go).
 */
import type { JsonObject } from './json.ts';

/** One step of a path in its canonical text form; two steps are the same exactly where their texts are. */
export type PathElement = string;
export type FieldPath = readonly PathElement[];

export function fieldElement(name: string): PathElement {
  return `f:${name}`;
}

/** An item of a keyed list, by the fields that make up its key. */
export function keyElement(key: Readonly<JsonObject>): PathElement {
  const entries = Object.keys(key)
    .sort(byCodePoint)
    .map((name) => `${encode(name)}:${encode(key[name])}`);
  return `k:{${entries.join(',')}}`;
}

/** An item of a set, by its value. */
export function valueElement(value: unknown): PathElement {
  return `v:${encode(value)}`;
}

/** The name of a field step; undefined for the other kinds. */
export function fieldNameOf(element: PathElement): string | undefined {
  return element.startsWith('f:') ? element.slice(2) : undefined;
}

/** True for an item of a keyed list. */
export function isKey(element: PathElement): boolean {
  return element.startsWith('k:');
}

/** The canonical form of a step read from outside; undefined where it is of no known kind. @throws SyntaxError malformed JSON */
export function canonicalElement(text: string): PathElement | undefined {
  const content = text.slice(2);
  switch (text.slice(0, 2)) {
    case 'f:':
    case 'i:':
      return text;
    case 'k:':
      return keyElement(JSON.parse(content) as JsonObject);
    case 'v:':
      return valueElement(JSON.parse(content));
    default:
      return undefined;
  }
}

/** `.spec.template.spec.containers[name="api"].image`: how conflicts name a field. */
export function formatPath(path: FieldPath): string {
  return path.map(formatElement).join('');
}

function formatElement(element: PathElement): string {
  const content = element.slice(2);
  if (element.startsWith('f:')) return `.${content}`;
  if (element.startsWith('i:')) return `[${content}]`;
  if (element.startsWith('v:')) return `[=${formatValue(JSON.parse(content))}]`;
  const key = JSON.parse(content) as JsonObject;
  return `[${Object.keys(key)
    .map((name) => `${name}=${formatValue(key[name])}`)
    .join(',')}]`;
}

function formatValue(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value) : String(value);
}

const RANK: Record<string, number> = { f: 0, k: 1, v: 2, i: 3 };

/** The order in which a set lists its fields: names, keys, values, positions, each in its own order. */
export function compareElements(left: PathElement, right: PathElement): number {
  const rank = (RANK[left[0] as string] as number) - (RANK[right[0] as string] as number);
  if (rank !== 0) return rank;
  const [a, b] = [left.slice(2), right.slice(2)];
  if (left.startsWith('i:')) return Number(a) - Number(b);
  if (left.startsWith('f:')) return byCodePoint(a, b);
  return left.startsWith('k:') ? compareKeys(a, b) : compareScalars(JSON.parse(a), JSON.parse(b));
}

function compareKeys(left: string, right: string): number {
  const [a, b] = [Object.entries(JSON.parse(left) as JsonObject), Object.entries(JSON.parse(right) as JsonObject)];
  for (let index = 0; index < Math.min(a.length, b.length); index += 1) {
    const [[nameA, valueA], [nameB, valueB]] = [a[index] as [string, unknown], b[index] as [string, unknown]];
    const order = byCodePoint(nameA, nameB) || compareScalars(valueA, valueB);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

const SCALAR_RANK: Record<string, number> = { number: 0, string: 1, boolean: 2 };

function compareScalars(left: unknown, right: unknown): number {
  const rank = (SCALAR_RANK[typeof left] ?? 3) - (SCALAR_RANK[typeof right] ?? 3);
  if (rank !== 0) return rank;
  if (typeof left === 'string') return byCodePoint(left, right as string);
  return Number(left) - Number(right);
}

function byCodePoint(left: string, right: string): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

/** JSON as Go writes it: what could end a script element is escaped. */
function encode(value: unknown): string {
  return JSON.stringify(value).replace(/[<>&\u2028\u2029]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
