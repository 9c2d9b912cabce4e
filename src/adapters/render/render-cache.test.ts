import { expect, it } from 'vitest';
import { RenderCache } from './render-cache.ts';

it('keeps what was used last, up to its limit', () => {
  const cache = new RenderCache<string>(10);
  cache.set('a', 'A', 4);
  cache.set('b', 'B', 4);
  expect(cache.get('a')).toBe('A');
  cache.set('c', 'C', 4);
  expect([cache.get('a'), cache.get('b'), cache.get('c')]).toEqual(['A', undefined, 'C']);
});

it('keeps nothing that is heavier than its limit, and counts a replaced value once', () => {
  const cache = new RenderCache<string>(10);
  cache.set('big', 'B', 11);
  expect(cache.get('big')).toBeUndefined();
  cache.set('a', 'A', 6);
  cache.set('a', 'A2', 6);
  cache.set('b', 'B', 4);
  expect([cache.get('a'), cache.get('b')]).toEqual(['A2', 'B']);
});
