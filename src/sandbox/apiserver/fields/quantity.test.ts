import { describe, expect, it } from 'vitest';
import { canonicalQuantity } from './quantity.ts';

describe('canonicalQuantity', () => {
  it.each([
    ['0.5', '500m'],
    ['0.1', '100m'],
    ['1000m', '1'],
    ['2000m', '2'],
    ['1', '1'],
    ['1000', '1k'],
    ['1024', '1024'],
    ['1024Mi', '1Gi'],
    ['1000Mi', '1000Mi'],
    ['1.5Gi', '1536Mi'],
    ['0.1Gi', '107374182400m'],
    ['1e9', '1e9'],
    ['0', '0'],
    ['-1.5', '-1500m'],
    ['.5', '500m'],
    ['5n', '5n'],
    ['0.1n', '1n'],
  ])('writes %s as %s', (text, canonical) => {
    expect(canonicalQuantity(text)).toBe(canonical);
  });

  it.each(['', 'abc', '1 Gi', '1gi', '--1', '.'])('takes %j for none', (text) => {
    expect(canonicalQuantity(text)).toBeUndefined();
  });
});
