/** Deployments: one revision arriving at one target. */
import type { Target } from '../../api/target.ts';
import type { Person, Sha } from '../commit.ts';
import type { ImageChange } from '../diff/object-diff.ts';

/**
 * - `succeeded`: Flux reported success for this revision (with `wait`: its health checks passed)
 * - `failed`: Flux reported a failure for it
 * - `progressing`: it is being applied or checked now
 * - `rolled-back`: a later commit of Ebb took it back
 * - `reverted`: a later commit reverted it
 * - `pending`: in Git, not yet attempted by Flux
 * - `unknown`: nobody recorded it; never guessed
 */
export type Outcome = 'succeeded' | 'failed' | 'progressing' | 'rolled-back' | 'reverted' | 'pending' | 'unknown';

export interface DeploymentRecord {
  target: Target;
  commit: Sha;
  /** The deployment before it, where there was one. */
  from?: Sha;
  author: Person;
  subject: string;
  /** When the commit was made: RFC 3339. */
  committedAt: string;
  /** When Flux first and last saw this revision, where it is known: RFC 3339. */
  started?: string;
  finished?: string;
  outcome: Outcome;
  /** Where the outcome comes from, for people: `status.history`, `event HealthCheckFailed`, `commit 1a2b3c4d`. */
  evidence: string;
  /** Images before and after, where both sides were rendered. */
  images?: ImageChange[];
  /** This is what runs in the cluster now. */
  running: boolean;
  /** This is where a rollback goes by default. */
  lastGood: boolean;
  /** Commits that this one reverts. */
  reverts: Sha[];
  /** The commit that reverted this one. */
  revertedBy?: Sha;
  /** Ebb's id, where Ebb made this commit. */
  rollback?: string;
}
