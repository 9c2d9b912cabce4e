import { describe, expect, it } from 'vitest';
import { type Accepted, outlived, unaccepted } from './accepted.ts';
import { differencesOf } from './compare.ts';
import type { Trace } from './trace.ts';

const trace = (ready: string[], replicas = '1'): Trace => ({
  'Deployment a/web': { orders: { 'condition Ready': ready }, ends: { start: { 'spec.replicas': replicas } } },
});

describe('two traces of one story', () => {
  it('are the same where clients saw the same', () => {
    expect(differencesOf('a', trace(['False', 'True']), trace(['False', 'True']))).toEqual([]);
  });

  it('differ where the states come in another order', () => {
    const [difference] = differencesOf('a', trace(['True', 'False']), trace(['False', 'True']));
    expect(difference).toMatchObject({ object: 'Deployment a/web', field: 'condition Ready', sandbox: ['True', 'False'] });
  });

  it('differ where a field has another value at the end of a step, and say at which', () => {
    expect(differencesOf('a', trace([], '2'), trace([], '1'))).toEqual([
      {
        story: 'a',
        object: 'Deployment a/web',
        what: 'at the end of "start": spec.replicas',
        field: 'spec.replicas',
        sandbox: ['2'],
        real: ['1'],
      },
    ]);
  });

  it('differ once where an object is there on one side alone', () => {
    expect(differencesOf('a', {}, trace(['True']))).toMatchObject([{ field: 'the object', sandbox: [], real: ['known'] }]);
  });

  it('differ where an object was there at the end of a step on one side alone', () => {
    const without: Trace = { 'Deployment a/web': { orders: { 'condition Ready': [] }, ends: {} } };
    expect(differencesOf('a', trace([]), without)).toMatchObject([{ field: 'the object', sandbox: ['there'], real: [] }]);
  });
});

describe('accepted differences', () => {
  const entry: Accepted = { what: '', sandbox: '', real: '', why: '', object: /^Deployment /, field: /^spec\.replicas$/ };
  const differences = differencesOf('a', trace(['x'], '2'), trace(['y'], '1'));

  it('leave the others', () => {
    expect(unaccepted(differences, [entry]).map(({ field }) => field)).toEqual(['condition Ready']);
  });

  it('have outlived themselves when nothing of the kind is seen any more, unless they come and go', () => {
    expect(outlived(differences, [entry])).toEqual([]);
    expect(outlived([], [entry])).toEqual([entry]);
    expect(outlived([], [{ ...entry, sometimes: 'by chance' }])).toEqual([]);
  });

  it('may be confined to stories', () => {
    expect(unaccepted(differences, [{ ...entry, stories: ['b'] }])).toHaveLength(2);
  });
});
