/** When the configuration arrived that a rollback takes back: asked while it is still there, for afterwards nothing tells. */

import type { ConfigUser } from '../core/plan/plan.ts';
import { type Arrival, arrivalOf } from '../core/restart/arrival.ts';
import type { Cluster } from '../ports.ts';
import { configChangedAt } from './config-reads.ts';
import type { Lacks } from './lacks.ts';

/** @throws Failure of the cluster, but for Forbidden: then it is not known. */
export function withArrivals(cluster: Cluster, users: readonly ConfigUser[], committed: Arrival, lacks: Lacks): Promise<ConfigUser[]> {
  return Promise.all(
    users.map(async (user) => {
      const changedAt = await Promise.all(user.reads.map((ref) => configChangedAt(cluster, ref, lacks)));
      return { ...user, ...arrivalOf(user, committed, changedAt) };
    }),
  );
}
