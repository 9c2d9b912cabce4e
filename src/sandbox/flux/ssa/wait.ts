/** Waits until objects are healthy, by polling as Flux does. Source: fluxcd/pkg ssa/manager_wait.go. */
import { computeStatus, type KStatus } from '../../../api/kstatus.ts';
import type { KubeObject, ObjectRef } from '../../../api/kube.ts';
import type { SandboxClock } from '../../clock.ts';
import type { ClusterApi } from '../../cluster.ts';
import { subjectOf } from './change-set.ts';
import { jobStatus } from './job-status.ts';

export interface WaitOptions {
  api: ClusterApi;
  clock: SandboxClock;
  /** Milliseconds between two polls. */
  interval: number;
  /** Milliseconds. */
  timeout: number;
  /** Give up at the first object that has failed. */
  failFast: boolean;
  /** Ends the wait from outside. */
  signal: AbortSignal;
  /** Keys of `subjectOf` whose objects may disappear once they are done (Jobs with a time to live). */
  mayDisappear?: ReadonlySet<string>;
}

export class HealthError extends Error {
  override readonly name = 'HealthError';
}

type Observed = KStatus | 'NotFound';

/** @throws HealthError for failed objects and at the timeout; the signal's reason when aborted */
export async function waitForHealth(refs: readonly ObjectRef[], options: WaitOptions): Promise<void> {
  if (refs.length === 0) return;
  options.signal.throwIfAborted();
  const statuses: Observed[] = refs.map(() => 'Unknown');
  const judge = () => {
    for (const [index, ref] of refs.entries()) {
      statuses[index] = observe(ref, options);
      if (isDecided(statuses, options.failFast)) return true;
    }
    return false;
  };
  const ending = await poll(judge, options);
  const report = (unhealthy: (status: Observed) => boolean) =>
    refs.flatMap((ref, index) => (unhealthy(statuses[index] as Observed) ? [`${subjectOf(ref)} status: '${statuses[index]}'`] : []));
  if (ending === 'timeout') {
    const waiting = report((status) => status !== 'Current');
    if (waiting.length > 0) throw new HealthError(`timeout waiting for: [${waiting.join(', ')}]`);
    return;
  }
  const failed = report((status) => status === 'Failed');
  if (failed.length > 0) throw new HealthError(`failed early due to stalled resources: [${failed.join(', ')}]`);
}

/** Judges now and then at every interval, until it is decided or the time is up. */
function poll(judge: () => boolean, { clock, interval, timeout, signal }: WaitOptions): Promise<'decided' | 'timeout'> {
  return new Promise((resolve, reject) => {
    let next = clock.after(0, () => {});
    const end = (settle: () => void) => {
      deadline.cancel();
      next.cancel();
      signal.removeEventListener('abort', abort);
      settle();
    };
    const abort = () => end(() => reject(signal.reason));
    const deadline = clock.after(timeout, () => end(() => resolve('timeout')));
    const tick = () => {
      if (judge()) return end(() => resolve('decided'));
      next = clock.after(interval, tick);
    };
    signal.addEventListener('abort', abort, { once: true });
    tick();
  });
}

function observe(ref: ObjectRef, { api, clock, mayDisappear }: WaitOptions): Observed {
  const object = api.describe(ref) && api.get<KubeObject>(ref);
  if (!object) return mayDisappear?.has(subjectOf(ref)) ? 'Current' : 'NotFound';
  const job = jobStatus(object);
  return (job ?? computeStatus(object, clock.now())).status;
}

function isDecided(statuses: readonly Observed[], failFast: boolean): boolean {
  if (failFast && statuses.includes('Failed')) return true;
  return statuses.every((status) => status === 'Current' || status === 'Failed');
}
