/** A container of a pod on this node: what runs, what ran last, and why nothing does. */
import { randomBytes } from 'node:crypto';
import type { Container, ContainerState, ContainerStateTerminated, ContainerStatus, Pod } from '../../../api/workloads.ts';
import type { ContainerProcess } from './container-process.ts';
import type { LogFile } from './log-file.ts';
import type { ProbeWorker } from './probe-worker.ts';

/** `sidecar`: an init container with `restartPolicy: Always`, which runs on beside the others. */
export type Role = 'init' | 'sidecar' | 'main';

interface Terminated extends ContainerStateTerminated {
  containerID: string;
}

export interface Run {
  containerID: string;
  startedAt: string;
  process: ContainerProcess;
  log: LogFile;
  env: Record<string, string>;
  cwd: string;
  /** Set when the process has ended. */
  terminated?: Terminated;
  /** It is being stopped. */
  stopping: boolean;
  /** Aborted when the process has ended. */
  over: AbortController;
}

export interface Slot {
  container: Container;
  role: Role;
  /** Restarts so far. */
  restarts: number;
  run: Run | undefined;
  /** How the run before ended. */
  previous: Terminated | undefined;
  previousLog: LogFile | undefined;
  /** Why it is not running, where it should be. */
  waiting: { reason: string; message?: string } | undefined;
  /** When a start is tried again (ms of the clock), where `waiting` says why not before. */
  retryAt: number;
  started: boolean;
  ready: boolean;
  probes: ProbeWorker[];
  imageID: string;
}

export function slotsOf(pod: Pod): Slot[] {
  const init = (pod.spec.initContainers ?? []).map((container) =>
    slot(container, container.restartPolicy === 'Always' ? 'sidecar' : 'init'),
  );
  return [...init, ...pod.spec.containers.map((container) => slot(container, 'main'))];
}

function slot(container: Container, role: Role): Slot {
  return {
    container,
    role,
    restarts: 0,
    run: undefined,
    previous: undefined,
    previousLog: undefined,
    waiting: undefined,
    retryAt: 0,
    started: false,
    ready: false,
    probes: [],
    imageID: '',
  };
}

export function newContainerID(): string {
  return `sandbox://${randomBytes(32).toString('hex')}`;
}

export function isRunning(slot: Slot): boolean {
  return slot.run !== undefined && slot.run.terminated === undefined;
}

/** Ended with success: for init containers the condition to go on. */
export function hasSucceeded(slot: Slot): boolean {
  return slot.run?.terminated?.exitCode === 0;
}

/** Is it started again after `exit`? Source: kubecontainer.ShouldContainerBeRestarted. */
export function isRestarted(slot: Slot, pod: Pod, exitCode: number): boolean {
  if (slot.role === 'sidecar') return true;
  const policy = pod.spec.restartPolicy ?? 'Always';
  if (policy === 'Never') return false;
  if (policy === 'OnFailure' || slot.role === 'init') return exitCode !== 0;
  return true;
}

/** @param fallback the reason to wait where no better one is known. */
export function statusOf(slot: Slot, fallback: string): ContainerStatus {
  const { container, run, waiting } = slot;
  const { state, lastState } = statesOf(slot, waiting ?? { reason: fallback });
  const running = isRunning(slot);
  const completed = slot.role === 'init' && hasSucceeded(slot);
  return {
    name: container.name,
    state,
    lastState,
    ready: slot.role === 'init' ? completed : running && slot.ready,
    restartCount: slot.restarts,
    image: container.image,
    imageID: run ? slot.imageID : '',
    ...(run ? { containerID: run.containerID } : {}),
    started: running && slot.started,
  };
}

function statesOf(slot: Slot, waiting: NonNullable<Slot['waiting']>): { state: ContainerState; lastState: ContainerState } {
  const { run, previous } = slot;
  const before: ContainerState = previous ? { terminated: previous } : {};
  if (!run) return { state: { waiting }, lastState: before };
  if (!run.terminated) return { state: { running: { startedAt: run.startedAt } }, lastState: before };
  if (slot.waiting) return { state: { waiting }, lastState: { terminated: run.terminated } };
  return { state: { terminated: run.terminated }, lastState: before };
}
