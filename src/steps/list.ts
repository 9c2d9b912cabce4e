/** Every step kind, and nothing else decides which code runs for a step. */
import type { Step } from '../core/plan/plan.ts';
import { abandonStep } from './abandon.ts';
import { bringAlongStep } from './bring-along.ts';
import { commitStep } from './commit.ts';
import { fetchSourceStep } from './fetch-source.ts';
import { pinStep } from './pin.ts';
import { reconcileStep } from './reconcile.ts';
import { replaceBrokenPodsStep } from './replace-broken-pods.ts';
import { restartStep } from './restart.ts';
import { resumeStep } from './resume.ts';
import type { StepContext, StepHandler, StepOutcome } from './step.ts';
import { suspendStep } from './suspend.ts';
import { unpinStep } from './unpin.ts';
import { verifyStep } from './verify.ts';

const HANDLERS: { [K in Step['kind']]: StepHandler<K> } = {
  suspend: suspendStep,
  commit: commitStep,
  pin: pinStep,
  unpin: unpinStep,
  resume: resumeStep,
  'fetch-source': fetchSourceStep,
  abandon: abandonStep,
  'bring-along': bringAlongStep,
  reconcile: reconcileStep,
  'replace-broken-pods': replaceBrokenPodsStep,
  restart: restartStep,
  verify: verifyStep,
};

/** What a step will do, in a few words. */
export function describeStep(step: Step): string {
  return (HANDLERS[step.kind] as StepHandler<Step['kind']>).describe(step);
}

/** Runs one step. @throws Failure of an adapter; the signal's reason when interrupted. */
export function runStep(step: Step, context: StepContext): Promise<StepOutcome> {
  return (HANDLERS[step.kind] as StepHandler<Step['kind']>).run(step, context);
}
