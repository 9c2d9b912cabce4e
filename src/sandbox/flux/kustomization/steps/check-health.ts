/** Waits for what was applied, or for `spec.healthChecks`, to become healthy. Source: kustomize-controller checkHealth(). */
import { HEALTHY, READY } from '../../../../api/flux.ts';
import { type ObjectRef, refOf } from '../../../../api/kube.ts';
import { goDuration } from '../../go-duration.ts';
import { hasChanged, subjectOf } from '../../ssa/change-set.ts';
import { HealthError, waitForHealth } from '../../ssa/wait.ts';
import { timeoutOf } from '../defaults.ts';
import { recordEvent } from '../events.ts';
import { AttemptFailure, type AttemptRun } from '../run.ts';
import { announce, progressMessage } from './announce.ts';

const POLL_MS = 5_000;

export async function checkHealth(run: AttemptRun): Promise<void> {
  const { conditions, clock, revision, originRevision } = run;
  const checked = refsToCheck(run);
  if (checked.length === 0) {
    conditions.delete(HEALTHY);
    return;
  }
  const wasHealthy = conditions.is(HEALTHY, 'True');
  const startedAt = clock.precise();
  const elapsed = () => goDuration(clock.precise() - startedAt);
  conditions.markUnknown(HEALTHY, 'Progressing', progressMessage(run, 'Running health checks'));
  announce(run, 'Running health checks');
  try {
    await wait(
      run,
      checked.filter((ref) => !isItself(ref, run)),
    );
  } catch (error) {
    if (!(error instanceof HealthError) || run.interrupt.trigger) throw error;
    conditions.markFalse(READY, 'HealthCheckFailed', error.message);
    conditions.markFalse(HEALTHY, 'HealthCheckFailed', error.message);
    throw new AttemptFailure('HealthCheckFailed', `health check failed after ${elapsed()}: ${error.message}`, { recorded: true });
  }
  const message = `Health check passed in ${elapsed()}`;
  const isNews = run.object.status.lastAppliedRevision !== revision && run.changes.some(hasChanged);
  if (!wasHealthy || isNews) recordEvent(run, { severity: 'info', message, revision, originRevision });
  conditions.markTrue(HEALTHY, 'Succeeded', message);
  run.patch();
}

async function wait(run: AttemptRun, refs: readonly ObjectRef[]): Promise<void> {
  const { api, clock, object, signal, interrupt } = run;
  await waitForHealth(refs, {
    api,
    clock,
    interval: POLL_MS,
    timeout: timeoutOf(object.spec),
    failFast: true,
    signal: AbortSignal.any([signal, interrupt.signal]),
    mayDisappear: expiringJobs(run),
  });
}

function refsToCheck({ object, changes }: AttemptRun): ObjectRef[] {
  const { wait, healthChecks = [] } = object.spec;
  if (wait) return changes.filter(({ action }) => action !== 'skipped').map(({ ref }) => ref);
  return healthChecks.map(({ apiVersion = 'apps/v1', kind, namespace, name }) => {
    return namespace ? { apiVersion, kind, namespace, name } : { apiVersion, kind, name };
  });
}

/** Waiting for itself would never end. */
function isItself(ref: ObjectRef, { object }: AttemptRun): boolean {
  return ref.kind === object.kind && ref.name === object.metadata.name && ref.namespace === object.metadata.namespace;
}

function expiringJobs({ objects }: AttemptRun): Set<string> {
  const expiring = objects.filter((object) => {
    const spec = (object.spec ?? {}) as { ttlSecondsAfterFinished?: number };
    return object.kind === 'Job' && spec.ttlSecondsAfterFinished !== undefined;
  });
  return new Set(expiring.map((object) => subjectOf(refOf(object))));
}
