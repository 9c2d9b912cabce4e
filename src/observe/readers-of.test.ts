import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { memoryFiles } from '../../test/contracts/memory-files.ts';
import { readClosure } from '../core/rendering/closure.ts';
import { ReaderSearch } from './readers-of.ts';

const REPOSITORY = {
  'apps/api/base/kustomization.yaml': 'resources:\n  - deployment.yaml\ncomponents: [../../shared]\n',
  'apps/api/base/deployment.yaml': 'kind: Deployment\n',
  'apps/api/overlays/dev/kustomization.yaml':
    'resources:\n- "../../base"\nconfigMapGenerator:\n- name: c\n  files: [app.env=files/dev.env]\n',
  'apps/api/overlays/dev/files/dev.env': 'A=1\n',
  'apps/web/kustomization.yaml': 'resources:\n- ../api/base\n- web.yaml\n',
  'apps/web/web.yaml': 'kind: Service\n',
  'apps/shared/kustomization.yaml': 'kind: Component\nresources: [policy.yaml]\n',
  'apps/shared/policy.yaml': 'kind: NetworkPolicy\n',
  'plain/a.yaml': 'kind: ConfigMap\n',
  'plain/deep/b.yaml': 'kind: ConfigMap\n',
  'loop/a/kustomization.yaml': 'resources: [../b]\n',
  'loop/b/kustomization.yaml': 'resources: [../a, x.yaml]\n',
};

const KUSTOMIZATIONS = new Map(
  Object.entries(REPOSITORY).flatMap(([path, text]) => (path.endsWith('/kustomization.yaml') ? [[path, text.split('\n')] as const] : [])),
);

const mayRead = (path: string, touched: string[], components: string[] = []) =>
  new ReaderSearch(KUSTOMIZATIONS, new Set(touched)).mayRead(path, components);

describe('who may read a file that changes', () => {
  it.each([
    ['./apps/api/overlays/dev', 'apps/api/base/deployment.yaml'],
    ['./apps/api/overlays/dev', 'apps/api/overlays/dev/files/dev.env'],
    ['./apps/api/overlays/dev', 'apps/shared/policy.yaml'],
    ['apps/web', 'apps/shared/kustomization.yaml'],
    ['./plain', 'plain/deep/b.yaml'],
    ['./plain', 'plain/new.yaml'],
    ['loop/a', 'loop/b/x.yaml'],
  ])('%s reads %s', (path, file) => {
    expect(mayRead(path, [file])).toBe(true);
  });

  it.each([
    ['./apps/web', 'apps/api/overlays/dev/kustomization.yaml'],
    ['./apps/api/overlays/dev', 'apps/web/web.yaml'],
    ['./plain', 'apps/web/web.yaml'],
    ['loop/a', 'plain/a.yaml'],
  ])('%s does not read %s', (path, file) => {
    expect(mayRead(path, [file])).toBe(false);
  });

  it('follows the components of the Kustomization itself', () => {
    expect(mayRead('./plain', ['apps/shared/policy.yaml'], ['../apps/shared'])).toBe(true);
  });

  it('never misses a file that the build reads', async () => {
    const paths = ['apps/api/overlays/dev', 'apps/web', 'plain'];
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...paths), fc.constantFrom(...Object.keys(REPOSITORY)), async (path, file) => {
        const closure = await readClosure(memoryFiles(REPOSITORY), path, {});
        if (closure.kind === 'read' && closure.inputs.includes(file)) expect(mayRead(path, [file])).toBe(true);
      }),
    );
  });
});
