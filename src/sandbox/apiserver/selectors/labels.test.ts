import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  formatLabelSelector,
  formatRequirements,
  matchesLabels,
  type Operator,
  parseLabelSelector,
  type Requirement,
  requirementsOf,
} from './labels.ts';

const key = fc.stringMatching(/^[a-z][a-z0-9]{0,5}(\/[a-z][a-z0-9]{0,5})?$/).filter((text) => text !== 'in' && text !== 'notin');
const value = fc.stringMatching(/^[a-z][a-z0-9.-]{0,5}[a-z0-9]$/);
const requirement: fc.Arbitrary<Requirement> = fc
  .record({
    key,
    operator: fc.constantFrom<Operator>('=', '!=', 'in', 'notin', 'exists', '!'),
    values: fc.uniqueArray(value, { minLength: 1, maxLength: 3 }),
  })
  .map(({ key: name, operator, values }) => {
    if (operator === 'exists' || operator === '!') return { key: name, operator, values: [] };
    return { key: name, operator, values: operator === 'in' || operator === 'notin' ? [...values].sort() : values.slice(0, 1) };
  });

describe('label selectors', () => {
  it('are read back as they are written', () => {
    fc.assert(
      fc.property(fc.array(requirement, { maxLength: 4 }), (requirements) => {
        expect(parseLabelSelector(formatRequirements(requirements))).toEqual(requirements);
      }),
    );
  });

  it('match a requirement or its opposite, never both', () => {
    const labels = fc.dictionary(key, value, { maxKeys: 3 });
    const opposite: Record<Operator, Operator> = { '=': '!=', '==': '!=', '!=': '=', in: 'notin', notin: 'in', exists: '!', '!': 'exists' };
    fc.assert(
      fc.property(labels, requirement, (given, wanted) => {
        expect(matchesLabels(given, [wanted])).not.toBe(matchesLabels(given, [{ ...wanted, operator: opposite[wanted.operator] }]));
      }),
    );
  });

  it('are written like kubectl writes them', () => {
    const selector = { matchLabels: { b: '1', a: '2' }, matchExpressions: [{ key: 'c', operator: 'In' as const, values: ['y', 'x'] }] };
    expect(formatLabelSelector(selector)).toBe('a=2,b=1,c in (x,y)');
    expect(formatLabelSelector({})).toBe('<none>');
    expect(matchesLabels({ a: '2', b: '1', c: 'x' }, requirementsOf(selector))).toBe(true);
  });
});
