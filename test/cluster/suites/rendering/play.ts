/** Has Flux and Ebb build the same cases, and gathers what came of it. */

import { openRepository } from '../../../../src/adapters/git/repository.ts';
import { GIT_REPOSITORY, type GitRepository, KUSTOMIZATION, type Kustomization } from '../../../../src/api/flux.ts';
import { refOfEntry } from '../../../../src/api/inventory.ts';
import type { Condition, KubeObject, ObjectRef } from '../../../../src/api/kube.ts';
import { observeRendering, type RenderingContext, renderAt } from '../../../../src/observe/rendering.ts';
import { observeTarget } from '../../../../src/observe/target.ts';
import type { Cluster, Renderer, RenderOutcome } from '../../../../src/ports.ts';
import type { GitServer } from '../../../../src/sandbox/git/server.ts';
import { appliedBy } from './applied.ts';
import type { RenderingCase } from './case.ts';
import { gitRepositories, kustomizationOf, NAMESPACE, surroundings } from './flux-objects.ts';
import { publish, sourceOf } from './repository.ts';

export interface Played {
  /** The controller's Ready condition. */
  ready: Condition;
  /** What the controller applied. */
  applied: KubeObject[];
  rendered: RenderOutcome;
}

export interface Stage {
  cluster: Cluster;
  git: GitServer;
  renderer: Renderer;
  cacheDir: string;
}

/** Seconds on an idle machine. */
const PATIENCE_MS = 240_000;

/** @returns what came of each case, by its name */
export async function play(stage: Stage, cases: RenderingCase[]): Promise<Map<string, Played>> {
  const { cluster, git } = stage;
  await publish(git, cases);
  const sources = gitRepositories(cases, git);
  await createAll(cluster, [...sources, ...surroundings(cases)]);
  // A Kustomization that comes before its source has an artifact looks again half a minute later.
  await settled<GitRepository>(cluster, GIT_REPOSITORY, sources.length);
  await createAll(cluster, cases.map(kustomizationOf));
  const built = await settled<Kustomization>(cluster, KUSTOMIZATION, cases.length);
  const repositories = await openAll(stage, cases);
  try {
    const heads = new Map(await Promise.all([...repositories].map(async ([source, repo]) => [source, await repo.fetch()] as const)));
    const played = cases.map(async (one): Promise<[string, Played]> => {
      const object = built.find(({ metadata }) => metadata.name === one.name) as Kustomization;
      const source = sourceOf(one);
      const context = await contextOf(cluster, one);
      const rendered = await renderAt(repositories.get(source) as Repository, stage.renderer, context, heads.get(source) as string);
      return [one.name, { ...(await appliedTo(cluster, object)), rendered }];
    });
    return new Map(await Promise.all(played));
  } finally {
    for (const repository of repositories.values()) await repository.close();
  }
}

type Repository = Awaited<ReturnType<typeof openRepository>>;

async function openAll({ git, cacheDir }: Stage, cases: RenderingCase[]): Promise<Map<string, Repository>> {
  const opened = [...new Set(cases.map(sourceOf))].map(async (source) => {
    return [source, await openRepository({ url: git.cloneUrl(source), branch: 'main', cacheDir })] as const;
  });
  return new Map(await Promise.all(opened));
}

async function createAll(cluster: Cluster, objects: KubeObject[]): Promise<void> {
  await Promise.all(objects.map((object) => cluster.create(object)));
}

async function appliedTo(cluster: Cluster, object: Kustomization): Promise<Omit<Played, 'rendered'>> {
  const refs = (object.status?.inventory?.entries ?? []).map((entry) => refOfEntry(entry) as ObjectRef);
  const objects = await Promise.all(refs.map((ref) => cluster.get<KubeObject>(ref)));
  return { ready: readyOf(object) as Condition, applied: objects.map((each) => appliedBy(each as KubeObject)) };
}

/** As a plan does it: what the cluster says about the target and what it reads live. */
async function contextOf(cluster: Cluster, one: RenderingCase): Promise<RenderingContext> {
  const { build = {} } = await observeTarget(cluster, { kind: 'Kustomization', namespace: NAMESPACE, name: one.name });
  return observeRendering(cluster, build, NAMESPACE, one.alone?.ignore);
}

/** Waits until Flux is done with each of so many objects, well or not. */
async function settled<T extends GitRepository | Kustomization>(
  cluster: Cluster,
  kind: { apiVersion: string; kind: string },
  count: number,
): Promise<T[]> {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    const objects = await cluster.list<T>(kind, { namespace: NAMESPACE });
    const pending = objects.filter((object) => !isDone(object));
    if (objects.length >= count && pending.length === 0) return objects;
    if (Date.now() > deadline) {
      throw new Error(
        `Flux is not done with ${kind.kind} ${pending.map(({ metadata }) => metadata.name).join(', ')} after ${PATIENCE_MS / 1_000} s`,
      );
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

/** A failed run of kustomize-controller leaves the generation unobserved; it is done when it no longer says how far it is. */
function isDone(object: GitRepository | Kustomization): boolean {
  const ready = readyOf(object);
  return ready !== undefined && ready.status !== 'Unknown';
}

function readyOf(object: GitRepository | Kustomization): Condition | undefined {
  return object.status?.conditions?.find(({ type }) => type === 'Ready');
}
