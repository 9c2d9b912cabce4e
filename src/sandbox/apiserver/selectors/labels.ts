/** Label selectors, as text and as objects. Source: k8s.io/apimachinery pkg/labels/selector.go. */
import type { LabelSelector } from '../../../api/workloads.ts';
import { badRequest } from '../refusals.ts';

type Labels = Readonly<Record<string, string>>;
export type Operator = '=' | '==' | '!=' | 'in' | 'notin' | 'exists' | '!';

export interface Requirement {
  key: string;
  operator: Operator;
  values: readonly string[];
}

const KEY = '[A-Za-z0-9](?:[-A-Za-z0-9_./]*[A-Za-z0-9])?';
const SET = new RegExp(`^\\s*(${KEY})\\s+(in|notin)\\s*\\(([^)]*)\\)\\s*$`);
const EQUALITY = new RegExp(`^\\s*(${KEY})\\s*(==|!=|=)\\s*([-A-Za-z0-9_.]*)\\s*$`);
const EXISTENCE = new RegExp(`^\\s*(!?)\\s*(${KEY})\\s*$`);

/** Parses `a=b,c!=d,e in (f,g),h,!i`. @throws ApiStatusError 400 where malformed. */
export function parseLabelSelector(text: string): Requirement[] {
  if (text.trim() === '') return [];
  return splitOutsideParentheses(text).map(parseRequirement);
}

function splitOutsideParentheses(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  for (let index = 0; index < text.length; index++) {
    const character = text[index];
    if (character === '(') depth++;
    if (character === ')') depth--;
    if (character === ',' && depth === 0) {
      parts.push(text.slice(start, index));
      start = index + 1;
    }
  }
  parts.push(text.slice(start));
  return parts;
}

function parseRequirement(part: string): Requirement {
  const set = SET.exec(part);
  if (set)
    return { key: set[1] as string, operator: set[2] as Operator, values: (set[3] as string).split(',').map((value) => value.trim()) };
  const equality = EQUALITY.exec(part);
  if (equality) return { key: equality[1] as string, operator: equality[2] as Operator, values: [equality[3] as string] };
  const existence = EXISTENCE.exec(part);
  if (existence) return { key: existence[2] as string, operator: existence[1] ? '!' : 'exists', values: [] };
  throw badRequest(whyMalformed(part));
}

function whyMalformed(part: string): string {
  const repeated = /^\s*[^=!]+(?:==|!=|=)[^=!]*(==|!=|=)/.exec(part);
  if (repeated) return `found '${repeated[1]}', expected: ',' or 'end of string'`;
  const set = /\s(?:in|notin)\s+([^\s(]+)/.exec(part);
  if (set) return `unable to parse requirement: found '${set[1]}' expected: '('`;
  if (part.trim() === '') return "found ',', expected: !, identifier, or 'end of string'";
  return `unable to parse requirement: <nil>: Invalid value: ${JSON.stringify(part.trim())}: not a label selector`;
}

/** Does every requirement hold for these labels? */
export function matchesLabels(labels: Labels | undefined, requirements: readonly Requirement[]): boolean {
  return requirements.every((requirement) => holds(labels ?? {}, requirement));
}

function holds(labels: Labels, { key, operator, values }: Requirement): boolean {
  const value = labels[key];
  if (operator === 'exists') return value !== undefined;
  if (operator === '!') return value === undefined;
  if (operator === '!=' || operator === 'notin') return value === undefined || !values.includes(value);
  return value !== undefined && values.includes(value);
}

const EXPRESSION: Record<string, Operator> = { In: 'in', NotIn: 'notin', Exists: 'exists', DoesNotExist: '!' };

/** The requirements of a `LabelSelector` object. */
export function requirementsOf(selector: LabelSelector | undefined): Requirement[] {
  const exact = Object.entries(selector?.matchLabels ?? {}).map(([key, value]): Requirement => ({ key, operator: '=', values: [value] }));
  const expressions = (selector?.matchExpressions ?? []).map(
    ({ key, operator, values }): Requirement => ({ key, operator: EXPRESSION[operator] ?? 'exists', values: values ?? [] }),
  );
  return [...exact, ...expressions].sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
}

/** A `LabelSelector` as text: `app=api,tier in (a,b)`; `<none>` where empty. Source: metav1.FormatLabelSelector. */
export function formatLabelSelector(selector: LabelSelector | undefined): string {
  return formatRequirements(requirementsOf(selector)) || '<none>';
}

/** Requirements as text; empty where there is none. */
export function formatRequirements(requirements: readonly Requirement[]): string {
  return requirements.map(formatRequirement).join(',');
}

function formatRequirement({ key, operator, values }: Requirement): string {
  if (operator === 'exists') return key;
  if (operator === '!') return `!${key}`;
  if (operator === 'in' || operator === 'notin') return `${key} ${operator} (${[...values].sort().join(',')})`;
  return `${key}${operator}${values[0] ?? ''}`;
}
