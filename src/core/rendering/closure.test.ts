import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type MemoryEntry, memoryFiles } from '../../../test/contracts/memory-files.ts';
import { type ReadClosure, readClosure } from './closure.ts';
import { isRemote, withoutCredentials } from './references.ts';

const MANIFEST = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n';

async function read(entries: Record<string, MemoryEntry>, path = '', spec = {}): Promise<ReadClosure> {
  const closure = await readClosure(memoryFiles(entries), path, spec);
  if (closure.kind === 'failed') throw new Error(closure.message);
  return closure;
}

describe('the files that a build reads', () => {
  it('are those that every field of a kustomization names, and no others', async () => {
    const named = {
      'k/resource.yaml': MANIFEST,
      'base/kustomization.yaml': 'resources: [inner.yaml]\n',
      'base/inner.yaml': MANIFEST,
      'old/Kustomization': 'resources: []\n',
      'component/kustomization.yml': 'kind: Component\n',
      'k/crd.yaml': MANIFEST,
      'k/config.yaml': 'nameReference: []\n',
      'k/schema.json': '{}',
      'k/patch.yaml': MANIFEST,
      'k/merge.yaml': MANIFEST,
      'k/6902.json': '[]',
      'k/replacement.yaml': '{}\n',
      'k/file.txt': 'x',
      'k/keyed.txt': 'x',
      'k/one.env': 'A=b\n',
      'k/two.env': 'A=b\n',
      'k/secret.txt': 'x',
      'k/generator.yaml': 'apiVersion: builtin\nkind: SecretGenerator\nfiles: [key=generated.txt]\nenvs: [generated.env]\n',
      'k/generated.txt': 'x',
      'k/generated.env': 'A=b\n',
      'k/transformers/kustomization.yaml': 'resources: [t.yaml]\n',
      'k/transformers/t.yaml': 'apiVersion: builtin\nkind: PatchTransformer\npath: transformed.yaml\n',
      'k/transformed.yaml': MANIFEST,
      'k/inline.yaml': MANIFEST,
      'k/validator.yaml': 'apiVersion: example.com/v1\nkind: Check\n',
    };
    const kustomization = `resources: [./resource.yaml, ../base]
bases: [../old]
components: [../component]
crds: [crd.yaml]
configurations: [config.yaml]
openapi: {path: schema.json}
patches: [{path: patch.yaml}, {patch: "[]"}]
patchesStrategicMerge: [merge.yaml, "{kind: Inline}"]
patchesJson6902: [{path: 6902.json}]
replacements: [{path: replacement.yaml}]
configMapGenerator: [{name: c, files: [file.txt, key=keyed.txt], env: one.env, envs: [two.env]}]
secretGenerator: [{name: s, files: [secret.txt]}]
generators: [generator.yaml]
transformers: [transformers, "{apiVersion: builtin, kind: PatchTransformer, path: inline.yaml}"]
validators: [validator.yaml]
`;
    const others = { 'k/unused.yaml': MANIFEST, 'base/unused.yaml': MANIFEST, 'README.md': '#' };
    const { inputs, files } = await read({ ...named, ...others, 'k/kustomization.yaml': kustomization }, 'k');
    expect(inputs).toEqual([...Object.keys(named), 'k/kustomization.yaml'].sort());
    expect([...files.keys()].sort()).toEqual(inputs);
  });

  it('hold the kustomization that Flux makes of the one found, under its name', async () => {
    const { files, directory } = await read({ 'k/kustomization.yml': 'resources: []\n' }, './k/', { targetNamespace: 'shop' });
    expect(directory).toBe('k');
    expect(JSON.parse(new TextDecoder().decode(files.get('k/kustomization.yml')))).toMatchObject({ namespace: 'shop' });
  });

  it('hold a made kustomization that is no file of the repository', async () => {
    const { files, inputs, directories } = await read({ 'k/b.yaml': MANIFEST, 'k/a/x.yml': MANIFEST, 'k/a.txt': '' }, 'k');
    expect(inputs).toEqual(['k/a/x.yml', 'k/b.yaml']);
    expect(directories).toEqual(['k', 'k/a']);
    expect(JSON.parse(new TextDecoder().decode(files.get('k/kustomization.yaml'))).resources).toEqual(['./a/x.yml', './b.yaml']);
  });

  it('take in a base once, however many lead to it', async () => {
    const { inputs } = await read(
      {
        'top/kustomization.yaml': 'resources: [../left, ../right]\n',
        'left/kustomization.yaml': 'resources: [../base]\n',
        'right/kustomization.yaml': 'resources: [../base]\n',
        'base/kustomization.yaml': 'resources: [a.yaml]\n',
        'base/a.yaml': MANIFEST,
      },
      'top',
    );
    expect(inputs).toHaveLength(5);
  });

  it('say where a file that is missing would have to be', async () => {
    const { directories, inputs } = await read({ 'k/kustomization.yaml': 'resources: [../other/a.yaml]\n' }, 'k');
    expect(inputs).toEqual(['k/kustomization.yaml']);
    expect(directories).toEqual(['k', 'other']);
  });

  it('keep the content of a Git LFS pointer where Flux does: in a generator', async () => {
    const pointer = 'version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n';
    const { files } = await read({ 'kustomization.yaml': 'configMapGenerator: [{name: c, files: [blob]}]\n', blob: pointer });
    expect(new TextDecoder().decode(files.get('blob'))).toBe(pointer);
  });

  it('tell what was read until it failed', async () => {
    const closure = await readClosure(
      memoryFiles({ 'k/kustomization.yaml': 'resources: [a.yaml, ../../x]\n', 'k/a.yaml': MANIFEST }),
      'k',
      {},
    );
    expect(closure).toMatchObject({ kind: 'failed', inputs: ['k/a.yaml', 'k/kustomization.yaml'], directories: ['k'] });
  });

  it('never lie outside of what was given, and the walk ends, whatever the kustomizations name', async () => {
    const directories = ['a', 'b', 'a/c', 'd'];
    const reference = fc.constantFrom(
      '../a',
      '../b',
      'c',
      '..',
      '.',
      '../../d',
      '../d',
      'x.yaml',
      '../x.yaml',
      '../../../etc/passwd',
      '/etc/passwd',
      '',
    );
    const kustomization = fc.record({
      resources: fc.array(reference, { maxLength: 4 }),
      components: fc.array(reference, { maxLength: 2 }),
      transformers: fc.array(reference, { maxLength: 2 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(kustomization, { minLength: 4, maxLength: 4 }), async (kustomizations) => {
        const entries: Record<string, MemoryEntry> = { 'x.yaml': MANIFEST, 'a/x.yaml': MANIFEST };
        for (const [index, directory] of directories.entries())
          entries[`${directory}/kustomization.yaml`] = JSON.stringify(kustomizations[index]);
        const { inputs } = await readClosure(memoryFiles(entries), 'a', {});
        expect(Object.keys(entries)).toEqual(expect.arrayContaining(inputs));
      }),
    );
  });
});

describe('a path to be fetched', () => {
  it.each([
    'https://github.com/org/repo//base?ref=v1',
    'http://example.com/a.yaml',
    'HTTPS://example.com/a.yaml',
    'ssh://git@github.com/org/repo',
    'git::https://example.com/org/repo.git',
    'git@github.com:org/repo.git',
    'github.com/org/repo/base',
    'github.com:org/repo',
    'file:///srv/repo',
  ])('is %s', (path) => expect(isRemote(path)).toBe(true));

  it.each(['../base', './github.com/org', 'base', 'a.yaml', 'apps/user@host', 'C/x', 'githubXcom/org/repo'])('is not %s', (path) =>
    expect(isRemote(path)).toBe(false),
  );

  it('is shown without credentials', () => {
    expect(withoutCredentials('https://me:secret@git.example/org/repo?ref=v1&token=secret')).toBe('https://git.example/org/repo');
    expect(withoutCredentials('git@github.com:org/repo')).toBe('git@github.com:org/repo');
  });
});
