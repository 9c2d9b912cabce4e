import type { KubeObject, ObjectRef } from '../../../api/kube.ts';
import { refOf } from '../../../api/kube.ts';

/** Who is owned by whom, by uid; built from watches, and only a hint of where to look: every decision reads the API. */
export interface OwnerGraph {
  put(object: KubeObject): void;
  /** @returns the former dependents and owners of what is gone */
  drop(uid: string): { dependents: string[]; owners: string[] };
  find(uid: string): ObjectRef | undefined;
  dependentsOf(uid: string): string[];
}

export function createOwnerGraph(): OwnerGraph {
  const objects = new Map<string, { ref: ObjectRef; owners: string[] }>();
  const dependents = new Map<string, Set<string>>();

  const unlink = (uid: string) => {
    for (const owner of objects.get(uid)?.owners ?? []) {
      dependents.get(owner)?.delete(uid);
      if (dependents.get(owner)?.size === 0) dependents.delete(owner);
    }
  };

  return {
    put: (object) => {
      const { uid } = object.metadata;
      if (!uid) return;
      unlink(uid);
      const owners = (object.metadata.ownerReferences ?? []).map((owner) => owner.uid);
      objects.set(uid, { ref: refOf(object), owners });
      for (const owner of owners) {
        const known = dependents.get(owner) ?? new Set();
        known.add(uid);
        dependents.set(owner, known);
      }
    },
    drop: (uid) => {
      const owners = objects.get(uid)?.owners ?? [];
      unlink(uid);
      objects.delete(uid);
      return { dependents: [...(dependents.get(uid) ?? [])], owners };
    },
    find: (uid) => objects.get(uid)?.ref,
    dependentsOf: (uid) => [...(dependents.get(uid) ?? [])],
  };
}
