import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { sameData } from '../diff/field-diff.ts';
import { mergeYaml } from './yaml-merge.ts';

const scalar = fc.oneof(
  fc.constantFrom('x', 'multi\nline\n', 'a: b', '# no', ' pad ', '', '1', 'true', "it's", '[a', '- a', 'multi\n\n  deep\n'),
  fc.integer({ min: -3, max: 3 }),
  fc.boolean(),
  fc.constant(null),
);
const fieldName = fc.constantFrom('name', 'env', 'args', 'spec', 'a.b/c', 'on', 'x y', '8080');
const items = (inner: fc.Arbitrary<unknown>) =>
  fc.uniqueArray(fc.record({ name: fc.constantFrom('a', 'b', 'c', 'd'), value: inner }, { requiredKeys: ['name'] }), {
    selector: (item) => item.name,
    maxLength: 4,
  });
const { map } = fc.letrec<{ data: unknown; map: Record<string, unknown> }>((tie) => ({
  data: fc.oneof(
    { maxDepth: 3 },
    scalar,
    fc.uniqueArray(scalar, { maxLength: 4 }),
    items(tie('data')),
    fc.array(tie('data'), { maxLength: 3 }),
    tie('map'),
  ),
  map: fc.dictionary(fieldName, tie('data'), { maxKeys: 4, noNullPrototype: true }),
}));

interface Style {
  indent: number;
  indentSeq: boolean;
  flow: number;
  crlf: boolean;
  open: boolean;
  comment: boolean;
}
const style: fc.Arbitrary<Style> = fc.record({
  indent: fc.constantFrom(2, 3, 4),
  indentSeq: fc.boolean(),
  flow: fc.constantFrom(0, 0, 0, 1, 2),
  crlf: fc.boolean(),
  open: fc.boolean(),
  comment: fc.boolean(),
});

/** The same data, written in one of many ways. */
function written(value: unknown, { indent, indentSeq, crlf, open, comment, flow }: Style): string {
  const layout = { indent, indentSeq, lineWidth: 0, collectionStyle: flow === 1 ? ('flow' as const) : ('any' as const) };
  let text = stringify(value, layout);
  if (comment && flow !== 1) text = text.replace(/^(\s*)([\w]+):/gm, '$1# about $2\n$1$2:');
  if (!sameData(parse(text), value)) text = stringify(value, layout);
  if (open && sameData(parse(text.trimEnd()), value)) text = text.trimEnd();
  return crlf ? text.replaceAll('\n', '\r\n') : text;
}

describe('a merge', () => {
  it('of a side that still is as the commit left it gives the data before the commit, however it is written', () => {
    let refused = 0;
    fc.assert(
      fc.property(map, map, style, style, (base, theirs, mine, other) => {
        const ours = `${written(base, mine)}`;
        const merge = mergeYaml({ base: written(base, other), ours, theirs: written(theirs, other) });
        if (merge.kind === 'unmergeable') refused++;
        else expect(merge.kind === 'merged' && sameData(parse(merge.text), theirs), JSON.stringify(merge)).toBe(true);
      }),
      { numRuns: 200 },
    );
    expect(refused).toBeLessThan(4);
  });

  it('of a commit that changed nothing leaves the text byte for byte', () => {
    fc.assert(
      fc.property(map, map, style, style, (base, mine, one, other) => {
        const ours = written(mine, one);
        fc.pre(ours !== written(base, one));
        expect(mergeYaml({ base: written(base, one), ours, theirs: written(base, other) })).toEqual({ kind: 'merged', text: ours });
      }),
    );
  });

  it('done twice changes nothing more', () => {
    fc.assert(
      fc.property(map, map, map, style, style, (base, mine, before, one, other) => {
        const [left, right] = [written(base, one), written(before, other)];
        const merge = mergeYaml({ base: left, ours: written(mine, one), theirs: right });
        fc.pre(merge.kind === 'merged');
        if (merge.kind === 'merged') expect(mergeYaml({ base: left, ours: merge.text, theirs: right })).toEqual(merge);
      }),
      { numRuns: 200 },
    );
  });
});
