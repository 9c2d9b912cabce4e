/** Phase and conditions of a pod. Source: pkg/kubelet/kubelet_pods.go (getPhase), pkg/kubelet/status/generate.go. */
import type { Condition } from '../../../api/kube.ts';
import type { ContainerStatus, Pod } from '../../../api/workloads.ts';
import type { PodAddress } from './addresses.ts';
import { hasSucceeded, isRestarted, isRunning, type Slot, statusOf } from './slot.ts';

type Phase = NonNullable<NonNullable<Pod['status']>['phase']>;
type PodStatus = NonNullable<Pod['status']>;

interface Observation {
  pod: Pod;
  slots: Slot[];
  address: PodAddress | undefined;
  startTime: string;
  /** Volumes and network are there. */
  sandboxReady: boolean;
  /** Nothing will be started any more. */
  ending: boolean;
  now: string;
}

export function observedStatus(observation: Observation): PodStatus {
  const { pod, slots, address, startTime } = observation;
  const phase = phaseOf(observation);
  const initialised = slots.filter(({ role }) => role !== 'main').every(isInitialised);
  const init = slots.filter(({ role }) => role !== 'main').map((slot) => statusOf(slot, 'PodInitializing'));
  const main = slots
    .filter(({ role }) => role === 'main')
    .map((slot) => statusOf(slot, initialised ? 'ContainerCreating' : 'PodInitializing'));
  const { generation } = pod.metadata;
  return {
    ...(generation === undefined ? {} : { observedGeneration: generation }),
    phase,
    conditions: conditionsOf(observation, phase, [...init, ...main]),
    hostIP: '127.0.0.1',
    hostIPs: [{ ip: '127.0.0.1' }],
    ...(address && observation.sandboxReady ? { podIP: address.ip, podIPs: [{ ip: address.ip }] } : {}),
    startTime,
    ...(init.length > 0 ? { initContainerStatuses: init } : {}),
    containerStatuses: main,
    ...((pod.status as { qosClass?: string } | undefined)?.qosClass ? { qosClass: (pod.status as { qosClass?: string }).qosClass } : {}),
  } as PodStatus;
}

/** An init container that ended well, a sidecar that has started. */
export function isInitialised(slot: Slot): boolean {
  return slot.role === 'sidecar' ? isRunning(slot) && slot.started : hasSucceeded(slot);
}

export function phaseOf({ pod, slots, ending }: Observation): Phase {
  const init = slots.filter(({ role }) => role === 'init');
  const main = slots.filter(({ role }) => role === 'main');
  const failedInit = init.some(
    ({ run, ...slot }) => run?.terminated && run.terminated.exitCode !== 0 && !isRestarted({ run, ...slot }, pod, run.terminated.exitCode),
  );
  if (failedInit) return 'Failed';
  if (ending && slots.every((slot) => !isRunning(slot))) return endOf(main);
  if (init.some((slot) => !hasSucceeded(slot))) return 'Pending';
  if (main.some((slot) => !slot.run)) return 'Pending';
  if (main.some(isRunning)) return 'Running';
  const ended = main.every(({ run, ...slot }) => run?.terminated && !isRestarted({ run, ...slot }, pod, run.terminated.exitCode));
  return ended ? endOf(main) : 'Running';
}

function endOf(main: Slot[]): Phase {
  return main.every(hasSucceeded) ? 'Succeeded' : 'Failed';
}

function conditionsOf({ pod, slots, sandboxReady, now }: Observation, phase: Phase, statuses: ContainerStatus[]): Condition[] {
  const containersReady = containersReadyCondition(slots, phase, statuses);
  const own = [
    sandboxCondition(sandboxReady && phase !== 'Succeeded' && phase !== 'Failed'),
    initialisedCondition(slots, phase),
    readyCondition(pod, containersReady),
    containersReady,
  ];
  const names = new Set(own.map(({ type }) => type));
  const others = (pod.status?.conditions ?? []).filter(({ type }) => !names.has(type));
  return [...own.map((condition) => dated(pod, condition, now)), ...others];
}

function dated(pod: Pod, condition: Condition, now: string): Condition {
  const before = pod.status?.conditions?.find(({ type }) => type === condition.type);
  const lastTransitionTime = before?.status === condition.status && before.lastTransitionTime ? before.lastTransitionTime : now;
  const { generation } = pod.metadata;
  return {
    ...(generation === undefined ? {} : { observedGeneration: generation }),
    lastProbeTime: null,
    ...condition,
    lastTransitionTime,
  } as Condition;
}

function sandboxCondition(ready: boolean): Condition {
  return { type: 'PodReadyToStartContainers', status: ready ? 'True' : 'False' };
}

function initialisedCondition(slots: Slot[], phase: Phase): Condition {
  if (phase === 'Succeeded') return { type: 'Initialized', status: 'True', reason: 'PodCompleted' };
  const incomplete = slots.filter((slot) => slot.role !== 'main' && !isInitialised(slot)).map(({ container }) => container.name);
  if (incomplete.length === 0) return { type: 'Initialized', status: 'True' };
  const message = `containers with incomplete status: [${incomplete.join(' ')}]`;
  return { type: 'Initialized', status: 'False', reason: 'ContainersNotInitialized', message };
}

function containersReadyCondition(slots: Slot[], phase: Phase, statuses: ContainerStatus[]): Condition {
  const type = 'ContainersReady';
  if (phase === 'Succeeded') return { type, status: 'False', reason: 'PodCompleted' };
  if (phase === 'Failed') return { type, status: 'False', reason: 'PodFailed' };
  const unready = slots.filter(({ role, container }) => role !== 'init' && !statuses.find(({ name }) => name === container.name)?.ready);
  if (unready.length === 0) return { type, status: 'True' };
  const message = `containers with unready status: [${unready.map(({ container }) => container.name).join(' ')}]`;
  return { type, status: 'False', reason: 'ContainersNotReady', message };
}

function readyCondition(pod: Pod, containersReady: Condition): Condition {
  if (containersReady.status !== 'True') return { ...containersReady, type: 'Ready' };
  const gates = (pod.spec.readinessGates as { conditionType: string }[] | undefined) ?? [];
  const messages = gates.flatMap(({ conditionType }) => {
    const condition = pod.status?.conditions?.find(({ type }) => type === conditionType);
    if (!condition) return [`corresponding condition of pod readiness gate "${conditionType}" does not exist.`];
    return condition.status === 'True'
      ? []
      : [`the status of pod readiness gate "${conditionType}" is not "True", but ${condition.status}`];
  });
  if (messages.length === 0) return { type: 'Ready', status: 'True' };
  return { type: 'Ready', status: 'False', reason: 'ReadinessGatesNotReady', message: messages.join(', ') };
}
