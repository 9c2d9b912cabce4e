import { describe, expect, it } from 'vitest';
import type { KubeObject, ManagedFieldsEntry } from '../../api/kube.ts';
import { appliersOf, newestOwners } from './field-owners.ts';

const SUSPEND = { 'f:suspend': {} };

function entry(manager: string, operation: ManagedFieldsEntry['operation'], fields: object, time?: string): ManagedFieldsEntry {
  const fieldsV1 = { 'f:spec': fields };
  return { manager, operation, apiVersion: 'v1', ...(time ? { time } : {}), fieldsType: 'FieldsV1', fieldsV1 };
}

function object(...managedFields: ManagedFieldsEntry[]): KubeObject {
  return { apiVersion: 'v1', kind: 'Kustomization', metadata: { name: 'app', managedFields } };
}

describe('who applies the fields of a hold again and again', () => {
  it('nobody, where nobody says who writes what', () => {
    expect(appliersOf({ apiVersion: 'v1', kind: 'Kustomization', metadata: { name: 'app' } })).toEqual({});
  });

  it('controllers that apply, each for the fields that it has', () => {
    const given = object(
      entry('kustomize-controller', 'Apply', { 'f:sourceRef': { 'f:kind': {}, 'f:name': {} }, 'f:path': {} }),
      entry('flux-operator', 'Apply', { ...SUSPEND, 'f:ref': { 'f:commit': {} } }),
    );
    expect(appliersOf(given)).toEqual({
      'spec.sourceRef': ['kustomize-controller'],
      'spec.suspend': ['flux-operator'],
      'spec.ref.commit': ['flux-operator'],
    });
  });

  it('neither who updated it once, nor who applied it by hand, nor ebb', () => {
    const once = ['kubectl-patch', 'flux', 'somebody'].map((manager) => entry(manager, 'Update', SUSPEND));
    const byHand = ['kubectl', 'kubectl-client-side-apply', 'flux', 'ebb'].map((manager) => entry(manager, 'Apply', SUSPEND));
    expect(appliersOf(object(...once, ...byHand))).toEqual({});
  });

  it('flux-operator is not the flux CLI', () => {
    expect(appliersOf(object(entry('flux-operator', 'Apply', SUSPEND)))).toEqual({ 'spec.suspend': ['flux-operator'] });
  });
});

it('the owners of a field, who wrote last first; without a time, last', () => {
  const given = object(
    entry('never', 'Apply', { 'f:path': {} }),
    entry('undated', 'Update', SUSPEND),
    entry('early', 'Update', SUSPEND, '2026-01-01T00:00:00Z'),
    entry('late', 'Apply', SUSPEND, '2026-01-02T00:00:00Z'),
  );
  expect(newestOwners(given, 'spec.suspend').map(({ manager }) => manager)).toEqual(['late', 'early', 'undated']);
});
