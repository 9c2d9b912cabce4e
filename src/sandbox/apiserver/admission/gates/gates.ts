/**
 * What may still refuse a write that is valid, in the order of the real server: limits, validating webhooks, quotas. Source:
 * kubernetes pkg/kubeapiserver/options/plugins.go. ValidatingAdmissionPolicies are not played: their rules are CEL.
 */
import type { KubeObject } from '../../../../api/kube.ts';
import type { Resource } from '../../kinds/resource.ts';
import type { State } from '../../storage/state.ts';
import { checkLimits } from './limit-range.ts';
import { checkQuotas } from './resource-quota.ts';
import { askValidating } from './webhooks.ts';

export interface Admission {
  state: State;
  resource: Resource;
  object: KubeObject;
  /** Absent for a new object. */
  before?: KubeObject;
  subresource?: string;
  dryRun: boolean;
}

/** @throws ApiStatusError 403 (limits, quotas, a webhook), 500 (a webhook that cannot be asked), whatever a webhook says */
export function admit(admission: Admission): void {
  checkLimits(admission);
  askValidating(admission);
  checkQuotas(admission);
}
