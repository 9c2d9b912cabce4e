/**
 * PersistentVolumeClaims: bound at once, as the kubelet serves each from a folder of its own, and kept while a pod uses them.
 * Source: pkg/controller/volume/pvcprotection.
 */
import { rmSync } from 'node:fs';
import type { KubeObject } from '../../api/kube.ts';
import type { Pod } from '../../api/workloads.ts';
import { type Controller, type ControllerContext, keyOf, parseKey, startController } from './controller.ts';
import { CONTROLLER_MANAGER, POD, VOLUME_CLAIM } from './kinds.ts';
import { claimFolder, claimNames } from './kubelet/volumes.ts';
import { isPodTerminal } from './pods.ts';
import { writeStatus } from './status-writer.ts';

const PROTECTION = 'kubernetes.io/pvc-protection';

interface ClaimSpec {
  accessModes?: string[];
  resources?: { requests?: Record<string, string> };
}

/** @param folder where the content of claims is. */
export function startVolumeClaims(context: ControllerContext, folder: string): Controller {
  return startController(context, {
    name: 'volume-claims',
    watches: [
      { kind: VOLUME_CLAIM, keys: (object) => [keyOf(object)] },
      { kind: POD, keys: (object) => claimNames(object as Pod).map((name) => `${object.metadata.namespace}/${name}`) },
    ],
    sync: (key) => sync(context, folder, key),
  });
}

function sync({ api }: ControllerContext, folder: string, key: string): void {
  const ref = parseKey(key);
  const claim = api.get<KubeObject>({ ...VOLUME_CLAIM, ...ref });
  if (!claim) {
    rmSync(claimFolder(folder, ref.namespace, ref.name), { recursive: true, force: true });
    return;
  }
  if (claim.metadata.deletionTimestamp) {
    const pods = api.list<Pod>(POD, { namespace: ref.namespace });
    if (!pods.some((pod) => !isPodTerminal(pod) && claimNames(pod).includes(ref.name))) unprotect(api, claim);
    return;
  }
  if ((claim.status as { phase?: string } | undefined)?.phase === 'Bound') return;
  const { accessModes, resources } = (claim.spec ?? {}) as ClaimSpec;
  writeStatus(api, claim, { phase: 'Bound', accessModes, capacity: resources?.requests });
}

function unprotect(api: ControllerContext['api'], claim: KubeObject): void {
  const finalizers = (claim.metadata.finalizers ?? []).filter((finalizer) => finalizer !== PROTECTION);
  if (finalizers.length === (claim.metadata.finalizers ?? []).length) return;
  const clone = structuredClone(claim);
  api.update({ ...clone, metadata: { ...clone.metadata, finalizers } }, { manager: CONTROLLER_MANAGER });
}
