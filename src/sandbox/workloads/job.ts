/** The Job controller (non-indexed). Source: pkg/controller/job/job_controller.go. */
import type { Condition } from '../../api/kube.ts';
import { refOf } from '../../api/kube.ts';
import type { Pod } from '../../api/workloads.ts';
import { type Controller, type ControllerContext, keyOf, parseKey, startController } from './controller.ts';
import { JOB, type Job, type JobStatus, POD } from './kinds.ts';
import { controllerOf, ownerKeys } from './ownership.ts';
import { createPodControl, type PodControl } from './pod-control.ts';
import { isPodActive, isPodReady, podFromTemplate } from './pods.ts';
import { createRecorder, type EventRecorder } from './recorder.ts';
import { writeStatus } from './status-writer.ts';
import { elapsed, timestamp } from './timestamps.ts';

const DEFAULT_BACKOFF_LIMIT = 6;
const FIRST_BACKOFF_MS = 10_000;
const LAST_BACKOFF_MS = 600_000;

interface Run {
  context: ControllerContext;
  control: PodControl;
  recorder: EventRecorder;
  controller: Controller;
  job: Job;
  pods: Pod[];
}

export function startJobs(context: ControllerContext): Controller {
  const recorder = createRecorder(context, { component: 'job-controller' });
  const control = createPodControl(context.api, recorder);
  return startController(context, {
    name: 'job',
    watches: [
      { kind: JOB, keys: (object) => [keyOf(object)] },
      { kind: POD, keys: (object) => ownerKeys(JOB, object) },
    ],
    sync: (key, controller) => {
      const job = context.api.get<Job>({ ...JOB, ...parseKey(key) });
      if (!job || job.metadata.deletionTimestamp) return;
      const pods = context.api.list<Pod>(POD, { namespace: job.metadata.namespace });
      const own = pods.filter((pod) => controllerOf(pod)?.uid === job.metadata.uid);
      sync({ context, control, recorder, controller, job, pods: own });
    },
  });
}

function sync(run: Run): void {
  const { context, job, pods } = run;
  if (finished(job)) {
    expire(run);
    return;
  }
  const startTime = job.status?.startTime ?? (job.spec.suspend ? undefined : timestamp(context.clock));
  const succeeded = pods.filter((pod) => pod.status?.phase === 'Succeeded').length;
  const failed = pods.filter((pod) => pod.status?.phase === 'Failed' || isLost(pod)).length;
  const outcome = job.spec.suspend ? undefined : judge(run, { succeeded, failed, startTime });
  if (outcome || job.spec.suspend) stopActive(run);
  else startMissing(run, succeeded, failed);
  const now = context.api
    .list<Pod>(POD, { namespace: job.metadata.namespace })
    .filter((pod) => controllerOf(pod)?.uid === job.metadata.uid);
  writeStatus(context.api, job, nextStatus(run, { now, succeeded, failed, startTime, outcome }));
  if (outcome) announce(run, outcome);
  const { activeDeadlineSeconds } = job.spec;
  if (!outcome && activeDeadlineSeconds !== undefined && startTime) {
    run.controller.enqueueAfter(keyOf(job), Math.max(0, activeDeadlineSeconds * 1_000 - elapsed(context.clock, startTime)) + 1_000);
  }
}

/** A pod deleted before it ended counts as failed. */
function isLost(pod: Pod): boolean {
  return Boolean(pod.metadata.deletionTimestamp) && pod.status?.phase !== 'Succeeded' && pod.status?.phase !== 'Failed';
}

function finished(job: Job): Condition | undefined {
  return job.status?.conditions?.find(({ type, status }) => (type === 'Complete' || type === 'Failed') && status === 'True');
}

/** The Job with a time to live is deleted when that has passed. Source: pkg/controller/ttlafterfinished. */
function expire({ context, controller, job }: Run): void {
  const { ttlSecondsAfterFinished } = job.spec;
  if (ttlSecondsAfterFinished === undefined) return;
  const left = ttlSecondsAfterFinished * 1_000 - elapsed(context.clock, finished(job)?.lastTransitionTime);
  if (left > 0) controller.enqueueAfter(keyOf(job), left);
  else context.api.delete(refOf(job), { propagationPolicy: 'Foreground' });
}

interface Outcome {
  type: 'Complete' | 'Failed';
  reason: string;
  message: string;
}

function judge(
  { context, job, pods }: Run,
  counts: { succeeded: number; failed: number; startTime: string | undefined },
): Outcome | undefined {
  const { completions, backoffLimit, activeDeadlineSeconds } = job.spec;
  if (counts.failed > (backoffLimit ?? DEFAULT_BACKOFF_LIMIT)) {
    return { type: 'Failed', reason: 'BackoffLimitExceeded', message: 'Job has reached the specified backoff limit' };
  }
  if (activeDeadlineSeconds !== undefined && elapsed(context.clock, counts.startTime) >= activeDeadlineSeconds * 1_000) {
    return { type: 'Failed', reason: 'DeadlineExceeded', message: 'Job was active longer than specified deadline' };
  }
  const active = pods.filter(isPodActive).length;
  const done = completions === undefined ? counts.succeeded > 0 && active === 0 : counts.succeeded >= completions;
  if (!done) return undefined;
  return { type: 'Complete', reason: 'CompletionsReached', message: 'Reached expected number of succeeded pods' };
}

function stopActive({ control, job, pods }: Run): void {
  for (const pod of pods.filter(isPodActive)) control.remove(job, pod);
}

function startMissing(run: Run, succeeded: number, failed: number): void {
  const { context, control, controller, job, pods } = run;
  const active = pods.filter(isPodActive).length;
  const parallelism = job.spec.parallelism ?? 1;
  const { completions } = job.spec;
  const wanted = completions === undefined ? (succeeded > 0 ? active : parallelism) : Math.min(parallelism, completions - succeeded);
  if (active >= wanted) return;
  const wait = backoffLeft(context, pods, failed);
  if (wait > 0) {
    controller.enqueueAfter(keyOf(job), wait);
    return;
  }
  for (let count = active; count < wanted; count++) control.create(job, jobPod(job));
}

/** After the n-th failure in a row the next pod waits 10 s · 2ⁿ⁻¹, at most ten minutes. */
function backoffLeft({ clock }: ControllerContext, pods: Pod[], failed: number): number {
  if (failed === 0) return 0;
  const ends = pods.filter((pod) => pod.status?.phase === 'Failed').map(endOf);
  const last = Math.max(0, ...ends);
  const delay = Math.min(FIRST_BACKOFF_MS * 2 ** (failed - 1), LAST_BACKOFF_MS);
  return last + delay - clock.now().getTime();
}

function endOf(pod: Pod): number {
  const ends = (pod.status?.containerStatuses ?? []).map((status) => Date.parse(status.state?.terminated?.finishedAt ?? '') || 0);
  return Math.max(0, ...ends);
}

function jobPod(job: Job): Pod {
  const pod = podFromTemplate(job.spec.template, job);
  const { name, uid = '' } = job.metadata;
  const labels = {
    ...pod.metadata.labels,
    'batch.kubernetes.io/controller-uid': uid,
    'batch.kubernetes.io/job-name': name,
    'controller-uid': uid,
    'job-name': name,
  };
  return { ...pod, metadata: { ...pod.metadata, labels } };
}

interface Observed {
  now: Pod[];
  succeeded: number;
  failed: number;
  startTime: string | undefined;
  outcome: Outcome | undefined;
}

/** A Job tells that it is suspended; that it is not only where it once was. */
function suspension({ context, job, recorder }: Run, before: Condition[]): Condition[] {
  const known = before.find(({ type }) => type === 'Suspended');
  const suspended = job.spec.suspend === true;
  if (suspended ? known?.status === 'True' : known?.status !== 'True') return before;
  const [reason, message] = suspended ? ['Suspended', 'Job suspended'] : ['Resumed', 'Job resumed'];
  recorder.record(job, { type: 'Normal', reason, message });
  const now = timestamp(context.clock);
  const condition = { type: 'Suspended', status: suspended ? 'True' : 'False', reason: `Job${reason}`, message };
  const told = { ...condition, lastProbeTime: now, lastTransitionTime: now } as Condition;
  return known ? before.map((one) => (one === known ? told : one)) : [...before, told];
}

function nextStatus(run: Run, { now, succeeded, failed, startTime, outcome }: Observed): JobStatus {
  const { context, job } = run;
  const active = now.filter(isPodActive);
  const before = suspension(run, job.status?.conditions ?? []);
  const conditions = outcome ? [...before, ...endConditions(outcome, timestamp(context.clock))] : before;
  return {
    ...(conditions.length > 0 ? { conditions } : {}),
    ...(startTime ? { startTime } : {}),
    ...(outcome?.type === 'Complete' ? { completionTime: timestamp(context.clock) } : {}),
    ...(active.length > 0 ? { active: active.length } : {}),
    ...(succeeded > 0 ? { succeeded } : {}),
    ...(failed > 0 ? { failed } : {}),
    ready: active.filter(isPodReady).length,
    terminating: now.filter((pod) => pod.metadata.deletionTimestamp).length,
    uncountedTerminatedPods: {},
  };
}

function endConditions({ type, reason, message }: Outcome, now: string): Condition[] {
  const announced = type === 'Complete' ? 'SuccessCriteriaMet' : 'FailureTarget';
  const told = { status: 'True', reason, message, lastProbeTime: now, lastTransitionTime: now } as const;
  return [announced, type].map((name) => ({ type: name, ...told }));
}

function announce({ recorder, job }: Run, outcome: Outcome): void {
  if (outcome.type === 'Complete') recorder.record(job, { type: 'Normal', reason: 'Completed', message: 'Job completed' });
  else recorder.record(job, { type: 'Warning', reason: outcome.reason, message: outcome.message });
}
