/** Objects of a target as they are in the cluster now, with their managedFields. */
import { OWNER_NAME_LABEL, OWNER_NAMESPACE_LABEL } from '../api/flux.ts';
import { formatRef, type GroupVersionKind, type KubeObject, objectKey, refOf } from '../api/kube.ts';
import type { Target } from '../api/target.ts';
import { Failure } from '../core/failure.ts';
import type { Cluster } from '../ports.ts';
import type { Lacks } from './lacks.ts';
import { listNamed } from './named-object.ts';

/** An object as it is declared, and as it is; `undefined`: it is gone. */
export interface LivePair {
  declared: KubeObject;
  live: KubeObject | undefined;
}

/**
 * Listed by the labels of their owner, one request a kind; what these do not find is looked for by name once more, for labels
 * can be taken off. What may not be read is left out, and noted.
 * @throws Failure of the cluster, but for Forbidden
 */
export async function observeLive(cluster: Cluster, target: Target, declared: readonly KubeObject[], lacks: Lacks): Promise<LivePair[]> {
  const kinds = new Map<string, KubeObject[]>();
  for (const object of declared) {
    const key = `${object.apiVersion}/${object.kind}`;
    kinds.set(key, [...(kinds.get(key) ?? []), object]);
  }
  const pairs = await Promise.all([...kinds.values()].map((objects) => liveOfKind(cluster, target, objects, lacks)));
  return pairs.flat();
}

async function liveOfKind(cluster: Cluster, target: Target, objects: readonly KubeObject[], lacks: Lacks): Promise<LivePair[]> {
  const { apiVersion, kind } = objects[0] as KubeObject;
  const labelSelector = `${OWNER_NAME_LABEL}=${target.name},${OWNER_NAMESPACE_LABEL}=${target.namespace}`;
  const consequence = `whether objects of the kind ${kind} drifted is not known`;
  const listed = await lacks.or(
    served({ apiVersion, kind }, cluster.list({ apiVersion, kind }, { labelSelector })),
    undefined,
    consequence,
  );
  if (!listed) return [];
  const found = new Map(listed.map((object) => [objectKey(refOf(object)), object]));
  const pairs = await Promise.all(
    objects.map(async (declared) => {
      const ref = refOf(declared);
      const known = found.get(objectKey(ref));
      if (known) return { declared, live: known };
      const looked = served({ apiVersion, kind }, listNamed(cluster, ref));
      const there = await lacks.or(looked, undefined, `whether ${formatRef(ref)} is there is not known`);
      return there && { declared, live: there[0] };
    }),
  );
  return pairs.filter((pair) => pair !== undefined);
}

/** Of a kind that is not served any more there are none. */
async function served(kind: GroupVersionKind, listing: Promise<KubeObject[]>): Promise<KubeObject[]> {
  try {
    return (await listing).map((object) => ({ ...object, ...kind }));
  } catch (error) {
    if (error instanceof Failure && error.code === 'KindNotServed') return [];
    throw error;
  }
}
