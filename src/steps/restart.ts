/**
 * Starts pods anew that read a ConfigMap or Secret which went back under the same name, as `kubectl rollout restart` does.
 * The annotations belong to manager `ebb`, which Flux does not adopt: the parent's next apply leaves them, so nothing is
 * restarted a second time.
 */
import { ROLLBACK_ID } from '../api/annotations.ts';
import { formatRef, type ObjectRef } from '../api/kube.ts';
import { formatTarget } from '../api/target.ts';
import type { Workload } from '../api/workloads.ts';
import { Failure } from '../core/failure.ts';
import type { Step } from '../core/plan/plan.ts';
import { untilApplied } from './applied.ts';
import type { StepContext, StepHandler, StepOutcome } from './step.ts';

/** Written by `kubectl rollout restart` (k8s.io/kubectl pkg/polymorphichelpers/objectrestarter.go), so that people recognise it. */
const RESTARTED_AT = 'kubectl.kubernetes.io/restartedAt';

export const restartStep: StepHandler<'restart'> = {
  kind: 'restart',
  describe: (step) => `restart ${step.workloads.map(readText).join('; ')}`,
  run: async (step, context) => {
    const awaited = await untilApplied(context, step.target, step.revision);
    if (awaited.kind === 'timed-out')
      return {
        kind: 'timed-out',
        message: `Flux did not apply the good version in time, so nothing was restarted`,
        next: [`ebb status ${formatTarget(step.target)}`],
      };
    const restarted: ObjectRef[] = [];
    for (const { ref } of step.workloads) {
      const outcome = await restart(context, ref);
      if (outcome === 'restarted') restarted.push(ref);
      else if (outcome !== 'as-it-was') return outcome;
    }
    if (restarted.length === 0) return { kind: 'done', found: true, message: 'already restarted' };
    return { kind: 'done', found: false, message: `restarted ${restarted.map(formatRef).join(', ')}` };
  },
};

function readText({ ref, reads }: Extract<Step, { kind: 'restart' }>['workloads'][number]): string {
  return `${formatRef(ref)}, which reads ${reads.map(formatRef).join(' and ')} only when it starts`;
}

/** `as-it-was` where this rollback restarted it before, and where it is gone. */
async function restart({ cluster, clock, rollbackId }: StepContext, ref: ObjectRef): Promise<'restarted' | 'as-it-was' | StepOutcome> {
  const workload = await cluster.get<Workload>(ref);
  if (!workload) return 'as-it-was';
  const annotations = workload.spec.template.metadata?.annotations ?? {};
  if (rollbackId !== undefined && annotations[ROLLBACK_ID] === rollbackId) return 'as-it-was';
  const written = { [RESTARTED_AT]: clock.now().toISOString(), ...(rollbackId === undefined ? {} : { [ROLLBACK_ID]: rollbackId }) };
  try {
    await cluster.patch(ref, { spec: { template: { metadata: { annotations: written } } } }, { type: 'merge' });
  } catch (error) {
    if (!(error instanceof Failure) || error.code !== 'Forbidden') throw error;
    return notAllowed(ref, error);
  }
  return 'restarted';
}

function notAllowed(ref: ObjectRef, { message }: Failure): StepOutcome {
  return {
    kind: 'failed',
    reason: 'Forbidden',
    message: `the good configuration is applied, and ${formatRef(ref)} still runs with the bad one: ${message}`,
    next: [`kubectl rollout restart ${ref.kind.toLowerCase()}/${ref.name} -n ${ref.namespace}`],
  };
}
