import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type KubeObject, objectKey, refOf } from '../../api/kube.ts';
import { applyChanges, applyFields } from './apply-changes.ts';
import { diffFields, sameData } from './field-diff.ts';
import { formatPath, parsePath, type Step } from './field-path.ts';
import { diffObjects } from './object-diff.ts';

const scalar = fc.oneof(fc.string({ maxLength: 4 }), fc.integer(), fc.boolean(), fc.constant(null));
/** Few names, so that both sides often share them. */
const fieldName = fc.constantFrom('name', 'ports', 'containers', 'env', 'args', 'image', 'key', 'items', 'a.b/c', '0', '__proto__', '"]');
const keyed = (inner: fc.Arbitrary<unknown>) =>
  fc.uniqueArray(fc.record({ name: fc.constantFrom('app', 'proxy', '0', 'a b', '/x', 'true'), value: inner }), {
    selector: (item) => item.name,
    maxLength: 4,
  });
const ports = fc.uniqueArray(
  fc.record(
    { containerPort: fc.integer({ min: 1, max: 3 }), protocol: fc.constantFrom('TCP', 'UDP'), hostPort: fc.integer() },
    { requiredKeys: ['containerPort'] },
  ),
  { selector: (port) => `${port.containerPort}${port.protocol ?? 'TCP'}`, maxLength: 4 },
);
const { data } = fc.letrec<{ data: unknown }>((tie) => ({
  data: fc.oneof(
    { maxDepth: 4 },
    scalar,
    fc.array(tie('data'), { maxLength: 3 }),
    keyed(tie('data')),
    ports,
    fc.dictionary(fieldName, tie('data'), { maxKeys: 4 }),
  ),
}));
const object: fc.Arbitrary<KubeObject> = fc.record({
  apiVersion: fc.constantFrom('apps/v1', 'v1'),
  kind: fc.constantFrom('Deployment', 'ConfigMap'),
  metadata: fc.record({ name: fc.constantFrom('a', 'b', 'c-8h2k7ft5mc', 'c-2bdk5g9t6m'), namespace: fc.constantFrom('x', 'y') }),
  spec: data,
});
const objects = fc.uniqueArray(object, { selector: (one) => objectKey(refOf(one)), maxLength: 5 });
const byKey = (list: KubeObject[]) => [...list].sort((a, b) => (objectKey(refOf(a)) < objectKey(refOf(b)) ? -1 : 1));

describe('a diff', () => {
  it('applied to one side gives the other', () => {
    fc.assert(
      fc.property(data, data, (before, after) => {
        const result = applyFields(before, diffFields(before, after));
        expect(sameData(result, after)).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });

  it('of a side with itself is empty', () => {
    fc.assert(fc.property(data, (value) => diffFields(value, structuredClone(value)).length === 0));
  });

  it('of objects applied to one side gives the other', () => {
    fc.assert(
      fc.property(objects, objects, (before, after) => {
        const result = byKey(applyChanges(before, diffObjects(before, after), after));
        expect(sameData(result, byKey(after))).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});

describe('a path', () => {
  const itemValue = fc.oneof(fc.string(), fc.integer(), fc.boolean());
  const step: fc.Arbitrary<Step> = fc.oneof(
    fc.record({ field: fc.string() }),
    fc.record({ index: fc.nat() }),
    fc.record({ item: fc.dictionary(fc.constantFrom('name', 'port', 'mountPath'), itemValue, { minKeys: 1, noNullPrototype: true }) }),
  );

  it('reads back as it was written', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 5 }), (steps) => {
        expect(parsePath(formatPath(steps))).toEqual(steps);
      }),
      { numRuns: 2_000 },
    );
  });
});
