/** The kubelet of the one node: one worker for each pod that is bound to it. */
import type { Pod } from '../../../api/workloads.ts';
import { type ControllerContext, keyOf, parseKey, startController } from '../controller.ts';
import type { ImageStore } from '../images.ts';
import { NODE, NODE_NAME, POD } from '../kinds.ts';
import { isLost } from '../node.ts';
import { createRecorder } from '../recorder.ts';
import type { PodAddresses } from './addresses.ts';
import { createBackOff } from './back-off.ts';
import { createImagePuller } from './image-puller.ts';
import type { LogFile } from './log-file.ts';
import type { NodeRuntime } from './node-runtime.ts';
import { isOnNode, type PodWorker, startPodWorker } from './pod-worker.ts';
import type { Reaper } from './reaper.ts';

export interface Kubelet {
  /** The log of a run, by container id. */
  logOf(containerID: string): LogFile | undefined;
  /** Kills everything and resolves when nothing runs any more. */
  stop(): Promise<void>;
}

interface KubeletOptions {
  images: ImageStore;
  addresses: PodAddresses;
  reaper: Reaper;
  folder: string;
}

export function startKubelet(context: ControllerContext, { images, addresses, reaper, folder }: KubeletOptions): Kubelet {
  const recorder = createRecorder(context, { component: 'kubelet', host: NODE_NAME, manager: 'kubelet' });
  const runtime: NodeRuntime = {
    ...context,
    recorder,
    puller: createImagePuller({ api: context.api, clock: context.clock, images, recorder }),
    crashes: createBackOff(context.clock),
    addresses,
    reaper,
    logs: new Map(),
    folder,
  };
  const workers = new Map<string, { uid: string; worker: PodWorker }>();
  const leaving = new Set<Promise<void>>();

  const abandon = (key: string) => {
    const entry = workers.get(key);
    if (!entry) return;
    workers.delete(key);
    entry.worker.abandon();
    const ended = entry.worker.ended.finally(() => leaving.delete(ended));
    leaving.add(ended);
  };

  const controller = startController(context, {
    name: 'kubelet',
    watches: [
      { kind: POD, keys: (object) => [keyOf(object)] },
      // Once it is heard of again, all that was asked of it meanwhile is due.
      { kind: NODE, keys: () => context.api.list<Pod>(POD).map(keyOf) },
    ],
    sync: (key) => {
      const pod = context.api.get<Pod>({ ...POD, ...parseKey(key) });
      const uid = pod?.metadata.uid;
      const mine = pod !== undefined && isOnNode(pod, NODE_NAME);
      if (isLost(context.api)) return;
      if (workers.get(key)?.uid !== uid || !mine) abandon(key);
      if (!mine || uid === undefined) return;
      const entry = workers.get(key);
      if (entry) entry.worker.sync();
      else workers.set(key, { uid, worker: startPodWorker(runtime, pod) });
    },
  });

  return {
    logOf: (containerID) => runtime.logs.get(containerID),
    stop: async () => {
      controller.stop();
      for (const key of [...workers.keys()]) abandon(key);
      await Promise.all(leaving);
    },
  };
}
