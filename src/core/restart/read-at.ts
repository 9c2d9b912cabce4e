/**
 * Which configuration a pod runs with, from when it read it and when it changed. The environment and files mounted by
 * `subPath` are read anew whenever a container starts; the files of a volume also change while it runs.
 * Source: https://kubernetes.io/docs/concepts/configuration/configmap/#mounted-configmaps-are-updated-automatically
 */
import type { ConfigRead, PodState } from '../world.ts';

/** The moments between which a pod read something, in milliseconds since 1970; `to` is open where it reads it again before it runs. */
interface ReadBetween {
  from: number;
  to: number | undefined;
}

/** Clocks of nodes differ, and API servers tell whole seconds. In milliseconds. */
const CLOCKS = 2_000;
/** Until a kubelet knows of a change, at the latest, in milliseconds: it watches what its pods read. */
const KUBELET_LAG = 10_000;

/** When the bad values arrived and when the good ones came back, in milliseconds since 1970; undefined where that is not known. */
export interface BadTime {
  arrived: number | undefined;
  left: number | undefined;
}

/** Pods that a workload runs: not on their way out, not done. */
export function runningPods(pods: readonly PodState[]): PodState[] {
  return pods.filter((pod) => !pod.terminating && pod.phase !== 'Succeeded' && pod.phase !== 'Failed');
}

/** Is it certain that the pod read this before the bad values arrived, so that it runs with good ones? */
export function readBefore(pod: PodState, read: ConfigRead, { arrived }: BadTime): boolean {
  const { to } = readBetween(pod, read);
  return arrived !== undefined && to !== undefined && to + CLOCKS < arrived;
}

/** Is it certain that the pod read this after the good values came back? */
export function readAfter(pod: PodState, read: ConfigRead, { left }: BadTime): boolean {
  return left !== undefined && readBetween(pod, read).from > left + KUBELET_LAG;
}

/**
 * Is it certain that the pod runs with older values than those that are there now? Not told of mounted files: they have
 * changed by now, and whether the program has looked nobody knows.
 */
export function isOlderThan(pod: PodState, read: ConfigRead): boolean {
  const changed = Date.parse(read.changedAt ?? '');
  const { to } = readBetween(pod, read);
  return read.by !== 'mount' && !Number.isNaN(changed) && to !== undefined && to + CLOCKS < changed;
}

function readBetween(pod: PodState, { by, containers }: ConfigRead): ReadBetween {
  const created = Date.parse(pod.createdAt);
  const each = containers.map((name) => readByContainer(pod, name, created));
  const ends = each.map(({ to }) => to);
  // A volume is filled when the pod starts, and when a container of it starts again it may still hold what it held.
  const from = by === 'env' ? Math.min(...each.map((one) => one.from)) : created;
  return { from, to: ends.includes(undefined) ? undefined : Math.max(...(ends as number[])) };
}

/** A container that does not run reads it again; an init container that has ended read it before the first of the others began. */
function readByContainer(pod: PodState, name: string, created: number): ReadBetween {
  const container = pod.containers.find((one) => one.name === name);
  const started = (one: PodState['containers'][number]) =>
    one.startedAt === undefined ? undefined : Math.max(created, Date.parse(one.startedAt));
  if (container) {
    const at = started(container);
    return { from: at ?? created, to: at };
  }
  const others = pod.containers.flatMap((one) => started(one) ?? []);
  return { from: created, to: others.length > 0 ? Math.min(...others) : undefined };
}
