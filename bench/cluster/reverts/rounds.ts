/** Bad releases and the ways back from them: one at a time, or all at the same time where they only wait. */
import { setTimeout } from 'node:timers/promises';
import { FLUX, type Method } from '../methods.ts';
import { clock } from '../stopwatch.ts';
import type { BadRelease, Lane } from './lane.ts';
import { type Failed, type Measurement, seconds, type Way } from './results.ts';

export interface Task {
  lane: Lane;
  way: Way;
  method: Method;
  /** Where between two of Flux's looks at health the method begins, from 0 to 1: that decides how long a run goes on. */
  phase: number;
}

export interface Sheet {
  measurements: Measurement[];
  failed: Failed[];
  /** Peak of the commands' memory by name, in MiB. */
  peaks: Record<string, number>;
}

/** Flux looks at health so often, in milliseconds. [fluxcd/pkg ssa/manager_wait.go, DefaultWaitOptions] */
const LOOK_EVERY = 5_000;
/** Flux waits at least so long for the bad version before it is taken back, in milliseconds. */
const BEFORE = 2_000;
/** The longest that a way back may take beside the timeout that it waits for, in milliseconds. */
const PATIENCE = 180_000;
/** How long it is watched whether what needs more than a revert gets well all the same, in milliseconds. */
const HEALS_WITHIN = 20_000;

/** While one gets healthy, the next bad release is pushed already. */
export async function inTurn(tasks: readonly Task[], sheet: Sheet, ended: AbortSignal): Promise<void> {
  let next: Promise<BadRelease> | undefined;
  for (const [index, task] of tasks.entries()) {
    const following = tasks[index + 1];
    const bad = next ?? task.lane.fail();
    next = undefined;
    await recorded(task, sheet, ended, async () =>
      measure(task, await bad, ended, sheet, () => {
        if (!following || following.lane === task.lane) return;
        next = following.lane.fail();
        next.catch(() => undefined);
      }),
    );
  }
}

export async function atOnce(tasks: readonly Task[], sheet: Sheet, ended: AbortSignal): Promise<void> {
  await Promise.all(tasks.map((task) => recorded(task, sheet, ended, async () => measure(task, await task.lane.fail(), ended, sheet))));
}

/** One that failed is told, and the others go on. @throws the reason of `ended`. */
async function recorded({ lane, way }: Task, sheet: Sheet, ended: AbortSignal, act: () => Promise<Measurement>): Promise<void> {
  const which = { kind: lane.kind.name, minutes: lane.place.minutes, way };
  try {
    const measured = await act();
    sheet.measurements.push(measured);
    console.log(`  ${line(measured)}`);
  } catch (error) {
    ended.throwIfAborted();
    const message = error instanceof Error ? error.message : String(error);
    sheet.failed.push({ ...which, message: message.split('\n')[0] as string });
    console.error(`  ${lane.place.name} ${way} failed: ${message}`);
  }
}

async function measure(task: Task, bad: BadRelease, ended: AbortSignal, sheet: Sheet, onApplied = () => {}): Promise<Measurement> {
  const { lane, method, way, phase } = task;
  const { kind, place } = lane;
  await setTimeout(untilPhase(performance.now() - bad.since, phase), undefined, { signal: ended });
  const began = performance.now();
  const waits = way === 'flux' ? place.minutes * 60_000 : 0;
  const watched = lane.watched(bad, {
    patience: waits + PATIENCE,
    ...(kind.needsMore && method === FLUX ? { healsWithin: HEALS_WITHIN } : {}),
  });
  const moments = await clock(
    { ...watched, onApplied },
    async (over) => {
      for (const { name, peakMiB = 0 } of await method.run(lane.attempt(bad), over))
        sheet.peaks[name] = Math.round(Math.max(sheet.peaks[name] ?? 0, peakMiB));
    },
    ended,
  );
  const rounded = { pushed: Math.round(moments.pushed), applied: Math.round(moments.applied), healthy: Math.round(moments.healthy) };
  return { kind: kind.name, minutes: place.minutes, way, waited: Math.round(began + moments.pushed - bad.since), ...rounded };
}

/** Milliseconds until a moment that is at this part between two looks. @param since milliseconds since Flux began to wait. */
export function untilPhase(since: number, phase: number): number {
  const earliest = Math.max(since, BEFORE);
  const offset = phase * LOOK_EVERY;
  return offset + Math.max(0, Math.ceil((earliest - offset) / LOOK_EVERY)) * LOOK_EVERY - since;
}

function line({ kind, minutes, way, waited, pushed, applied, healthy }: Measurement): string {
  const name = `${kind} ${minutes}m ${way}`.padEnd(20);
  return `${name} ${seconds(waited)} into the bad release's run; pushed in ${seconds(pushed)}, then applied ${seconds(applied)}, healthy ${seconds(healthy)}`;
}
