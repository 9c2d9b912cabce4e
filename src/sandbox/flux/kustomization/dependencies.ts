/** `spec.dependsOn`. Source: kustomize-controller checkDependencies(), fluxcd/pkg runtime/dependency/sort.go. */
import { isTrue } from '../../../api/conditions.ts';
import { type Artifact, KUSTOMIZATION, type Kustomization, READY } from '../../../api/flux.ts';
import type { ClusterApi } from '../../cluster.ts';
import { keyOf } from '../controller.ts';
import { sourceNamespaceOf } from './defaults.ts';

/** Why a dependency is not ready; undefined where all are. */
export function unreadyDependency(object: Kustomization, artifact: Artifact, api: ClusterApi): string | undefined {
  for (const { name, namespace = object.metadata.namespace } of object.spec.dependsOn ?? []) {
    const label = `dependency '${namespace}/${name}'`;
    const dependency = api.get<Kustomization>({ ...KUSTOMIZATION, namespace, name });
    if (!dependency) return `${label} not found: kustomizations.kustomize.toolkit.fluxcd.io "${name}" not found`;
    const { status } = dependency;
    const observed = dependency.metadata.generation === status?.observedGeneration;
    if (!observed || !isTrue(status?.conditions, READY)) return `${label} is not ready`;
    if (sharesSource(object, dependency) && status?.lastAppliedRevision !== artifact.revision) return `${label} revision is not up to date`;
  }
  return undefined;
}

function sharesSource(left: Kustomization, right: Kustomization): boolean {
  const identity = (object: Kustomization) => `${object.spec.sourceRef.kind}/${sourceNamespaceOf(object)}/${object.spec.sourceRef.name}`;
  return identity(left) === identity(right);
}

/** The objects with those that others depend on first; undefined where the dependencies go round in a circle. */
export function sortByDependencies(objects: readonly Kustomization[]): Kustomization[] | undefined {
  const byKey = new Map(objects.map((object) => [keyOf(object), object]));
  const marks = new Map<string, 'open' | 'done'>();
  const sorted: Kustomization[] = [];
  const visit = (key: string): boolean => {
    if (marks.get(key) === 'done') return true;
    if (marks.get(key) === 'open') return false;
    marks.set(key, 'open');
    const object = byKey.get(key);
    for (const { name, namespace } of object?.spec.dependsOn ?? []) {
      if (!visit(`${namespace ?? object?.metadata.namespace}/${name}`)) return false;
    }
    marks.set(key, 'done');
    if (object) sorted.push(object);
    return true;
  };
  return [...byKey.keys()].every(visit) ? sorted : undefined;
}
