import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatDuration, parseDuration } from './duration.ts';

describe('parseDuration', () => {
  it.each([
    ['5m', 300_000],
    ['5m0s', 300_000],
    ['1h30m', 5_400_000],
    ['500ms', 500],
    ['1.5h', 5_400_000],
    ['2d', 172_800_000],
    ['0', 0],
    ['0s', 0],
  ])('reads %s', (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  it.each(['', '5', '5 m', '-5m', 'm', '5x', '1m-30s', '.5s', '5m\n', '٥m', `${'9'.repeat(400)}h`])('does not take %j', (text) => {
    expect(parseDuration(text)).toBeUndefined();
  });

  it('gives whole milliseconds', () => {
    expect(parseDuration('1.1s')).toBe(1_100);
    expect(parseDuration('0.0001s')).toBe(0);
  });
});

describe('formatDuration', () => {
  it.each([
    [-5, '0s'],
    [0, '0s'],
    [0.4, '0ms'],
    [350, '350ms'],
    [999.7, '1s'],
    [4_300, '4.3s'],
    [59_960, '1m0s'],
    [59_999, '1m0s'],
    [90_000, '1m30s'],
    [119_990, '2m0s'],
    [3_599_990, '1h0m0s'],
    [7_200_000, '2h0m0s'],
  ])('writes %d ms as %s', (ms, text) => {
    expect(formatDuration(ms)).toBe(text);
  });

  it('writes what parseDuration reads, to the tenth of a second', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 400 * 86_400_000 }), (ms) => {
        const read = parseDuration(formatDuration(ms));
        expect(Math.abs((read as number) - ms)).toBeLessThanOrEqual(ms < 1_000 ? 0 : 50);
      }),
    );
  });

  it('never writes sixty seconds or sixty minutes', () => {
    fc.assert(fc.property(fc.integer({ min: 0, max: 86_400_000 }), (ms) => !/(^|[hm])60[ms]/.test(formatDuration(ms))));
  });
});
