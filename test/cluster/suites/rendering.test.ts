import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openCluster } from '../../../src/adapters/kube/cluster.ts';
import { findRenderer } from '../../../src/adapters/render/renderer.ts';
import type { KubeObject } from '../../../src/api/kube.ts';
import { startGitServer } from '../../../src/sandbox/git/server.ts';
import { startControlPlane } from '../control-plane.ts';
import { comparable } from './rendering/applied.ts';
import { BUILT } from './rendering/cases/built.ts';
import { REFUSED } from './rendering/cases/refused.ts';
import { type Played, play } from './rendering/play.ts';

const CASES = [...BUILT, ...REFUSED];
/** Where the controller checks out an artifact: not the same in two runs. */
const CHECKOUT = /\/\S*?kustomization-\d+(\/|(?=['\s]|$))/g;

describe('what Ebb renders, against what the real kustomize-controller makes of the same commit', () => {
  const ends: (() => unknown)[] = [];
  let played: Map<string, Played>;

  beforeAll(async () => {
    const folder = await mkdtemp(join(tmpdir(), 'ebb-rendering-'));
    ends.push(() => rm(folder, { recursive: true, force: true }));
    // Remote bases are refused by the controller too, and nothing here is fetched from anywhere.
    const flags = { 'kustomize-controller': ['--no-remote-bases', '--concurrent=10'], 'source-controller': ['--concurrent=10'] };
    const controlPlane = await startControlPlane({ flags });
    ends.push(() => controlPlane.stop());
    const git = await startGitServer({ root: join(folder, 'git') });
    ends.push(() => git.stop());
    const cluster = await openCluster({ kubeconfig: controlPlane.kubeconfig });
    ends.push(() => cluster.close());
    const renderer = await findRenderer({});
    ends.push(() => renderer.close());
    played = await play({ cluster, git, renderer, cacheDir: join(folder, 'cache') }, CASES);
  }, 600_000);
  afterAll(async () => {
    for (const end of ends.reverse()) await end();
  });

  it('is built as the controller builds: by kustomize in Go', async () => {
    expect((await findRenderer({})).engine).toContain('(Go)');
  });

  describe('renders', () => {
    it.each(BUILT.map((one) => [one.title, one] as const))('%s', (_, { name, count = 1 }) => {
      const { ready, applied, rendered } = played.get(name) as Played;
      expect(ready).toMatchObject({ status: 'True', message: expect.stringMatching(/^Applied revision: /) });
      expect(rendered.kind === 'rendered' ? rendered.objects.length : rendered.message).toBe(count);
      expect(inOrder(rendered.kind === 'rendered' ? rendered.objects : [])).toEqual(inOrder(applied));
    });
  });

  describe('refuses', () => {
    it.each(REFUSED.map((one) => [one.title, one] as const))('%s', (_, { name, message, ebb }) => {
      const { ready, rendered } = played.get(name) as Played;
      const flux = (ready.message ?? '').replace(CHECKOUT, (_match, slash) => (slash === '/' ? '' : '.'));
      expect({ status: ready.status, message: flux }).toEqual({ status: 'False', message: expect.stringMatching(message) });
      expect(rendered).toMatchObject({ kind: 'failed', message: ebb ? expect.stringMatching(ebb.says) : flux.trim() });
    });
  });
});

function inOrder(objects: KubeObject[]): unknown[] {
  const key = ({ apiVersion, kind, metadata }: KubeObject) => [apiVersion, kind, metadata.namespace, metadata.name].join(' ');
  return [...objects].sort((a, b) => (key(a) < key(b) ? -1 : 1)).map(comparable);
}
