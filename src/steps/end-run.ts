/** Ends one run that waits for health: what it waits for is marked as failed for as long as it lasts, and no longer. */
import type { HelmRelease } from '../api/flux.ts';
import { formatRef, type ObjectRef, objectKey } from '../api/kube.ts';
import { formatTarget, targetRef } from '../api/target.ts';
import { helmRun } from '../core/runs/run.ts';
import type { WaitingRun } from '../observe/runs.ts';
import { everyOne } from './every-one.ts';
import { mark, unmark } from './mark.ts';
import type { StepContext } from './step.ts';

/** How long a run may take to notice, in milliseconds: it looks every 5 s; Helm's end is seen by the outer run 5 s later. */
export const PATIENCE = 20_000;
/** Between two looks whether the mark still stands, in milliseconds: a StatefulSet's controller writes its status afresh. */
const KEEP_EVERY = 300;

export interface Ended {
  run: WaitingRun;
  /** `waits`: it goes on all the same. */
  how: 'ended' | 'waits' | 'refused';
  marked: ObjectRef[];
  refusal?: string;
}

/**
 * @param untilOver resolves to false where the run did not end in time.
 * @param kept marks that are put back for as long as the run lasts. @throws Failure of the cluster; the marks are taken out all the same.
 */
export async function endRun(
  context: StepContext,
  run: WaitingRun,
  untilOver: () => Promise<boolean>,
  kept: readonly ObjectRef[] = run.workloads.map(({ ref }) => ref),
): Promise<Ended> {
  const { rollbackId = 'by hand', progress } = context;
  const refs = run.workloads.map(({ ref }) => ref);
  const uids = new Map(run.workloads.map(({ ref, uid }) => [objectKey(ref), uid]));
  const put = (ref: ObjectRef) => mark(context, ref, { rollbackId, uid: uids.get(objectKey(ref)) });
  progress(`ending the run of ${formatTarget(run.target)} that waits for ${refs.map(formatRef).join(', ')}`);
  try {
    const markings = await everyOne(refs.map(put));
    const refusal = markings.find((marking) => marking.kind === 'refused')?.message;
    if (!markings.some((marking) => marking.kind === 'marked'))
      return { run, how: refusal ? 'refused' : 'waits', marked: [], ...(refusal ? { refusal } : {}) };
    const over = await whileMarked(context, kept, put, untilOver);
    return { run, how: over ? 'ended' : 'waits', marked: refs };
  } finally {
    await everyOne(refs.map((ref) => unmark(context, ref)));
  }
}

type Put = (ref: ObjectRef) => Promise<unknown>;

/** Puts the mark back where a controller wrote the status without it, or another runner took it out. */
async function whileMarked<T>(context: StepContext, refs: readonly ObjectRef[], put: Put, wait: () => Promise<T>): Promise<T> {
  const over = new AbortController();
  const keeping = keep(context, refs, put, over.signal);
  try {
    return await wait();
  } finally {
    over.abort();
    await keeping;
  }
}

/** Until `over`. A connection that is lost for a while is tried again: whether the run goes on is seen elsewhere. */
async function keep({ clock }: StepContext, refs: readonly ObjectRef[], put: Put, over: AbortSignal): Promise<void> {
  while (!over.aborted) {
    await clock.sleep(KEEP_EVERY, over).catch(() => undefined);
    for (const ref of refs) if (!over.aborted) await put(ref).catch(() => undefined);
  }
}

/**
 * Looked at now and then: what it leaves a mark on is not looked at by Helm again before the next action begins.
 * @returns false where the action goes on at `patience`.
 */
export async function untilActionOver(
  { cluster, clock, signal }: StepContext,
  { target, run }: WaitingRun,
  patience: Date,
): Promise<boolean> {
  for (;;) {
    const release = await cluster.get<HelmRelease>(targetRef(target));
    if (!release || helmRun(release, clock.now())?.since !== run.since) return true;
    if (clock.now() >= patience) return false;
    await clock.sleep(KEEP_EVERY, signal);
  }
}
