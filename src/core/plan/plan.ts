/** A plan: data; what a rollback will do. The same value serves --dry-run, the journal and the report. */
import type { ObjectRef } from '../../api/kube.ts';
import type { Target } from '../../api/target.ts';
import type { PathChange, Person, Sha, TreeId } from '../commit.ts';
import type { Symptom } from '../diagnosis/finding.ts';
import type { ObjectChange } from '../diff/object-diff.ts';
import type { Hazard } from '../hazards/hazard.ts';
import type { Hold } from '../holds/hold.ts';
import type { FieldConflict } from '../merge/yaml-merge.ts';

export type Strategy = 'revert' | 'restore' | 'pin' | 'suspend';

/** What was asked for. */
export interface Request {
  target: Target;
  strategy: Strategy;
  /** The revision to go back to, as typed; default: the last good one. */
  to?: string;
  /** Commits to revert, as typed; ranges `A..B` are taken. */
  commits?: string[];
  /** Parent number for merges, as `git revert -m`. */
  mainline?: number;
  reason?: string;
  /** Who asks: `Name <email>`. */
  actor: Person;
  trigger: 'manual' | 'alert';
  /** Push the commit to this new branch rather than to the one that Flux reads. */
  pushBranch?: string;
  /** For `pin`: how long, in milliseconds, and whose source moves. */
  pinForMs?: number;
  pinScope?: 'target' | 'source';
  /** Let a run that waits for the bad version wait out its timeout, rather than end it. */
  waitOutTimeout?: boolean;
  /** `false`: leave pods that read changed configuration at their start as they are. */
  restart?: false;
  /** Leave the other targets that the commit brings back to Flux. */
  only?: true;
  /** Blocking hazards that were accepted by name. */
  accept: string[];
}

export type StepKind = Step['kind'];

export type Step =
  | { kind: 'suspend'; target: Target; reason: string; by: string; until?: string }
  | {
      kind: 'commit';
      branch: string;
      /** The head that the tree was made on; `push` is a fast-forward of it. */
      base: Sha;
      tree: TreeId;
      message: string;
      author: Person;
      /** The branch that Flux reads; differs from `branch` where the commit goes to a branch of its own. */
      reads: string;
    }
  | { kind: 'pin'; target: Target; commit: Sha; scope: 'target' | 'source'; source: SourceName; reason: string; by: string; until: string }
  | { kind: 'unpin'; target: Target }
  | { kind: 'resume'; target: Target }
  /** Have the source fetched now, and wait until its artifact contains the commit (`null`: the commit of this rollback). */
  | { kind: 'fetch-source'; source: SourceName; commit: Sha | null }
  /** End the run that still waits for the bad version to get healthy, where there is one: else it keeps the good one waiting. */
  | { kind: 'abandon'; target: Target; revision: ExpectedRevision }
  /** Beside the steps that follow: end the failing runs of the others that the commit brings back, and watch until each is well. */
  | { kind: 'bring-along'; revision: ExpectedRevision; others: OtherTarget[]; waitOutTimeout?: true }
  /** Have the target reconciled now, and wait until Flux attempted the revision. */
  | { kind: 'reconcile'; target: Target; revision: ExpectedRevision }
  /** Delete pods of the bad version that never got ready and that their StatefulSet would wait for for ever. */
  | { kind: 'replace-broken-pods'; target: Target; revision: ExpectedRevision; sets: ObjectRef[] }
  /** Start pods anew that read configuration which went back under the same name. */
  | { kind: 'restart'; target: Target; revision: ExpectedRevision; workloads: ConfigUser[] }
  | {
      kind: 'verify';
      target: Target;
      revision: ExpectedRevision;
      symptoms: Symptom[];
      httpChecks: string[];
      steadyMs: number;
      /** Workloads none of whose pods may go on with the bad configuration. */
      configuration?: ConfigUser[];
    };

/** A workload whose pods read configuration, when they start, that goes back under the same name. */
export interface ConfigUser {
  ref: ObjectRef;
  reads: ObjectRef[];
  /** When the bad configuration arrived, at the earliest: RFC 3339. Pods that started before it run with the good one. */
  since?: string;
  /** Why that is not known. */
  unknown?: string;
}

/**
 * The revision that has to arrive at a target: one that contains a commit (`null`: the commit of this rollback), so that
 * later commits count as well; or, for a pin, that very commit, for the bad revision contains the good one too.
 */
export type ExpectedRevision = { kind: 'contains'; commit: Sha | null } | { kind: 'exactly'; commit: Sha };

export interface SourceName {
  kind: string;
  namespace: string;
  name: string;
}

/** What keeps a target from following its source, on purpose. */
export interface OtherHold {
  kind: Hold['kind'];
  /** Who, where that is known. */
  by?: string;
}

/** One of the others that a commit brings back. */
export interface OtherTarget {
  target: Target;
  /** What changes there and has a health of its own. */
  changed: ObjectRef[];
  /** It is left alone. */
  held?: OtherHold;
}

/** Another target whose rendered objects change with this plan. */
export interface AffectedTarget {
  target: Target;
  changes: ObjectChange[];
  /** It does not follow the source just now: nothing changes before somebody lets it go on. */
  held?: OtherHold;
  /** It could not be rendered, so what changes for it is not known. */
  unknown?: string;
}

export interface Plan {
  id: string;
  /** What was asked, so that the plan can be made again when the branch moved. */
  request: Request;
  target: Target;
  strategy: Strategy;
  trigger: Request['trigger'];
  reason?: string;
  /** The commit that runs (or is being attempted) and the one that the target goes back to. */
  from: Sha;
  to: Sha;
  /** Commits that are taken back, newest first; empty for `pin` and `restore`. */
  reverts: { sha: Sha; subject: string; author: Person }[];
  branch: string;
  base: Sha;
  /** The commit of this very rollback, where the branch had it already. */
  landed?: Sha;
  /** Files that the commit changes. */
  files: PathChange[];
  /** Objects of the target that change in the cluster; undefined where nothing could be rendered. */
  changes: ObjectChange[] | undefined;
  affected: AffectedTarget[];
  /** How the revert was merged: by git, or field by field as YAML where git saw conflicts. */
  merged: 'git' | 'fields' | 'none';
  hazards: Hazard[];
  notes: string[];
  steps: Step[];
  /** What builds: named so that a plan says how it knows. */
  renderer: string;
}

/** Why there is no plan. Nothing was written. */
export interface Refusal {
  kind: 'refused';
  reason:
    | 'MissingRollbackTarget'
    | 'AlreadyThere'
    | 'AlreadyReverted'
    | 'NotAnAncestor'
    | 'NoSuchCommit'
    | 'MergeNeedsMainline'
    | 'RevertConflict'
    | 'NotAKustomization'
    | 'SourceNotGit'
    | 'RenderFailed'
    | 'Pinned'
    | 'CommitOutsideTarget'
    | 'HazardBlocks';
  message: string;
  /** For `RevertConflict`: the exact fields and values. */
  conflicts?: FieldConflict[];
  hazards?: Hazard[];
  next: string[];
}
