/** What proposing needs to have been observed, and what it hands from one part to the next. */
import type { Commit, PathChange, Sha, TreeId } from '../../core/commit.ts';
import type { Finding } from '../../core/diagnosis/finding.ts';
import type { DeploymentRecord } from '../../core/history/record.ts';
import type { Proposal } from '../../core/plan/build.ts';
import type { Consumer, SourceState, TargetState, WorkloadsState } from '../../core/world.ts';
import type { CancelGate } from '../../observe/flux-controllers.ts';
import type { RenderingContext } from '../../observe/rendering.ts';

/** What proposing needs to have been observed. */
export interface Observed {
  target: TargetState;
  source: SourceState;
  /** Each with what its rendering depends on. */
  consumers: (Consumer & { rendering: RenderingContext })[];
  workloads: WorkloadsState;
  findings: Finding[];
  deployments: DeploymentRecord[];
  rendering: RenderingContext;
  /** Of every kustomization file at the head: the lines that may hold a path. */
  mentions: ReadonlyMap<string, readonly string[]>;
  /** What could not be looked at, for want of permission. */
  notes: string[];
  head: Sha;
  branch: string;
  now: Date;
  /** Milliseconds until the run that is under way gives up; undefined where none is. */
  runEndsInMs?: number;
  gate: CancelGate;
}

export interface Range {
  from: Commit;
  to: Commit;
  /** Newest first; empty where Git is already there. */
  reverts: Commit[];
  /** The deployment that `to` is or belongs to, where history knows it. */
  deployment?: DeploymentRecord;
}

export interface Change {
  tree?: TreeId;
  /** What the tree changes against the head; empty without one. */
  files: PathChange[];
  merged: Proposal['merged'];
  notes: string[];
}
