import { expect, it } from 'vitest';
import { heldText, type OtherOutcome, tallyOf, tallyText } from './outcome.ts';

const words = (...states: OtherOutcome['state'][]) =>
  tallyText(tallyOf(states.map((state) => ({ target: { kind: 'Kustomization', namespace: 'a', name: 'b' }, state, message: '' }))));

it.each<[OtherOutcome['state'][], string]>([
  [['well', 'well'], '2 of 2 others well'],
  [['well'], '1 of 1 other well'],
  [['well', 'failed', 'waiting', 'unknown', 'gone'], '1 of 5 others well'],
  [['well', 'held'], '1 of 1 other well, 1 held one is left alone'],
  [['held', 'held'], '2 held ones are left alone'],
  [[], 'no others'],
])('of %j it is said: %s', (states, text) => {
  expect(words(...states)).toBe(text);
});

it('who holds one is named where that is known', () => {
  expect(heldText('suspend', 'Bo')).toBe('suspended by Bo: left alone');
  expect(heldText('pin', undefined)).toBe('pinned: left alone');
});
