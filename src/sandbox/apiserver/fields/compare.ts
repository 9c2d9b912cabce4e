/** What changed between two versions of an object, field by field. Source: structured-merge-diff typed/compare.go. */
import { type FieldPath, fieldElement, type PathElement } from './fieldpath.ts';
import { type FieldSet, FieldSetBuilder, recursiveDifference } from './fieldset.ts';
import { definedKeys, field, isEmpty, isObject, sameJson } from './json.ts';
import { childSchema, DEDUCED, type IndexedItem, indexItems, type ListShape, type Shape, shapeOf } from './shape.ts';
import type { Schema } from './structure.ts';

export interface Comparison {
  removed: FieldSet;
  modified: FieldSet;
  added: FieldSet;
}

interface Side {
  schema: Schema;
  before: unknown;
  after: unknown;
  path: FieldPath;
}

class Comparer {
  readonly removed = new FieldSetBuilder();
  readonly modified = new FieldSetBuilder();
  readonly added = new FieldSetBuilder();

  visit(side: Side): void {
    const { schema, before, after, path } = side;
    if (before === undefined && after === undefined) return;
    const [was, is] = [shapeOf(schema, before, before ?? after), shapeOf(schema, after ?? before, after)];
    if (was.kind !== is.kind) this.descend(side, was);
    const leaf = this.descend(side, is);
    if (!leaf && before === undefined) this.added.add(path);
    else if (!leaf && after === undefined) this.removed.add(path);
  }

  /** Compares as one shape; what is of another counts as absent. @returns true where the two are compared as a whole */
  private descend(side: Side, shape: Shape): boolean {
    const fits = (value: unknown) => (shape.kind === 'list' ? Array.isArray(value) : isObject(value));
    const isNothing = (value: unknown) => !fits(value) || isEmpty(value);
    if (shape.kind === 'leaf' || (isNothing(side.before) && isNothing(side.after))) {
      this.leaf(side);
      return true;
    }
    if (shape.kind === 'list') this.items(side, shape);
    else this.fields(side);
    return false;
  }

  private leaf({ before, after, path }: Side): void {
    if (before === undefined) this.added.add(path);
    else if (after === undefined) this.removed.add(path);
    else if (!sameJson(before, after)) this.modified.add(path);
  }

  private fields({ schema, before, after, path }: Side): void {
    const [left, right] = [isObject(before) ? before : {}, isObject(after) ? after : {}];
    for (const name of new Set([...definedKeys(left), ...definedKeys(right)])) {
      this.visit({
        schema: childSchema(schema, name) ?? DEDUCED,
        before: field(left, name),
        after: field(right, name),
        path: [...path, fieldElement(name)],
      });
    }
  }

  private items({ before, after, path }: Side, shape: ListShape): void {
    const [left, right] = [group(indexItems(shape, before)), group(indexItems(shape, after))];
    for (const element of new Set([...left.keys(), ...right.keys()])) {
      this.item({ shape, path: [...path, element], before: left.get(element) ?? [], after: right.get(element) ?? [] });
    }
  }

  /** Items that share their key are compared as a whole, and marked by the bare element. */
  private item({ shape, path, before, after }: { shape: ListShape; path: FieldPath; before: unknown[]; after: unknown[] }): void {
    const schema = shape.items;
    if (before.length <= 1 && after.length <= 1) this.visit({ schema, before: before[0], after: after[0], path });
    else if (before.length > 1 && after.length > 1) this.leaf({ schema, before, after, path });
    else if (before.length > 1) {
      this.visit({ schema, before: undefined, after: after[0], path });
      this.removed.add(path);
    } else {
      this.visit({ schema, before: before[0], after: undefined, path });
      this.added.add(path);
    }
  }
}

function group(items: IndexedItem[]): Map<PathElement, unknown[]> {
  const groups = new Map<PathElement, unknown[]>();
  for (const { element, item } of items) groups.set(element, [...(groups.get(element) ?? []), item]);
  return groups;
}

/** The fields that differ between `before` and `after`; undefined stands for no object. Containers that come or go are named too. */
export function compareObjects(schema: Schema, before: unknown, after: unknown): Comparison {
  const comparer = new Comparer();
  comparer.visit({ schema, before: before ?? {}, after: after ?? {}, path: [] });
  return { removed: comparer.removed.build(), modified: comparer.modified.build(), added: comparer.added.build() };
}

/** The comparison without the fields in `ignored` and everything below them. */
export function withoutFields(comparison: Comparison, ignored: FieldSet): Comparison {
  return {
    removed: recursiveDifference(comparison.removed, ignored),
    modified: recursiveDifference(comparison.modified, ignored),
    added: recursiveDifference(comparison.added, ignored),
  };
}
