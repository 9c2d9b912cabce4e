// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the braces are Flux's.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { expandVariables } from './expand.ts';

function expand(text: string, variables: Record<string, string> = {}, missing: 'fail' | 'empty' = 'empty'): string {
  const known = new Map(Object.entries(variables));
  return expandVariables(text, (name) => known.get(name), missing);
}

describe('substitution of variables', () => {
  const value = 'abcABC123ABCabc';

  it.each([
    ['text alone', 'nothing $HOME here', 'nothing $HOME here'],
    ['a variable', 'a ${v} b', `a ${value} b`],
    ['a variable that is not set', '[${none}]', '[]'],
    ['length', '${#v}', '15'],
    ['length in bytes', '${#umlaut}', '6'],
    ['upper case', '${word^} ${word^^}', 'Straße-one STRAßE-ONE'],
    ['lower case', '${upper,} ${upper,,}', 'lOUD loud'],
    ['a substring', '${v:3} ${v:3:3} ${v:-3}', `ABC123ABCabc ABC ${value}`],
    ['a substring from the end', '${v:3:-3} ${v:30} ${v:12:30}', 'ABC123ABC  abc'],
    ['an offset that is no number', '${v:x} ${v:1:x}', `${value} ${value}`],
    ['a default', '${none:-d} ${none:=d} ${none=d} ${empty:-d} ${v:-d}', `d d d d ${value}`],
    ['an alternative, which Flux reads as a default', '${none:+d} ${v:+d}', `d ${value}`],
    ['an empty default', '[${none:-}]', '[]'],
    ['a default of variables', '${none:-pre-${word:-x}-${none:=y}}', 'pre-straße-one-y'],
    ['the first found', '${v/ABC/x}', 'abcx123ABCabc'],
    ['every one found', '${v//ABC/x}', 'abcx123xabc'],
    ['nothing in place of it', '${v//ABC/}', 'abc123abc'],
    ['a prefix and a suffix', '${v/#abc/x} ${v/%abc/x} ${v/#x/y}', `xABC123ABCabc abcABC123ABCx ${value}`],
    ['escaped slashes', '${path/\\//-} ${path//\\//-}', 'a-b/c a-b-c'],
    ['the shortest prefix', '${path#*/}', 'b/c'],
    ['the longest prefix', '${path##*/}', 'c'],
    ['the shortest suffix', '${file%.*}', 'x.tar'],
    ['the longest suffix', '${file%%.*}', 'x'],
    ['an escaped dollar', '$${v} $$ $$$${v}', '${v} $ $${v}'],
    ['an escaped dollar before a variable', '$$${empty}!', '$!'],
  ])('gives %s', (_what, text, expected) => {
    const variables = { v: value, umlaut: 'äöü', word: 'straße-one', upper: 'LOUD', empty: '', path: 'a/b/c', file: 'x.tar.gz' };
    expect(expand(text, variables)).toBe(expected);
  });

  it.each([
    ['${', 'unable to parse variable name'],
    ['${}', 'unable to parse variable name'],
    ['${v', 'missing closing brace'],
    ['${v-word}', 'missing closing brace'],
    ['${#}', 'bad substitution'],
    ['${v:}', 'unable to parse substitution within function'],
    ['${v:-x', 'unable to parse substitution within function'],
    ['${v:1', 'bad substitution'],
    ['${v#}', 'unable to parse substitution within function'],
    ['${v/x}', 'bad substitution'],
    ['${v^', 'bad substitution'],
  ])('refuses %s', (text, message) => {
    expect(() => expand(text, { v: 'x' })).toThrow(message);
  });

  it('fails on a variable that is not set, where it has no default', () => {
    for (const text of ['${a}', '${#a}', '${a^^}', '${a:1}', '${a/x/y}', '${a%x}', '${b:-${a}}']) {
      expect(() => expand(text, {}, 'fail')).toThrow('variable not set (strict mode): "a"');
    }
    for (const text of ['${a:-d}', '${a:=d}', '${a=d}', '${a:+d}', '${a:?d}']) expect(expand(text, {}, 'fail')).toBe('d');
    expect(expand('[${a}]', { a: '' }, 'fail')).toBe('[]');
  });

  it('leaves text without dollars as it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        fc.pre(!text.includes('$'));
        expect(expand(text)).toBe(text);
      }),
    );
  });

  it('gives back what was escaped', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(expand(text.replaceAll('$', '$$$$'))).toBe(text);
      }),
    );
  });

  it('puts a value in as it is, whatever is in it', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.stringMatching(/^[^$]*$/), (inner, around) => {
        expect(expand(`${around}\${v}${around}`, { v: inner })).toBe(`${around}${inner}${around}`);
      }),
    );
  });

  it('either expands or refuses any text, in time that does not explode', () => {
    const piece = fc.constantFrom('${', '}', '$', '/', '#', '%', ':', '-', '=', '^', ',', 'v', ' ', '\\', '[', '*', '\n', '${v');
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => {
        try {
          expand(pieces.join(''), { v: 'a[b*c\\d' });
        } catch (fault) {
          expect((fault as Error).name).toBe('TemplateError');
        }
      }),
    );
  });
});
