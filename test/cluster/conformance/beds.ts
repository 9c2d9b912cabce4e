/** The two clusters, side by side, each with a Git server and a recorder of its own. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findRenderer } from '../../../src/adapters/render/renderer.ts';
import { exampleRegistry } from '../../../src/example/registry.ts';
import { startGitServer } from '../../../src/sandbox/git/server.ts';
import { startSandbox } from '../../../src/sandbox/sandbox.ts';
import { startControlPlane } from '../control-plane.ts';
import { openApi } from './api-client.ts';
import { record } from './recorder.ts';
import type { Bed } from './scene.ts';

export interface Beds {
  sandbox: Bed;
  real: Bed;
  close(): Promise<void>;
}

type Gates = { cancelHealthCheckOnNewRevision?: boolean };

/** Starts both. What started is stopped again where the other does not. */
export async function openBeds(featureGates: Gates = {}): Promise<Beds> {
  const closing: (() => Promise<void> | void)[] = [];
  const close = async () => {
    for (const one of closing.splice(0).reverse()) await one();
  };
  try {
    const sandbox = await openSandbox(featureGates, closing);
    const real = await openReal(featureGates, closing);
    return { sandbox, real, close };
  } catch (error) {
    await close();
    throw error;
  }
}

type Closing = (() => Promise<void> | void)[];

async function openSandbox(featureGates: Gates, closing: Closing): Promise<Bed> {
  const renderer = await findRenderer({});
  const sandbox = await startSandbox({ build: (request) => renderer.render(request), images: exampleRegistry(), featureGates });
  closing.push(() => sandbox.stop());
  return { name: 'sandbox', kubeconfig: sandbox.kubeconfig, git: sandbox.git, ...(await watched(sandbox.kubeconfig, closing)) };
}

async function openReal(featureGates: Gates, closing: Closing): Promise<Bed> {
  const plane = await startControlPlane({ featureGates });
  closing.push(() => plane.stop());
  const root = await mkdtemp(join(tmpdir(), 'ebb-conformance-'));
  closing.push(() => rm(root, { recursive: true, force: true }));
  const git = await startGitServer({ root });
  closing.push(() => git.stop());
  return { name: 'real', kubeconfig: plane.kubeconfig, git, ...(await watched(plane.kubeconfig, closing)) };
}

async function watched(kubeconfig: string, closing: Closing): Promise<Pick<Bed, 'api' | 'recorder'>> {
  const api = await openApi(kubeconfig);
  closing.push(() => api.close());
  const recorder = await record(api);
  closing.push(() => recorder.stop());
  return { api, recorder };
}
