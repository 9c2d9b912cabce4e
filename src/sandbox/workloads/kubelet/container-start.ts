/** Starts a container, or says why it cannot be started now. Source: pkg/kubelet/kuberuntime (kuberuntime_container.go, doBackOff). */
import { createHash } from 'node:crypto';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Pod, Probe } from '../../../api/workloads.ts';
import { timestamp } from '../timestamps.ts';
import type { PodAddress } from './addresses.ts';
import { type Exit, launch } from './container-process.ts';
import { buildArguments, buildEnvironment, ConfigError } from './environment.ts';
import { fieldPathOf } from './image-puller.ts';
import { openLogFile } from './log-file.ts';
import type { NodeRuntime } from './node-runtime.ts';
import { runCheck } from './probe-check.ts';
import { startProbe, timeoutOf } from './probe-worker.ts';
import { newContainerID, type Run, type Slot } from './slot.ts';
import { mountVolumes, type PodFolders } from './volumes.ts';

/** A container that could not be started is looked at again after so long at most, and the reason told again (`backOffPeriod`). */
const RETRY_MS = 10_000;
/** `terminationMessagePolicy: FallbackToLogsOnError`. */
const MESSAGE_LINES = 80;
const MESSAGE_BYTES = 2_048;

export interface StartContext {
  runtime: NodeRuntime;
  pod: Pod;
  address: PodAddress;
  folders: PodFolders;
  /** Something about the container has changed: its pod is to be looked at again. */
  changed(): void;
  /** A liveness or startup probe has failed for good. */
  unhealthy(slot: Slot, probe: Probe, kind: 'liveness' | 'startup'): void;
}

export function podName({ metadata }: Pod): string {
  return `${metadata.name}_${metadata.namespace}(${metadata.uid})`;
}

export function crashKey(pod: Pod, slot: Slot): string {
  return `${pod.metadata.uid}_${slot.container.name}`;
}

/** @returns undefined where it runs now, else the milliseconds after which to try again; `slot.waiting` then says why */
export function startContainer(context: StartContext, slot: Slot): number | undefined {
  const { clock } = context.runtime;
  const early = slot.retryAt - clock.now().getTime();
  // A pod is looked at for many reasons, its own status among them; none of them is a reason to try earlier.
  if (slot.waiting && early > 0) return early;
  const retryMs = tryStart(context, slot);
  slot.retryAt = clock.now().getTime() + (retryMs ?? 0);
  return retryMs;
}

function tryStart(context: StartContext, slot: Slot): number | undefined {
  const { runtime, pod } = context;
  const backOff = crashBackOff(context, slot);
  if (backOff !== undefined) return Math.min(backOff, RETRY_MS);
  const pull = runtime.puller.ensure(pod, slot.container);
  if (pull.kind === 'waiting') {
    slot.waiting = { reason: pull.reason, message: pull.message };
    return Math.min(pull.retryMs, RETRY_MS);
  }
  const volumes = { api: runtime.api, pod, podIP: context.address.ip, folders: context.folders };
  const cwd = mountVolumes(volumes, slot.container);
  try {
    const env = buildEnvironment({
      api: runtime.api,
      pod,
      container: slot.container,
      program: pull.program,
      podIP: context.address.ip,
      forced: forcedVariables(context, slot, cwd),
    });
    const argv = buildArguments(slot.container, pull.program, env);
    slot.imageID = `sandbox://sha256:${createHash('sha256').update(JSON.stringify(pull.program.command)).digest('hex')}`;
    begin(context, slot, { argv, env, cwd });
    return undefined;
  } catch (error) {
    const reason = error instanceof ConfigError ? 'CreateContainerConfigError' : 'RunContainerError';
    const { message } = error as Error;
    slot.waiting = { reason, message };
    record(context, slot, { type: 'Warning', reason: 'Failed', message: `Error: ${message}` });
    return RETRY_MS;
  }
}

function record({ runtime, pod }: StartContext, slot: Slot, event: { type: 'Normal' | 'Warning'; reason: string; message: string }): void {
  runtime.recorder.record(pod, { ...event, fieldPath: fieldPathOf(pod, slot.container) });
}

function crashBackOff(context: StartContext, slot: Slot): number | undefined {
  const { runtime, pod } = context;
  const ended = slot.run?.terminated?.finishedAt;
  if (!ended) return undefined;
  const key = crashKey(pod, slot);
  const left = runtime.crashes.left(key, Date.parse(ended));
  if (left <= 0) return undefined;
  const { name } = slot.container;
  record(context, slot, {
    type: 'Warning',
    reason: 'BackOff',
    message: `Back-off restarting failed container ${name} in pod ${podName(pod)}`,
  });
  const delay = goDuration(runtime.crashes.delay(key));
  slot.waiting = { reason: 'CrashLoopBackOff', message: `back-off ${delay} restarting failed container=${name} pod=${podName(pod)}` };
  return left;
}

/** Go's way to write whole seconds: `40s`, `2m40s`, `5m0s`. */
function goDuration(ms: number): string {
  const seconds = Math.round(ms / 1_000);
  return seconds < 60 ? `${seconds}s` : `${Math.floor(seconds / 60)}m${seconds % 60}s`;
}

function forcedVariables({ address }: StartContext, slot: Slot, root: string): Record<string, string> {
  const [first] = slot.container.ports ?? [];
  const port = first && address.ports?.[String(first.containerPort)];
  return { HOST: address.ip, EBB_ROOTFS: root, ...(port ? { PORT: String(port) } : {}) };
}

interface Prepared {
  argv: string[];
  env: Record<string, string>;
  cwd: string;
}

function begin(context: StartContext, slot: Slot, spec: Prepared): void {
  const { runtime, pod } = context;
  const ended = slot.run?.terminated;
  if (slot.run && ended) {
    runtime.crashes.next(crashKey(pod, slot), Date.parse(ended.finishedAt ?? ''));
    retire(runtime, slot);
    slot.restarts += 1;
  }
  const containerID = newContainerID();
  const log = openLogFile(join(context.folders.pod, 'logs', slot.container.name, `${slot.restarts}.log`), runtime.clock);
  runtime.logs.set(containerID, log);
  record(context, slot, { type: 'Normal', reason: 'Created', message: 'Container created' });
  const process = launch({
    spec,
    log,
    reaper: runtime.reaper,
    started: () => record(context, slot, { type: 'Normal', reason: 'Started', message: 'Container started' }),
    ended: (exit) => finish(context, slot, run, exit),
  });
  const run: Run = {
    containerID,
    startedAt: timestamp(runtime.clock),
    process,
    log,
    env: spec.env,
    cwd: spec.cwd,
    stopping: false,
    over: new AbortController(),
  };
  slot.run = run;
  slot.waiting = undefined;
  slot.started = false;
  slot.ready = false;
  startProbes(context, slot, run);
}

/** The run that ended becomes the previous one; the log of the one before it is dropped. */
function retire(runtime: NodeRuntime, slot: Slot): void {
  if (slot.previous && slot.previousLog) {
    runtime.logs.delete(slot.previous.containerID);
    rmSync(slot.previousLog.path, { force: true });
    rmSync(`${slot.previousLog.path}.1`, { force: true });
  }
  slot.previous = slot.run?.terminated;
  slot.previousLog = slot.run?.log;
}

function finish(context: StartContext, slot: Slot, run: Run, { exitCode, startError }: Exit): void {
  const { runtime } = context;
  for (const probe of slot.probes.splice(0)) probe.stop();
  run.over.abort();
  slot.started = false;
  slot.ready = false;
  const reason = startError ? 'StartError' : exitCode === 0 ? 'Completed' : 'Error';
  const message = startError ? `failed to start container: ${startError}` : terminationMessage(slot, run, exitCode);
  run.terminated = {
    exitCode,
    reason,
    ...(message ? { message } : {}),
    startedAt: run.startedAt,
    finishedAt: timestamp(runtime.clock),
    containerID: run.containerID,
  };
  if (startError)
    record(context, slot, {
      type: 'Warning',
      reason: 'Failed',
      message: `Error: failed to start container "${slot.container.name}": ${startError}`,
    });
  context.changed();
}

function terminationMessage(slot: Slot, run: Run, exitCode: number): string | undefined {
  if (exitCode === 0 || slot.container.terminationMessagePolicy !== 'FallbackToLogsOnError') return undefined;
  const lines = readFileSync(run.log.path, 'utf8').trimEnd().split('\n').slice(-MESSAGE_LINES);
  const text = lines.map((line) => line.split(' ').slice(3).join(' ')).join('\n');
  return text ? `${text}\n`.slice(-MESSAGE_BYTES) : undefined;
}

function startProbes(context: StartContext, slot: Slot, run: Run): void {
  const { startupProbe } = slot.container;
  if (!startupProbe) {
    afterStartup(context, slot, run);
    return;
  }
  watchProbe(context, slot, { run, probe: startupProbe, title: 'Startup' }, (verdict, worker) => {
    worker.stop();
    if (verdict === 'failure') return context.unhealthy(slot, startupProbe, 'startup');
    afterStartup(context, slot, run);
    context.changed();
  });
}

function afterStartup(context: StartContext, slot: Slot, run: Run): void {
  const { readinessProbe, livenessProbe } = slot.container;
  slot.started = true;
  slot.ready = readinessProbe === undefined;
  if (readinessProbe) {
    watchProbe(context, slot, { run, probe: readinessProbe, title: 'Readiness' }, (verdict) => {
      slot.ready = verdict === 'success';
      context.changed();
    });
  }
  if (livenessProbe) {
    watchProbe(context, slot, { run, probe: livenessProbe, title: 'Liveness' }, (verdict, worker) => {
      if (verdict === 'success') return;
      worker.stop();
      context.unhealthy(slot, livenessProbe, 'liveness');
    });
  }
}

interface Probed {
  run: Run;
  probe: Probe;
  title: 'Startup' | 'Readiness' | 'Liveness';
}

function watchProbe(
  context: StartContext,
  slot: Slot,
  { run, probe, title }: Probed,
  decided: (verdict: 'success' | 'failure', worker: { stop(): void }) => void,
): void {
  const { runtime, pod, address } = context;
  const target = { pod: context.pod, container: slot.container, podIP: address.ip, env: run.env, cwd: run.cwd, reaper: runtime.reaper };
  const worker = startProbe({
    clock: runtime.clock,
    probe,
    check: () => runCheck(probe, target, timeoutOf(probe)),
    checkFailed: (output) => {
      if (run.terminated) return;
      const event = { type: 'Warning' as const, reason: 'Unhealthy', message: `${title} probe failed: ${output}` };
      runtime.recorder.record(pod, { ...event, fieldPath: fieldPathOf(pod, slot.container) });
    },
    decided: (verdict) => {
      if (!run.terminated) decided(verdict, worker);
    },
  });
  slot.probes.push(worker);
}
