import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { entryOf, refOfEntry } from './inventory.ts';
import type { ObjectRef } from './kube.ts';

/** As kustomize-controller writes them. */
const KNOWN: [string, string, ObjectRef][] = [
  ['shop_api_apps_Deployment', 'v1', { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'shop', name: 'api' }],
  ['shop_api__Service', 'v1', { apiVersion: 'v1', kind: 'Service', namespace: 'shop', name: 'api' }],
  ['_shop__Namespace', 'v1', { apiVersion: 'v1', kind: 'Namespace', name: 'shop' }],
  [
    '_system__controller__job_rbac.authorization.k8s.io_ClusterRole',
    'v1',
    { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', name: 'system:controller:job' },
  ],
  [
    '_alerts.monitoring.coreos.com_apiextensions.k8s.io_CustomResourceDefinition',
    'v1',
    { apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', name: 'alerts.monitoring.coreos.com' },
  ],
];

describe('an entry of the inventory', () => {
  it.each(KNOWN)('%s is read', (id, v, ref) => {
    expect(refOfEntry({ id, v })).toEqual(ref);
  });

  it.each(KNOWN)('%s is written', (id, v, ref) => {
    expect(entryOf(ref)).toEqual({ id, v });
  });

  it.each(['', 'x', 'a_b', 'a_b_c', '___', '_x__', '___Kind'])('%j is malformed', (id) => {
    expect(refOfEntry({ id, v: 'v1' })).toBeUndefined();
  });

  it('is read back as the object that it was written for', () => {
    const dns = fc.stringMatching(/^[a-z0-9]([-a-z0-9]{0,10}[a-z0-9])?$/);
    const ref = fc
      .record({
        group: fc.option(
          fc.array(dns, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('.')),
          { nil: undefined },
        ),
        version: fc.constantFrom('v1', 'v1beta2'),
        kind: fc.stringMatching(/^[A-Z][A-Za-z]{1,12}$/),
        namespace: fc.option(dns, { nil: undefined }),
        name: fc.array(dns, { minLength: 1, maxLength: 4 }).map((parts) => parts.join(':')),
      })
      .map(
        ({ group, version, kind, namespace, name }): ObjectRef => ({
          apiVersion: group === undefined ? version : `${group}/${version}`,
          kind,
          ...(namespace === undefined ? {} : { namespace }),
          name,
        }),
      );
    fc.assert(
      fc.property(ref, (wanted) => {
        expect(refOfEntry(entryOf(wanted))).toEqual(wanted);
      }),
    );
  });
});
