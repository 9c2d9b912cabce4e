import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { KustomizationBuildSpec } from '../../api/flux.ts';
import { type KustomizationFile, readKustomization } from './kustomization.ts';
import { generatedKustomization, overlay, writeKustomization } from './overlay.ts';

function found(base: KustomizationFile, spec: KustomizationBuildSpec): KustomizationFile {
  return overlay(base, { spec, generated: false, components: spec.components ?? [] });
}

describe('the kustomization that Flux builds', () => {
  it('is the one in the repository where the spec adds nothing', () => {
    const base = { resources: ['a.yaml'], namespace: 'dev', images: [{ name: 'x', newTag: '1' }] };
    expect(found(base, {})).toEqual({
      apiVersion: 'kustomize.config.k8s.io/v1beta1',
      kind: 'Kustomization',
      sortOptions: { order: 'fifo' },
      ...base,
    });
  });

  it('takes namespace, prefix and suffix of the spec in place of its own', () => {
    const base = { resources: ['a.yaml'], namespace: 'dev', namePrefix: 'a-', nameSuffix: '-z' };
    expect(found(base, { targetNamespace: 'shop', namePrefix: 'b-' })).toMatchObject({
      namespace: 'shop',
      namePrefix: 'b-',
      nameSuffix: '-z',
    });
  });

  it('puts patches and components of the spec after its own', () => {
    const base = { resources: ['a.yaml'], patches: [{ path: 'p.yaml' }], components: ['one'] };
    const patch = { patch: '[]', target: { kind: 'Service' } };
    expect(found(base, { patches: [patch], components: ['two'] })).toMatchObject({
      patches: [{ path: 'p.yaml' }, patch],
      components: ['one', 'two'],
    });
  });

  it('changes an image of the same name field by field, tag and digest together', () => {
    const base = {
      resources: ['a.yaml'],
      images: [
        { name: 'a', newName: 'mirror/a', newTag: '1' },
        { name: 'b', digest: 'sha256:1' },
      ],
    };
    const images = [{ name: 'a', newTag: '2' }, { name: 'b', newTag: '3' }, { name: 'b', newName: 'c' }, { name: 'new' }];
    expect(found(base, { images }).images).toEqual([
      { name: 'a', newName: 'mirror/a', newTag: '2', digest: '' },
      { name: 'b', newName: 'c', newTag: '3', digest: '' },
      { name: 'new' },
    ]);
    expect(base.images[0]?.newTag).toBe('1');
  });

  it('asks for origins where a kustomization of the repository has no resources, in place of what it asks for', () => {
    expect(found({ components: ['c'], buildMetadata: ['managedByLabel'] }, {}).buildMetadata).toEqual(['originAnnotations']);
    expect(found({ resources: ['a.yaml'], buildMetadata: ['managedByLabel'] }, {}).buildMetadata).toEqual(['managedByLabel']);
    expect(found({ components: ['c'] }, { buildMetadata: ['transformerAnnotations'] }).buildMetadata).toEqual(['transformerAnnotations']);
  });

  it('is a placeholder for a directory without manifests', () => {
    expect(generatedKustomization([])).toMatchObject({ namespace: '_placeholder' });
    expect(generatedKustomization(['./a.yaml'])).toMatchObject({ resources: ['./a.yaml'] });
  });

  it('is read back as it was written', () => {
    const text = fc.string();
    const base = fc.record(
      {
        resources: fc.array(text),
        namespace: text,
        patches: fc.array(fc.record({ patch: text })),
        commonLabels: fc.dictionary(text, text),
      },
      { requiredKeys: [] },
    );
    const spec = fc.record({ targetNamespace: text, images: fc.array(fc.record({ name: text, newTag: text })) }, { requiredKeys: [] });
    fc.assert(
      fc.property(base, spec, (kustomization, added) => {
        const effective = found(kustomization, added);
        expect(readKustomization(writeKustomization(effective))).toEqual(JSON.parse(JSON.stringify(effective)));
      }),
    );
  });
});

describe('reading a kustomization', () => {
  const read = (text: string) => readKustomization(new TextEncoder().encode(text));

  it('matches fields in any case, drops unknown ones and nulls, and makes text where text is asked for', () => {
    const text =
      'Resources: [a.yaml]\nnamespace: 12\nunknown: 1\npatches: null\ncommonLabels: {a: true, b: 1.10}\nimages: [{name: x, newTag: 2, z: 1}]\n';
    expect(read(text)).toEqual({
      resources: ['a.yaml'],
      namespace: '12',
      commonLabels: { a: 'true', b: '1.1' },
      images: [{ name: 'x', newTag: '2' }],
    });
  });

  it.each([
    ['resources: a.yaml', 'json: cannot unmarshal string into Go struct field Kustomization.resources of type array'],
    ['images: [{name: [x]}]', 'json: cannot unmarshal array into Go struct field Kustomization.images.name of type string'],
    ['- a', 'json: cannot unmarshal array into Go struct field Kustomization of type object'],
    ['replicas: [{name: a, count: many}]', 'Kustomization.replicas.count of type int'],
    ['generatorOptions: {immutable: 1}', 'Kustomization.generatorOptions.immutable of type bool'],
  ])('refuses %s', (text, message) => {
    expect(() => read(text)).toThrow(message);
  });

  it('takes an empty file for an empty kustomization', () => {
    expect(read('')).toEqual({});
    expect(read('# nothing\n')).toEqual({});
  });
});
