import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { didYouMean } from './did-you-mean.ts';

const NAMES = ['sample-app', 'sample-saas-app', 'api', 'web', 'ui', 'redis', 'flux-system'];

describe('didYouMean', () => {
  it.each([
    ['sampel-app', ['sample-app']],
    ['sampleapp', ['sample-app']],
    ['aip', ['api']],
    ['Redis', ['redis']],
    ['flux', ['flux-system']],
    ['sample', ['sample-app', 'sample-saas-app']],
    ['web-app', ['web']],
  ])('%s: %j', (typed, wanted) => {
    expect(didYouMean(typed, NAMES)).toEqual(wanted);
  });

  it.each(['', 'db', 'postgres', 'xyz', 'kustomization'])('knows nothing near %j', (typed) => {
    expect(didYouMean(typed, NAMES)).toEqual([]);
  });

  it('names each once, three at most, the nearest first', () => {
    expect(didYouMean('app-1', ['app-4', 'app-3', 'app-3', 'app-2', 'app-5', 'app-10'])).toEqual(['app-10', 'app-2', 'app-3']);
  });

  it('finds a name after any one slip of the hand', () => {
    const name = fc.stringMatching(/^[a-z]{3,20}$/);
    fc.assert(
      fc.property(name, fc.nat(), fc.constantFrom('drop', 'double', 'swap', 'replace'), (right, at, slip) => {
        const letters = [...right];
        const i = at % (letters.length - 1);
        if (slip === 'drop') letters.splice(i, 1);
        if (slip === 'double') letters.splice(i, 0, letters[i] as string);
        if (slip === 'swap') letters.splice(i, 2, letters[i + 1] as string, letters[i] as string);
        if (slip === 'replace') letters[i] = '-';
        expect(didYouMean(letters.join(''), [right])).toEqual([right]);
      }),
    );
  });
});
