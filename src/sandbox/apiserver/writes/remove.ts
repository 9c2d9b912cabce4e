/** Deletion. Source: k8s.io/apiserver pkg/registry/generic/registry/store.go (Delete, BeforeDelete) and pod/strategy.go CheckGracefulDelete. */
import type { KubeObject } from '../../../api/kube.ts';
import type { DeleteOptions } from '../../cluster.ts';
import { asNumber, asObject, asString } from '../json.ts';
import { kindOf, type Resource, subjectOf } from '../kinds/resource.ts';
import { toVersion } from '../kinds/views.ts';
import { conflict, forbidden } from '../refusals.ts';
import { current } from './replace.ts';
import type { Place } from './request.ts';

const UNDELETABLE = new Set(['default', 'kube-system', 'kube-public']);
const DEFINITION_FINALIZER = 'customresourcecleanup.apiextensions.k8s.io';

export interface Removal {
  object: KubeObject;
  /** False where finalizers, a grace period or the namespace's contents keep it for a while. */
  gone: boolean;
}

interface Removing {
  namespace: string | undefined;
  name: string;
  options: DeleteOptions;
  dryRun?: boolean;
}

/** @throws ApiStatusError 403 (a namespace that has to stay), 404, 409 (preconditions) */
export function remove(place: Place, { namespace, name, options, dryRun = false }: Removing): Removal {
  const { state, resource } = place;
  const before = current(place, namespace, name);
  requirePreconditions(resource, before, options);
  if (resource.kind === 'Namespace' && UNDELETABLE.has(name)) {
    throw forbidden(subjectOf(resource), name, 'this namespace may not be deleted');
  }
  const after = marked(place, before, options);
  const gone = !after;
  if (dryRun) return { object: toVersion(before, resource), gone };
  if (!after) return { object: toVersion(state.remove(resource.storageKey, ended(place, before)), resource), gone };
  if (after === before) return { object: toVersion(before, resource), gone };
  return { object: toVersion(state.put(resource.storageKey, after), resource), gone };
}

/** A Pod's last state tells that it was deleted; of other kinds the deletion alone does. */
function ended({ state, resource }: Place, before: KubeObject): KubeObject {
  if (resource.storageKey !== 'pods') return before;
  const { deletionTimestamp = state.now(), ...metadata } = before.metadata;
  return { ...before, metadata: { ...metadata, deletionTimestamp, deletionGracePeriodSeconds: 0 } };
}

function requirePreconditions(resource: Resource, before: KubeObject, { preconditions }: DeleteOptions): void {
  const { name, uid, resourceVersion } = before.metadata;
  if (preconditions?.uid && preconditions.uid !== uid) {
    const why = `the UID in the precondition (${preconditions.uid}) does not match the UID in record (${uid}). The object might have been deleted and then recreated`;
    throw conflict(kindOf(resource), name, why);
  }
  if (preconditions?.resourceVersion && preconditions.resourceVersion !== resourceVersion) {
    const why = `the ResourceVersion in the precondition (${preconditions.resourceVersion}) does not match the ResourceVersion in record (${resourceVersion}). The object might have been modified`;
    throw conflict(kindOf(resource), name, why);
  }
}

/** The object as it waits for its end; undefined where nothing keeps it; `before` itself where it waits already. */
function marked(place: Place, before: KubeObject, options: DeleteOptions): KubeObject | undefined {
  const { resource, state } = place;
  const finalizers = finalizersFor(resource, before, options);
  const grace = graceFor(resource, before, options);
  if (finalizers.length === 0 && grace === 0 && resource.kind !== 'Namespace') return undefined;
  const { deletionTimestamp, deletionGracePeriodSeconds, generation } = before.metadata;
  const sameFinalizers = finalizers.length === (before.metadata.finalizers?.length ?? 0);
  if (deletionTimestamp && sameFinalizers && grace >= (deletionGracePeriodSeconds ?? 0)) return before;
  const until = new Date(state.clock.now().getTime() + grace * 1000).toISOString().replace(/\.\d+Z$/, 'Z');
  const metadata = {
    ...before.metadata,
    deletionTimestamp: deletionTimestamp && grace >= (deletionGracePeriodSeconds ?? 0) ? deletionTimestamp : until,
    ...(resource.kind === 'Namespace' ? {} : { deletionGracePeriodSeconds: grace }),
    ...(generation && !deletionTimestamp ? { generation: generation + 1 } : {}),
    ...(finalizers.length > 0 ? { finalizers } : {}),
  };
  const status = resource.kind === 'Namespace' ? { status: { ...asObject(before.status), phase: 'Terminating' } } : {};
  return { ...before, ...status, metadata };
}

function finalizersFor(resource: Resource, before: KubeObject, { propagationPolicy }: DeleteOptions): string[] {
  const kept = before.metadata.finalizers ?? [];
  if (resource.storageKey === 'customresourcedefinitions.apiextensions.k8s.io') return [...new Set([...kept, DEFINITION_FINALIZER])];
  const others = propagationPolicy ? kept.filter((finalizer) => finalizer !== 'orphan' && finalizer !== 'foregroundDeletion') : kept;
  if (propagationPolicy === 'Foreground') return [...others, 'foregroundDeletion'];
  if (propagationPolicy === 'Orphan') return [...others, 'orphan'];
  return others;
}

/** Seconds that a Pod may still take; 0 for every other kind, for Pods on no node and for those that ended. */
function graceFor(resource: Resource, before: KubeObject, { gracePeriodSeconds }: DeleteOptions): number {
  if (resource.storageKey !== 'pods') return 0;
  const spec = asObject(before.spec);
  const phase = asString(asObject(before.status).phase);
  if (!asString(spec.nodeName) || phase === 'Succeeded' || phase === 'Failed') return 0;
  const asked =
    gracePeriodSeconds ?? (spec.terminationGracePeriodSeconds === undefined ? 30 : asNumber(spec.terminationGracePeriodSeconds));
  const already = before.metadata.deletionTimestamp ? before.metadata.deletionGracePeriodSeconds : undefined;
  return Math.max(0, already === undefined ? asked : Math.min(asked, already));
}
