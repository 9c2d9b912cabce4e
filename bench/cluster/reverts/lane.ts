/** One application with everything of its own: repository, source, namespace, Kustomizations. Nothing that happens to it moves another. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { GIT_REPOSITORY, KUSTOMIZATION, type Kustomization } from '../../../src/api/flux.ts';
import type { KubeObject, ObjectRef } from '../../../src/api/kube.ts';
import { healthCheckRun } from '../../../src/core/runs/run.ts';
import { type Developer, developerAt } from '../../../src/example/developer.ts';
import type { Attempt } from '../methods.ts';
import type { Watched } from '../stopwatch.ts';
import { ask, firstSeen, isWell, sourceRef } from '../watch.ts';
import type { Ground } from './ground.ts';
import { badRelease, type Kind, type Place } from './kinds.ts';
import { BAD, GOOD, imageOf } from './manifests.ts';

export interface BadRelease {
  commit: string;
  /** When Flux began to wait for it, as `performance.now()` tells it. */
  since: number;
}

const MANAGER = 'bench';
/** How long Flux may take to come to wait for a release, or to get well, in milliseconds. */
const PATIENCE = 120_000;
/** Between two reminders, in milliseconds. */
const REMIND_EVERY = 3_000;

export class Lane {
  readonly kind: Kind;
  readonly place: Place;
  readonly #ground: Ground;
  readonly #developer: Developer;
  /** Names, in the order in which they depend on each other. */
  readonly #kustomizations: readonly string[];

  private constructor(ground: Ground, kind: Kind, place: Place, developer: Developer) {
    this.kind = kind;
    this.place = place;
    this.#ground = ground;
    this.#developer = developer;
    this.#kustomizations = kind.kustomizations(place).map(({ metadata }) => metadata.name);
  }

  /** Deploys the good version. Resolves when it is well. */
  static async lay(ground: Ground, kind: Kind, minutes: number): Promise<Lane> {
    const name = `${kind.name}-${minutes}m`;
    const place = { name, namespace: `bench-${name}`, minutes };
    const { plane, git, cluster } = ground;
    const content = await mkdtemp(join(plane.folder, 'content-'));
    await writeFiles(content, kind.files(place));
    const { head } = await git.addRepository(name, { from: content });
    await rm(content, { recursive: true });
    const lane = new Lane(ground, kind, place, await developerAt(git.cloneUrl(name)));
    try {
      await cluster.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: place.namespace } });
      const spec = { url: git.cloneUrl(name), interval: '10m', ref: { branch: 'main' } };
      const source = { ...GIT_REPOSITORY, metadata: { name, namespace: 'flux-system' }, spec };
      for (const object of [source, ...kind.kustomizations(place)]) await plane.api.apply(object, MANAGER);
      await lane.settled(head as string);
      return lane;
    } catch (error) {
      await lane.leave();
      throw error;
    }
  }

  /** The Kustomization that is rolled back. */
  get subject(): string {
    return this.#kustomizations.at(-1) as string;
  }

  /** Releases the bad version. Resolves when Flux waits for it to get healthy. */
  async fail(): Promise<BadRelease> {
    const commit = await this.#developer.push(`${this.place.name}: release ${BAD}`, badRelease(this.kind, this.place));
    await ask(this.#ground.cluster, sourceRef(this.place.name));
    const since = await this.#patiently(`Flux waits for ${commit.slice(0, 8)} of ${this.place.name}`, commit, async (signal) => {
      const { cluster } = this.#ground;
      await firstSeen(cluster, this.#workload, signal, (object) => imageIn(object) === imageOf(BAD));
      return firstSeen<Kustomization>(cluster, kustomizationRef(this.subject), signal, (object) => waitsFor(object, commit));
    });
    return { commit, since };
  }

  /** Resolves when all of it is well at a commit. */
  async settled(commit: string): Promise<void> {
    await this.#patiently(`${this.place.name} is well at ${commit.slice(0, 8)}`, commit, async (signal) => {
      for (const name of this.#kustomizations)
        await firstSeen<Kustomization>(this.#ground.cluster, kustomizationRef(name), signal, (object) => isWell(object, commit));
    });
  }

  watched({ commit }: BadRelease, limits: Pick<Watched, 'patience' | 'healsWithin'>): Watched {
    return {
      cluster: this.#ground.cluster,
      bare: this.#ground.git.directory(this.place.name),
      bad: commit,
      workload: this.#workload,
      isGood: (object) => imageIn(object) === imageOf(GOOD),
      kustomization: this.subject,
      ...limits,
    };
  }

  attempt({ commit }: BadRelease): Attempt {
    const { env, ebb, ended } = this.#ground;
    return { folder: this.#developer.folder, kustomizations: this.#kustomizations, bad: commit, ebb, env, ended };
  }

  async leave(): Promise<void> {
    await this.#developer.leave();
  }

  get #workload(): ObjectRef {
    return { apiVersion: 'apps/v1', namespace: this.place.namespace, ...this.kind.workload };
  }

  /** Waits, and reminds Flux of what has not begun with the commit: it looks after dependencies every 30 s by itself. */
  async #patiently<T>(what: string, commit: string, wait: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const over = new AbortController();
    const late = AbortSignal.timeout(PATIENCE);
    const signal = AbortSignal.any([over.signal, late, this.#ground.ended]);
    const reminding = this.#remind(commit, signal).catch(() => undefined);
    try {
      return await wait(signal);
    } catch (error) {
      throw late.aborted ? new Error(`waited ${PATIENCE / 1_000} s in vain until ${what}`) : error;
    } finally {
      over.abort();
      await reminding;
    }
  }

  async #remind(commit: string, signal: AbortSignal): Promise<void> {
    const { cluster } = this.#ground;
    for (;;) {
      await setTimeout(REMIND_EVERY, undefined, { signal });
      for (const name of this.#kustomizations) {
        const object = await cluster.get<Kustomization>(kustomizationRef(name));
        if (object?.status?.lastAttemptedRevision?.endsWith(commit) !== true) await ask(cluster, kustomizationRef(name));
      }
    }
  }
}

function kustomizationRef(name: string): ObjectRef {
  return { ...KUSTOMIZATION, namespace: 'flux-system', name };
}

function waitsFor(object: Kustomization, commit: string): boolean {
  return healthCheckRun(object, new Date())?.revision?.endsWith(commit) === true;
}

function imageIn(object: KubeObject): string | undefined {
  const { template } = object.spec as { template: { spec: { containers: { image: string }[] } } };
  return template.spec.containers[0]?.image;
}

async function writeFiles(folder: string, files: Record<string, string>): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    const file = join(folder, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
  }
}
