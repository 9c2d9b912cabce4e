import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { parseYaml, parseYamlDocuments } from './go-yaml.ts';

describe('YAML as Kubernetes reads it', () => {
  it.each([
    ['yes', true],
    ['off', false],
    ['n', false],
    ['True', true],
    ['tRue', 'tRue'],
    ['~', null],
    ['', null],
    ['12', 12],
    ['-12', -12],
    ['0x1F', 31],
    ['0b11', 3],
    ['0o17', 15],
    ['017', 15],
    ['08', 8],
    ['1_000', 1000],
    ['1e3', 1000],
    ['.5', 0.5],
    ['1.', 1],
    ['1.10', 1.1],
    ['1.2.3', '1.2.3'],
    ['12:30:45', '12:30:45'],
    ['2001-01-01', '2001-01-01'],
    ['1e400', '1e400'],
    ['+', '+'],
    ['"yes"', 'yes'],
    ["'12'", '12'],
    ['!!str 12', '12'],
    ['[a, 1]', ['a', 1]],
  ])('reads %s', (text, expected) => {
    expect(parseYaml(`key: ${text}\n`)).toEqual({ key: expected });
  });

  it('makes text of every key', () => {
    expect(parseYaml('1: a\ntrue: b\nyes: c\n')).toEqual({ '1': 'a', true: 'c' });
  });

  it('takes the last of repeated keys and merges anchors', () => {
    expect(parseYaml('a: 1\na: 2\n')).toEqual({ a: 2 });
    expect(parseYaml('x: &base {a: 1, b: 2}\nz:\n  <<: *base\n  b: 3\n')).toMatchObject({ z: { a: 1, b: 3 } });
  });

  it('reads the first document, or all of them', () => {
    expect(parseYaml('a: 1\n---\nb: [\n')).toEqual({ a: 1 });
    expect(parseYamlDocuments('a: 1\n---\n---\nb: 2\n')).toEqual([{ a: 1 }, null, { b: 2 }]);
    expect(parseYaml('')).toBeNull();
  });

  it.each([
    'a: [hunter2\n',
    'a: *hunter2\n',
    'a: hunter2: b\n',
    'a: "hunter2" b\n',
    'a: @hunter2\n',
    '\thunter2: x\n',
    'a: .inf # hunter2\n',
  ])('refuses %j without showing what is in it', (text) => {
    expect(() => parseYaml(text)).toThrow(/^(?!.*hunter2)/s);
    expect(() => parseYaml(text)).toThrow(/^yaml: /);
  });

  it('reads back any data that is written', () => {
    const data = fc.jsonValue({ maxDepth: 3, noUnicodeString: false });
    fc.assert(
      fc.property(data, (value) => {
        expect(parseYaml(stringify({ value }, { defaultStringType: 'QUOTE_DOUBLE', lineWidth: 0 }))).toEqual(
          JSON.parse(JSON.stringify({ value })),
        );
      }),
      { numRuns: 50 },
    );
  });
});
