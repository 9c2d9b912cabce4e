/** Step 3 of every rollback: is the target well now? Each check says what was seen. */
import { findCondition, isTrue } from '../../api/conditions.ts';
import { formatDuration } from '../../api/duration.ts';
import { FluxReason, READY, STALLED } from '../../api/flux.ts';
import { formatRef, objectKey } from '../../api/kube.ts';
import { shortRevision } from '../../api/revision.ts';
import { formatTarget } from '../../api/target.ts';
import { autoscalerNote } from '../diagnosis/autoscaler.ts';
import { symptomsOf } from '../diagnosis/diagnose.ts';
import type { Finding, Symptom } from '../diagnosis/finding.ts';
import { nextTry, reconcileCommand, sourceText } from '../diagnosis/next-try.ts';
import { leftBehind, untrackedOf, waitsFor } from '../diagnosis/owned.ts';
import { refusedApply } from '../diagnosis/refused-apply.ts';
import { undoneText } from '../holds/undone.ts';
import type { ConfigUser } from '../plan/plan.ts';
import {
  type Blocker,
  expectsPods,
  type PodState,
  type SourceState,
  type TargetState,
  type WorkloadState,
  type WorkloadsState,
} from '../world.ts';
import { configurationChecks, runtimeNotes } from './configuration-check.ts';
import { obstacleChecks } from './obstacle-checks.ts';
import { type Check, type Verdict, verdictOf } from './verdict.ts';

export interface HttpResult {
  check: string;
  requests: number;
  failed: number;
  /** The first failure, for people. */
  sample?: string;
}

export interface JudgeInput {
  target: TargetState;
  workloads: WorkloadsState;
  findings: readonly Finding[];
  /** Is the revision that Flux attempted the expected one? `expected` is a commit. */
  revision: { expected: string; reached: boolean };
  symptoms: readonly Symptom[];
  /** How long no container restarted, and how long is asked for, in milliseconds. */
  steady: { forMs: number; needMs: number };
  /**
   * `POD/CONTAINER` → its restarts when looking began. Those were of the bad release, even where the pod stays (a
   * ConfigMap without a hash in its name). Without it every restart counts.
   */
  restartsBefore?: Readonly<Record<string, number>>;
  http: readonly HttpResult[];
  /**
   * Keys of Flux objects (a HelmRelease …) that had failed on the bad version when looking began. Their controllers come to
   * the good version in their own time, and until then say what they said before.
   */
  failedBefore?: ReadonlySet<string>;
  /** Those of them that have not said anything else since. */
  stillAsBefore?: ReadonlySet<string>;
  /** Flux was asked to try once more and has not answered yet. */
  retrying?: boolean;
  /** What the target reads; looked at where the revision has not arrived. */
  source?: SourceState;
  /** None of their pods may go on with the configuration that was taken back. */
  configuration?: readonly ConfigUser[];
}

/** A container that restarted this often under the good template will not get well by waiting. */
const HOPELESS_RESTARTS = 4;

/**
 * Reasons after which Flux will not succeed without a change: of kustomize-controller, and of helm-controller
 * (api/v2/condition_types.go).
 */
const FLUX_FAILED = new Set<string>([
  FluxReason.ReconciliationFailed,
  FluxReason.BuildFailed,
  FluxReason.PruneFailed,
  'InstallFailed',
  'UpgradeFailed',
  'TestFailed',
  'RollbackFailed',
  'UninstallFailed',
]);

/** Judges what was observed. Pure: the same observation gives the same verdict. */
export function judge(input: JudgeInput): Verdict {
  const checks = [
    revisionCheck(input),
    ...deletionChecks(input.workloads),
    fluxCheck(input),
    ...obstacleChecks(input),
    rolloutCheck(input),
    podsCheck(input),
    endpointsCheck(input.workloads),
    restartsCheck(input),
    ...configurationChecks(input),
    ...(input.symptoms.length ? [symptomCheck(input)] : []),
    ...input.http.map(httpCheck),
  ];
  const verdict = verdictOf(checks);
  const { owned } = input.workloads;
  const left = owned ? untrackedOf(input.target, owned).map(leftBehind) : [];
  const notes = [...left, ...runtimeNotes(input), ...input.workloads.workloads.flatMap(autoscalerNote)];
  return notes.length ? { ...verdict, notes } : verdict;
}

function revisionCheck({ target, revision, source }: JudgeInput): Check {
  const name = 'Revision';
  const at = target.lastAttemptedRevision ? shortRevision(target.lastAttemptedRevision) : 'no revision';
  if (revision.reached) return { name, status: 'pass', message: `Flux is at ${at}` };
  // What was pinned is not read any more: no waiting brings it.
  if (target.undone?.kind === 'pin') return { name, status: 'fail', message: undoneText(target.undone) };
  const message = `Flux is at ${at}, expected ${revision.expected.slice(0, 8)}`;
  // A source that fails may be well with its next look: Git may be back, a token renewed.
  const held = source && sourceText(source, target.lastAttemptedRevision);
  if (held) return { name, status: 'wait', message: `${message}: ${held.message}`, next: held.next };
  return { name, status: 'wait', message, next: [reconcileCommand(target)] };
}

function fluxCheck(input: JudgeInput): Check {
  const name = 'FluxReady';
  const { target } = input;
  if (target.suspended) {
    const by = target.hold?.by ? ` by ${target.hold.by}` : '';
    return { name, status: 'fail', message: `${target.target.name} is suspended${by}: Flux applies nothing` };
  }
  const ready = findCondition(target.conditions, READY);
  if (!ready) return { name, status: 'wait', message: 'no Ready condition yet' };
  if (target.blocker && ready.status !== 'True')
    return { name, status: target.blocker.final ? 'fail' : 'wait', message: blockerText(target.blocker) };
  if (ready.status === 'True' && isAboutNow(target) && isApplied(target))
    return { name, status: 'pass', message: ready.message || 'Ready' };
  const refused = refusedApply(target);
  if (refused)
    return {
      name,
      status: hasGivenUp(input) && refused.final ? 'fail' : 'wait',
      message: [`${ready.reason}: ${refused.message}`, ...refused.details].join('; '),
      next: refused.next,
    };
  const status = hasGivenUp(input) ? 'fail' : 'wait';
  const again = nextTry(target);
  const message = [`${ready.reason ?? ready.status}: ${ready.message ?? ''}`, ...(again ? [again] : [])].join('; ');
  return { name, status, message, ...(again ? { next: [reconcileCommand(target)] } : {}) };
}

function blockerText({ target, reason, message }: Blocker): string {
  return `waits for ${formatTarget(target)}, which is not ready: ${reason}: ${message}`;
}

/**
 * Is Ready about the spec as it is now? The condition says so itself: Flux moves `status.observedGeneration` only once a
 * run succeeded (kustomize-controller finalizeStatus()), so a spec whose first run fails is never observed.
 */
function isAboutNow({ conditions, generation, observedGeneration }: TargetState): boolean {
  return (findCondition(conditions, READY)?.observedGeneration ?? observedGeneration) === generation;
}

/** helm-controller has no `lastAppliedRevision`: Ready says it. */
function isApplied({ target, lastAppliedRevision, lastAttemptedRevision }: TargetState): boolean {
  return target.kind === 'HelmRelease' || lastAppliedRevision === lastAttemptedRevision;
}

/** Waiting does not help: Flux failed on what it should apply. A health check that failed too early passes on its next run. */
function hasGivenUp(input: JudgeInput): boolean {
  const { target, revision, retrying } = input;
  if (retrying) return false;
  const ready = findCondition(target.conditions, READY);
  if (ready?.status !== 'False' || !revision.reached || !isAboutNow(target)) return false;
  if (isTrue(target.conditions, STALLED) || FLUX_FAILED.has(ready.reason ?? '')) return true;
  return ready.reason === FluxReason.HealthCheckFailed && !isMarked(input) && !allCurrent(input);
}

/** A health check that saw a mark says nothing of the pods, and is made again. */
function isMarked({ workloads: { workloads } }: JudgeInput): boolean {
  return workloads.some(({ mark }) => mark !== undefined);
}

/** A health check that failed on what a HelmRelease still said of the bad version tells nothing of the good one. */
function allCurrent({ workloads: { workloads, others }, failedBefore }: JudgeInput): boolean {
  const judged = others.filter(({ ref }) => !failedBefore?.has(objectKey(ref)));
  return [...workloads, ...judged].every((object) => object.health.status === 'Current');
}

function rolloutCheck({ workloads: { workloads, others }, stillAsBefore }: JudgeInput): Check {
  const name = 'Rollout';
  const stale = others.filter(({ ref }) => stillAsBefore?.has(objectKey(ref)));
  const fresh = others.filter((object) => !stale.includes(object));
  const failed = [...workloads.filter(({ mark }) => !mark), ...fresh].find((object) => object.health.status === 'Failed');
  if (failed) return { name, status: 'fail', message: `${formatRef(failed.ref)}: ${failed.health.message}` };
  const marked = workloads.find(({ mark }) => mark);
  if (marked?.mark)
    return {
      name,
      status: 'wait',
      message: `${formatRef(marked.ref)} is marked as failed by rollback ${marked.mark.rollbackId}, to end Flux's run: that is no news of its pods`,
    };
  const open = workloads.find((workload) => workload.health.status !== 'Current');
  if (open) return { name, status: 'wait', message: `${formatRef(open.ref)}: ${open.health.message}` };
  const [waiting] = stale;
  if (waiting)
    return { name, status: 'wait', message: `${formatRef(waiting.ref)} has not come to this version yet: ${waiting.health.message}` };
  return { name, status: 'pass', message: workloads.length ? `${count(workloads.length, 'workload')} rolled out` : 'no workloads' };
}

function podsCheck(input: JudgeInput): Check {
  const name = 'Pods';
  const { workloads } = input.workloads;
  const pods = workloads.flatMap(livePods);
  const hopeless = pods.find((pod) => isHopeless(pod, input.restartsBefore));
  if (hopeless) return { name, status: 'fail', message: `${hopeless.name}: ${reasonOf(hopeless)}` };
  const old = workloads.flatMap((workload) => oldPods(workload).map((pod) => ({ workload, pod })));
  const [first] = old;
  if (first) return { name, status: 'wait', message: oldText(old.length, first) };
  const unready = pods.filter((pod) => !pod.ready);
  const [example] = unready;
  if (example)
    return { name, status: 'wait', message: `${unready.length} of ${pods.length} pods not ready: ${example.name} ${reasonOf(example)}` };
  return { name, status: 'pass', message: `${pods.length} of ${pods.length} pods ready` };
}

/** Pods that are there to run: not on their way out, not done, and not evicted (those stay to be looked at). */
function livePods({ pods }: WorkloadState): PodState[] {
  return pods.filter((pod) => !pod.terminating && pod.phase !== 'Succeeded' && pod.phase !== 'Failed');
}

/** Pods that the rollout has not replaced yet. A StatefulSet or DaemonSet may keep some on purpose (partition, OnDelete): then it is Current. */
function oldPods(workload: WorkloadState): PodState[] {
  if (workload.ref.kind !== 'Deployment' && workload.health.status === 'Current') return [];
  return livePods(workload).filter((pod) => !pod.current);
}

function oldText(number: number, { workload, pod }: { workload: WorkloadState; pod: PodState }): string {
  const text = `${count(number, 'pod')} of the old template still there: ${pod.name}`;
  if (workload.ref.kind !== 'StatefulSet' || pod.ready) return text;
  // https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#forced-rollback
  return `${text}, not ready; a StatefulSet may never replace it: kubectl delete pod ${pod.name} -n ${workload.ref.namespace}`;
}

function isHopeless(pod: PodState, before: JudgeInput['restartsBefore'] = {}): boolean {
  return (
    pod.current &&
    pod.containers.some(
      ({ name, ready, waiting, restarts }) =>
        !ready && waiting?.reason === 'CrashLoopBackOff' && restarts - (before[`${pod.name}/${name}`] ?? 0) >= HOPELESS_RESTARTS,
    )
  );
}

function reasonOf(pod: PodState): string {
  const waiting = pod.containers.find((container) => container.waiting)?.waiting;
  if (!waiting) return `phase ${pod.phase}`;
  return waiting.message ? `${waiting.reason}: ${waiting.message}` : waiting.reason;
}

function endpointsCheck(workloads: WorkloadsState): Check {
  const name = 'Endpoints';
  const managed = expectsPods(workloads) ? workloads.services.filter((service) => !service.unmanaged) : [];
  const empty = managed.find((service) => service.ready === 0);
  if (empty) return { name, status: 'wait', message: `${formatRef(empty.ref)} has no ready endpoint` };
  const total = managed.reduce((sum, service) => sum + service.ready, 0);
  return {
    name,
    status: 'pass',
    message: managed.length ? `${count(total, 'ready endpoint')} in ${count(managed.length, 'service')}` : 'no services',
  };
}

function restartsCheck({ steady }: JudgeInput): Check {
  const name = 'Restarts';
  if (steady.forMs >= steady.needMs) return { name, status: 'pass', message: `no restart for ${formatDuration(steady.forMs)}` };
  return { name, status: 'wait', message: `no restart for ${formatDuration(steady.forMs)} of ${formatDuration(steady.needMs)}` };
}

/** A symptom is gone once its workload does not show it any more; another workload's trouble is for the other checks. */
function symptomCheck({ symptoms, findings, workloads }: JudgeInput): Check {
  const name = 'Symptom';
  const now = new Set(symptomsOf(findings, workloads.workloads).map(symptomKey));
  const left = symptoms.find((symptom) => now.has(symptomKey(symptom)));
  if (left) return { name, status: 'wait', message: `still ${left.reason} on ${formatRef(left.object)}` };
  return { name, status: 'pass', message: `gone: ${[...new Set(symptoms.map((symptom) => symptom.reason))].join(', ')}` };
}

/** What the target wants and is being deleted goes away yet: only once it is gone can Flux create it anew. */
function deletionChecks({ owned }: WorkloadsState): Check[] {
  const check = (message: string): Check => ({ name: 'Deletion', status: 'wait', message });
  const stuck = owned?.terminating.filter((object) => object.tracked) ?? [];
  return [
    ...stuck.map(({ ref, finalizers }) => check(`${formatRef(ref)} was deleted and ${waitsFor(finalizers)}`)),
    ...(owned?.missing ?? []).map((ref) => check(`${formatRef(ref)} is gone, and Flux has not created it anew yet`)),
  ];
}

function symptomKey({ reason, object }: Symptom): string {
  return `${reason}|${objectKey(object)}`;
}

function httpCheck(result: HttpResult): Check {
  const text = `${result.check}: ${result.requests - result.failed} of ${result.requests} requests answered well`;
  if (result.failed === 0) return { name: 'Http', status: 'pass', message: text };
  return { name: 'Http', status: 'wait', message: result.sample ? `${text} (${result.sample})` : text };
}

function count(number: number, word: string): string {
  return `${number} ${word}${number === 1 ? '' : 's'}`;
}
