/** Sees, from outside, when the revert is in Git, when the good spec is in the cluster, and when the target is healthy again. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { KUSTOMIZATION, type Kustomization } from '../../src/api/flux.ts';
import { computeStatus } from '../../src/api/kstatus.ts';
import type { KubeObject, ObjectRef } from '../../src/api/kube.ts';
import type { Cluster } from '../../src/ports.ts';
import { firstSeen, isWell } from './watch.ts';

export interface Moments {
  /** Milliseconds from the start of the method to the revert in Git. */
  pushed: number;
  /** Milliseconds from there to the good spec in the cluster. */
  applied: number;
  /**
   * Milliseconds from there (from the push) to a workload that is rolled out and a Kustomization that says Ready for the revert;
   * infinite where `healsWithin` was over.
   */
  healthy: number;
}

export interface Watched {
  cluster: Cluster;
  /** The bare repository on disk. */
  bare: string;
  /** The commit that is reverted, at the tip of main. */
  bad: string;
  /** Where the good spec shows. */
  workload: ObjectRef;
  isGood(workload: KubeObject): boolean;
  /** Name of the Kustomization that is to be healthy. */
  kustomization: string;
  /** The longest that a round may take, in milliseconds. */
  patience: number;
  /** How long after the good spec one waits for health, in milliseconds; without it, as long as the round may take. */
  healsWithin?: number;
  /** Hears that the good spec is in the cluster. */
  onApplied?(): void;
}

/** Between two looks at the branch, in milliseconds. */
const LOOK_EVERY = 5;

/**
 * Runs `method` and watches. @param method resolves when the commands are done; its signal aborts when all was seen, for those
 * commands that only wait.
 * @throws what the method throws, or the reason of `ended`.
 */
export async function clock(watched: Watched, method: (over: AbortSignal) => Promise<void>, ended: AbortSignal): Promise<Moments> {
  const done = new AbortController();
  const over = AbortSignal.any([done.signal, ended, AbortSignal.timeout(watched.patience)]);
  const began = performance.now();
  const watching = see(watched, over);
  watching.catch(() => undefined);
  const acting = method(over);
  acting.catch(() => undefined);
  try {
    const { push, apply, health } = await Promise.race([watching, acting.then(() => watching)]);
    done.abort();
    await acting;
    return { pushed: push - began, applied: apply - push, healthy: health - push };
  } finally {
    done.abort();
    await Promise.allSettled([acting]);
  }
}

async function see(watched: Watched, signal: AbortSignal): Promise<{ push: number; apply: number; health: number }> {
  const { cluster, workload, isGood } = watched;
  const [{ at: push, head }, apply] = await Promise.all([branchMoves(watched, signal), firstSeen(cluster, workload, signal, isGood)]);
  watched.onApplied?.();
  const health = await isHealthy(watched, head, apply, signal);
  return { push, apply, health };
}

async function branchMoves({ bare, bad }: Watched, signal: AbortSignal): Promise<{ at: number; head: string }> {
  const file = join(bare, 'refs', 'heads', 'main');
  for (;;) {
    const head = (await readFile(file, 'utf8').catch(() => bad)).trim();
    if (head !== bad) return { at: performance.now(), head };
    signal.throwIfAborted();
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY));
  }
}

async function isHealthy(watched: Watched, head: string, applied: number, signal: AbortSignal): Promise<number> {
  const { cluster, workload, kustomization, healsWithin } = watched;
  const late =
    healsWithin === undefined ? undefined : AbortSignal.timeout(Math.max(0, Math.round(applied + healsWithin - performance.now())));
  const either = late ? AbortSignal.any([signal, late]) : signal;
  try {
    const moments = await Promise.all([
      firstSeen(cluster, workload, either, (object) => watched.isGood(object) && computeStatus(object).status === 'Current'),
      firstSeen<Kustomization>(cluster, { ...KUSTOMIZATION, namespace: 'flux-system', name: kustomization }, either, (object) =>
        isWell(object, head),
      ),
    ]);
    return Math.max(...moments);
  } catch (error) {
    if (late?.aborted && !signal.aborted) return Number.POSITIVE_INFINITY;
    throw error;
  }
}
