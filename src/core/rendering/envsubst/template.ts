/**
 * The templates of Flux's post-build substitution: `${var}` and its operators, parsed into text and expressions.
 * The grammar is that of fluxcd/pkg envsubst v1.7 (envsubst/parse), which is not the shell's in every corner; each
 * deviation is said where it is made.
 */

export interface Expression {
  /** The variable. */
  name: string;
  /** `''` for plain `${var}`, else the operator: `:=`, `:-`, `=`, `:`, `#`, `##`, `%`, `^^`, `//` … */
  operator: string;
  operands: Template[];
}

/** Texts and expressions, one after another. */
export type Template = (string | Expression)[];

export type TemplateProblem =
  | 'bad substitution'
  | 'missing closing brace'
  | 'unable to parse variable name'
  | 'unable to parse substitution within function';

export class TemplateError extends Error {
  override readonly name = 'TemplateError';

  constructor(problem: TemplateProblem) {
    super(problem);
  }
}

/** @throws TemplateError */
export function parseTemplate(text: string): Template {
  const scanner = new TemplateScanner(text);
  const template: Template = [];
  while (!scanner.atEnd()) {
    if (scanner.skip('${')) template.push(expression(scanner));
    // Outside of expressions `$$` is the only escape.
    else template.push(scanner.text({ until: '', escapes: ['$$'] }));
  }
  return template;
}

const NAME = /[\p{L}\p{Nd}_]/u;

/** Parses what follows `${`, its `}` included. */
function expression(scanner: TemplateScanner): Expression {
  if (scanner.peek() === '#') return lengthOf(scanner);
  const name = scanner.run(NAME);
  if (name === '') throw new TemplateError('unable to parse variable name');
  switch (scanner.peek()) {
    case ':':
      return colon(scanner, name);
    case '=':
      return fallback(scanner, name, '=');
    case ',':
    case '^':
      return closed(scanner, { name, operator: scanner.run(/[,^]/, 2), operands: [] });
    case '/':
      return replacement(scanner, name);
    case '#':
      return closed(scanner, { name, operator: scanner.run(/#/, 2), operands: [operand(scanner, { until: '}' })] });
    case '%':
      return closed(scanner, { name, operator: scanner.run(/%/, 2), operands: [operand(scanner, { until: '}' })] });
    default:
      // `${var-word}`, `${var?word}` and `${var+word}` are the shell's, not Flux's.
      if (!scanner.skip('}')) throw new TemplateError('missing closing brace');
      return { name, operator: '', operands: [] };
  }
}

/** `${#var}` */
function lengthOf(scanner: TemplateScanner): Expression {
  scanner.skip('#');
  const name = scanner.run(NAME);
  if (name === '') throw new TemplateError('bad substitution');
  return closed(scanner, { name, operator: '#', operands: [] });
}

function colon(scanner: TemplateScanner, name: string): Expression {
  const next = scanner.peek(1);
  if (next !== '' && '=-?+'.includes(next)) return fallback(scanner, name, `:${next}`);
  // Flux's parser steps back by the width of this character, and so refuses one of several bytes.
  if (next === '' || next > '\u007f') throw new TemplateError('bad substitution');
  return substring(scanner, name);
}

/** `${var=word}`, `${var:=word}`, `${var:-word}`, `${var:+word}`, `${var:?word}`; the word may hold expressions. */
function fallback(scanner: TemplateScanner, name: string, operator: string): Expression {
  scanner.skip(operator);
  const operands: Template[] = [];
  while (scanner.peek() !== '}') operands.push(operand(scanner, { until: '}' }));
  return closed(scanner, { name, operator, operands });
}

/** `${var:offset}` and `${var:offset:length}` */
function substring(scanner: TemplateScanner, name: string): Expression {
  scanner.skip(':');
  const offset = operand(scanner, { until: ':}' });
  if (scanner.skip('}')) return { name, operator: ':', operands: [offset] };
  // Any number of colons separates the two.
  if (scanner.run(/:/) === '') throw new TemplateError('bad substitution');
  return closed(scanner, { name, operator: ':', operands: [offset, operand(scanner, { until: '}' })] });
}

const REPLACEMENT_ESCAPES = ['$$', '\\/', '\\\\'];

/** `${var/old/new}`, `${var//old/new}`, `${var/#old/new}`, `${var/%old/new}` */
function replacement(scanner: TemplateScanner, name: string): Expression {
  scanner.skip('/');
  const operator = `/${scanner.run(/[/#%]/, 1)}`;
  // The old text ends at a slash alone: a brace belongs to it.
  const old = operand(scanner, { until: '/', escapes: REPLACEMENT_ESCAPES });
  if (scanner.run(/\//) === '') throw new TemplateError('bad substitution');
  if (scanner.peek() === '}') return closed(scanner, { name, operator, operands: [old] });
  return closed(scanner, { name, operator, operands: [old, operand(scanner, { until: '}', escapes: REPLACEMENT_ESCAPES })] });
}

interface TextRule {
  /** Characters that end the text. */
  until: string;
  /** Two-character escapes; the second character is what they stand for. */
  escapes?: string[];
}

/** One operand: an expression or a text, never empty. */
function operand(scanner: TemplateScanner, rule: TextRule): Template {
  if (scanner.skip('${')) return [expression(scanner)];
  const text = scanner.text(rule);
  if (text === '') throw new TemplateError('unable to parse substitution within function');
  return [text];
}

function closed(scanner: TemplateScanner, parsed: Expression): Expression {
  if (!scanner.skip('}')) throw new TemplateError('bad substitution');
  return parsed;
}

class TemplateScanner {
  readonly #source: string;
  #at = 0;

  constructor(source: string) {
    this.#source = source;
  }

  atEnd(): boolean {
    return this.#at >= this.#source.length;
  }

  /** The character `ahead` of the position; empty at the end. */
  peek(ahead = 0): string {
    return this.#source[this.#at + ahead] ?? '';
  }

  /** Steps over `expected` if it is next. */
  skip(expected: string): boolean {
    if (!this.#source.startsWith(expected, this.#at)) return false;
    this.#at += expected.length;
    return true;
  }

  /** The longest run of characters of a kind, at most `limit`. */
  run(kind: RegExp, limit = Number.POSITIVE_INFINITY): string {
    let run = '';
    for (let count = 0; count < limit; count++) {
      const point = this.#source.codePointAt(this.#at);
      if (point === undefined) break;
      const character = String.fromCodePoint(point);
      if (!kind.test(character)) break;
      run += character;
      this.#at += character.length;
    }
    return run;
  }

  /** The text up to `${`, a character of `rule.until` or the end, with its escapes resolved. */
  text(rule: TextRule): string {
    let text = '';
    while (!this.atEnd()) {
      if (this.#source.startsWith('${', this.#at)) break;
      const pair = this.#source.slice(this.#at, this.#at + 2);
      if (rule.escapes?.includes(pair)) {
        text += pair[1];
        this.#at += 2;
        continue;
      }
      const character = this.peek();
      if (rule.until.includes(character)) break;
      text += character;
      this.#at++;
    }
    return text;
  }
}
