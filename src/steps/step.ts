/** What a step is: it looks whether its work is already done, does it, and says what it saw. Steps are idempotent by reading first. */
import type { ObjectRef } from '../api/kube.ts';
import type { OtherOutcome } from '../core/bring-along/outcome.ts';
import type { Sha } from '../core/commit.ts';
import type { Step, StepKind } from '../core/plan/plan.ts';
import type { Verdict } from '../core/verdict/verdict.ts';
import type { Clock, Cluster, GitRepo } from '../ports.ts';

export interface StepContext {
  cluster: Cluster;
  /** Absent for steps that need no Git. */
  repo: GitRepo | undefined;
  clock: Clock;
  /** Of the rollback that this step belongs to; absent for a hold set by hand. */
  rollbackId: string | undefined;
  /** The commit that this rollback pushed, once it has. */
  commit: Sha | undefined;
  /** Ends the step: Ctrl-C. */
  signal: AbortSignal;
  /** The step must be over by then. */
  deadline: Date;
  /** Writes down, before it is done, on which objects a mark is put: whoever goes on after a crash takes it out there. Absent where no journal is kept. */
  marking?(objects: readonly ObjectRef[]): Promise<void>;
  /** Of a step that runs beside others: aborts when those are over. */
  restOver?: AbortSignal;
  /** One line about what is being waited for; replaces the line before. */
  progress(message: string): void;
}

export type StepOutcome =
  /** `found`: it was already so. */
  | { kind: 'done'; found: boolean; message: string; commit?: Sha; verdict?: Verdict; others?: OtherOutcome[] }
  | { kind: 'failed'; reason: string; message: string; next: string[]; verdict?: Verdict }
  | { kind: 'timed-out'; message: string; next: string[]; verdict?: Verdict }
  /** The branch is no longer where the plan was made on: plan again. */
  | { kind: 'moved'; head: Sha | undefined };

export interface StepHandler<K extends StepKind> {
  kind: K;
  /** What it will do, for the plan and for progress. */
  describe(step: Extract<Step, { kind: K }>): string;
  run(step: Extract<Step, { kind: K }>, context: StepContext): Promise<StepOutcome>;
}
