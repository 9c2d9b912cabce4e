/** Brings one pod to what its object says. Source: pkg/kubelet/kubelet.go (SyncPod, SyncTerminatingPod), kuberuntime_manager.go (computePodActions). */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { refOf } from '../../../api/kube.ts';
import type { Pod, Probe } from '../../../api/workloads.ts';
import type { Timer } from '../../clock.ts';
import { ApiStatusError } from '../../cluster.ts';
import { POD } from '../kinds.ts';
import { isLost } from '../node.ts';
import { PORTS_ANNOTATION } from '../pod-ports.ts';
import { isPodTerminal } from '../pods.ts';
import { writeStatus } from '../status-writer.ts';
import { timestamp } from '../timestamps.ts';
import type { PodAddress } from './addresses.ts';
import { crashKey, type StartContext, startContainer } from './container-start.ts';
import { disarmKill, stopContainer } from './container-stop.ts';
import type { NodeRuntime } from './node-runtime.ts';
import { isInitialised, observedStatus, phaseOf } from './pod-status.ts';
import { hasSucceeded, isRestarted, isRunning, type Slot, slotsOf } from './slot.ts';
import { MountError, type PodFolders, setUpVolumes } from './volumes.ts';

export interface PodWorker {
  readonly slots: readonly Slot[];
  /** Looks at the pod again. */
  sync(): void;
  /** The object is gone: ends what runs, at once, and cleans up. */
  abandon(): void;
  /** Resolves when no process of the pod is left and its folder is removed. */
  readonly ended: Promise<void>;
}

/** Mounted ConfigMaps and Secrets are looked at again, and pods as a whole (`syncFrequency`). */
const SYNC_PERIOD_MS = 60_000;
/** Delays of failed mounts (`pkg/util/goroutinemap/exponentialbackoff`). */
const FIRST_MOUNT_DELAY_MS = 500;
const LAST_MOUNT_DELAY_MS = 122_000;
const DEFAULT_GRACE_S = 30;

export function startPodWorker(runtime: NodeRuntime, first: Pod): PodWorker {
  const worker = new Worker(runtime, first);
  worker.prepare();
  return worker;
}

class Worker implements PodWorker {
  readonly slots: readonly Slot[];
  readonly ended: Promise<void>;
  readonly #runtime: NodeRuntime;
  readonly #first: Pod;
  readonly #folders: PodFolders;
  readonly #startTime: string;
  #resolveEnded: () => void = () => undefined;
  #address: PodAddress | undefined;
  #mounted = false;
  #mountDelay = FIRST_MOUNT_DELAY_MS;
  #nextMount = 0;
  #wake: { at: number; timer: Timer } | undefined;
  #abandoned = false;
  #cleaned = false;

  constructor(runtime: NodeRuntime, first: Pod) {
    this.#runtime = runtime;
    this.#first = first;
    this.slots = slotsOf(first);
    this.#folders = {
      pod: join(runtime.folder, 'pods', first.metadata.uid ?? first.metadata.name),
      claims: join(runtime.folder, 'claims'),
    };
    this.#startTime = first.status?.startTime ?? timestamp(runtime.clock);
    this.ended = new Promise((resolve) => {
      this.#resolveEnded = resolve;
    });
  }

  /** Gets an address, then begins. */
  prepare(): void {
    this.#runtime.addresses.claim(this.#first).then(
      (address) => {
        this.#address = address;
        if (this.#cleaned) return this.#runtime.addresses.release(this.#first.metadata.uid ?? '');
        this.#guarded(() => this.#publishPorts(address));
        this.sync();
      },
      (error: unknown) => this.#runtime.log(`kubelet: ${this.#first.metadata.name}: ${(error as Error).message}`),
    );
    this.sync();
  }

  sync(): void {
    if (this.#cleaned) return;
    if (this.#abandoned) {
      this.#finishAbandoned();
      return;
    }
    // What nobody hears of does not act: processes go on, and no word of them comes.
    if (isLost(this.#runtime.api)) return;
    this.#guarded(() => this.#syncPod());
  }

  abandon(): void {
    if (this.#abandoned || this.#cleaned) return;
    this.#abandoned = true;
    this.#wake?.timer.cancel();
    for (const slot of this.slots) {
      for (const probe of slot.probes.splice(0)) probe.stop();
      if (isRunning(slot)) slot.run?.process.kill();
    }
    this.#finishAbandoned();
  }

  #finishAbandoned(): void {
    if (this.slots.some(isRunning)) return;
    this.#cleanUp();
  }

  /** A write that fails for a passing reason (a lost race) is made again. */
  #guarded(work: () => void): void {
    try {
      work();
    } catch (error) {
      if (error instanceof ApiStatusError && error.code === 404) return;
      if (!(error instanceof ApiStatusError && error.reason === 'Conflict')) {
        this.#runtime.log(`kubelet: ${this.#first.metadata.namespace}/${this.#first.metadata.name}: ${(error as Error).message}`);
      }
      this.#wakeIn(1_000);
    }
  }

  #syncPod(): void {
    const pod = this.#current();
    if (!pod) return;
    for (const slot of this.slots) if (slot.run?.terminated) disarmKill(slot.run);
    if (pod.metadata.deletionTimestamp) {
      this.#terminate(pod);
      return;
    }
    if (isPodTerminal(pod)) {
      this.#stopRest(pod);
      if (this.slots.some(({ run }) => run)) this.#report(pod, true);
      return;
    }
    if (this.#address && this.#mount(pod, this.#address)) {
      this.#startDue(this.#contextOf(pod, this.#address));
      this.#wakeIn(SYNC_PERIOD_MS);
    }
    this.#report(pod, false);
    if (this.#isOver(pod)) this.#stopRest(pod);
  }

  #current(): Pod | undefined {
    const pod = this.#runtime.api.get<Pod>(refOf(this.#first));
    return pod?.metadata.uid === this.#first.metadata.uid ? pod : undefined;
  }

  #contextOf(pod: Pod, address: PodAddress): StartContext {
    return {
      runtime: this.#runtime,
      pod,
      address,
      folders: this.#folders,
      changed: () => this.sync(),
      unhealthy: (slot, probe, kind) => this.#restartUnhealthy(slot, probe, kind),
    };
  }

  /** Starts what should run and may: init containers one after another, then all others. */
  #startDue(context: StartContext): void {
    for (const slot of this.slots) {
      if (slot.role === 'main') continue;
      if (!this.#startIfDue(context, slot) || !isInitialised(slot)) return;
    }
    for (const slot of this.slots) if (slot.role === 'main') this.#startIfDue(context, slot);
  }

  /** @returns false where the container waits */
  #startIfDue(context: StartContext, slot: Slot): boolean {
    if (isRunning(slot)) return true;
    const exitCode = slot.run?.terminated?.exitCode;
    if (exitCode !== undefined) {
      if (slot.role === 'init' && hasSucceeded(slot)) return true;
      if (!isRestarted(slot, context.pod, exitCode)) return slot.role === 'main';
    }
    const retryMs = startContainer(context, slot);
    if (retryMs !== undefined) this.#wakeIn(retryMs);
    return retryMs === undefined;
  }

  #mount(pod: Pod, address: PodAddress): boolean {
    const { api, clock, recorder } = this.#runtime;
    if (!this.#mounted && clock.now().getTime() < this.#nextMount) {
      this.#wakeIn(this.#nextMount - clock.now().getTime());
      return false;
    }
    try {
      setUpVolumes({ api, pod, podIP: address.ip, folders: this.#folders });
      this.#mounted = true;
      return true;
    } catch (error) {
      if (!(error instanceof MountError)) throw error;
      // Volumes that were there stay as they were.
      recorder.record(pod, { type: 'Warning', reason: 'FailedMount', message: error.message });
      this.#nextMount = clock.now().getTime() + this.#mountDelay;
      this.#wakeIn(this.#mounted ? SYNC_PERIOD_MS : this.#mountDelay);
      this.#mountDelay = Math.min(this.#mountDelay * 2, LAST_MOUNT_DELAY_MS);
      return this.#mounted;
    }
  }

  #restartUnhealthy(slot: Slot, probe: Probe, kind: 'liveness' | 'startup'): void {
    const pod = this.#current();
    if (!pod || !this.#address || pod.metadata.deletionTimestamp) return;
    const own = (probe as { terminationGracePeriodSeconds?: number }).terminationGracePeriodSeconds;
    const grace = own ?? pod.spec.terminationGracePeriodSeconds ?? DEFAULT_GRACE_S;
    const message = `Container ${slot.container.name} failed ${kind} probe, will be restarted`;
    stopContainer(this.#contextOf(pod, this.#address), slot, grace, message);
  }

  #isOver(pod: Pod): boolean {
    const phase = phaseOf(this.#observation(pod, false));
    return phase === 'Succeeded' || phase === 'Failed';
  }

  /** What still runs beside an ended pod: sidecars. */
  #stopRest(pod: Pod): void {
    if (!this.#address) return;
    this.#wake?.timer.cancel();
    this.#wake = undefined;
    for (const slot of this.slots) this.#stop(pod, slot, pod.spec.terminationGracePeriodSeconds ?? DEFAULT_GRACE_S);
  }

  /** Main containers go first, sidecars after them; when nothing runs any more the object is removed. */
  #terminate(pod: Pod): void {
    this.#wake?.timer.cancel();
    this.#wake = undefined;
    const grace = pod.metadata.deletionGracePeriodSeconds ?? pod.spec.terminationGracePeriodSeconds ?? DEFAULT_GRACE_S;
    const main = this.slots.filter(({ role }) => role !== 'sidecar');
    const due = main.some(isRunning) ? main : this.slots;
    for (const slot of due) this.#stop(pod, slot, grace);
    const over = !this.slots.some(isRunning);
    this.#report(pod, over);
    if (over) this.#removeObject(pod);
  }

  #stop(pod: Pod, slot: Slot, grace: number): void {
    if (!isRunning(slot) || !this.#address) return;
    const elapsedMs = pod.metadata.deletionTimestamp
      ? Math.max(0, Date.parse(pod.metadata.deletionTimestamp) - this.#runtime.clock.now().getTime())
      : 0;
    const left = pod.metadata.deletionTimestamp && grace > 0 ? Math.min(grace, Math.ceil(elapsedMs / 1_000)) : grace;
    // A second stop may find the grace period over already; the first one always leaves a moment to end in order.
    stopContainer(
      this.#contextOf(pod, this.#address),
      slot,
      Math.max(left, grace > 0 ? 1 : 0),
      `Stopping container ${slot.container.name}`,
    );
  }

  #removeObject(pod: Pod): void {
    const { uid } = pod.metadata;
    try {
      this.#runtime.api.delete(refOf(pod), { gracePeriodSeconds: 0, ...(uid ? { preconditions: { uid } } : {}) });
    } catch (error) {
      if (!(error instanceof ApiStatusError) || (error.code !== 404 && error.code !== 409)) throw error;
    }
  }

  #observation(pod: Pod, ending: boolean) {
    const { clock } = this.#runtime;
    const sandboxReady = this.#mounted && this.#address !== undefined;
    return { pod, slots: [...this.slots], address: this.#address, startTime: this.#startTime, sandboxReady, ending, now: timestamp(clock) };
  }

  #report(pod: Pod, ending: boolean): void {
    writeStatus(this.#runtime.api, pod, observedStatus(this.#observation(pod, ending)), 'kubelet');
  }

  #publishPorts({ ports }: PodAddress): void {
    if (!ports || Object.keys(ports).length === 0 || !this.#current()) return;
    const patch = { metadata: { annotations: { [PORTS_ANNOTATION]: JSON.stringify(ports) } } };
    this.#runtime.api.patch(refOf(this.#first), patch, { type: 'merge', manager: 'kubelet' });
  }

  /** Of several wishes to be woken the soonest counts. */
  #wakeIn(ms: number): void {
    if (this.#cleaned || this.#abandoned) return;
    const { clock } = this.#runtime;
    const at = clock.now().getTime() + ms;
    if (this.#wake && this.#wake.at <= at) return;
    this.#wake?.timer.cancel();
    const timer = clock.after(ms, () => {
      this.#wake = undefined;
      this.sync();
    });
    this.#wake = { at, timer };
  }

  #cleanUp(): void {
    if (this.#cleaned) return;
    this.#cleaned = true;
    this.#wake?.timer.cancel();
    const { addresses, crashes, logs, puller } = this.#runtime;
    const uid = this.#first.metadata.uid ?? '';
    for (const slot of this.slots) {
      if (slot.run) disarmKill(slot.run);
      if (slot.run) logs.delete(slot.run.containerID);
      if (slot.previous) logs.delete(slot.previous.containerID);
      crashes.forget(crashKey(this.#first, slot));
    }
    puller.forget(uid);
    addresses.release(uid);
    rmSync(this.#folders.pod, { recursive: true, force: true, maxRetries: 3 });
    this.#resolveEnded();
  }
}

/** Is this the object that a worker of the node is for? */
export function isOnNode(pod: Pod, node: string): boolean {
  return pod.spec.nodeName === node && pod.kind === POD.kind;
}
