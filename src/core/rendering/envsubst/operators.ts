/**
 * What the operators of a substitution do to a value. Source of the rules: fluxcd/pkg envsubst v1.7, funcs.go.
 * Lengths and offsets count bytes of UTF-8, as they do there.
 */
import { globToRegExp } from '../glob.ts';

/** @param value the variable's value, empty where it is not set */
export type Operator = (value: string, operands: string[]) => string;

/** The operator by its sign; an unknown one, and those for defaults, give the operands where the value is empty. */
export function operatorOf(sign: string, operands: number): Operator {
  if (sign === '#' && operands === 0) return (value) => String(encoder.encode(value).length);
  return OPERATORS.get(sign) ?? orDefault;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

const OPERATORS = new Map<string, Operator>([
  [',', (value) => mapFirst(value, lower)],
  [',,', (value) => mapEach(value, lower)],
  ['^', (value) => mapFirst(value, upper)],
  ['^^', (value) => mapEach(value, upper)],
  ['#', (value, [pattern]) => dropPrefix(value, shortestMatch(value, pattern))],
  ['##', (value, [pattern]) => dropPrefix(value, longestMatch(value, pattern))],
  ['%', (value, [pattern]) => fromBehind(value, pattern, shortestMatch)],
  ['%%', (value, [pattern]) => fromBehind(value, pattern, longestMatch)],
  [':', substring],
  ['/', (value, [old = '', fresh = '']) => replaceFirst(value, old, fresh)],
  ['//', (value, [old = '', fresh = '']) => replaceEvery(value, old, fresh)],
  ['/#', (value, operands) => (operands.length === 2 ? replacePrefix(value, operands as [string, string]) : value)],
  ['/%', (value, operands) => (operands.length === 2 ? replaceSuffix(value, operands as [string, string]) : value)],
]);

/** Flux reads `:+`, `:?` and `+` like `:-`: they give the word where the value is empty. */
function orDefault(value: string, operands: string[]): string {
  return value === '' ? operands.join('') : value;
}

function lower(character: string): string {
  return oneForOne(character, character.toLowerCase());
}

function upper(character: string): string {
  return oneForOne(character, character.toUpperCase());
}

/** Go maps a letter to one letter; JavaScript would make `SS` of `ß`. */
function oneForOne(character: string, mapped: string): string {
  return [...mapped].length === 1 ? mapped : character;
}

function mapEach(value: string, change: (character: string) => string): string {
  return [...value].map(change).join('');
}

function mapFirst(value: string, change: (character: string) => string): string {
  const [first, ...rest] = value;
  return first === undefined ? value : change(first) + rest.join('');
}

function replaceFirst(value: string, old: string, fresh: string): string {
  const at = value.indexOf(old);
  return at < 0 ? value : value.slice(0, at) + fresh + value.slice(at + old.length);
}

/** An empty old text is found before every character and at the end, as Go has it. */
function replaceEvery(value: string, old: string, fresh: string): string {
  return old === '' ? fresh + mapEach(value, (character) => character + fresh) : value.split(old).join(fresh);
}

function replacePrefix(value: string, [old, fresh]: [string, string]): string {
  return value.startsWith(old) ? fresh + value.slice(old.length) : value;
}

function replaceSuffix(value: string, [old, fresh]: [string, string]): string {
  return value.endsWith(old) ? value.slice(0, value.length - old.length) + fresh : value;
}

function substring(value: string, [offset = '', length]: string[]): string {
  const bytes = encoder.encode(value);
  const from = integer(offset);
  if (from === undefined) return value;
  const start = from < 0 ? Math.max(0, bytes.length + from) : from;
  if (length === undefined) return decoder.decode(bytes.subarray(start));
  const count = integer(length);
  if (count === undefined) return value;
  // A negative length counts back from the end.
  const end = count < 0 ? bytes.length + count : start + count;
  return end < start ? '' : decoder.decode(bytes.subarray(start, end));
}

function integer(text: string): number | undefined {
  return /^[-+]?[0-9]+$/.test(text) ? Number(text) : undefined;
}

/** The shortest non-empty prefix that the pattern matches; empty where none does. */
function shortestMatch(value: string, pattern = ''): string {
  return prefixes(value).find(matcher(pattern)) ?? '';
}

function longestMatch(value: string, pattern = ''): string {
  return prefixes(value).reverse().find(matcher(pattern)) ?? '';
}

function matcher(pattern: string): (text: string) => boolean {
  const expression = globToRegExp(pattern);
  return (text) => expression?.test(text) ?? false;
}

function prefixes(value: string): string[] {
  const characters = [...value];
  return characters.map((_, index) => characters.slice(0, index + 1).join(''));
}

function dropPrefix(value: string, prefix: string): string {
  return value.slice(prefix.length);
}

/** Suffixes are prefixes of the reversed value, the pattern reversed character by character with it. */
function fromBehind(value: string, pattern: string | undefined, match: (value: string, pattern: string) => string): string {
  const reversed = reverse(value);
  return reverse(dropPrefix(reversed, match(reversed, reverse(pattern ?? ''))));
}

function reverse(text: string): string {
  return [...text].reverse().join('');
}
