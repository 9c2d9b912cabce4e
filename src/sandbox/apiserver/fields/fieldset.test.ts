import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareElements, fieldElement, formatPath, keyElement, type PathElement, valueElement } from './fieldpath.ts';
import {
  difference,
  EMPTY,
  type FieldSet,
  fromFieldsV1,
  hasPath,
  intersection,
  isEmptySet,
  pathsOf,
  recursiveDifference,
  sameSet,
  setOf,
  toFieldsV1,
  union,
} from './fieldset.ts';

const name = fc.constantFrom('a', 'b', 'c.d/e');
const element: fc.Arbitrary<PathElement> = fc.oneof(
  name.map(fieldElement),
  fc.record({ name, port: fc.integer({ min: 1, max: 3 }) }, { requiredKeys: ['name'] }).map(keyElement),
  fc.oneof(name, fc.integer({ min: 0, max: 3 }), fc.boolean()).map(valueElement),
);
const path = fc.array(element, { minLength: 1, maxLength: 4 });
const set: fc.Arbitrary<FieldSet> = fc.array(path, { maxLength: 8 }).map((paths) => setOf(...paths));

describe('formatPath', () => {
  it('writes fields, keys, values and positions the way conflicts show them', () => {
    const containers = ['spec', 'template', 'spec', 'containers'].map(fieldElement);
    expect(formatPath([...containers, keyElement({ name: 'api' }), fieldElement('image')])).toBe(
      '.spec.template.spec.containers[name="api"].image',
    );
    expect(formatPath([fieldElement('ports'), keyElement({ protocol: 'TCP', containerPort: 80 })])).toBe(
      '.ports[containerPort=80,protocol="TCP"]',
    );
    expect(formatPath([fieldElement('finalizers'), valueElement('ex.com/a')])).toBe('.finalizers[="ex.com/a"]');
    expect(formatPath(['f:list', 'i:2'])).toBe('.list[2]');
  });
});

describe('a field set', () => {
  it('is written as nested fieldsV1, with `.` for a member that has children', () => {
    const labels = ['metadata', 'labels'].map(fieldElement);
    expect(toFieldsV1(setOf(labels, [...labels, fieldElement('team')], [fieldElement('spec'), fieldElement('replicas')]))).toEqual({
      'f:metadata': { 'f:labels': { '.': {}, 'f:team': {} } },
      'f:spec': { 'f:replicas': {} },
    });
  });

  it('is read back whatever the order of a key, without elements of unknown kinds', () => {
    const read = fromFieldsV1({ 'f:ports': { 'k:{"protocol":"TCP","port":80}': {}, 'x:new': {} } });
    expect(hasPath(read, ['f:ports', keyElement({ port: 80, protocol: 'TCP' })])).toBe(true);
    expect(pathsOf(read)).toHaveLength(1);
  });

  it('survives its encoding', () => {
    fc.assert(fc.property(set, (fields) => sameSet(fromFieldsV1(JSON.parse(JSON.stringify(toFieldsV1(fields)))), fields)));
  });

  it('lists every path once, in order, and contains what it lists', () => {
    fc.assert(
      fc.property(fc.array(path, { maxLength: 8 }), (paths) => {
        const fields = setOf(...paths);
        const listed = pathsOf(fields);
        expect(new Set(listed.map((steps) => steps.join(' '))).size).toBe(listed.length);
        expect(listed).toHaveLength(new Set(paths.map((steps) => steps.join(' '))).size);
        expect(listed.every((steps) => hasPath(fields, steps))).toBe(true);
      }),
    );
  });

  it('orders elements totally', () => {
    fc.assert(
      fc.property(element, element, element, (a, b, c) => {
        expect(Math.sign(compareElements(a, b)) + Math.sign(compareElements(b, a))).toBe(0);
        if (compareElements(a, b) <= 0 && compareElements(b, c) <= 0) expect(compareElements(a, c)).toBeLessThanOrEqual(0);
        expect(compareElements(a, b) === 0).toBe(a === b);
      }),
    );
  });
});

describe('set algebra', () => {
  const laws: [string, (a: FieldSet, b: FieldSet, c: FieldSet) => boolean][] = [
    ['union is commutative', (a, b) => sameSet(union(a, b), union(b, a))],
    ['union is associative', (a, b, c) => sameSet(union(union(a, b), c), union(a, union(b, c)))],
    ['intersection is commutative', (a, b) => sameSet(intersection(a, b), intersection(b, a))],
    ['union and intersection with itself change nothing', (a) => sameSet(union(a, a), a) && sameSet(intersection(a, a), a)],
    ['a set is what it shares with another and what it does not', (a, b) => sameSet(union(intersection(a, b), difference(a, b)), a)],
    ['nothing is left of a set without itself', (a) => isEmptySet(difference(a, a))],
    ['nothing of the other is left', (a, b) => isEmptySet(intersection(difference(a, b), b))],
    [
      'the recursive difference leaves no more than the plain one',
      (a, b) => isEmptySet(difference(recursiveDifference(a, b), difference(a, b))),
    ],
    [
      'the empty set is neutral',
      (a) => sameSet(union(a, EMPTY), a) && isEmptySet(intersection(a, EMPTY)) && sameSet(difference(a, EMPTY), a),
    ],
  ];
  it.each(laws)('%s', (_, law) => {
    fc.assert(fc.property(set, set, set, law));
  });

  it('takes children along only in the recursive difference', () => {
    const both = setOf(['f:a'], ['f:a', 'f:b']);
    expect(pathsOf(difference(both, setOf(['f:a'])))).toEqual([['f:a', 'f:b']]);
    expect(isEmptySet(recursiveDifference(both, setOf(['f:a'])))).toBe(true);
  });
});
