/** A cluster with the example deployed, and the `flux` program to ask it with. */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openCluster } from '../../../../src/adapters/kube/cluster.ts';
import { KUSTOMIZATION, type Kustomization } from '../../../../src/api/flux.ts';
import type { KubeObject } from '../../../../src/api/kube.ts';
import { type Developer, developerAt } from '../../../../src/example/developer.ts';
import { REPOSITORY } from '../../../../src/example/sandbox.ts';
import type { GitServer } from '../../../../src/sandbox/git/server.ts';

export interface Answer {
  code: number;
  stdout: string;
  stderr: string;
}

export interface Place {
  developer: Developer;
  /** Runs `flux …` in the developer's clone, with Ebb as its plugin. */
  flux(args: readonly string[]): Promise<Answer>;
  leave(): Promise<void>;
}

export interface Ground {
  kubeconfig: string;
  git: GitServer;
  stop(): Promise<void>;
}

const PATIENCE_MS = 180_000;
/** The build of the command line, which `flux` starts as `flux-ebb`. */
const EBB = join(import.meta.dirname, '..', '..', '..', '..', 'dist', 'flux-ebb');

/** @param program path of `flux`. Resolves when everything is deployed and at rest. */
export async function openPlace(ground: Ground, program: string): Promise<Place> {
  const home = await mkdtemp(join(tmpdir(), 'ebb-flux-cli-'));
  const plugins = join(home, 'plugins');
  await mkdir(plugins);
  await symlink(EBB, join(plugins, 'flux-ebb'));
  const developer = await developerAt(ground.git.cloneUrl(REPOSITORY));
  const env = {
    PATH: process.env.PATH,
    HOME: home,
    KUBECONFIG: ground.kubeconfig,
    FLUXCD_PLUGINS: plugins,
    EBB_CACHE_DIR: join(home, 'cache'),
    EBB_STATE_DIR: join(home, 'state'),
    NO_COLOR: '1',
  };
  await untilAtRest(ground.kubeconfig);
  return {
    developer,
    flux: (args) =>
      new Promise((resolve) => {
        execFile(program, args, { cwd: developer.folder, env, maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) => {
          resolve({ code: error ? Number(error.code ?? -1) : 0, stdout, stderr });
        });
      }),
    leave: async () => {
      await developer.leave();
      await ground.stop();
      await rm(home, { recursive: true, force: true });
    },
  };
}

/** The autoscaler has its say a while after the Deployment is there. */
async function untilAtRest(kubeconfig: string): Promise<void> {
  const cluster = await openCluster({ kubeconfig });
  const deadline = Date.now() + PATIENCE_MS;
  try {
    for (;;) {
      const kustomizations = await cluster.list<Kustomization>(KUSTOMIZATION);
      const [deployment] = await cluster.list<KubeObject>({ apiVersion: 'apps/v1', kind: 'Deployment' }, { namespace: 'sample-saas-app' });
      const scaled = (deployment?.status as { readyReplicas?: number } | undefined)?.readyReplicas === 2;
      if (scaled && kustomizations.length === 3 && kustomizations.every(isReady)) return;
      if (Date.now() > deadline) throw new Error(`the example is not deployed after ${PATIENCE_MS / 1_000} s`);
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  } finally {
    cluster.close();
  }
}

function isReady({ status }: Kustomization): boolean {
  return status?.conditions?.find(({ type }) => type === 'Ready')?.status === 'True';
}
