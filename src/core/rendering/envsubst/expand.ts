import { operatorOf } from './operators.ts';
import { type Expression, parseTemplate, type Template } from './template.ts';

/** A variable that is referred to has no value and no default; the message is Flux's. */
export class VariableNotSet extends Error {
  override readonly name = 'VariableNotSet';

  constructor(variable: string) {
    super(`variable not set (strict mode): ${JSON.stringify(variable)}`);
  }
}

/** Operators that deal with a variable that is not set. Source: fluxcd/pkg envsubst v1.7, template.go isDefaultOp. */
const DEFAULTING = new Set(['-', '+', '=', '?', ':-', ':+', ':=', ':?']);

/**
 * Replaces `${…}` in `text`.
 * @param lookup gives a variable's value, undefined where it is not set
 * @param missing what to do with a variable that is not set: fail, or take it as empty
 * @throws TemplateError where the text cannot be parsed, VariableNotSet
 */
export function expandVariables(text: string, lookup: (variable: string) => string | undefined, missing: 'fail' | 'empty'): string {
  const expand = (template: Template): string => template.map((part) => (typeof part === 'string' ? part : evaluate(part))).join('');
  const evaluate = ({ name, operator, operands }: Expression): string => {
    const words = operands.map(expand);
    const value = lookup(name);
    if (value === undefined && missing === 'fail' && !DEFAULTING.has(operator)) throw new VariableNotSet(name);
    return operatorOf(operator, words.length)(value ?? '', words);
  };
  return expand(parseTemplate(text));
}
