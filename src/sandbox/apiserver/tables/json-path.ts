/**
 * JSONPath of printer columns: `.spec.size`, `.status.conditions[?(@.type=="Ready")].status`, `.a['b.c'][0]`, `[*]`.
 * Source: k8s.io/client-go util/jsonpath, as far as CRDs use it.
 */
import { asArray, isObject } from '../json.ts';

type Step =
  | { kind: 'field'; name: string }
  | { kind: 'index'; index: number }
  | { kind: 'all' }
  | { kind: 'filter'; path: Step[]; equal: boolean; value: string };

const STEP =
  /\.?([A-Za-z0-9_$-]+(?:\\\.[A-Za-z0-9_$-]+)*)|\[\s*(-?\d+)\s*\]|\[\s*['"]([^'"]*)['"]\s*\]|(?:\.\*|\[\s*\*\s*\])|\[\?\(\s*@([^=!]*?)\s*(==|!=)\s*["']?([^"')]*)["']?\s*\)\]/gy;

/** The steps of a path; undefined where it cannot be read. */
function parse(path: string): Step[] | undefined {
  const text = path
    .trim()
    .replace(/^\{(.*)\}$/s, '$1')
    .replace(/^\$/, '');
  const steps: Step[] = [];
  STEP.lastIndex = 0;
  while (STEP.lastIndex < text.length) {
    const match = STEP.exec(text);
    if (!match) return undefined;
    const step = stepOf(match);
    if (!step) return undefined;
    steps.push(step);
  }
  return steps;
}

function stepOf([, field, index, quoted, filterPath, operator, value]: RegExpExecArray): Step | undefined {
  if (field !== undefined) return { kind: 'field', name: field.replaceAll('\\.', '.') };
  if (index !== undefined) return { kind: 'index', index: Number(index) };
  if (quoted !== undefined) return { kind: 'field', name: quoted };
  if (filterPath === undefined) return { kind: 'all' };
  const last = STEP.lastIndex;
  const path = parse(filterPath);
  STEP.lastIndex = last;
  return path && { kind: 'filter', path, equal: operator === '==', value: value ?? '' };
}

/** Every value at the path. */
export function valuesAt(root: unknown, path: string): unknown[] {
  const steps = parse(path);
  return steps ? walk([root], steps) : [];
}

function walk(nodes: readonly unknown[], steps: readonly Step[]): unknown[] {
  return steps.reduce<unknown[]>((current, step) => current.flatMap((node) => take(node, step)), [...nodes]);
}

function take(node: unknown, step: Step): unknown[] {
  if (step.kind === 'field') return isObject(node) && node[step.name] !== undefined ? [node[step.name]] : [];
  if (step.kind === 'index') return asArray(node).slice(step.index, step.index === -1 ? undefined : step.index + 1);
  const children = Array.isArray(node) ? node : Object.values(isObject(node) ? node : {});
  if (step.kind === 'all') return children;
  return children.filter((child) => walk([child], step.path).some((value) => String(value) === step.value) === step.equal);
}
