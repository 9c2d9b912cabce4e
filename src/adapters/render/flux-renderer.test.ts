// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the braces are Flux's.
import { describe, expect, it } from 'vitest';
import { memoryFiles } from '../../../test/contracts/memory-files.ts';
import type { RenderRequest } from '../../ports.ts';
import type { BuildEngine, BuildResult } from './build-engine.ts';
import { FluxRenderer } from './flux-renderer.ts';

/** Counts its builds and gives what it is told to. */
class CountingEngine implements BuildEngine {
  readonly name = 'counting kustomize v0';
  builds = 0;
  results: BuildResult[] = [];

  async build(): Promise<BuildResult> {
    this.builds++;
    return this.results.shift() ?? { ok: true, documents: [{ text: 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a-${v:=x}\n' }] };
  }

  async close(): Promise<void> {}
}

function request(change: Partial<RenderRequest> & { text?: string } = {}): RenderRequest {
  const { text = 'a: 1\n', ...rest } = change;
  return {
    files: memoryFiles({ 'k/kustomization.yaml': 'resources: [a.yaml]\n', 'k/a.yaml': text, 'b.yaml': 'x' }),
    spec: { path: 'k' },
    ...rest,
  };
}

describe('rendering the same again', () => {
  it('builds once for the same content, at the same time and later', async () => {
    const engine = new CountingEngine();
    const renderer = new FluxRenderer(engine);
    const outcomes = await Promise.all([renderer.render(request()), renderer.render(request())]);
    outcomes.push(
      await renderer.render({
        ...request(),
        files: memoryFiles({ 'k/a.yaml': 'a: 1\n', 'k/kustomization.yaml': 'resources: [a.yaml]\n', 'b.yaml': 'other' }),
      }),
    );
    expect(engine.builds).toBe(1);
    for (const outcome of outcomes) expect(outcome).toEqual(outcomes[0]);
  });

  it('builds anew for other content, another spec or other variables', async () => {
    const engine = new CountingEngine();
    const renderer = new FluxRenderer(engine);
    const postBuild = { substituteFrom: [{ kind: 'ConfigMap' as const, name: 'v' }] };
    const requests = [
      request(),
      request({ text: 'a: 2\n' }),
      request({ spec: { path: 'k', targetNamespace: 'shop' } }),
      request({ spec: { path: 'k', commonMetadata: { labels: { a: 'b' } } } }),
      request({ spec: { path: 'k', postBuild }, variables: { v: '1' } }),
      request({ spec: { path: 'k', postBuild }, variables: { v: '2' } }),
    ];
    const outcomes = [];
    for (const each of requests) outcomes.push(await renderer.render(each));
    expect(engine.builds).toBe(requests.length);
    const names = outcomes.map((outcome) => (outcome.kind === 'rendered' ? outcome.objects[0]?.metadata.name : outcome.message));
    expect(names.slice(4)).toEqual(['a-1', 'a-2']);
  });

  it('keeps what kustomize refused, but not what the engine failed at', async () => {
    const engine = new CountingEngine();
    const renderer = new FluxRenderer(engine);
    engine.results = [
      { ok: false, message: 'ended', fault: 'engine' },
      { ok: false, message: 'bad', fault: 'manifests' },
    ];
    expect(await renderer.render(request())).toMatchObject({ kind: 'failed', message: 'kustomize build failed: ended' });
    expect(await renderer.render(request())).toMatchObject({ kind: 'failed', message: 'kustomize build failed: bad' });
    expect(await renderer.render(request())).toMatchObject({ kind: 'failed', message: 'kustomize build failed: bad' });
    expect(engine.builds).toBe(2);
  });
});
