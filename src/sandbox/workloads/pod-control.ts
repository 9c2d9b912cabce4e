import type { KubeObject } from '../../api/kube.ts';
import { refOf } from '../../api/kube.ts';
import type { Pod } from '../../api/workloads.ts';
import { ApiStatusError, type ClusterApi } from '../cluster.ts';
import { CONTROLLER_MANAGER } from './kinds.ts';
import type { EventRecorder } from './recorder.ts';

/** Creates and deletes pods for a controller and says so in Events. Source: RealPodControl of pkg/controller/controller_utils.go. */
export interface PodControl {
  /** @throws ApiStatusError where the API refuses; an Event `FailedCreate` has then been written */
  create(owner: KubeObject, pod: Pod): Pod;
  /** A pod that is already gone counts as deleted. */
  remove(owner: KubeObject, pod: Pod): void;
}

export function createPodControl(api: ClusterApi, recorder: EventRecorder): PodControl {
  return {
    create: (owner, pod) => {
      try {
        const created = api.create(pod, { manager: CONTROLLER_MANAGER });
        recorder.record(owner, { type: 'Normal', reason: 'SuccessfulCreate', message: `Created pod: ${created.metadata.name}` });
        return created;
      } catch (error) {
        recorder.record(owner, { type: 'Warning', reason: 'FailedCreate', message: `Error creating: ${(error as Error).message}` });
        throw error;
      }
    },
    remove: (owner, pod) => {
      if (!deletePod(api, pod)) return;
      recorder.record(owner, { type: 'Normal', reason: 'SuccessfulDelete', message: `Deleted pod: ${pod.metadata.name}` });
    },
  };
}

/** @returns false where exactly this pod no longer exists. */
export function deletePod(api: ClusterApi, pod: Pod): boolean {
  try {
    api.delete(refOf(pod), pod.metadata.uid ? { preconditions: { uid: pod.metadata.uid } } : {});
    return true;
  } catch (error) {
    if (error instanceof ApiStatusError && (error.code === 404 || error.code === 409)) return false;
    throw error;
  }
}
