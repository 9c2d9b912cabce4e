import { FluxReason } from '../../api/flux.ts';

/** Reasons of Flux that mean "not yet" rather than "wrong". */
export const UNDER_WAY: ReadonlySet<string> = new Set([
  FluxReason.Progressing,
  FluxReason.ProgressingWithRetry,
  FluxReason.DependencyNotReady,
  FluxReason.HealthCheckCanceled,
]);
