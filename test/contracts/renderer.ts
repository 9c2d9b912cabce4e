import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Renderer, RenderOutcome, RenderRequest } from '../../src/ports.ts';
import { BUILT } from './built-cases.ts';
import { FAILED } from './failed-cases.ts';
import { memoryFiles } from './memory-files.ts';
import type { RenderCase } from './render-case.ts';

/** A renderer to test, and how to end it. */
export interface RendererUnderTest {
  renderer: Renderer;
  close(): Promise<void>;
}

/** What every Renderer does, whatever builds. */
export function describeRendererContract(name: string, make: () => Promise<RendererUnderTest>): void {
  describe(`a renderer on ${name}`, () => {
    let made: RendererUnderTest;
    beforeAll(async () => {
      made = await make();
    });
    afterAll(() => made.close());

    it('says which engine builds', () => {
      expect(made.renderer.engine).toMatch(/kustomize v?\d/);
    });

    for (const built of BUILT) {
      it(built.title, async () => {
        const { objects } = rendered(await made.renderer.render(requestOf(built)));
        expect(objects).toHaveLength(built.objects.length);
        expect(objects).toMatchObject(built.objects);
      });
    }

    for (const failed of FAILED) {
      it(failed.title, async () => {
        const outcome = await made.renderer.render(requestOf(failed));
        expect(outcome).toMatchObject({ kind: 'failed', message: expect.stringMatching(failed.message) });
      });
    }

    it('tells every file that the build read, and where another could appear', async () => {
      const files = memoryFiles({
        '.sourceignore': '/unused\n',
        'apps/base/kustomization.yaml': 'resources: [a.yaml]\nconfigMapGenerator: [{name: c, files: [c.txt]}]\n',
        'apps/base/a.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n',
        'apps/base/c.txt': 'c',
        'apps/base/unused.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: b}\n',
        'apps/dev/kustomization.yaml': 'resources: [../base]\n',
      });
      const outcome = rendered(await made.renderer.render({ files, spec: { path: 'apps/dev' } }));
      expect(outcome.inputs).toEqual([
        '.sourceignore',
        'apps/base/a.yaml',
        'apps/base/c.txt',
        'apps/base/kustomization.yaml',
        'apps/dev/kustomization.yaml',
      ]);
      expect(outcome.directories).toEqual(['apps/base', 'apps/dev']);
    });

    it('builds many at the same time, each its own', async () => {
      const requests = Array.from({ length: 12 }, (_, index) => ({
        files: memoryFiles({ 'a.yaml': `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c${index}}\n` }),
        spec: {},
      }));
      const outcomes = await Promise.all(requests.map((request) => made.renderer.render(request)));
      expect(outcomes.map((outcome) => rendered(outcome).objects.map(({ metadata }) => metadata.name))).toEqual(
        requests.map((_, index) => [`c${index}`]),
      );
    });

    it('gives each caller objects of its own', async () => {
      const request: RenderRequest = {
        files: memoryFiles({ 'a.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n' }),
        spec: {},
      };
      const [first] = rendered(await made.renderer.render(request)).objects;
      if (first) first.metadata.name = 'changed';
      expect(rendered(await made.renderer.render(request)).objects).toMatchObject([{ metadata: { name: 'a' } }]);
    });

    it('does not let the schema of one build into the next', async () => {
      const widgets = {
        'widget.yaml': 'apiVersion: example.com/v1\nkind: Widget\nmetadata: {name: w}\nspec: {parts: [{name: a, size: 1}]}\n',
        'patch.yaml': 'apiVersion: example.com/v1\nkind: Widget\nmetadata: {name: w}\nspec: {parts: [{name: b, size: 2}]}\n',
        'schema.json': JSON.stringify(WIDGET_SCHEMA),
      };
      const kustomization = 'resources: [widget.yaml]\npatches: [{path: patch.yaml}]\n';
      const plain = { files: memoryFiles({ ...widgets, 'kustomization.yaml': kustomization }), spec: {} };
      const withSchema = {
        files: memoryFiles({ ...widgets, 'kustomization.yaml': `${kustomization}openapi: {path: schema.json}\n` }),
        spec: {},
      };
      expect(rendered(await made.renderer.render(withSchema)).objects).toMatchObject([{ spec: { parts: [{ name: 'b' }, { name: 'a' }] } }]);
      expect(rendered(await made.renderer.render(plain)).objects).toMatchObject([{ spec: { parts: [{ name: 'b' }] } }]);
    });
  });
}

/** Builds every case on two renderers and expects the same, in objects, order and words. */
export function describeSameRendering(names: [string, string], make: () => Promise<[RendererUnderTest, RendererUnderTest]>): void {
  describe(`${names[0]} and ${names[1]}`, () => {
    let made: [RendererUnderTest, RendererUnderTest];
    beforeAll(async () => {
      made = await make();
    });
    afterAll(() => Promise.all(made.map(({ close }) => close())));

    it.each([...BUILT, ...FAILED].map((each) => [each.title, each] as const))('agree: %s', async (_title, each) => {
      const [one, other] = await Promise.all(made.map(({ renderer }) => renderer.render(requestOf(each))));
      expect(one).toEqual(other);
    });
  });
}

function requestOf({ files, spec, variables, sourceIgnore }: RenderCase): RenderRequest {
  return { files: memoryFiles(files), spec, ...(variables && { variables }), ...(sourceIgnore !== undefined && { sourceIgnore }) };
}

function rendered(outcome: RenderOutcome): Extract<RenderOutcome, { kind: 'rendered' }> {
  if (outcome.kind === 'failed') throw new Error(`failed to render: ${outcome.message}`);
  return outcome;
}

/** Parts of a Widget are merged by name. */
const WIDGET_SCHEMA = {
  definitions: {
    Widget: {
      type: 'object',
      'x-kubernetes-group-version-kind': [{ group: 'example.com', version: 'v1', kind: 'Widget' }],
      properties: {
        spec: {
          type: 'object',
          properties: {
            parts: {
              type: 'array',
              'x-kubernetes-patch-merge-key': 'name',
              'x-kubernetes-patch-strategy': 'merge',
              items: { type: 'object', properties: { name: { type: 'string' }, size: { type: 'integer' } } },
            },
          },
        },
      },
    },
  },
};
