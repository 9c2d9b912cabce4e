/** The stages that pods go through, for kwok: from placed on a node to whatever their images make of them. */
import { type Behaviour, behaviourOfPod, LOST, READY_AFTER } from './behaviour.ts';
import { crashBackOff, firstStatus, laterStatus } from './status-templates.ts';

interface Requirement {
  key: string;
  operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist';
  values?: string[];
}

/** kwok.x-k8s.io/v1alpha1 Stage, as far as we use it. Source: kwok v0.8.0 pkg/apis/v1alpha1/stage_types.go. */
export interface Stage {
  apiVersion: string;
  kind: string;
  metadata: { name: string };
  spec: {
    resourceRef: { apiGroup: string; kind: string };
    selector: { matchExpressions: Requirement[] };
    delay?: { durationMilliseconds?: number; durationFrom?: { expressionFrom: string } };
    steps?: { patch?: { subresource: string; root: string; template: string }; event?: PodEvent }[];
    [field: string]: unknown;
  };
}

interface PodEvent {
  type: 'Normal' | 'Warning';
  reason: string;
  message: string;
}

/** How long a crashing container runs. Long enough to be seen, short enough not to be waited for. */
const RUNS_FOR_MS = 300;
/** `ErrImagePull` shows for so long before `ImagePullBackOff` does. */
const PULL_ERROR_MS = 1_000;
/** A kubelet tells every failed probe; we tell at once as many as make a case. */
const PROBE_FAILURES = 3;

const alive: Requirement = { key: '.metadata.deletionTimestamp', operator: 'DoesNotExist' };
const answers: Requirement = { key: `.metadata.annotations[${JSON.stringify(LOST)}]`, operator: 'DoesNotExist' };
const placed: Requirement[] = [
  { key: '.status.phase', operator: 'In', values: ['Pending'] },
  { key: '.status.containerStatuses', operator: 'DoesNotExist' },
];
const running: Requirement = { key: '.status.phase', operator: 'In', values: ['Running'] };
const neverRestarted: Requirement = { key: '.spec.restartPolicy', operator: 'In', values: ['Never'] };
const isRestarted: Requirement = { key: '.spec.restartPolicy', operator: 'NotIn', values: ['Never'] };

/** Of a crashing pod, `starts` in a row and the last one under way. */
function atStart(starts: 'first' | 'later'): Requirement[] {
  const restarts = '[.status.containerStatuses[]?.restartCount] | max | if . > 0 then "later" else "first" end';
  return [
    { key: restarts, operator: 'In', values: [starts] },
    { ...backingOff, operator: 'NotIn' },
  ];
}

const backingOff: Requirement = {
  key: '.status.containerStatuses.[]?.state.waiting.reason',
  operator: 'In',
  values: ['CrashLoopBackOff'],
};

function behaves(...behaviours: Behaviour[]): Requirement {
  return { key: behaviourOfPod(), operator: 'In', values: behaviours };
}

interface Step {
  name: string;
  when: Requirement[];
  status: string;
  delayMs?: number;
  delayFrom?: string;
  events?: PodEvent[];
}

function stage({ name, when, status, delayMs, delayFrom, events = [] }: Step): Stage {
  return {
    apiVersion: 'kwok.x-k8s.io/v1alpha1',
    kind: 'Stage',
    metadata: { name },
    spec: {
      resourceRef: { apiGroup: 'v1', kind: 'Pod' },
      selector: { matchExpressions: [alive, answers, ...when] },
      ...(delayMs === undefined ? {} : { delay: { durationMilliseconds: delayMs } }),
      ...(delayFrom === undefined ? {} : { delay: { durationFrom: { expressionFrom: delayFrom } } }),
      steps: [{ patch: { subresource: 'status', root: 'status', template: status } }, ...events.map((event) => ({ event }))],
    },
  };
}

const unready: PodEvent = {
  type: 'Warning',
  reason: 'Unhealthy',
  message: 'Readiness probe failed: HTTP probe failed with statuscode: 503',
};
const backOff: PodEvent = { type: 'Warning', reason: 'BackOff', message: 'Back-off restarting failed container' };
const notPulled: PodEvent = { type: 'Warning', reason: 'Failed', message: 'Error: ErrImagePull' };
const pullBackOff: PodEvent = { type: 'Warning', reason: 'Failed', message: 'Error: ImagePullBackOff' };

/** Every stage of a living pod; no pod ever fits two of them at once, for kwok would choose one by chance. */
export function podStages(): Stage[] {
  return [
    stage({ name: 'pod-ready', when: [behaves('ready'), ...placed], status: firstStatus('Running', 'all-ready') }),
    stage({
      name: 'pod-never-ready',
      when: [behaves('never-ready'), ...placed],
      status: firstStatus('Running', 'none-ready'),
      events: Array.from({ length: PROBE_FAILURES }, () => unready),
    }),
    stage({ name: 'pod-not-ready-yet', when: [behaves('ready-later'), ...placed], status: firstStatus('Running', 'none-ready') }),
    stage({
      name: 'pod-ready-at-last',
      when: [behaves('ready-later'), running, { key: '.status.containerStatuses.[]?.ready', operator: 'In', values: ['false'] }],
      status: laterStatus('all-ready'),
      delayFrom: `.metadata.annotations[${JSON.stringify(READY_AFTER)}]`,
    }),
    ...crashing(),
    ...notPulledStages(),
  ];
}

function crashing(): Stage[] {
  const crashes = behaves('crashing');
  return [
    stage({ name: 'pod-crash-first-start', when: [crashes, isRestarted, ...placed], status: firstStatus('Running', 'started') }),
    stage({
      name: 'pod-crash-restart-at-once',
      when: [crashes, isRestarted, running, ...atStart('first')],
      status: laterStatus('restarted'),
      delayMs: RUNS_FOR_MS,
    }),
    stage({
      name: 'pod-crash-back-off',
      when: [crashes, isRestarted, running, ...atStart('later')],
      status: laterStatus('backing-off'),
      delayMs: RUNS_FOR_MS,
      events: [backOff],
    }),
    stage({
      name: 'pod-crash-restart',
      when: [crashes, isRestarted, running, backingOff],
      status: laterStatus('restarted'),
      delayFrom: crashBackOff(),
    }),
    stage({ name: 'pod-crash-for-good', when: [crashes, neverRestarted, ...placed], status: firstStatus('Failed', 'ended') }),
  ];
}

function notPulledStages(): Stage[] {
  const when = [behaves('not-pulled')];
  const failed: Requirement = { key: '.status.containerStatuses.[]?.state.waiting.reason', operator: 'In', values: ['ErrImagePull'] };
  return [
    stage({ name: 'pod-pull-failed', when: [...when, ...placed], status: firstStatus('Pending', 'pull-failed'), events: [notPulled] }),
    stage({
      name: 'pod-pull-back-off',
      when: [...when, failed],
      status: laterStatus('pull-backing-off'),
      delayMs: PULL_ERROR_MS,
      events: [pullBackOff],
    }),
  ];
}

/** kwok's own stages that we keep: nodes, deletion, and the end of a Job's pods, which ours must not get in the way of. */
export function keptStage(theirs: Stage): Stage | undefined {
  if (theirs.metadata.name === 'pod-ready') return undefined;
  const isEnd = theirs.metadata.name === 'pod-complete';
  return withRequirements(theirs, isEnd ? [answers, behaves('ready')] : [answers]);
}

function withRequirements(theirs: Stage, more: Requirement[]): Stage {
  const { selector } = theirs.spec;
  return { ...theirs, spec: { ...theirs.spec, selector: { ...selector, matchExpressions: [...selector.matchExpressions, ...more] } } };
}
