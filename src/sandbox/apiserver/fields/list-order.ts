/** The order of lists after a strategic merge patch. Source: k8s.io/apimachinery pkg/util/strategicpatch/patch.go, normalizeElementOrder. */
import { field, isObject, sameJson } from './json.ts';

/** Items told apart by the field `key`, or by their value. */
export interface Listing {
  items: readonly unknown[];
  key: string | undefined;
}

/** Splits items into those that `order` names and the rest, both in the order in which they came. */
export function partitionByOrder(items: readonly unknown[], order: Listing): { within: unknown[]; outside: unknown[] } {
  const within = items.filter((item) => indexIn(order, item) >= 0);
  return { within, outside: items.filter((item) => indexIn(order, item) < 0) };
}

/** The items sorted the way `order` lists them. */
export function orderedLike(items: readonly unknown[], order: Listing): unknown[] {
  const rank = (item: unknown) => indexIn(order, item);
  return [...items].sort((left, right) => (rank(left) < 0 || rank(right) < 0 ? 0 : rank(left) - rank(right)));
}

/**
 * Puts `items` in order: those that `order` names as it says, the others as they were in `live`, and woven together so that
 * one of the others comes before the first named one that it stood in front of.
 */
export function elementOrder({
  items,
  order,
  live,
  key,
}: {
  items: unknown[];
  order: unknown[];
  live: unknown[];
  key: string | undefined;
}): unknown[] {
  const [asked, was] = [
    { items: order, key },
    { items: live, key },
  ];
  const { within, outside } = partitionByOrder(items, asked);
  return weave(orderedLike(outside, was), orderedLike(within, asked), was);
}

function weave(others: unknown[], named: unknown[], was: Listing): unknown[] {
  const woven: unknown[] = [];
  let next = 0;
  for (const item of named) {
    while (next < others.length && isBefore(others[next], item, was)) {
      woven.push(others[next]);
      next += 1;
    }
    woven.push(item);
  }
  return [...woven, ...others.slice(next)];
}

function isBefore(left: unknown, right: unknown, was: Listing): boolean {
  const [l, r] = [indexIn(was, left), indexIn(was, right)];
  return l >= 0 && r >= 0 && l < r;
}

function indexIn({ items, key }: Listing, item: unknown): number {
  const identity = (value: unknown) => (key !== undefined && isObject(value) ? field(value, key) : value);
  return items.findIndex((other) => sameJson(identity(other), identity(item)));
}
