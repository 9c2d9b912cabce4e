/**
 * Ready of a source, summed up from its other conditions.
 * Source: source-controller internal/controller/gitrepository_controller.go (gitRepositoryReadyCondition),
 * fluxcd/pkg runtime/conditions/merge.go.
 */
import { READY, RECONCILING, STALLED } from '../../../api/flux.ts';
import type { Condition } from '../../../api/kube.ts';
import type { ConditionSet } from '../condition-set.ts';

export const STORAGE_OPERATION_FAILED = 'StorageOperationFailed';
export const FETCH_FAILED = 'FetchFailed';
export const INCLUDE_UNAVAILABLE = 'IncludeUnavailable';
export const ARTIFACT_OUTDATED = 'ArtifactOutdated';
export const ARTIFACT_IN_STORAGE = 'ArtifactInStorage';
export const SOURCE_VERIFIED = 'SourceVerified';

/** The first of these in the deciding group gives Ready its reason and message. */
const SUMMARIZED = [
  STORAGE_OPERATION_FAILED,
  FETCH_FAILED,
  INCLUDE_UNAVAILABLE,
  ARTIFACT_OUTDATED,
  ARTIFACT_IN_STORAGE,
  SOURCE_VERIFIED,
  STALLED,
  RECONCILING,
];
/** True means trouble. */
const NEGATIVE = new Set([STORAGE_OPERATION_FAILED, FETCH_FAILED, INCLUDE_UNAVAILABLE, ARTIFACT_OUTDATED, STALLED, RECONCILING]);
export const OWNED_CONDITIONS: readonly string[] = [...SUMMARIZED, READY];

/** Sets Ready; without any other condition it is left alone. */
export function summarize(conditions: ConditionSet): void {
  const present = SUMMARIZED.flatMap((type) => conditions.get(type) ?? []);
  const highest = Math.min(...present.map(priority));
  const decisive = present.find((condition) => priority(condition) === highest);
  if (!decisive) return;
  conditions.set({ type: READY, status: readyStatus(decisive), reason: decisive.reason, message: decisive.message });
  const unverified = conditions.get(SOURCE_VERIFIED);
  if (unverified?.status === 'False') conditions.markFalse(READY, unverified.reason ?? '', unverified.message ?? '');
}

function readyStatus(decisive: Condition): Condition['status'] {
  if (decisive.status === 'Unknown') return 'Unknown';
  return (decisive.status === 'True') === NEGATIVE.has(decisive.type) ? 'False' : 'True';
}

/** Trouble first, then what is missing, then what is well. */
function priority({ type, status }: Condition): number {
  if (status === 'Unknown') return 4;
  if (status === 'True') return NEGATIVE.has(type) ? 0 : 2;
  return NEGATIVE.has(type) ? 3 : 1;
}
