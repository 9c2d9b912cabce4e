import { expect, it } from 'vitest';
import { isAtLeast, neededGo } from './toolchain.ts';

it.each([
  ['go1.26.8', '1.26.0', true],
  ['go1.26.0', '1.26.0', true],
  ['go1.26', '1.26.0', true],
  ['go1.27rc1', '1.26.3', true],
  ['devel go1.28-0a1b2c3', '1.26.0', true],
  ['go2.0', '1.26.0', true],
  ['go1.25.9', '1.26.0', false],
  ['go1.9.7', '1.26.0', false],
  ['go1.26.2', '1.26.3', false],
])('%s for %s: %s', (version, needed, enough) => {
  expect(isAtLeast(version, needed)).toBe(enough);
});

it('reads the Go that a module needs', () => {
  expect(neededGo('module example.com/tools\n\ngo 1.26.0\n\ntoolchain go1.27.0\n')).toBe('1.26.0');
  expect(neededGo('module example.com/tools\n')).toBe('1.0');
});
