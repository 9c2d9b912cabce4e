/** Which pods run with the configuration that a rollback takes back. Pure. */
import { objectKey } from '../../api/kube.ts';
import type { ConfigUser } from '../plan/plan.ts';
import type { ConfigRead, ConfigReads, PodState } from '../world.ts';
import { isOlderThan, readAfter, readBefore, runningPods } from './read-at.ts';

/**
 * The pods to replace, once the good configuration is applied: all but those of which it is certain that they run with it,
 * because they started before the bad one arrived, or after the good one came back.
 * @param reads as it is now: `changedAt` is when the good values came back
 */
export function maybeBad(user: ConfigUser, reads: ConfigReads, pods: readonly PodState[]): PodState[] {
  const arrived = millis(user.since);
  return runningPods(pods).filter((pod) =>
    takenBack(user, reads).some((read) => {
      const time = { arrived, left: millis(read.changedAt) };
      return !readBefore(pod, read, time) && !readAfter(pod, read, time);
    }),
  );
}

/** The pods of which it is certain that they still run with the bad one. */
export function certainlyBad(user: ConfigUser, reads: ConfigReads, pods: readonly PodState[]): PodState[] {
  const arrived = millis(user.since);
  return runningPods(pods).filter((pod) =>
    takenBack(user, reads).some((read) => isOlderThan(pod, read) && !readBefore(pod, read, { arrived, left: undefined })),
  );
}

function takenBack({ reads }: ConfigUser, all: ConfigReads): ConfigRead[] {
  const keys = new Set(reads.map(objectKey));
  return all.reads.filter(({ ref }) => keys.has(objectKey(ref)));
}

function millis(time: string | undefined): number | undefined {
  const at = Date.parse(time ?? '');
  return Number.isNaN(at) ? undefined : at;
}
