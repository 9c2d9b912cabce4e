/** Sees, from outside, when the revert is in Git, when the good spec is in the cluster, and when the target is healthy again. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { KUSTOMIZATION, type Kustomization } from '../../src/api/flux.ts';
import { computeStatus } from '../../src/api/kstatus.ts';
import type { KubeObject } from '../../src/api/kube.ts';
import { type Fleet, isWell, NAMESPACE } from './fleet.ts';
import type { Scenario } from './scenarios.ts';

export interface Moments {
  /** Milliseconds from the start of the method to the revert in Git. */
  pushed: number;
  /** Milliseconds from there to the good spec in the cluster. */
  applied: number;
  /** Milliseconds from there (from the push) to a workload that is rolled out and a Kustomization that says Ready for the revert. */
  healthy: number;
}

/** Between two looks at the branch, in milliseconds. */
const LOOK_EVERY = 5;
/** The longest that a round may take, in milliseconds. */
const PATIENCE = 1_800_000;

export interface Wanted {
  scenario: Scenario;
  /** The commit that is reverted. */
  bad: string;
  /** The value of RELEASE in the good version. */
  release: string;
}

/**
 * Runs `method` and watches. @param method resolves when the commands are done; what it needs longer than Flux is not waited for.
 * @throws what the method throws.
 */
export async function clock(fleet: Fleet, wanted: Wanted, method: () => Promise<void>): Promise<Moments> {
  const done = new AbortController();
  const over = AbortSignal.any([done.signal, AbortSignal.timeout(PATIENCE)]);
  const began = performance.now();
  const pushed = branchMoves(fleet, wanted.bad, over);
  const applied = specIsGood(fleet, wanted, over);
  const healthy = Promise.all([pushed, applied]).then(([{ head }]) => isHealthy(fleet, wanted, head, over));
  const watching = Promise.all([pushed, applied, healthy]);
  watching.catch(() => undefined);
  try {
    await method();
    const [push, apply, health] = await watching;
    return { pushed: push.at - began, applied: apply - push.at, healthy: health - push.at };
  } finally {
    done.abort();
  }
}

async function branchMoves(fleet: Fleet, bad: string, signal: AbortSignal): Promise<{ at: number; head: string }> {
  const file = join(fleet.bare, 'refs', 'heads', 'main');
  for (;;) {
    const head = (await readFile(file, 'utf8').catch(() => bad)).trim();
    if (head !== bad) return { at: performance.now(), head };
    signal.throwIfAborted();
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY));
  }
}

async function specIsGood(fleet: Fleet, { scenario, release }: Wanted, signal: AbortSignal): Promise<number> {
  return watched(fleet, workloadOf(scenario), signal, (object) => releaseOf(object) === release);
}

async function isHealthy(fleet: Fleet, { scenario, release }: Wanted, head: string, signal: AbortSignal): Promise<number> {
  const moments = await Promise.all([
    watched(fleet, workloadOf(scenario), signal, (object) => releaseOf(object) === release && computeStatus(object).status === 'Current'),
    watched(fleet, { ...KUSTOMIZATION, namespace: 'flux-system' }, signal, (object) => isWell(object as unknown as Kustomization, head)),
  ]);
  return Math.max(...moments);
}

interface Place {
  apiVersion: string;
  kind: string;
  namespace: string;
}

function workloadOf({ workload }: Scenario): Place {
  return { apiVersion: 'apps/v1', kind: workload, namespace: NAMESPACE };
}

/** When the object that is named as the subject first is as wanted. */
async function watched(fleet: Fleet, place: Place, signal: AbortSignal, met: (object: KubeObject) => boolean): Promise<number> {
  const { namespace, ...kind } = place;
  for await (const { object } of fleet.cluster.watch(kind, { namespace, fieldSelector: `metadata.name=${fleet.subject}` }, signal)) {
    if (met(object)) return performance.now();
  }
  throw signal.reason;
}

export function releaseOf(object: KubeObject): string | undefined {
  const { template } = object.spec as { template: { spec: { containers: { env?: { name: string; value?: string }[] }[] } } };
  return template.spec.containers[0]?.env?.find((one) => one.name === 'RELEASE')?.value;
}
