// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the braces are Flux's.
import { describe, expect, it } from 'vitest';
import type { KustomizationBuildSpec } from '../../api/flux.ts';
import { splitDocuments } from './manifests.ts';
import { afterBuild } from './post-build.ts';

function configMap(name: string, rest: string): string {
  return `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\n${rest}`;
}

function built(yaml: string, postBuild?: KustomizationBuildSpec['postBuild'], variables?: Record<string, string>) {
  return afterBuild(splitDocuments(yaml), postBuild ? { postBuild } : {}, variables ? { variables } : {});
}

describe('what Flux makes of a build', () => {
  it('keeps the order, drops empty documents and kustomizations, and takes lists apart', () => {
    const kustomization = 'apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nmetadata:\n  name: k\n';
    const list =
      'apiVersion: v1\nkind: ConfigMapList\nmetadata:\n  name: l\nitems:\n- apiVersion: v1\n  kind: ConfigMap\n  metadata:\n    name: c\n';
    const yaml = [configMap('b', ''), '', kustomization, list, configMap('a', '')].join('---\n');
    expect(built(yaml).map(({ metadata }) => metadata.name)).toEqual(['b', 'c', 'a']);
  });

  it('fails in the words of Flux where substituteFrom names what is not there, unless there is nothing to substitute in', () => {
    const spec = { postBuild: { substituteFrom: [{ kind: 'Secret' as const, name: 's' }] } };
    const live = { absent: { kind: 'Secret' as const, name: 's' } };
    expect(() => afterBuild([{ text: configMap('a', '') }], spec, live)).toThrow(
      `post build failed for 'ConfigMap.v1.[noGrp]/a': substitute from 'Secret/s' error: secrets "s" not found`,
    );
    expect(afterBuild([], spec, live)).toEqual([]);
  });

  it('substitutes only where the spec has postBuild', () => {
    expect(built(configMap('a', 'data:\n  x: ${v}\n'))).toMatchObject([{ data: { x: '${v}' } }]);
    expect(built(configMap('a', 'data:\n  x: ${v}\n'), { substitute: { v: 'z' } })).toMatchObject([{ data: { x: 'z' } }]);
  });

  it('lets inline variables win over those of ConfigMaps and Secrets', () => {
    const yaml = configMap('a', 'data:\n  x: ${v}-${w}\n');
    expect(built(yaml, { substitute: { v: 'inline' } }, { v: 'live', w: 'live' })).toMatchObject([{ data: { x: 'inline-live' } }]);
  });

  it('takes the type that the substituted text reads as', () => {
    const yaml = configMap('a', 'x:\n  number: ${n}\n  quoted: "${n}"\n  list: ${l}\n  nothing: ${e}\n  truth: ${t}\n  text: v${n}\n');
    const substitute = { n: '8080', l: '[a, b]', e: '', t: 'on' };
    expect(built(yaml, { substitute })).toMatchObject([
      { x: { number: 8080, quoted: '8080', list: ['a', 'b'], nothing: null, truth: true, text: 'v8080' } },
    ]);
  });

  it('leaves an object alone whose label or annotation says so', () => {
    for (const map of ['labels', 'annotations']) {
      const yaml = `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n  ${map}:\n    kustomize.toolkit.fluxcd.io/substitute: disabled\ndata:\n  x: \${unset}\n`;
      expect(built(yaml, { substitute: { v: 'x' } })).toMatchObject([{ data: { x: '${unset}' } }]);
    }
  });

  it('refuses two objects that substitution makes the same', () => {
    const yaml = [configMap('${a}', ''), configMap('same', '')].join('---\n');
    expect(() => built(yaml, { substitute: { a: 'same' } })).toThrow('in Replace: id matched 2 resources');
  });

  it('refuses an object without a name, before substitution', () => {
    expect(() => built('apiVersion: v1\nkind: ConfigMap\n', { substitute: { a: 'b' } })).toThrow(
      'failed to decode Kubernetes apiVersion, kind and name',
    );
  });

  it('drops an object that substitution takes the name of', () => {
    expect(built(configMap('${a}', ''), { substitute: { a: '' } })).toEqual([]);
  });

  it('refuses text that is no object any more', () => {
    expect(() => built('${a}apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: x\n', { substitute: { a: '"' } })).toThrow(
      /^failed to decode|^post build failed/,
    );
  });
});
