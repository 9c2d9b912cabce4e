/**
 * Starts pods anew that read a ConfigMap or Secret which went back under the same name, as `kubectl rollout restart` does:
 * of the workloads of which a pod may run with the bad one, and no others. The annotations belong to manager `ebb`, which
 * Flux does not adopt: the parent's next apply leaves them, so nothing is restarted a second time.
 */
import { ROLLBACK_ID } from '../api/annotations.ts';
import { formatRef, type ObjectRef } from '../api/kube.ts';
import { formatTarget } from '../api/target.ts';
import type { Workload } from '../api/workloads.ts';
import { Failure } from '../core/failure.ts';
import type { ConfigUser } from '../core/plan/plan.ts';
import { maybeBad } from '../core/restart/bad-pods.ts';
import { runningPods } from '../core/restart/read-at.ts';
import { observeConfigReads } from '../observe/config-reads.ts';
import { Lacks } from '../observe/lacks.ts';
import { observeWorkloads } from '../observe/workloads.ts';
import { untilApplied } from './applied.ts';
import type { StepContext, StepHandler, StepOutcome } from './step.ts';

/** Written by `kubectl rollout restart` (k8s.io/kubectl pkg/polymorphichelpers/objectrestarter.go), so that people recognise it. */
const RESTARTED_AT = 'kubectl.kubernetes.io/restartedAt';
/** How often the annotation is tried to be written: whoever changed the workload in between may have been another runner. */
const TRIES = 10;

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
    const restarted: string[] = [];
    const left: string[] = [];
    for (const user of step.workloads) {
      const outcome = await restart(context, user);
      if (outcome.kind === 'restarted') restarted.push(restartedText(user));
      else if (outcome.kind === 'left') left.push(outcome.message);
      else if (outcome.kind === 'stopped') return outcome.outcome;
    }
    const parts = [...(restarted.length > 0 ? [`restarted ${restarted.join(', ')}`] : []), ...left];
    if (parts.length === 0) return { kind: 'done', found: true, message: 'already restarted' };
    return { kind: 'done', found: restarted.length === 0, message: parts.join('; ') };
  },
};

function readText({ ref, reads, since, unknown }: ConfigUser): string {
  const text = `${formatRef(ref)}, which reads ${reads.map(formatRef).join(' and ')} only when it starts`;
  if (since) return `${text}, unless all its pods started before ${since.replace(/\.\d+Z$/, 'Z')}`;
  return unknown ? `${text} (whichever its pods started with: ${unknown})` : text;
}

function restartedText({ ref, unknown }: ConfigUser): string {
  return unknown ? `${formatRef(ref)} (${unknown})` : formatRef(ref);
}

type Restart =
  | { kind: 'restarted' }
  | { kind: 'as-it-was' }
  | { kind: 'left'; message: string }
  | { kind: 'stopped'; outcome: StepOutcome };

/** `as-it-was` where this rollback restarted it before, and where it is gone; `left` where none of its pods has the bad configuration. */
async function restart(context: StepContext, user: ConfigUser): Promise<Restart> {
  const { cluster, clock, rollbackId } = context;
  for (let tries = 1; ; tries += 1) {
    const workload = await cluster.get<Workload>(user.ref);
    if (!workload) return { kind: 'as-it-was' };
    if (rollbackId !== undefined && workload.spec.template.metadata?.annotations?.[ROLLBACK_ID] === rollbackId)
      return { kind: 'as-it-was' };
    const reason = await reasonToLeave(context, user);
    if (reason !== undefined) return { kind: 'left', message: reason };
    const annotations = { [RESTARTED_AT]: clock.now().toISOString(), ...(rollbackId === undefined ? {} : { [ROLLBACK_ID]: rollbackId }) };
    const { resourceVersion } = workload.metadata;
    try {
      // Only what was looked at is changed: another runner may have restarted it meanwhile.
      await cluster.patch(
        user.ref,
        { metadata: { resourceVersion }, spec: { template: { metadata: { annotations } } } },
        { type: 'merge' },
      );
      return { kind: 'restarted' };
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      if (error.code === 'Forbidden') return { kind: 'stopped', outcome: notAllowed(user.ref, error) };
      if (error.code !== 'Conflict' || tries === TRIES) throw error;
    }
  }
}

/** @returns undefined where one of its pods runs with the bad configuration, or may. */
async function reasonToLeave({ cluster }: StepContext, user: ConfigUser): Promise<string | undefined> {
  // What may not be read is no reason to leave anything: it is as if it had changed a moment ago.
  const lacks = new Lacks();
  const [reads] = await observeConfigReads(cluster, [user.ref], lacks);
  const { workloads } = await observeWorkloads(cluster, [user.ref], { logs: false, lacks });
  const pods = workloads.flatMap((workload) => workload.pods);
  if (!reads || maybeBad(user, reads, pods).length > 0) return undefined;
  const running = runningPods(pods).length;
  const name = formatRef(user.ref);
  if (running === 0) return `${name} has no pod to restart`;
  return `left ${name} as it is: ${running === 1 ? 'its pod runs' : `its ${running} pods run`} with the good configuration`;
}

function notAllowed(ref: ObjectRef, { message }: Failure): StepOutcome {
  return {
    kind: 'failed',
    reason: 'Forbidden',
    message: `the good configuration is applied, and ${formatRef(ref)} still runs with the bad one: ${message}`,
    next: [`kubectl rollout restart ${ref.kind.toLowerCase()}/${ref.name} -n ${ref.namespace}`],
  };
}
