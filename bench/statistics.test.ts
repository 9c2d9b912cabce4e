import { expect, it } from 'vitest';
import { summarise } from './statistics.ts';

it('takes percentiles by the nearest rank, and the highest peak', () => {
  const runs = Array.from({ length: 100 }, (_, index) => ({ ms: 100 - index, peakMiB: index }));
  expect(summarise(runs)).toEqual({ runs: 100, p50: 50, p99: 99, min: 1, peakMiB: 99 });
  expect(() => summarise([])).toThrow(RangeError);
});
