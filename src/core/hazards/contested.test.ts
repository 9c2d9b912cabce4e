import { describe, expect, it } from 'vitest';
import { source, target } from '../../../test/observed.ts';
import type { Appliers } from '../holds/field-owners.ts';
import { type ContestedInput, contestedFields } from './contested.ts';

const PARENT = { kind: 'Kustomization', namespace: 'flux-system', name: 'flux-system' } as const;

function found(input: Partial<ContestedInput> & { appliers?: Appliers; ofSource?: Appliers; parent?: boolean }): string[] {
  const { appliers = {}, ofSource, parent = true, ...rest } = input;
  const state = target({ appliers, ...(parent ? { parent: PARENT } : {}) });
  const given = { target: state, source: source(ofSource ? { appliers: ofSource } : {}), strategy: 'pin', ...rest };
  return contestedFields(given).map(({ name, severity, evidence, advice }) => `${severity} ${name}: ${evidence}: ${advice}`);
}

describe('a pin of the target', () => {
  it('is stopped by nobody where only the parent applies sourceRef: that one is told', () => {
    expect(found({ appliers: { 'spec.sourceRef': ['kustomize-controller'] } })).toEqual([]);
  });

  it('is undone by any other manager, which the whole source would not be', () => {
    expect(found({ appliers: { 'spec.sourceRef': ['kustomize-controller', 'flux-operator'] } })).toEqual([
      "block FieldContested: flux-operator applies spec.sourceRef of kustomization/flux-system/sample-app, and would undo it: --scope source pins the source's spec.ref.commit, which nobody else applies",
    ]);
  });

  it('where that is applied too, there is only to ask whose it is', () => {
    const ofSource = { 'spec.ref.commit': ['fleet-manager'] };
    expect(found({ appliers: { 'spec.sourceRef': ['fleet-manager'] }, ofSource })).toEqual([
      'block FieldContested: fleet-manager applies spec.sourceRef of kustomization/flux-system/sample-app, and would undo it: have fleet-manager leave spec.sourceRef alone first',
    ]);
  });

  it('a parent that cannot be told, for nobody knows it, counts as well', () => {
    expect(found({ appliers: { 'spec.sourceRef': ['kustomize-controller'] }, parent: false })).toHaveLength(1);
  });
});

describe('a pin of the whole source', () => {
  const pinned = (ofSource: Appliers) => found({ pinScope: 'source', ofSource });

  it('is free where Git says no commit, whoever applies the rest', () => {
    expect(found({ pinScope: 'source', appliers: { 'spec.sourceRef': ['flux-operator'] } })).toEqual([]);
  });

  it('is undone where Git declares the commit', () => {
    expect(pinned({ 'spec.ref.commit': ['kustomize-controller'] })).toEqual([
      'block FieldContested: kustomize-controller applies spec.ref.commit of gitrepository/flux-system/flux-system, and would undo it: change spec.ref.commit in Git, which declares it',
    ]);
  });

  it('or the FluxInstance does', () => {
    expect(pinned({ 'spec.ref.commit': ['flux-operator'] })[0]).toMatch(/change it in the FluxInstance/);
  });
});

describe('a suspension', () => {
  it('is undone where Git says spec.suspend, and a pin is not', () => {
    const [only] = found({ strategy: 'suspend', appliers: { 'spec.suspend': ['kustomize-controller'] } });
    expect(only).toContain('set spec.suspend: true in Git, where kustomization/flux-system/flux-system applies it from');
    expect(only).toContain('ebb pin kustomization/flux-system/sample-app');
  });

  it('is free where nobody says it', () => {
    expect(found({ strategy: 'suspend', appliers: { 'spec.sourceRef': ['kustomize-controller'] } })).toEqual([]);
  });
});

it('a revert holds nothing', () => {
  expect(found({ strategy: 'revert', appliers: { 'spec.suspend': ['a'], 'spec.sourceRef': ['a'] } })).toEqual([]);
});
