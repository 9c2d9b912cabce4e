import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { describeRendererContract, describeSameRendering, type RendererUnderTest } from '../../../test/contracts/renderer.ts';
import { Failure } from '../../core/failure.ts';
import type { BuildEngine } from './build-engine.ts';
import { FluxRenderer } from './flux-renderer.ts';
import { findEngines, findRenderer } from './renderer.ts';

const { engines } = await findEngines();

async function underTest(engine: BuildEngine): Promise<RendererUnderTest> {
  const renderer = new FluxRenderer(engine);
  return { renderer, close: () => renderer.close() };
}

for (const engine of engines) describeRendererContract(engine.name, () => underTest(engine));

const [best, ...others] = engines;
if (best) {
  for (const other of others) describeSameRendering([best.name, other.name], () => Promise.all([underTest(best), underTest(other)]));
}

it('is tested on an engine at least', () => {
  expect(engines).not.toHaveLength(0);
});

describe('finding a renderer', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ebb-find-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  async function program(name: string, says: string): Promise<void> {
    await writeFile(join(folder, name), `#!/bin/sh\n${says}\n`);
    await chmod(join(folder, name), 0o755);
  }

  it('takes the built program before kustomize before kubectl', async () => {
    const search = { buildDir: join(folder), env: { PATH: folder } };
    await program('kubectl', `echo '{"clientVersion": {}, "kustomizeVersion": "v5.5.0"}'`);
    expect((await findRenderer(search)).engine).toBe('kubectl kustomize v5.5.0');
    await program('kustomize', 'echo v5.7.1');
    expect((await findRenderer(search)).engine).toBe('kustomize v5.7.1');
    await program('ebb-render', 'echo kustomize v5.8.1');
    expect((await findRenderer(search)).engine).toBe('kustomize v5.8.1 (Go)');
  });

  it('passes over a program that does not run and a kustomize that is too old', async () => {
    await program('ebb-render', 'exit 1');
    await program('kustomize', 'echo "{Version:kustomize/v4.5.7 GitCommit:56d82a8}"');
    await program('kubectl', `echo '{"clientVersion": {}, "kustomizeVersion": "v5.0.1"}'`);
    expect((await findRenderer({ buildDir: folder, env: { PATH: folder } })).engine).toBe('kubectl kustomize v5.0.1');
  });

  it('fails with causes and next steps where nothing can build', async () => {
    await program('kustomize', 'echo "{Version:kustomize/v4.5.7 GitCommit:56d82a8}"');
    const failure = await findRenderer({ buildDir: folder, env: { PATH: folder } }).catch((fault: unknown) => fault);
    expect(failure).toBeInstanceOf(Failure);
    expect(failure).toMatchObject({ code: 'RendererMissing', seen: expect.stringContaining('v4.5.7, older than v5.0.0') });
    expect((failure as Failure).causes).not.toHaveLength(0);
    expect((failure as Failure).next.join('\n')).toContain('node scripts/build-renderer.mjs');
  });
});
