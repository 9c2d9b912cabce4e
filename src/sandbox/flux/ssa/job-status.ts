/**
 * Flux waits for Jobs to complete, where kstatus is content when they run.
 * Source: fluxcd/pkg runtime/statusreaders/job.go.
 */
import { findCondition } from '../../../api/conditions.ts';
import type { StatusResult } from '../../../api/kstatus.ts';
import { type Condition, groupOf, type KubeObject } from '../../../api/kube.ts';

/** Undefined for every other kind. */
export function jobStatus(object: KubeObject): StatusResult | undefined {
  if (object.kind !== 'Job' || groupOf(object.apiVersion) !== 'batch') return undefined;
  const spec = (object.spec ?? {}) as { suspend?: boolean };
  const status = (object.status ?? {}) as { conditions?: Condition[]; startTime?: string };
  if (spec.suspend) return { status: 'Current', message: 'Job is suspended' };
  if (findCondition(status.conditions, 'Complete')?.status === 'True') return { status: 'Current', message: 'Job Completed' };
  if (findCondition(status.conditions, 'Failed')?.status === 'True') return { status: 'Failed', message: 'Job Failed' };
  return { status: 'InProgress', message: status.startTime ? 'Job in progress' : 'Job not started' };
}
