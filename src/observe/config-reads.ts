/** What workloads read from ConfigMaps and Secrets, and when that changed. Values are not looked at. */
import { formatRef, type KubeObject, type ObjectRef, objectKey } from '../api/kube.ts';
import type { Workload } from '../api/workloads.ts';
import { readingsOf } from '../core/restart/readings.ts';
import { reloadedBy } from '../core/restart/restarts.ts';
import type { ConfigReads } from '../core/world.ts';
import type { Cluster } from '../ports.ts';
import type { Lacks } from './lacks.ts';

const KINDS = new Set(['apps/v1/Deployment', 'apps/v1/StatefulSet', 'apps/v1/DaemonSet']);
const VALUES = ['f:data', 'f:binaryData'];

/**
 * @param inventory what is no workload is passed over, and so is a workload that is gone
 * @throws Failure of the cluster, but for Forbidden. Secrets are nothing that Ebb reads: when they changed is not known.
 */
export async function observeConfigReads(cluster: Cluster, inventory: readonly ObjectRef[], lacks: Lacks): Promise<ConfigReads[]> {
  const changes = new Changes(cluster, lacks);
  const workloads = inventory.filter(({ apiVersion, kind }) => KINDS.has(`${apiVersion}/${kind}`));
  const reads = await Promise.all(workloads.map((ref) => readsOf(cluster, ref, changes)));
  return reads.filter((one) => one !== undefined);
}

async function readsOf(cluster: Cluster, workload: ObjectRef, changes: Changes): Promise<ConfigReads | undefined> {
  const object = await cluster.get<Workload>(workload);
  if (!object) return undefined;
  const { template } = object.spec;
  const reads = await Promise.all(
    readingsOf(template.spec).map(async ({ config, by, containers }) => {
      const ref = { apiVersion: 'v1', ...config, ...(workload.namespace === undefined ? {} : { namespace: workload.namespace }) };
      const changedAt = await changes.of(ref);
      return { ref, by, containers, ...(changedAt === undefined ? {} : { changedAt }) };
    }),
  );
  const reloads = reloadedBy(object, template);
  return { workload, reads, ...(reloads ? { reloads } : {}) };
}

/** Each ConfigMap is asked for once. */
class Changes {
  readonly #cluster: Cluster;
  readonly #lacks: Lacks;
  readonly #known = new Map<string, Promise<string | undefined>>();

  constructor(cluster: Cluster, lacks: Lacks) {
    this.#cluster = cluster;
    this.#lacks = lacks;
  }

  of(ref: ObjectRef): Promise<string | undefined> {
    const key = objectKey(ref);
    const known = this.#known.get(key) ?? configChangedAt(this.#cluster, ref, this.#lacks);
    this.#known.set(key, known);
    return known;
  }
}

/**
 * When the values of a ConfigMap changed last: RFC 3339, seconds. By `managedFields`, whose time moves when a manager
 * changes what it owns and stays when it applies the same again (k8s.io/apimachinery meta/v1 ManagedFieldsEntry).
 * @returns undefined of a Secret, of what is not there or may not be read.
 */
export async function configChangedAt(cluster: Cluster, ref: ObjectRef, lacks: Lacks): Promise<string | undefined> {
  if (ref.kind !== 'ConfigMap') return undefined;
  const consequence = `when ${formatRef(ref)} changed is not known, nor whether pods still run with what it said before`;
  const object = await lacks.or(cluster.get<KubeObject>(ref), undefined, consequence);
  const times = (object?.metadata.managedFields ?? [])
    .filter(({ subresource, fieldsV1 }) => subresource === undefined && VALUES.some((field) => field in fieldsV1))
    .flatMap(({ time }) => time ?? []);
  return times.sort().at(-1) ?? object?.metadata.creationTimestamp;
}
