import type { KubeObject } from '../../../api/kube.ts';

/** What names a source in the storage. */
export function keyParts(object: KubeObject): { kind: string; namespace: string; name: string } {
  return { kind: object.kind, namespace: object.metadata.namespace ?? '', name: object.metadata.name };
}

/** Below it lie the refs of a source: of this object, not of one of the same name that was there before. */
export function refPrefix(object: KubeObject): string {
  return `refs/sources/${object.metadata.uid}/`;
}
