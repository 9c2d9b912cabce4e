import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseQuantity } from './quantity.ts';

describe('a quantity', () => {
  it.each([
    ['250m', 0.25],
    ['2', 2],
    ['1.5Gi', 1.5 * 2 ** 30],
    ['64Mi', 64 * 2 ** 20],
    ['1e3', 1000],
    ['5k', 5000],
    [3, 3],
  ])('%s is %d', (text, value) => expect(parseQuantity(text)).toBeCloseTo(value, 9));

  it('is not a number where it is malformed', () => {
    for (const text of ['', 'Mi', '1X', '1 Gi', 'one']) expect(parseQuantity(text)).toBeNaN();
  });

  it('grows by 1024 from one binary suffix to the next', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1_000_000 }), (amount) => {
        expect(parseQuantity(`${amount}Gi`)).toBe(parseQuantity(`${amount * 1024}Mi`));
      }),
    );
  });
});
