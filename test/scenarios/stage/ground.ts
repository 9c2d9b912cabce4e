/** What a stage stands on: a cluster with Flux that follows the example repository on a Git server. */
import { findRenderer } from '../../../src/adapters/render/renderer.ts';
import { type ExampleOptions, startExample } from '../../../src/example/sandbox.ts';
import type { GitServer } from '../../../src/sandbox/git/server.ts';
import { STAGE } from './kind.ts';

export type StageOptions = Omit<ExampleOptions, 'renderer'>;

export interface Ground {
  git: GitServer;
  /** Of the administrator. */
  kubeconfig: string;
  /** Another kubeconfig, for one of the options' `tokens`, or for one that nobody knows. */
  kubeconfigFor(token: string): Promise<string>;
  /** The folder of the cluster's own programs, kubectl among them; without it, those of PATH are used. */
  programs?: string;
  /** Ends a controller of Flux as a crash would, and starts it anew. Only where controllers are programs. */
  restart?(name: 'kustomize-controller' | 'source-controller'): Promise<void>;
  stop(): Promise<void>;
}

/** Starts what EBB_STAGE asks for. Does not wait until the example is deployed. */
export async function openGround(options: StageOptions): Promise<Ground> {
  if (STAGE === 'sandbox') return startExample({ renderer: await findRenderer({}), ...options });
  const { startExampleOnControlPlane } = await import('../../cluster/example.ts');
  return startExampleOnControlPlane(options);
}
