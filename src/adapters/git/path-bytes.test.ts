import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodePath, encodePath } from './path-bytes.ts';

describe('the bytes of a path', () => {
  it('survive being a text, whatever they are', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        const path = Buffer.from(bytes);
        expect(encodePath(decodePath(path))).toEqual(path);
      }),
    );
  });

  it('read as UTF-8 where they are', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (path) => {
        fc.pre(!/[\ud800-\udfff]/u.test(path));
        expect(decodePath(Buffer.from(path, 'utf8'))).toBe(path);
      }),
    );
    expect(decodePath(Buffer.from('caf\xe9/ü', 'latin1'))).toBe('caf\udce9/\udcfc');
  });
});
