import { describe, expect, it } from 'vitest';
import { age, escapeUnprintable, printable, printableLine, table } from './terminal.ts';

const plain = (_colour: string, text: string) => text;

describe('text of others', () => {
  it('keeps what can be seen, line breaks and tabs', () => {
    expect(printable('Grüße\t✓ 日本\nnext')).toBe('Grüße\t✓ 日本\nnext');
  });

  it('loses what drives a terminal or turns the direction of text', () => {
    const evil = '\u001b[2J\u001b]0;title\u0007\r\u009b1m\u202egnp.exe\u2066\u0000';
    expect(printable(evil)).toBe('\ufffd[2J\ufffd]0;title\ufffd\ufffd\ufffd1m\ufffdgnp.exe\ufffd\ufffd');
  });

  it('is cleaned wherever it stands in a value, keys included', () => {
    expect(printable({ 'a\u001b': ['b\u0007', { c: 'd\u009b' }, 1, null, undefined] })).toEqual({
      'a\ufffd': ['b\ufffd', { c: 'd\ufffd' }, 1, null, undefined],
    });
  });

  it('cannot make up a line', () => {
    expect(printableLine('because\n  ✓ all is well\r\nreally\n')).toBe('because ✓ all is well really');
  });

  it('means the same in JSON, with escapes', () => {
    const value = { text: 'a\u001b\u009b\u202e\u007fb' };
    const json = escapeUnprintable(JSON.stringify(value));
    expect(json).toBe('{"text":"a\\u001b\\u009b\\u202e\\u007fb"}');
    expect(JSON.parse(json)).toEqual(value);
    expect(escapeUnprintable(JSON.stringify(value, null, 2))).toContain('{\n  "text"');
  });
});

describe('a table', () => {
  it('is as wide as its widest cells, colours not counted, and pads nothing at the end', () => {
    const rows = [
      ['a', '\u001b[32mTrue\u001b[39m', 'x'],
      ['longer', 'No', ''],
    ];
    expect(table(['NAME', 'READY', 'WHY'], rows, plain)).toEqual([
      'NAME    READY  WHY',
      'a       \u001b[32mTrue\u001b[39m   x',
      'longer  No',
    ]);
  });
});

describe('an age', () => {
  it.each([
    ['2026-01-01T00:00:00Z', '2026-01-01T00:01:59Z', '119s'],
    ['2026-01-01T00:00:00Z', '2026-01-01T00:02:00Z', '2m'],
    ['2026-01-01T00:00:00Z', '2026-01-01T02:00:00Z', '2h'],
    ['2026-01-01T00:00:00Z', '2026-01-03T00:00:00Z', '2d'],
    ['2026-01-01T00:00:10Z', '2026-01-01T00:00:00Z', '0s'],
    ['yesterday', '2026-01-01T00:00:00Z', '<unknown>'],
  ])('from %s to %s is %s', (since, now, text) => {
    expect(age(since, new Date(now))).toBe(text);
  });
});
