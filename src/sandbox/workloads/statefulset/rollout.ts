/**
 * One pass over the members of a StatefulSet. Source: pkg/controller/statefulset/stateful_set_control.go, updateStatefulSet.
 * With OrderedReady a member that is not ready ends the pass before any update: so a pod of a bad revision that never gets
 * ready stays, even after the template is good again (Kubernetes documents it as "forced rollback").
 */
import { refOf } from '../../../api/kube.ts';
import type { Pod, Workload } from '../../../api/workloads.ts';
import type { SandboxClock } from '../../clock.ts';
import { ApiStatusError, type ClusterApi } from '../../cluster.ts';
import { CONTROLLER_MANAGER, type ControllerRevision, replicasOf } from '../kinds.ts';
import { deletePod } from '../pod-control.ts';
import { isPodAvailable, isPodReady, isPodTerminal } from '../pods.ts';
import type { EventRecorder } from '../recorder.ts';
import { podRevision } from '../revisions.ts';
import { claimsOf, isInRange, memberPod, ordinalOf, startOrdinal } from './identity.ts';

interface Members {
  api: ClusterApi;
  clock: SandboxClock;
  recorder: EventRecorder;
  set: Workload;
  current: ControllerRevision;
  update: ControllerRevision;
  pods: Pod[];
}

interface Slot {
  ordinal: number;
  /** Undefined where the member does not exist. */
  pod: Pod | undefined;
}

/** Moves the set one step on. */
export function updateMembers(members: Members): void {
  const { set, pods } = members;
  const ordered = isOrdered(set);
  const slots = slotsOf(set, pods);
  const condemned = pods.filter((pod) => !isInRange(set, pod)).sort((a, b) => ordinalOf(b) - ordinalOf(a));
  for (const slot of slots) {
    const settled = processSlot(members, slot);
    if (!settled && ordered) return;
  }
  if (!removeCondemned(members, slots, condemned)) return;
  if (set.spec.updateStrategy?.type === 'OnDelete') return;
  replaceOutdated(members, slots);
}

function isOrdered(set: Workload): boolean {
  return (set.spec.podManagementPolicy ?? 'OrderedReady') === 'OrderedReady';
}

function slotsOf(set: Workload, pods: Pod[]): Slot[] {
  const start = startOrdinal(set);
  return Array.from({ length: replicasOf(set) }, (_, index) => {
    const ordinal = start + index;
    return { ordinal, pod: pods.find((pod) => ordinalOf(pod) === ordinal) };
  });
}

/** @returns whether an ordered pass may go on to the next member. */
function processSlot(members: Members, slot: Slot): boolean {
  const { api, set, recorder } = members;
  const { pod } = slot;
  if (!pod) {
    create(members, slot.ordinal);
    return false;
  }
  if (isPodTerminal(pod)) {
    if (!pod.metadata.deletionTimestamp) remove({ api, set, recorder }, pod);
    return false;
  }
  return isHealthy(members, pod);
}

function isHealthy({ set, clock }: Members, pod: Pod | undefined): boolean {
  if (!pod || pod.metadata.deletionTimestamp) return false;
  const runs = pod.status?.phase === 'Running' && isPodReady(pod);
  return runs && isPodAvailable(pod, set.spec.minReadySeconds ?? 0, clock);
}

/** @returns whether the pass may go on to updates. */
function removeCondemned(members: Members, slots: Slot[], condemned: Pod[]): boolean {
  const ordered = isOrdered(members.set);
  const unhealthySlots = slots.some((slot) => !isHealthy(members, slot.pod));
  const firstUnhealthy = unhealthySlots ? undefined : [...condemned].reverse().find((pod) => !isHealthy(members, pod));
  for (const pod of condemned) {
    if (pod.metadata.deletionTimestamp) {
      if (ordered) return false;
      continue;
    }
    if (ordered && !isHealthy(members, pod) && pod !== firstUnhealthy) return false;
    remove(members, pod);
    if (ordered) return false;
  }
  return true;
}

/** Deletes the last outdated member at or above the partition, one at a time, and only while all above it are healthy. */
function replaceOutdated(members: Members, slots: Slot[]): void {
  const { set, update } = members;
  const partition = set.spec.updateStrategy?.rollingUpdate?.partition ?? 0;
  for (let index = slots.length - 1; index >= partition; index--) {
    const pod = slots[index]?.pod;
    if (pod && podRevision(pod) !== update.metadata.name && !pod.metadata.deletionTimestamp) {
      remove(members, pod);
      return;
    }
    if (!isHealthy(members, pod)) return;
  }
}

function create(members: Members, ordinal: number): void {
  const { api, set, recorder } = members;
  const pod = memberPod(set, ordinal, revisionFor(members, ordinal));
  try {
    for (const claim of claimsOf(set, pod)) {
      if (!api.get(refOf(claim))) api.create(claim, { manager: CONTROLLER_MANAGER });
    }
    api.create(pod, { manager: CONTROLLER_MANAGER });
  } catch (error) {
    // The former member of that name is still terminating: its deletion brings the set back.
    if (error instanceof ApiStatusError && error.reason === 'AlreadyExists') return;
    const message = `Create Pod ${pod.metadata.name} in StatefulSet ${set.metadata.name} failed error: ${(error as Error).message}`;
    recorder.record(set, { type: 'Warning', reason: 'FailedCreate', message });
    throw error;
  }
  const message = `Create Pod ${pod.metadata.name} in StatefulSet ${set.metadata.name} successful`;
  recorder.record(set, { type: 'Normal', reason: 'SuccessfulCreate', message });
}

/** Below the partition a member is made anew as it was. */
function revisionFor({ set, current, update }: Members, ordinal: number): ControllerRevision {
  const rolling = (set.spec.updateStrategy?.type ?? 'RollingUpdate') === 'RollingUpdate';
  const partition = set.spec.updateStrategy?.rollingUpdate?.partition ?? 0;
  return rolling && ordinal < startOrdinal(set) + partition ? current : update;
}

function remove({ api, set, recorder }: Pick<Members, 'api' | 'set' | 'recorder'>, pod: Pod): void {
  if (!deletePod(api, pod)) return;
  const message = `Delete Pod ${pod.metadata.name} in StatefulSet ${set.metadata.name} successful`;
  recorder.record(set, { type: 'Normal', reason: 'SuccessfulDelete', message });
}
