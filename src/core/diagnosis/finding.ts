/** Findings: why a target is not well, each with what was seen. A symptom is the part that must be gone afterwards. */
import type { ObjectRef } from '../../api/kube.ts';

export interface Finding {
  severity: 'error' | 'warning' | 'info';
  /** PascalCase, from Kubernetes or Flux where they have a word: `CrashLoopBackOff`, `HealthCheckFailed`. */
  reason: string;
  object: { kind: string; namespace?: string; name: string };
  message: string;
  /** Last lines of the log of the container that fails. */
  log?: string[];
  /** More of what was seen: exit codes, probe failures, counts. */
  details?: string[];
}

export interface Symptom {
  reason: string;
  /** The workload (or target) that showed it. */
  object: ObjectRef;
  message: string;
}
