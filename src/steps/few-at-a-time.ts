/** A cluster of which only so many requests are under way at once: work for many objects may be started all together. */
import type { Cluster } from '../ports.ts';

/** Watches are not counted: they stay open, and whoever opens them opens few. */
export function fewAtATime(cluster: Cluster, most: number): Cluster {
  const turn = turnstile(most);
  return {
    name: cluster.name,
    namespace: cluster.namespace,
    get: (...args) => turn(() => cluster.get(...args)),
    list: (...args) => turn(() => cluster.list(...args)),
    watch: (...args) => cluster.watch(...args),
    create: (...args) => turn(() => cluster.create(...args)),
    patch: (...args) => turn(() => cluster.patch(...args)),
    delete: (...args) => turn(() => cluster.delete(...args)),
    logs: (...args) => turn(() => cluster.logs(...args)),
    serviceGet: (...args) => turn(() => cluster.serviceGet(...args)),
    refusal: (...args) => turn(() => cluster.refusal(...args)),
    serves: (...args) => turn(() => cluster.serves(...args)),
  };
}

function turnstile(most: number): <T>(work: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = [];
  let within = 0;
  return async (work) => {
    if (within >= most) await new Promise<void>((resolve) => waiting.push(resolve));
    else within += 1;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      // Whoever waited longest takes the place over.
      if (next) next();
      else within -= 1;
    }
  };
}
