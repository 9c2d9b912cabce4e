/** The ports that one run of the engine works with, and what it tells while it works. */
import type { Step } from '../core/plan/plan.ts';
import type { Clock, Cluster, GitRepo, Journal, Renderer } from '../ports.ts';
import type { StepOutcome } from '../steps/step.ts';

export interface Engine {
  cluster: Cluster;
  repo: GitRepo;
  renderer: Renderer;
  clock: Clock;
  journal: Journal;
  /** Ctrl-C. */
  signal: AbortSignal;
  listen(event: EngineEvent): void;
}

export type EngineEvent =
  /** `beside`: the steps that follow run meanwhile. */
  | { event: 'step-started'; index: number; total: number; step: Step; text: string; beside?: true }
  | { event: 'step-progress'; index: number; message: string; beside?: true }
  | { event: 'step-ended'; index: number; step: Step; outcome: StepOutcome; tookMs: number }
  | { event: 'replanned'; why: string }
  /** Something that one should know, once. */
  | { event: 'note'; message: string };
