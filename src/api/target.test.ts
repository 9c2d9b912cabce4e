import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatTarget, parseTarget, type Target, targetRef } from './target.ts';

const label = fc.stringMatching(/^[a-z0-9]([-a-z0-9]{0,20}[a-z0-9])?$/);
const target: fc.Arbitrary<Target> = fc.record({
  kind: fc.constantFrom('Kustomization', 'HelmRelease'),
  namespace: label,
  name: fc.array(label, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('.')),
});

describe('parseTarget', () => {
  it.each([
    ['sample-app', 'kustomization/apps/sample-app'],
    ['ks/sample-app', 'kustomization/apps/sample-app'],
    ['Kustomization/sample-app', 'kustomization/apps/sample-app'],
    ['kustomizations/flux-system/sample-app', 'kustomization/flux-system/sample-app'],
    ['kustomization.kustomize.toolkit.fluxcd.io/sample-app', 'kustomization/apps/sample-app'],
    ['hr/redis', 'helmrelease/apps/redis'],
    ['helmreleases/data/redis.v2', 'helmrelease/data/redis.v2'],
  ])('reads %s', (text, wanted) => {
    expect(formatTarget(parseTarget(text, 'apps') as Target)).toBe(wanted);
  });

  it.each([
    '',
    '-x',
    '--force',
    'a b',
    'A',
    'a/b/c/d',
    'pod/x',
    'ks/',
    'ks//x',
    '/x',
    'a..b',
    'a.-b',
    'ks/name.space/x',
    'x\n',
    'constructor/x',
    '__proto__/x',
    'a'.repeat(254),
    `ks/${'a'.repeat(64)}/x`,
    '$(id)',
    "a'b",
  ])('does not take %j', (text) => {
    expect(parseTarget(text, 'apps')).toBeUndefined();
  });

  it('reads what formatTarget writes, whatever the default namespace is', () => {
    fc.assert(
      fc.property(target, label, (wanted, namespace) => {
        expect(parseTarget(formatTarget(wanted), namespace)).toEqual(wanted);
      }),
    );
  });

  it('never gives a name that could be an option, a path or more than one word', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 30 }), (text) => {
        const read = parseTarget(text, 'apps');
        if (read) expect(`${read.namespace} ${read.name}`).toMatch(/^[a-z0-9][-a-z0-9]* [a-z0-9][-a-z0-9.]*$/);
      }),
    );
  });
});

it('a target is an object of the API', () => {
  const name = { namespace: 'apps', name: 'x' };
  expect(targetRef({ kind: 'Kustomization', ...name })).toEqual({
    apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
    kind: 'Kustomization',
    ...name,
  });
  expect(targetRef({ kind: 'HelmRelease', ...name })).toEqual({ apiVersion: 'helm.toolkit.fluxcd.io/v2', kind: 'HelmRelease', ...name });
});
