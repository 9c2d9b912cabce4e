import type { RenderingCase } from '../case.ts';
import { configMap } from '../manifests.ts';

export const SOURCES: RenderingCase[] = [
  {
    name: 'root-path',
    title: 'the root of a repository',
    files: { 'a.yaml': configMap('a'), 'deep/b.yaml': configMap('b'), '.github/workflow.yaml': 'on: push\n', '.gitattributes': 'a b\n' },
    alone: {},
    count: 2,
  },
  {
    name: 'ignore-file',
    title: 'a repository with .sourceignore files, the nearest counting last',
    files: {
      '.sourceignore': '# comment\n*.tmp.yaml\n/docs/\nsecret*\n!secret-kept.yaml\n/deep/**/skip.yaml\n',
      'a.yaml': configMap('a'),
      'b.tmp.yaml': 'kind: none\n',
      'docs/c.yaml': 'kind: none\n',
      'secret.yaml': 'kind: none\n',
      'secret-kept.yaml': configMap('kept'),
      'deep/docs/d.yaml': configMap('d'),
      'deep/er/skip.yaml': 'kind: none\n',
      'deep/.sourceignore': '!b.tmp.yaml\n/x.yaml\n',
      'deep/b.tmp.yaml': configMap('b'),
      'deep/x.yaml': 'kind: none\n',
    },
    alone: {},
    count: 4,
  },
  {
    name: 'ignore-lifts-defaults',
    title: 'a .sourceignore somewhere, which lifts what is left out by default everywhere',
    files: {
      'dev/kustomization.yaml':
        'configMapGenerator: [{name: picture, files: [../images/picture.png], options: {disableNameSuffixHash: true}}]\n',
      'images/picture.png': new Uint8Array([137, 80, 78, 71]),
      'elsewhere/.sourceignore': 'nothing\n',
    },
    spec: { path: 'dev' },
    alone: {},
  },
  {
    name: 'ignore-spec-lifts-defaults',
    title: "a GitRepository's spec.ignore, which lifts what is left out by default",
    files: {
      'kustomization.yaml': 'configMapGenerator: [{name: picture, files: [picture.png], options: {disableNameSuffixHash: true}}]\n',
      'picture.png': new Uint8Array([137, 80, 78, 71]),
    },
    alone: { ignore: 'nothing\n' },
  },
  {
    name: 'ignore-spec',
    title: "a GitRepository's spec.ignore that takes in one folder",
    files: {
      'deploy/a.yaml': configMap('a'),
      'deploy/notes.yaml': 'kind: none\n',
      'other/b.yaml': 'kind: none\n',
      'b.yaml': 'kind: none\n',
    },
    alone: { ignore: '/*\n!/deploy\n/deploy/notes.yaml\n' },
  },
  {
    name: 'ignore-nested',
    title: "a GitRepository's spec.ignore that takes in a folder of a folder that is left out",
    files: { 'apps/dev/a.yaml': configMap('a'), 'apps/prod/b.yaml': 'kind: none\n', 'c.yaml': 'kind: none\n' },
    alone: { ignore: '/*\n!/apps/dev\n' },
  },
  {
    name: 'ignore-all-but-yaml',
    title: "a GitRepository's spec.ignore that takes in files by their extension",
    files: { 'apps/a.yaml': configMap('a'), 'apps/b.yml': 'kind: none\n', 'c.yaml': configMap('c') },
    alone: { ignore: '*\n!*.yaml\n' },
    count: 2,
  },
  {
    name: 'links-generated',
    title: 'symbolic links to a file and a folder where there is no kustomization',
    files: { 'a.yaml': configMap('a'), 'b.yaml': { link: 'a.yaml' }, deep: { link: '../links-generated-elsewhere' } },
  },
];
