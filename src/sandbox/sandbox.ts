/** The embedded cluster: Git, a Kubernetes API, workloads and Flux in one process, on loopback ports, gone without a trace. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loopbackCertificate } from './apiserver/certificate.ts';
import { kubeconfig, startApiServer } from './apiserver/server.ts';
import { createStore } from './apiserver/store.ts';
import { ScaledClock } from './clock.ts';
import type { ClusterApi } from './cluster.ts';
import type { BuildFunction } from './flux/build.ts';
import { FLUX_CRDS, startFlux } from './flux/flux.ts';
import { type GitServer, startGitServer } from './git/server.ts';
import type { ImageStore } from './workloads/images.ts';
import { startWorkloads } from './workloads/workloads.ts';

export interface SandboxOptions {
  /** Renders Kustomizations: kustomize-controller's build. */
  build: BuildFunction;
  /** What the registry has. */
  images: ImageStore;
  featureGates?: { cancelHealthCheckOnNewRevision?: boolean };
  /** How many times faster than the wall clock its time runs; processes and their probes' answers run at their own pace. */
  speed?: number;
  /** Basic auth of the Git server; none where absent. */
  gitUsers?: { username: string; password: string }[];
  /** Tokens besides the administrator's, judged by RBAC. */
  tokens?: { token: string; user: string; groups: string[] }[];
}

export interface Sandbox {
  /** Path of a kubeconfig for the administrator. */
  kubeconfig: string;
  apiUrl: string;
  /** The certificate authority of the API server, PEM. */
  caPem: string;
  git: GitServer;
  api: ClusterApi;
  /** Another kubeconfig, for one of `tokens`. */
  kubeconfigFor(token: string): Promise<string>;
  stop(): Promise<void>;
}

export const ADMIN_TOKEN = 'sandbox-admin';

/** Starts everything; what started is stopped again where a later part fails. */
export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  const folder = await mkdtemp(join(tmpdir(), 'ebb-sandbox-'));
  const stops: (() => Promise<void>)[] = [() => rm(folder, { recursive: true, force: true })];
  const stop = async () => {
    for (const one of stops.splice(0).reverse()) await one();
  };
  try {
    return await assemble(options, folder, stops, stop);
  } catch (error) {
    await stop();
    throw error;
  }
}

async function assemble(
  options: SandboxOptions,
  folder: string,
  stops: (() => Promise<void>)[],
  stop: () => Promise<void>,
): Promise<Sandbox> {
  const clock = new ScaledClock(options.speed ?? 1);
  const gitRoot = join(folder, 'git');
  await mkdir(gitRoot);
  const git = await startGitServer({ root: gitRoot, ...(options.gitUsers ? { users: options.gitUsers } : {}) });
  stops.push(() => git.stop());
  const store = createStore({ clock });
  for (const crd of FLUX_CRDS) store.create(crd, { manager: 'flux' });
  store.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'flux-system' } }, { manager: 'flux' });
  const certificate = await loopbackCertificate();
  const workloads = startWorkloads({
    api: store,
    clock,
    images: options.images,
    workDir: join(folder, 'pods'),
    rootCertificate: certificate.cert,
  });
  stops.push(() => workloads.stop());
  const server = await startApiServer({
    store,
    clock,
    tokens: [{ token: ADMIN_TOKEN, user: 'admin', groups: ['system:masters'] }, ...(options.tokens ?? [])],
    logs: workloads.logs,
    routes: workloads.routes,
    certificate,
  });
  stops.push(() => server.stop());
  const flux = await startFlux({
    api: store,
    clock,
    build: options.build,
    storageDir: join(folder, 'artifacts'),
    ...(options.featureGates ? { featureGates: options.featureGates } : {}),
  });
  stops.push(() => flux.stop());
  const kubeconfigFor = async (token: string) => {
    const file = join(folder, `kubeconfig-${token}`);
    await writeFile(file, kubeconfig({ url: server.url, caPem: server.caPem, token, contextName: 'ebb-sandbox' }), { mode: 0o600 });
    return file;
  };
  return { kubeconfig: await kubeconfigFor(ADMIN_TOKEN), apiUrl: server.url, caPem: server.caPem, git, api: store, kubeconfigFor, stop };
}
