import type { KubeObject } from '../../../api/kube.ts';
import type { Change } from './history.ts';

/** `shop/api`, `/shop` for cluster-scoped objects: the order in which lists come. */
export function keyOf(namespace: string | undefined, name: string): string {
  return `${namespace ?? ''}/${name}`;
}

/** The current objects of every resource, in their storage version. */
export class Objects {
  readonly #byResource = new Map<string, Map<string, KubeObject>>();

  get(storageKey: string, key: string): KubeObject | undefined {
    return this.#byResource.get(storageKey)?.get(key);
  }

  put(storageKey: string, key: string, object: KubeObject): void {
    const objects = this.#byResource.get(storageKey) ?? new Map<string, KubeObject>();
    this.#byResource.set(storageKey, objects.set(key, object));
  }

  remove(storageKey: string, key: string): void {
    this.#byResource.get(storageKey)?.delete(key);
  }

  /** Objects of a resource in the order of their keys, all of them or one namespace's. */
  list(storageKey: string, namespace?: string): KubeObject[] {
    return sorted(this.#byResource.get(storageKey) ?? new Map()).filter((object) => !namespace || object.metadata.namespace === namespace);
  }

  /** The objects as they were before `later`, the changes since then (oldest first). */
  listBefore(storageKey: string, later: readonly Change[]): KubeObject[] {
    const objects = new Map(this.#byResource.get(storageKey) ?? []);
    for (const { object, before } of later.toReversed()) {
      const key = keyOf(object.metadata.namespace, object.metadata.name);
      if (before) objects.set(key, before);
      else objects.delete(key);
    }
    return sorted(objects);
  }
}

function sorted(objects: ReadonlyMap<string, KubeObject>): KubeObject[] {
  return [...objects].sort(([left], [right]) => (left < right ? -1 : left > right ? 1 : 0)).map(([, object]) => object);
}
