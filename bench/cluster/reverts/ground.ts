/** What the applications of a run stand on: a control plane, a Git server, and the commands' environment. */
import { join } from 'node:path';
import { type OpenCluster, openCluster } from '../../../src/adapters/kube/cluster.ts';
import type { KubeObject } from '../../../src/api/kube.ts';
import { packageRoot } from '../../../src/example/assets.ts';
import { type GitServer, startGitServer } from '../../../src/sandbox/git/server.ts';
import { comparedVersions } from '../../../test/cluster/conformance/versions.ts';
import type { ControlPlane } from '../../../test/cluster/control-plane.ts';
import { commandEnv } from '../machine.ts';
import { startPlane } from '../plane.ts';

/** Kustomizations that kustomize-controller works on at the same time, so that those which wait keep no others waiting; 4 by default. */
export const CONCURRENT = 40;

export interface Ground {
  plane: ControlPlane;
  git: GitServer;
  cluster: OpenCluster;
  env: NodeJS.ProcessEnv;
  /** The built command line. */
  ebb: string;
  ended: AbortSignal;
  stop(): Promise<void>;
}

/** @param gate CancelHealthCheckOnNewRevision of kustomize-controller and helm-controller. */
export async function openGround(gate: boolean, ended: AbortSignal): Promise<Ground> {
  const flags = { 'kustomize-controller': [`--concurrent=${CONCURRENT}`] };
  const plane = await startPlane({ featureGates: { cancelHealthCheckOnNewRevision: gate }, flags }, ended);
  const leaving: (() => unknown)[] = [() => plane.stop()];
  const stop = async () => {
    for (const one of leaving.splice(0).reverse()) await one();
  };
  try {
    const git = await startGitServer({ root: join(plane.folder, 'git') });
    leaving.push(() => git.stop());
    const cluster = await openCluster({ kubeconfig: plane.kubeconfig });
    leaving.push(() => cluster.close());
    await cluster.create(controllerDeployment(gate));
    return { plane, git, cluster, env: commandEnv(plane), ebb: join(packageRoot(), 'dist', 'ebb.js'), ended, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** As a cluster has it in which Flux runs in pods: by its flags one sees how Flux is set up. Here it runs none. */
function controllerDeployment(gate: boolean): KubeObject {
  const name = 'kustomize-controller';
  const args = [`--concurrent=${CONCURRENT}`, ...(gate ? ['--feature-gates=CancelHealthCheckOnNewRevision=true'] : [])];
  const container = { name: 'manager', image: `ghcr.io/fluxcd/${name}:v${fluxVersion()}`, args };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace: 'flux-system', labels: { 'app.kubernetes.io/part-of': 'flux' } },
    spec: {
      replicas: 0,
      selector: { matchLabels: { app: name } },
      template: { metadata: { labels: { app: name } }, spec: { containers: [container] } },
    },
  };
}

export function versions(): { name: string; version: string }[] {
  return comparedVersions(join(packageRoot(), 'test', 'cluster', 'modules'));
}

function fluxVersion(): string {
  return versions().find(({ name }) => name === 'kustomize-controller')?.version as string;
}
