/** One run of a GitRepository: what its steps share, and how they end it. */
import type { GitRepository, GitRepositoryStatus } from '../../../api/flux.ts';
import type { SandboxClock } from '../../clock.ts';
import type { ClusterApi } from '../../cluster.ts';
import type { ConditionSet } from '../condition-set.ts';
import type { EventRecorder } from '../event-recorder.ts';
import type { ArtifactStorage } from './artifact-storage.ts';
import type { CheckedOut } from './checkout.ts';

/** What source-controller records besides the contract's fields, to see whether an artifact must be built anew. */
export interface ObservedContent {
  observedIgnore?: string;
  observedRecurseSubmodules?: boolean;
  observedInclude?: NonNullable<GitRepository['spec']['include']>;
  observedSparseCheckout?: string[];
  includedArtifacts?: NonNullable<GitRepositoryStatus['artifact']>[];
}

export interface SourceObject extends GitRepository {
  status: GitRepositoryStatus & ObservedContent;
}

export interface SourceEnvironment {
  api: ClusterApi;
  clock: SandboxClock;
  storage: ArtifactStorage;
  events: EventRecorder;
}

/** Steps change `object`; `patch` writes it. */
export interface SourceRun extends SourceEnvironment {
  object: SourceObject;
  conditions: ConditionSet;
  signal: AbortSignal;
  patch: () => void;
  includes: NonNullable<ObservedContent['includedArtifacts']>;
  commit?: CheckedOut;
}

export type SourceStep = (run: SourceRun) => Promise<void>;

export interface SourceFailureOptions {
  /**
   * `retry` with back-off (the default), `stalled` until the spec changes, `wait` for another object,
   * `unchanged` where nothing is to be done.
   */
  kind?: 'retry' | 'stalled' | 'wait' | 'unchanged';
  reason: string;
}

/** Ends a run early. Source: source-controller internal/error/error.go. */
export class SourceFailure extends Error {
  override readonly name = 'SourceFailure';
  readonly kind: NonNullable<SourceFailureOptions['kind']>;
  readonly reason: string;

  constructor(message: string, options: SourceFailureOptions) {
    super(message);
    this.kind = options.kind ?? 'retry';
    this.reason = options.reason;
  }
}

/** Marks the abnormal condition that belongs to a failure, and returns it to be thrown. */
export function failure(run: SourceRun, condition: string, message: string, options: SourceFailureOptions): SourceFailure {
  run.conditions.markTrue(condition, options.reason, message);
  return new SourceFailure(message, options);
}

/** Under way, and Ready is unknown where it was so before or where something differs. Source: fluxcd/pkg runtime/reconcile/result.go. */
export function progress(run: Pick<SourceRun, 'conditions'>, message: string, drift: 'drift' | 'no-drift'): void {
  const { conditions } = run;
  conditions.markReconciling('Progressing', message);
  const ready = conditions.get('Ready');
  if (drift === 'drift' || !ready || ready.status === 'Unknown') conditions.markUnknown('Ready', 'Progressing', message);
}
