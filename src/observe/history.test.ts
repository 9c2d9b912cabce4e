import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { firstWhere } from './history.ts';

describe('the first index from which something holds', () => {
  it('is found whatever the length, and asks few questions', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(200), fc.nat(200), async (length, border) => {
        let asked = 0;
        const found = await firstWhere(length, async (index) => {
          asked += 1;
          expect(index).toBeLessThan(length);
          return index >= border;
        });
        expect(found).toBe(Math.min(border, length));
        expect(asked).toBeLessThanOrEqual(2 * Math.ceil(Math.log2(length + 2)) + 2);
      }),
    );
  });
});
