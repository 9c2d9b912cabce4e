import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeOwners, encodeOwners } from './entries.ts';
import { fieldSetOf } from './extract.ts';
import { difference, EMPTY, isEmptySet, union } from './fieldset.ts';
import { sameJson } from './json.ts';
import { widget, widgetSchema } from './testing/objects.ts';
import { Shelf } from './testing/shelf.ts';

const word = fc.constantFrom('a', 'b', 'c');
const dictionary = fc.dictionary(fc.constantFrom('a', 'b'), word, { minKeys: 1 });
const rules = fc.uniqueArray(fc.record({ name: word, value: word }, { requiredKeys: ['name'] }), {
  minLength: 1,
  selector: ({ name }) => name,
});
const tree = fc.letrec((tie) => ({
  node: fc.oneof(
    { depthSize: 'small' },
    word,
    fc.integer(),
    fc.dictionary(word, tie('node'), { minKeys: 1 }),
    fc.array(tie('node'), { maxLength: 2 }),
  ),
})).node;

/** What a manager may want of a widget, beside what every widget needs. */
const wish = fc.record(
  {
    mode: fc.constantFrom('a', 'b'),
    tags: fc.uniqueArray(word, { minLength: 1 }),
    rules,
    values: tree,
    options: dictionary,
    pair: fc.record({ left: word, right: word }, { requiredKeys: [] }),
    nested: fc.record({ size: fc.nat() }, { requiredKeys: [] }),
  },
  { requiredKeys: [] },
);

const NEEDED = { interval: '1m', prune: true };
const full = wish.map((spec) => widget({ ...NEEDED, ...spec }));
const manager = fc.constantFrom('one', 'two', 'three');
const step = fc.record({ manager, object: full, how: fc.constantFrom('apply', 'update') });

/** A widget that managers applied and updated in turn, by force. */
function shelfAfter(steps: { manager: string; object: ReturnType<typeof widget>; how: string }[]): Shelf {
  const shelf = new Shelf(widgetSchema);
  for (const { manager: name, object, how } of steps) {
    if (how === 'update' && shelf.object) shelf.update(object, { manager: name });
    else shelf.apply(object, { manager: name, force: true });
  }
  return shelf;
}

/** Each run replays a history: fewer of them than usual. */
const RUNS = { numRuns: 40 };

const history = fc.array(step, { minLength: 1, maxLength: 5 });

describe('server-side apply, whatever happened before', () => {
  it('is idempotent: the same apply again changes nothing, not even a time', () => {
    fc.assert(
      fc.property(history, manager, full, (steps, name, object) => {
        const shelf = shelfAfter(steps);
        shelf.apply(object, { manager: name, force: true });
        const before = shelf.stored;
        expect(shelf.apply(object, { manager: name, now: '2026-09-09T00:00:00Z' })).toEqual([]);
        expect(shelf.stored).toEqual(before);
      }),
      RUNS,
    );
  });

  it('never conflicts with itself, and not where all values are the same', () => {
    fc.assert(
      fc.property(history, manager, full, (steps, name, object) => {
        const shelf = shelfAfter(steps);
        shelf.apply(object, { manager: name, force: true });
        expect(shelf.apply(object, { manager: 'somebody-else' })).toEqual([]);
      }),
      RUNS,
    );
  });

  it('gives the applier every field that it sets', () => {
    fc.assert(
      fc.property(history, manager, full, (steps, name, object) => {
        const shelf = shelfAfter(steps);
        shelf.apply(object, { manager: name, force: true });
        const owners = decodeOwners(shelf.entries) ?? new Map();
        const owned = [...owners.values()].filter((owner) => owner.manager === name).reduce((sum, { set }) => union(sum, set), EMPTY);
        const { metadata: _, ...tracked } = object;
        const wanted = difference(fieldSetOf(widgetSchema, tracked), fieldSetOf(widgetSchema, { apiVersion: '', kind: '' }));
        expect(isEmptySet(difference(wanted, owned))).toBe(true);
      }),
      RUNS,
    );
  });

  it('stores every leaf that it sets, with its value', () => {
    fc.assert(
      fc.property(history, manager, wish, (steps, name, spec) => {
        const shelf = shelfAfter(steps);
        shelf.apply(widget({ ...NEEDED, ...spec }), { manager: name, force: true });
        const stored = shelf.stored.spec as Record<string, unknown>;
        if (spec.mode !== undefined) expect(stored.mode).toEqual(spec.mode);
        if (spec.pair !== undefined) expect(stored.pair).toEqual(spec.pair);
        for (const rule of spec.rules ?? []) expect(stored.rules).toContainEqual(expect.objectContaining(rule));
        for (const tag of spec.tags ?? []) expect(stored.tags).toContain(tag);
        expect(stored.options ?? {}).toMatchObject(spec.options ?? {});
      }),
      RUNS,
    );
  });

  it('removes everything that a lone applier lets go of', () => {
    fc.assert(
      fc.property(full, full, (first, second) => {
        const shelf = new Shelf(widgetSchema);
        shelf.apply(first, { manager: 'one' });
        shelf.apply(second, { manager: 'one' });
        const alone = new Shelf(widgetSchema);
        alone.apply(second, { manager: 'one' });
        expect(sorted(shelf.stored.spec)).toEqual(sorted(alone.stored.spec));
        expect(shelf.owned('one')).toEqual(alone.owned('one'));
      }),
      RUNS,
    );
  });

  it('leaves no owner without fields and loses nothing in its encoding', () => {
    fc.assert(
      fc.property(history, (steps) => {
        const { entries } = shelfAfter(steps);
        const owners = decodeOwners(JSON.parse(JSON.stringify(entries))) ?? new Map();
        expect([...owners.values()].some(({ set }) => isEmptySet(set))).toBe(false);
        expect(sameJson(encodeOwners(owners), entries)).toBe(true);
      }),
      RUNS,
    );
  });
});

/** Without the order of sets and keyed lists, and without containers in which nothing is left. */
function sorted(spec: unknown): unknown {
  const { tags, rules: list, ...rest } = spec as { tags?: string[]; rules?: { name: string }[] };
  const kept = Object.fromEntries(Object.entries(rest).filter(([, value]) => !sameJson(value, {})));
  return {
    ...kept,
    tags: [...(tags ?? [])].sort(),
    rules: [...(list ?? [])].sort((left, right) => (left.name < right.name ? -1 : 1)),
  };
}
