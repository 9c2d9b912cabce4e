import { describe, expect, it } from 'vitest';
import { cellsOf, median, memoryTable, type Round, timesTable } from './table.ts';

const round = (method: string, healthy: number, count = 1): Round => ({
  scenario: 'errors',
  method,
  count,
  pushed: 100,
  applied: healthy / 2,
  healthy,
  commands: 0,
});

describe('the table of the bench on the cluster', () => {
  it('sets each way beside Ebb, with the same bad release and as many Kustomizations', () => {
    const cells = cellsOf([round('ebb', 4_000), round('ebb', 6_000), round('flux', 10_000), round('flux', 40_000, 10)], 'ebb');
    expect(cells.map(({ method, count, healthy, ratio }) => [method, count, healthy, ratio?.healthy])).toEqual([
      ['ebb', 1, 5_000, 1],
      ['flux', 1, 10_000, 2],
      ['flux', 10, 40_000, undefined],
    ]);
  });

  it('is Markdown with seconds', () => {
    const words = { scenarios: new Map([['errors', 'serves errors']]), methods: new Map([['ebb', 'ebb rollback']]) };
    expect(timesTable(cellsOf([round('ebb', 4_000)], 'ebb'), words).split('\n')[2]).toBe(
      '| serves errors | 1              | ebb rollback | 1    | 0.1 s        | 2.0 s      | 4.0 s      | 1.0 / 1.0     |',
    );
    expect(
      memoryTable(
        new Map<number, Record<string, number>>([
          [1, { etcd: 51.4 }],
          [10, { etcd: 60, ebb: 90 }],
        ]),
      )
        .split('\n')
        .slice(2),
    ).toEqual(['| etcd | 51               | 60                |', '| ebb  | -                | 90                |']);
  });

  it('takes the middle', () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(median([4, 1, 2, 3])).toBe(2.5);
    expect(() => median([])).toThrow(RangeError);
  });
});
