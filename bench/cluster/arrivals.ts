/** When each of many Kustomizations has the good version, and is healthy with it. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { KUSTOMIZATION, type Kustomization } from '../../src/api/flux.ts';
import { computeStatus } from '../../src/api/kstatus.ts';
import type { KubeObject } from '../../src/api/kube.ts';
import type { Cluster } from '../../src/ports.ts';
import { isWell } from './watch.ts';

export interface Arrival {
  name: string;
  /** Milliseconds from the push to a Kustomization that is at the revert, with the good version in its Deployment. */
  applied: number;
  /** Milliseconds from the push to Ready for the revert, and rolled out. */
  healthy: number;
}

export interface Company {
  cluster: Cluster;
  /** The bare repository on disk. */
  bare: string;
  /** The commit that is reverted, at the tip of main. */
  bad: string;
  /** Of the Deployments, which are named as their Kustomizations. */
  namespace: string;
  names: readonly string[];
  /** The good version. */
  image: string;
}

/** Between two looks at the branch, in milliseconds. */
const LOOK_EVERY = 5;

/** @throws the signal's reason. */
export async function arrivals(company: Company, signal: AbortSignal): Promise<Arrival[]> {
  const { cluster, namespace, names } = company;
  const state = new Sightings(company);
  const end = new AbortController();
  const either = AbortSignal.any([signal, end.signal]);
  const follow = async (kind: { apiVersion: string; kind: string }, space: string, see: (object: KubeObject) => void) => {
    for await (const { object } of cluster.watch(kind, { namespace: space }, either)) {
      see(object);
      if (state.all) end.abort();
    }
  };
  const watching = Promise.all([
    follow({ apiVersion: 'apps/v1', kind: 'Deployment' }, namespace, (object) => state.deployment(object)),
    follow(KUSTOMIZATION, 'flux-system', (object) => state.kustomization(object as Kustomization)),
  ]);
  state.pushed(await pushed(company, signal));
  await watching;
  if (!state.all) throw signal.reason;
  return names.map((name) => state.of(name));
}

async function pushed({ bare, bad }: Company, signal: AbortSignal): Promise<{ at: number; head: string }> {
  for (;;) {
    const head = (await readFile(join(bare, 'refs', 'heads', 'main'), 'utf8').catch(() => bad)).trim();
    if (head !== bad) return { at: performance.now(), head };
    await pause(LOOK_EVERY, undefined, { signal });
  }
}

class Sightings {
  readonly #company: Company;
  readonly #deployments = new Map<string, KubeObject>();
  readonly #kustomizations = new Map<string, Kustomization>();
  readonly #applied = new Map<string, number>();
  readonly #healthy = new Map<string, number>();
  #push: { at: number; head: string } | undefined;

  constructor(company: Company) {
    this.#company = company;
  }

  pushed(push: { at: number; head: string }): void {
    this.#push = push;
  }

  deployment(object: KubeObject): void {
    this.#deployments.set(object.metadata.name, object);
    this.#look(object.metadata.name);
  }

  kustomization(object: Kustomization): void {
    this.#kustomizations.set(object.metadata.name, object);
    this.#look(object.metadata.name);
  }

  get all(): boolean {
    return this.#healthy.size === this.#company.names.length;
  }

  of(name: string): Arrival {
    return { name, applied: this.#applied.get(name) as number, healthy: this.#healthy.get(name) as number };
  }

  #look(name: string): void {
    const [deployment, kustomization] = [this.#deployments.get(name), this.#kustomizations.get(name)];
    if (!this.#push || !deployment || !kustomization || !this.#company.names.includes(name)) return;
    const { at, head } = this.#push;
    const isGood = imageOf(deployment) === this.#company.image;
    if (!isGood || kustomization.status?.lastAttemptedRevision?.endsWith(head) !== true) return;
    const now = performance.now() - at;
    if (!this.#applied.has(name)) this.#applied.set(name, now);
    if (!this.#healthy.has(name) && isWell(kustomization, head) && computeStatus(deployment).status === 'Current')
      this.#healthy.set(name, now);
  }
}

function imageOf(object: KubeObject): string | undefined {
  return (object.spec as { template: { spec: { containers: { image: string }[] } } }).template.spec.containers[0]?.image;
}

/** @throws RangeError without values. */
export function spread(values: readonly number[]): { p50: number; p90: number; max: number } {
  if (values.length === 0) throw new RangeError('nothing was measured');
  const sorted = [...values].sort((a, b) => a - b);
  const at = (part: number) => sorted[Math.min(sorted.length - 1, Math.ceil(part * sorted.length) - 1)] as number;
  return { p50: at(0.5), p90: at(0.9), max: at(1) };
}
