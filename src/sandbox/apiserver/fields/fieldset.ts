/**
 * Sets of field paths: who owns what. Immutable; every operation returns a new set.
 * Source of the rules: sigs.k8s.io/structured-merge-diff fieldpath (set.go, serialize.go).
 */
import { canonicalElement, compareElements, type FieldPath, type PathElement } from './fieldpath.ts';
import { isObject, type JsonObject } from './json.ts';

export interface FieldSet {
  /** Fields that are in the set themselves. */
  readonly members: ReadonlySet<PathElement>;
  /** Fields below which something is in the set; never to an empty set. */
  readonly children: ReadonlyMap<PathElement, FieldSet>;
}

export const EMPTY: FieldSet = { members: new Set(), children: new Map() };

/** Collects paths into a set. */
export class FieldSetBuilder {
  private readonly members = new Set<PathElement>();
  private readonly children = new Map<PathElement, FieldSetBuilder>();

  /** Adds one path; the path of the whole object (no steps) is not tracked. Parents are not added. */
  add(path: FieldPath): this {
    const [first, ...rest] = path;
    if (first === undefined) return this;
    if (rest.length === 0) this.members.add(first);
    else this.below(first).add(rest);
    return this;
  }

  private below(element: PathElement): FieldSetBuilder {
    const existing = this.children.get(element);
    if (existing) return existing;
    const created = new FieldSetBuilder();
    this.children.set(element, created);
    return created;
  }

  build(): FieldSet {
    return node(
      this.members,
      [...this.children].map(([element, child]): [PathElement, FieldSet] => [element, child.build()]),
    );
  }
}

/** The set of exactly these paths. */
export function setOf(...paths: FieldPath[]): FieldSet {
  return paths.reduce((builder, path) => builder.add(path), new FieldSetBuilder()).build();
}

function node(members: ReadonlySet<PathElement>, children: Iterable<[PathElement, FieldSet]>): FieldSet {
  return { members, children: new Map([...children].filter(([, child]) => !isEmptySet(child))) };
}

export function isEmptySet(set: FieldSet): boolean {
  return set.members.size === 0 && set.children.size === 0;
}

export function hasPath(set: FieldSet, path: FieldPath): boolean {
  const [first, ...rest] = path;
  if (first === undefined) return false;
  if (rest.length === 0) return set.members.has(first);
  return hasPath(set.children.get(first) ?? EMPTY, rest);
}

export function union(left: FieldSet, right: FieldSet): FieldSet {
  if (isEmptySet(left)) return right;
  if (isEmptySet(right)) return left;
  const children = new Map(left.children);
  for (const [element, child] of right.children) children.set(element, union(children.get(element) ?? EMPTY, child));
  return { members: new Set([...left.members, ...right.members]), children };
}

export function intersection(left: FieldSet, right: FieldSet): FieldSet {
  const members = new Set([...left.members].filter((element) => right.members.has(element)));
  const children = [...left.children].map(([element, child]): [PathElement, FieldSet] => [
    element,
    intersection(child, right.children.get(element) ?? EMPTY),
  ]);
  return node(members, children);
}

/** What is in `left` and not in `right`, path by path: taking away a parent leaves its children. */
export function difference(left: FieldSet, right: FieldSet): FieldSet {
  if (isEmptySet(right)) return left;
  const members = new Set([...left.members].filter((element) => !right.members.has(element)));
  const children = [...left.children].map(([element, child]): [PathElement, FieldSet] => [
    element,
    difference(child, right.children.get(element) ?? EMPTY),
  ]);
  return node(members, children);
}

/** What is in `left` and neither in `right` nor below a member of it. */
export function recursiveDifference(left: FieldSet, right: FieldSet): FieldSet {
  const members = new Set([...left.members].filter((element) => !right.members.has(element)));
  const children = [...left.children]
    .filter(([element]) => !right.members.has(element))
    .map(([element, child]): [PathElement, FieldSet] => [element, recursiveDifference(child, right.children.get(element) ?? EMPTY)]);
  return node(members, children);
}

export function sameSet(left: FieldSet, right: FieldSet): boolean {
  if (left.members.size !== right.members.size || left.children.size !== right.children.size) return false;
  return (
    [...left.members].every((element) => right.members.has(element)) &&
    [...left.children].every(([element, child]) => sameSet(child, right.children.get(element) ?? EMPTY))
  );
}

/** Every path of the set, in the order of the elements, a parent before its children. */
export function pathsOf(set: FieldSet): FieldPath[] {
  return elementsOf(set).flatMap((element) => {
    const below = set.children.get(element);
    return [...(set.members.has(element) ? [[element]] : []), ...(below ? pathsOf(below).map((path) => [element, ...path]) : [])];
  });
}

function elementsOf(set: FieldSet): PathElement[] {
  return [...new Set([...set.members, ...set.children.keys()])].sort(compareElements);
}

/** The `fieldsV1` of a managedFields entry. A member that has children in the set as well carries `.`. */
export function toFieldsV1(set: FieldSet): Record<string, unknown> {
  return Object.fromEntries(elementsOf(set).map((element) => [element, fieldsBelow(set, element)]));
}

function fieldsBelow(set: FieldSet, element: PathElement): Record<string, unknown> {
  const below = set.children.get(element);
  if (!below) return {};
  return set.members.has(element) ? { '.': {}, ...toFieldsV1(below) } : toFieldsV1(below);
}

/** Reads `fieldsV1`; elements of unknown kinds are dropped. @throws SyntaxError where a key or value is not JSON */
export function fromFieldsV1(fields: unknown): FieldSet {
  if (!isObject(fields)) return EMPTY;
  const members = new Set<PathElement>();
  const children: [PathElement, FieldSet][] = [];
  for (const [text, content] of Object.entries(fields)) {
    const element = text === '.' ? undefined : canonicalElement(text);
    if (element === undefined) continue;
    const below = fromFieldsV1(content);
    if (isMember(content, below)) members.add(element);
    children.push([element, below]);
  }
  return node(members, children);
}

function isMember(content: unknown, below: FieldSet): boolean {
  return isEmptySet(below) || Object.hasOwn(content as JsonObject, '.');
}
