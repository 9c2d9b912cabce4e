import { describe, expect, it } from 'vitest';
import type { KubeObject, ManagedFieldsEntry } from '../../api/kube.ts';
import { undoneHoldOf, undoneText } from './undone.ts';

const COMMIT = 'a'.repeat(40);
const ANN = 'Ann <ann@example.com>';
const BY = { 'ebb.dev/held-by': ANN };
const PINNED = { ...BY, 'ebb.dev/pinned-commit': COMMIT };
const RESTORES = {
  'ebb.dev/pin-restores': JSON.stringify({ sourceRef: { kind: 'GitRepository', name: 'fleet' }, disabledReconcile: true }),
};

function owner(manager: string, fields: object, time = '2026-01-01T00:00:00Z'): ManagedFieldsEntry {
  return { manager, operation: 'Apply', apiVersion: 'v1', time, fieldsType: 'FieldsV1', fieldsV1: { 'f:spec': fields } };
}

function object(kind: string, spec: object, annotations: Record<string, string>, managedFields: ManagedFieldsEntry[] = []): KubeObject {
  return { apiVersion: 'v1', kind, metadata: { name: 'app', namespace: 'flux-system', annotations, managedFields }, spec };
}

const kustomization = (spec: object, annotations: Record<string, string>, managedFields?: ManagedFieldsEntry[]) =>
  object('Kustomization', spec, annotations, managedFields);

describe('a hold that holds is not undone', () => {
  it.each<[string, KubeObject]>([
    ['nothing was held', kustomization({ suspend: false }, {})],
    ['suspended', kustomization({ suspend: true }, BY)],
    [
      'pinned by a source of its own',
      kustomization({ sourceRef: { kind: 'GitRepository', name: 'app-pin', namespace: 'flux-system' } }, { ...PINNED, ...RESTORES }),
    ],
    ['pinned as a whole', object('GitRepository', { ref: { branch: 'main', commit: COMMIT } }, PINNED)],
    ['resumed by the flux CLI, which takes the field out', kustomization({}, BY)],
    ['resumed by somebody of whom nothing is known', kustomization({ suspend: false }, BY)],
  ])('%s', (_, given) => {
    expect(undoneHoldOf(given)).toBeUndefined();
  });
});

describe('a hold of which only the record is left', () => {
  it('a suspension, where another manager says suspend: false', () => {
    const given = kustomization({ suspend: false }, BY, [owner('kustomize-controller', { 'f:suspend': {} })]);
    expect(undoneHoldOf(given)).toEqual({
      kind: 'suspend',
      by: ANN,
      field: 'spec.suspend',
      undoneBy: 'kustomize-controller',
      undoneAt: '2026-01-01T00:00:00Z',
    });
  });

  it('a pin of a target that reads its old source again, whatever else of the pin is left in sourceRef', () => {
    const managedFields = [
      owner('ebb', { 'f:sourceRef': { 'f:namespace': {} } }),
      owner('flux-operator', { 'f:sourceRef': { 'f:name': {} } }),
    ];
    const sourceRef = { kind: 'GitRepository', name: 'fleet', namespace: 'flux-system' };
    const undone = undoneHoldOf(kustomization({ sourceRef }, { ...PINNED, ...RESTORES }, managedFields));
    expect(undone).toMatchObject({ kind: 'pin', commit: COMMIT, field: 'spec.sourceRef', undoneBy: 'flux-operator' });
    expect(undone && undoneText(undone)).toBe(
      `the pin to aaaaaaaa by ${ANN} was undone by flux-operator: spec.sourceRef is no longer as it was set`,
    );
  });

  it('a pin of a whole source whose commit is gone: nobody can say who', () => {
    const undone = undoneHoldOf(object('GitRepository', { ref: { branch: 'main' } }, PINNED));
    expect(undone).toEqual({ kind: 'pin', by: ANN, commit: COMMIT, field: 'spec.ref.commit' });
    expect(undone && undoneText(undone)).toContain('was undone by someone');
  });

  it('a pin of a whole source that stands still elsewhere', () => {
    const managedFields = [owner('kubectl-edit', { 'f:ref': { 'f:commit': {} } })];
    const given = object('GitRepository', { ref: { commit: 'b'.repeat(40) } }, PINNED, managedFields);
    expect(undoneHoldOf(given)).toMatchObject({ field: 'spec.ref.commit', undoneBy: 'kubectl-edit' });
  });

  it('a record that cannot be read restores nothing and denies nothing', () => {
    expect(undoneHoldOf(kustomization({}, { 'ebb.dev/pin-restores': '{' }))).toBeUndefined();
  });
});
