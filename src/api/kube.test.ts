import { expect, it } from 'vitest';
import { formatRef, groupOf, objectKey, refOf, versionOf } from './kube.ts';

it('an apiVersion is a group and a version; the core group has no name', () => {
  expect([groupOf('apps/v1'), versionOf('apps/v1'), groupOf('v1'), versionOf('v1')]).toEqual(['apps', 'v1', '', 'v1']);
});

it('an object is named as Flux names it in its events', () => {
  expect(formatRef({ kind: 'Deployment', namespace: 'shop', name: 'api' })).toBe('Deployment/shop/api');
  expect(formatRef({ kind: 'Namespace', name: 'shop' })).toBe('Namespace/shop');
});

it('one object served in two versions is one object; another group is another', () => {
  const object = (apiVersion: string) => refOf({ apiVersion, kind: 'Ingress', metadata: { name: 'x', namespace: 'shop' } });
  expect(objectKey(object('networking.k8s.io/v1'))).toBe(objectKey(object('networking.k8s.io/v1beta1')));
  expect(objectKey(object('networking.k8s.io/v1'))).not.toBe(objectKey(object('extensions/v1beta1')));
});

it('a cluster-scoped object has no namespace', () => {
  expect(refOf({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } })).toEqual({
    apiVersion: 'v1',
    kind: 'Namespace',
    name: 'shop',
  });
});
