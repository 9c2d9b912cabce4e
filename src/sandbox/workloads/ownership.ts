import type { GroupVersionKind, KubeObject, OwnerReference } from '../../api/kube.ts';
import { refOf } from '../../api/kube.ts';
import type { LabelSelector } from '../../api/workloads.ts';
import type { ClusterApi } from '../cluster.ts';
import { CONTROLLER_MANAGER } from './kinds.ts';
import { selects } from './selectors.ts';

/** The owner that manages `object`, where it has one. */
export function controllerOf(object: KubeObject): OwnerReference | undefined {
  return object.metadata.ownerReferences?.find((owner) => owner.controller);
}

/** A reference that makes `owner` the managing owner, as `metav1.NewControllerRef` does. */
export function controllerRef(owner: KubeObject): OwnerReference {
  return {
    apiVersion: owner.apiVersion,
    kind: owner.kind,
    name: owner.metadata.name,
    uid: owner.metadata.uid ?? '',
    controller: true,
    blockOwnerDeletion: true,
  };
}

/** The key of the owner of kind `kind` that manages `object`; empty where another or none does. */
export function ownerKeys(kind: GroupVersionKind, object: KubeObject): string[] {
  const owner = controllerOf(object);
  if (owner?.kind !== kind.kind || owner.apiVersion !== kind.apiVersion) return [];
  return [`${object.metadata.namespace ?? ''}/${owner.name}`];
}

export interface Claim<T extends KubeObject> {
  owner: KubeObject;
  selector: LabelSelector | undefined;
  candidates: T[];
}

/**
 * What of `candidates` belongs to `owner`: adopts matching orphans, releases its own that no longer match.
 * Source: pkg/controller/controller_ref_manager.go, ClaimObject.
 */
export function claim<T extends KubeObject>(api: ClusterApi, { owner, selector, candidates }: Claim<T>): T[] {
  const claimed: T[] = [];
  for (const candidate of candidates) {
    const controller = controllerOf(candidate);
    const matches = selects(selector, candidate.metadata.labels);
    if (controller) {
      if (controller.uid !== owner.metadata.uid) continue;
      if (matches) claimed.push(candidate);
      else if (!owner.metadata.deletionTimestamp) release(api, owner, candidate);
    } else if (matches && !owner.metadata.deletionTimestamp && !candidate.metadata.deletionTimestamp) {
      claimed.push(adopt(api, owner, candidate));
    }
  }
  return claimed;
}

function adopt<T extends KubeObject>(api: ClusterApi, owner: KubeObject, object: T): T {
  const ownerReferences = [...(object.metadata.ownerReferences ?? []), controllerRef(owner)];
  return api.patch<T>(refOf(object), { metadata: { ownerReferences } }, { type: 'merge', manager: CONTROLLER_MANAGER });
}

function release(api: ClusterApi, owner: KubeObject, object: KubeObject): void {
  const ownerReferences = (object.metadata.ownerReferences ?? []).filter((reference) => reference.uid !== owner.metadata.uid);
  api.patch(refOf(object), { metadata: { ownerReferences } }, { type: 'merge', manager: CONTROLLER_MANAGER });
}
