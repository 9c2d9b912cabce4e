/** Stops a container: preStop hook, SIGTERM, grace period, SIGKILL. Source: pkg/kubelet/kuberuntime/kuberuntime_container.go, killContainer. */
import type { Timer } from '../../clock.ts';
import { sleepOn } from '../../clock.ts';
import type { StartContext } from './container-start.ts';
import { fieldPathOf } from './image-puller.ts';
import { type Handler, runCheck } from './probe-check.ts';
import { isRunning, type Run, type Slot } from './slot.ts';

interface LifecycleHandler extends Handler {
  sleep?: { seconds: number };
}

/** However long the hook took, the process has so long to end. */
const LEAST_GRACE_MS = 2_000;

const killTimers = new WeakMap<Run, { at: number; timer: Timer }>();

/**
 * Begins to stop what runs in `slot`; a second call can only shorten the grace period.
 * @param graceSeconds until SIGKILL, of the clock; 0 kills at once
 */
export function stopContainer(context: StartContext, slot: Slot, graceSeconds: number, message: string): void {
  const { runtime, pod } = context;
  const { run } = slot;
  if (!run || !isRunning(slot)) return;
  armKill(context, run, graceSeconds);
  if (run.stopping) return;
  run.stopping = true;
  runtime.recorder.record(pod, { type: 'Normal', reason: 'Killing', message, fieldPath: fieldPathOf(pod, slot.container) });
  if (graceSeconds > 0) void askToEnd(context, slot, run, graceSeconds);
}

function armKill({ runtime }: StartContext, run: Run, graceSeconds: number): void {
  if (graceSeconds <= 0) {
    killTimers.get(run)?.timer.cancel();
    run.process.kill();
    return;
  }
  const at = runtime.clock.now().getTime() + graceSeconds * 1_000;
  const before = killTimers.get(run);
  if (before && before.at <= at) return;
  before?.timer.cancel();
  killTimers.set(run, { at, timer: runtime.clock.after(graceSeconds * 1_000, () => run.process.kill()) });
}

/** The run has ended: nothing is left to kill. */
export function disarmKill(run: Run): void {
  killTimers.get(run)?.timer.cancel();
  killTimers.delete(run);
}

async function askToEnd(context: StartContext, slot: Slot, run: Run, graceSeconds: number): Promise<void> {
  const hook = (slot.container.lifecycle as { preStop?: LifecycleHandler } | undefined)?.preStop;
  if (hook) await runHook(context, slot, { run, hook, graceSeconds });
  if (run.terminated) return;
  run.process.signal('SIGTERM');
  const timer = killTimers.get(run);
  const least = context.runtime.clock.now().getTime() + LEAST_GRACE_MS;
  if (!hook || !timer || timer.at >= least) return;
  timer.timer.cancel();
  killTimers.set(run, { at: least, timer: context.runtime.clock.after(LEAST_GRACE_MS, () => run.process.kill()) });
}

interface Hooked {
  run: Run;
  hook: LifecycleHandler;
  graceSeconds: number;
}

async function runHook({ runtime, pod, address }: StartContext, slot: Slot, { run, hook, graceSeconds }: Hooked): Promise<void> {
  if (hook.sleep) return sleepOn(runtime.clock, Math.min(hook.sleep.seconds, graceSeconds) * 1_000, run.over.signal).catch(() => undefined);
  const target = { pod, container: slot.container, podIP: address.ip, env: run.env, cwd: run.cwd, reaper: runtime.reaper };
  const result = await runCheck(hook, target, graceSeconds);
  if (result.ok) return;
  runtime.recorder.record(pod, {
    type: 'Warning',
    reason: 'FailedPreStopHook',
    message: 'PreStopHook failed',
    fieldPath: fieldPathOf(pod, slot.container),
  });
}
