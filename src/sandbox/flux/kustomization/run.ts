/** One run of a Kustomization: what its steps share, and how they end it. */
import type { Artifact, Kustomization, KustomizationStatus } from '../../../api/flux.ts';
import type { KubeObject } from '../../../api/kube.ts';
import type { SandboxClock } from '../../clock.ts';
import type { ClusterApi } from '../../cluster.ts';
import type { BuildFunction } from '../build.ts';
import type { ConditionSet } from '../condition-set.ts';
import type { EventRecorder } from '../event-recorder.ts';
import type { TreeFiles } from '../source/artifact-files.ts';
import type { ArtifactStorage } from '../source/artifact-storage.ts';
import type { Change } from '../ssa/change-set.ts';
import type { Interrupt } from './interrupts.ts';

export interface KustomizationEnvironment {
  api: ClusterApi;
  clock: SandboxClock;
  storage: ArtifactStorage;
  events: EventRecorder;
  build: BuildFunction;
  log: (line: string) => void;
}

export interface AttemptedKustomization extends Kustomization {
  status: KustomizationStatus;
}

/** Steps change `object`; `patch` writes it. */
export interface KustomizationRun extends KustomizationEnvironment {
  object: AttemptedKustomization;
  conditions: ConditionSet;
  patch: () => void;
  /** Aborts when the sandbox stops. */
  signal: AbortSignal;
  /** Tells when a newer request for this object waits; never without the feature gate. */
  interrupt: Interrupt;
  /** When the run began, by the precise clock. */
  startedAt: number;
}

/** A run whose source is there. */
export interface AttemptRun extends KustomizationRun {
  artifact: Artifact;
  revision: string;
  originRevision: string | undefined;
  inventoryBefore: NonNullable<KustomizationStatus['inventory']>;
  /** Set by the step that opens the artifact. */
  files?: TreeFiles;
  /** Set by the build step: what to apply, and the digest of what was built. */
  objects: KubeObject[];
  digest: string;
  /** Set by the apply step. */
  changes: Change[];
}

export type KustomizationStep = (run: AttemptRun) => Promise<void>;

/** Ends a run: Ready becomes False with this reason and message, and the run is tried again after `retryInterval`. */
export class AttemptFailure extends Error {
  override readonly name = 'AttemptFailure';
  readonly reason: string;
  /** Whether the attempt enters `status.history`: not where nothing was built. */
  readonly recorded: boolean;

  constructor(reason: string, message: string, options: { recorded: boolean }) {
    super(message);
    this.reason = reason;
    this.recorded = options.recorded;
  }
}

/** Thrown where the artifact's files are not there (any more): wait for the source, without an error. */
export class ArtifactGone extends Error {
  override readonly name = 'ArtifactGone';
}
