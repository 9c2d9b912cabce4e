/** Finalizers of an object's metadata. */
import type { ObjectMeta } from '../../api/kube.ts';

/** Of every Flux controller. Source: kustomizev1.KustomizationFinalizer, sourcev1.SourceFinalizer, v2.HelmReleaseFinalizer. */
export const FINALIZER = 'finalizers.fluxcd.io';

export function hasFinalizer(metadata: ObjectMeta, finalizer: string): boolean {
  return metadata.finalizers?.includes(finalizer) ?? false;
}

export function withFinalizer<M extends ObjectMeta>(metadata: M, finalizer: string): M {
  return { ...metadata, finalizers: [...(metadata.finalizers ?? []), finalizer] };
}

export function withoutFinalizer<M extends ObjectMeta>(metadata: M, finalizer: string): M {
  return { ...metadata, finalizers: (metadata.finalizers ?? []).filter((other) => other !== finalizer) };
}
