/** What a Kustomization's spec leaves open. Source: kustomize-controller api/v1/kustomization_types.go. */
import { parseDuration } from '../../../api/duration.ts';
import type { Kustomization, KustomizationSpec } from '../../../api/flux.ts';

const MIN_TIMEOUT_MS = 30_000;
/** Flux's `--requeue-dependency`. */
export const DEPENDENCY_REQUEUE_MS = 30_000;

/** Milliseconds between two runs. */
export function intervalOf(spec: KustomizationSpec): number {
  return parseDuration(spec.interval) ?? 0;
}

/** Milliseconds after which a failed run is tried again. */
export function retryIntervalOf(spec: KustomizationSpec): number {
  return parseDuration(spec.retryInterval ?? '') ?? intervalOf(spec);
}

/** Milliseconds that health checks may take: the interval less half a minute by default, never less than half a minute. */
export function timeoutOf(spec: KustomizationSpec): number {
  return Math.max(MIN_TIMEOUT_MS, parseDuration(spec.timeout ?? '') ?? intervalOf(spec) - 30_000);
}

export function sourceNamespaceOf(object: Kustomization): string {
  return object.spec.sourceRef.namespace || object.metadata.namespace;
}
