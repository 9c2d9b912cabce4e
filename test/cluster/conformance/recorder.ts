/** Watches a cluster as any client may, and keeps every state of every object in the order in which the API told it. */
import type { KubeObject } from '../../../src/api/kube.ts';
import type { ApiClient } from './api-client.ts';
import { RECORDED } from './kinds.ts';

export interface Snapshot {
  object: KubeObject;
  gone: boolean;
  /** Position among all that was recorded. */
  at: number;
}

export interface Recorder {
  /** Everything that happened in these namespaces, in order. */
  snapshots(namespaces: ReadonlySet<string>): Snapshot[];
  /** The objects of these namespaces that are there now. */
  present(namespaces: ReadonlySet<string>): KubeObject[];
  /** The newest resourceVersion that was seen of an object, also where that was its end; 0 where it was never seen. */
  seenVersion(object: KubeObject): number;
  /** Milliseconds since something changed in these namespaces. */
  quietFor(namespaces: ReadonlySet<string>): number;
  /** Resolves at the next change anywhere, or after `ms`. */
  change(ms: number): Promise<void>;
  stop(): void;
}

/** Starts to watch every compared kind. @throws where a watch cannot be opened. */
export async function record(api: ApiClient): Promise<Recorder> {
  const kept: Snapshot[] = [];
  const latest = new Map<string, KubeObject>();
  const versions = new Map<string, number>();
  const changedAt = new Map<string, number>();
  const waiting = new Set<() => void>();
  let broken: string | undefined;
  const take = (object: KubeObject, gone: boolean) => {
    const namespace = homeOf(object);
    const key = keyOf(object);
    versions.set(key, Number(object.metadata.resourceVersion));
    kept.push({ object, gone, at: kept.length });
    if (gone) latest.delete(key);
    else latest.set(key, object);
    changedAt.set(namespace, Date.now());
    for (const wake of waiting) wake();
  };
  const watches = await Promise.all(
    RECORDED.map(async ({ apiVersion, kind }) => {
      const { items, resourceVersion } = await api.list({ apiVersion, kind });
      for (const item of items) take(item, false);
      return api.watch({ apiVersion, kind }, resourceVersion, {
        event: ({ type, object }) => {
          if (type === 'ERROR') broken = `the watch of ${kind} failed: ${String(object.message)}`;
          else if (type !== 'BOOKMARK') take(object, type === 'DELETED');
        },
        ended: (why) => {
          broken = `the watch of ${kind} ended: ${why}`;
        },
      });
    }),
  );
  const whole = () => {
    if (broken) throw new Error(broken);
  };
  return {
    snapshots: (namespaces) => {
      whole();
      return kept.filter(({ object }) => namespaces.has(homeOf(object)));
    },
    present: (namespaces) => {
      whole();
      return [...latest.values()].filter((object) => namespaces.has(homeOf(object)));
    },
    seenVersion: (object) => {
      whole();
      return versions.get(keyOf(object)) ?? 0;
    },
    quietFor: (namespaces) => Date.now() - Math.max(0, ...[...namespaces].map((namespace) => changedAt.get(namespace) ?? 0)),
    change: (ms) =>
      new Promise((resolve) => {
        const wake = () => {
          clearTimeout(timer);
          waiting.delete(wake);
          resolve();
        };
        const timer = setTimeout(wake, ms);
        waiting.add(wake);
      }),
    stop: () => {
      for (const watch of watches) watch.close();
    },
  };
}

function keyOf(object: KubeObject): string {
  return `${object.kind}|${homeOf(object)}|${object.metadata.name}`;
}

/** The namespace that an object belongs to; a Namespace belongs to itself. */
function homeOf({ kind, metadata }: KubeObject): string {
  return kind === 'Namespace' ? metadata.name : (metadata.namespace ?? '');
}
