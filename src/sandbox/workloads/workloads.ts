/** kube-controller-manager, scheduler, kubelet and kube-proxy of the sandbox. */
import { mkdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { SandboxClock } from '../clock.ts';
import type { ClusterApi, PodLogs, Routes } from '../cluster.ts';
import { startAutoscalers } from './autoscaler.ts';
import type { Controller, ControllerContext } from './controller.ts';
import { startDaemonSets } from './daemonset.ts';
import { startDeployments } from './deployment/deployment.ts';
import { startDisruptionBudgets } from './disruption.ts';
import { startEndpoints } from './endpoints/legacy.ts';
import { startEndpointSlices } from './endpoints/slices.ts';
import { startGarbageCollector } from './garbage/collector.ts';
import { startNamespaces } from './garbage/namespaces.ts';
import type { ImageStore } from './images.ts';
import { startJobs } from './job.ts';
import { openPodAddresses } from './kubelet/addresses.ts';
import { type Kubelet, startKubelet } from './kubelet/kubelet.ts';
import { createPodLogs } from './kubelet/pod-logs.ts';
import { type Reaper, startReaper } from './kubelet/reaper.ts';
import { startNamespaceDefaults } from './namespace-defaults.ts';
import { registerNode } from './node.ts';
import { startNodeLifecycle } from './node-lifecycle.ts';
import { createRoutes } from './proxy/routes.ts';
import { startServiceProxy } from './proxy/service-proxy.ts';
import { startReplicaSets } from './replicaset.ts';
import { startScheduler } from './scheduler/scheduler.ts';
import { startStatefulSets } from './statefulset/statefulset.ts';
import { startVolumeClaims } from './volume-claims.ts';

export interface WorkloadsOptions {
  api: ClusterApi;
  clock: SandboxClock;
  images: ImageStore;
  /** A folder of its own for volumes and logs; made where it is missing, removed at the end. */
  workDir: string;
  log?(message: string): void;
  /** PEM of what signed the API server's certificate, for `kube-root-ca.crt`. */
  rootCertificate?: string;
  /** Pods share 127.0.0.1 and get ports of their own, as where the loopback network has one address alone. */
  sharedAddress?: boolean;
}

export interface Workloads {
  logs: PodLogs;
  routes: Routes;
  /** Resolves when every process is gone, every listener closed and the work folder removed. */
  stop(): Promise<void>;
}

/** Starts every controller and the one node `sandbox`. Should this process die, even by SIGKILL, the pods' processes end too. */
export function startWorkloads(options: WorkloadsOptions): Workloads {
  const { api, clock, images, log = () => undefined } = options;
  const folder = resolve(options.workDir);
  const context: ControllerContext = { api, clock, log };
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const reaper = startReaper(folder);
  const addresses = openPodAddresses(options.sharedAddress);
  const controllers = startControllers(context, folder, options.rootCertificate);
  const proxy = startServiceProxy(context);
  const kubelet = startNode(context, { images, folder, reaper, addresses });

  return {
    routes: createRoutes(api),
    logs: createPodLogs({ api, clock, logOf: (containerID) => kubelet.logOf(containerID) }),
    stop: async () => {
      for (const controller of controllers) controller.stop();
      await kubelet.stop();
      await proxy.stop();
      await (await addresses).stop();
      await reaper.stop();
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

function startControllers(context: ControllerContext, folder: string, rootCertificate: string | undefined): Controller[] {
  return [
    startNamespaces(context),
    startNamespaceDefaults(context, rootCertificate),
    startGarbageCollector(context),
    startDeployments(context),
    startReplicaSets(context),
    startStatefulSets(context),
    startDaemonSets(context),
    startJobs(context),
    startVolumeClaims(context, join(folder, 'claims')),
    startEndpointSlices(context),
    startEndpoints(context),
    startAutoscalers(context),
    startDisruptionBudgets(context),
    startScheduler(context),
    startNodeLifecycle(context),
  ];
}

interface NodeOptions {
  images: ImageStore;
  folder: string;
  reaper: Reaper;
  addresses: ReturnType<typeof openPodAddresses>;
}

/** The kubelet starts as soon as it knows what addresses there are; the node is registered then. */
function startNode(context: ControllerContext, { addresses, ...options }: NodeOptions): Kubelet {
  let kubelet: Kubelet | undefined;
  let stopped = false;
  const starting = addresses.then((opened) => {
    if (stopped) return;
    kubelet = startKubelet(context, { ...options, addresses: opened });
    registerNode(context);
  });
  return {
    logOf: (containerID) => kubelet?.logOf(containerID),
    stop: async () => {
      stopped = true;
      await starting;
      await kubelet?.stop();
    },
  };
}
