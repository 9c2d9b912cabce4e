/** Follows `dependsOn` from a target to what holds it up. */
import { findCondition } from '../api/conditions.ts';
import { FluxReason, type GitRepository, KUSTOMIZATION, type Kustomization, READY } from '../api/flux.ts';
import { formatTarget, type Target, targetRef } from '../api/target.ts';
import { standingOf } from '../core/diagnosis/dependency.ts';
import type { Blocker } from '../core/world.ts';
import type { Cluster } from '../ports.ts';

export interface Dependencies {
  /** Absent where every dependency is ready. */
  blocker?: Blocker;
  /** Those that say that they wait although all that they wait for is ready: Flux looks at them again within 30 s. */
  idle: Target[];
}

/** @throws Failure of the cluster. */
export async function observeDependencies(cluster: Cluster, target: Target): Promise<Dependencies> {
  const object = target.kind === 'Kustomization' ? await cluster.get<Kustomization>(targetRef(target)) : undefined;
  if (!object?.spec.dependsOn?.length) return { idle: [] };
  return new DependencyWalk(cluster).from(object, [target]);
}

class DependencyWalk {
  readonly #cluster: Cluster;
  readonly #revisions = new Map<string, Promise<string | undefined>>();

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
  }

  /** @param path the targets down to this one; who is in it already goes round in a circle, which Flux itself reports. */
  async from(object: Kustomization, path: Target[]): Promise<Dependencies> {
    const blockers: Blocker[] = [];
    const idle: Target[] = [];
    for (const dependency of object.spec.dependsOn ?? []) {
      const target: Target = { kind: 'Kustomization', name: dependency.name, namespace: dependency.namespace ?? object.metadata.namespace };
      if (path.some((other) => formatTarget(other) === formatTarget(target))) continue;
      const found = await this.#lookAt(object, target, path, dependency.readyExpr !== undefined);
      if (found.blocker) blockers.push({ ...found.blocker, path: [target, ...found.blocker.path] });
      idle.push(...found.idle);
    }
    const blocker = blockers.find((candidate) => candidate.final) ?? blockers[0];
    const waits = findCondition(object.status?.conditions, READY)?.reason === FluxReason.DependencyNotReady;
    if (!blocker && waits) idle.push(path.at(-1) as Target);
    return blocker ? { blocker, idle } : { idle };
  }

  async #lookAt(dependent: Kustomization, target: Target, path: Target[], byExpression: boolean): Promise<Dependencies> {
    const object = await this.#cluster.get<Kustomization>({ ...KUSTOMIZATION, namespace: target.namespace, name: target.name });
    const available = object && (await this.#revisionOf(object));
    const needed = object && sourceOf(object) === sourceOf(dependent) ? available : undefined;
    const standing = standingOf({ object, available, needed, byExpression });
    if (standing.kind === 'ready') return { idle: [] };
    if (standing.kind === 'dependent' && object) {
      const deeper = await this.from(object, [...path, target]);
      if (deeper.blocker) return deeper;
      const message = 'what it depends on is ready, and Flux has not looked at it again yet';
      return { ...deeper, blocker: { target, path: [], final: false, reason: FluxReason.DependencyNotReady, message } };
    }
    if (standing.kind === 'dependent') return { idle: [] };
    const { final, reason, message } = standing;
    return { idle: [], blocker: { target, path: [], final, reason, message } };
  }

  /** Every kind of source has an artifact with a revision. */
  #revisionOf(object: Kustomization): Promise<string | undefined> {
    const key = sourceOf(object);
    const {
      sourceRef,
      sourceRef: { kind, name, namespace = object.metadata.namespace },
    } = object.spec;
    const known =
      this.#revisions.get(key) ??
      this.#cluster
        .get<GitRepository>({ apiVersion: sourceRef.apiVersion ?? 'source.toolkit.fluxcd.io/v1', kind, namespace, name })
        .then((source) => source?.status?.artifact?.revision);
    this.#revisions.set(key, known);
    return known;
  }
}

function sourceOf({ spec: { sourceRef }, metadata }: Kustomization): string {
  return `${sourceRef.kind}/${sourceRef.namespace ?? metadata.namespace}/${sourceRef.name}`;
}
