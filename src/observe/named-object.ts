/** One object, looked for by its name in a list: whoever may list need not get. */
import type { KubeObject, ObjectRef } from '../api/kube.ts';
import type { Cluster } from '../ports.ts';

/** @returns none or one. @throws Failure of the cluster */
export function listNamed(cluster: Cluster, { apiVersion, kind, namespace, name }: ObjectRef): Promise<KubeObject[]> {
  const options = { fieldSelector: `metadata.name=${name}`, ...(namespace === undefined ? {} : { namespace }) };
  return cluster.list({ apiVersion, kind }, options);
}
