/** Conflicts of server-side apply in the API server's words. Source: apimachinery managedfields/internal/conflict.go. */
import { ApiStatusError } from '../../cluster.ts';
import { formatPath } from './fieldpath.ts';
import { pathsOf } from './fieldset.ts';
import type { Overlap } from './ownership.ts';

/** One field that an apply would take from another manager. */
export interface Conflict {
  manager: string;
  /** `.spec.template.spec.containers[name="api"].image` */
  field: string;
  operation: 'Apply' | 'Update';
  apiVersion: string;
  subresource?: string;
}

export function conflictsOf(overlaps: Overlap[]): Conflict[] {
  return overlaps.flatMap(({ owner, set }) =>
    pathsOf(set).map((path) => ({
      manager: owner.manager,
      field: formatPath(path),
      operation: owner.operation,
      apiVersion: owner.apiVersion,
      ...(owner.subresource && { subresource: owner.subresource }),
    })),
  );
}

/** The 409 that answers an apply with conflicts, one cause a field. */
export function conflictError(conflicts: readonly Conflict[]): ApiStatusError {
  const causes = conflicts.map((conflict) => ({
    reason: 'FieldManagerConflict',
    message: `conflict with ${describe(conflict)}`,
    field: conflict.field,
  }));
  return new ApiStatusError({
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: messageOf(conflicts),
    reason: 'Conflict',
    details: { causes },
    code: 409,
  });
}

function messageOf(conflicts: readonly Conflict[]): string {
  const [first] = conflicts;
  if (conflicts.length === 1 && first) return `Apply failed with 1 conflict: conflict with ${describe(first)}: ${first.field}`;
  const ofOwner = new Map<string, Conflict[]>();
  for (const conflict of conflicts) ofOwner.set(sortKey(conflict), [...(ofOwner.get(sortKey(conflict)) ?? []), conflict]);
  const lines = [...ofOwner.keys()].sort().flatMap((key) => {
    const group = ofOwner.get(key) as [Conflict, ...Conflict[]];
    return [`conflicts with ${describe(group[0])}:`, ...group.map(({ field }) => `- ${field}`)];
  });
  return `Apply failed with ${conflicts.length} conflicts: ${lines.join('\n')}`;
}

/** Owners are listed in the order of the JSON by which the original tells them apart. */
function sortKey({ manager, operation, apiVersion, subresource }: Conflict): string {
  return JSON.stringify({ manager, operation, ...(operation === 'Update' && { apiVersion }), ...(subresource && { subresource }) });
}

function describe({ manager, operation, apiVersion, subresource }: Conflict): string {
  const within = subresource ? ` with subresource ${JSON.stringify(subresource)}` : '';
  return `${JSON.stringify(manager)}${within}${operation === 'Update' ? ` using ${apiVersion}` : ''}`;
}
