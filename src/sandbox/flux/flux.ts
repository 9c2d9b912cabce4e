/**
 * Flux in the sandbox: the behaviour of source-controller and kustomize-controller, and of helm-controller as far as
 * suspending goes, over the embedded API server.
 */
import { GIT_REPOSITORY, KUSTOMIZE_CONTROLLER } from '../../api/flux.ts';
import type { SandboxClock } from '../clock.ts';
import type { ClusterApi } from '../cluster.ts';
import type { BuildFunction } from './build.ts';
import { type Controller, startController } from './controller.ts';
import { EventRecorder } from './event-recorder.ts';
import { HELM_CONTROLLER, startHelmController } from './helm/helm-release.ts';
import { startKustomizationController } from './kustomization/controller.ts';
import { ArtifactStorage } from './source/artifact-storage.ts';
import { reconcileGitRepository, SOURCE_CONTROLLER } from './source/git-repository.ts';
import type { SourceEnvironment } from './source/source-run.ts';

export type { BuildFunction } from './build.ts';
export { FLUX_CRDS } from './crds/all.ts';

export interface FluxOptions {
  /** Serves the kinds of `FLUX_CRDS` already. */
  api: ClusterApi;
  clock: SandboxClock;
  build: BuildFunction;
  /** Directory for Git objects and artifacts; the caller removes it. */
  storageDir: string;
  featureGates?: {
    /** A new revision ends the health checks of a running reconcile; off by default, as in Flux. */
    cancelHealthCheckOnNewRevision?: boolean;
  };
  /** Objects of each kind that are reconciled at the same time; 4 by default, as in Flux. */
  concurrency?: number;
  /** Gets a line for what a controller did not expect; such a run is tried again with back-off. */
  log?: (line: string) => void;
}

/** Starts the controllers. `stop` ends what runs, and the server of the artifacts. */
export async function startFlux(options: FluxOptions): Promise<{ stop(): Promise<void> }> {
  const { api, clock, build, concurrency = 4, log = () => {}, featureGates = {} } = options;
  const storage = await ArtifactStorage.open(options.storageDir, clock);
  const recorder = (component: string) => new EventRecorder(api, clock, component);
  const controllers = [
    startSourceController({ api, clock, storage, events: recorder(SOURCE_CONTROLLER) }, { concurrency, log }),
    startKustomizationController(
      { api, clock, storage, build, log, events: recorder(KUSTOMIZE_CONTROLLER) },
      { concurrency, cancelHealthCheckOnNewRevision: featureGates.cancelHealthCheckOnNewRevision ?? false },
    ),
    startHelmController({ api, clock, log, events: recorder(HELM_CONTROLLER) }, concurrency),
  ];
  return {
    async stop() {
      await Promise.all(controllers.map((controller) => controller.stop()));
      await storage.close();
    },
  };
}

function startSourceController(
  environment: SourceEnvironment,
  { concurrency, log }: { concurrency: number; log: (line: string) => void },
): Controller {
  const { api, clock } = environment;
  const reconcile = (key: string, signal: AbortSignal) => reconcileGitRepository(environment, key, signal);
  return startController({ api, clock, log, concurrency, kind: GIT_REPOSITORY, reconcile });
}
