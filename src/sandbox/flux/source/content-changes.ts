/** Must an artifact be built anew although its commit is the same? Source: source-controller gitContentConfigChanged. */
import { sameValue } from '../same-value.ts';
import type { ObservedContent, SourceObject } from './source-run.ts';

export function contentChanged(object: SourceObject, includes: NonNullable<ObservedContent['includedArtifacts']>): boolean {
  const { spec, status } = object;
  if (spec.ignore !== status.observedIgnore) return true;
  if ((spec.recurseSubmodules ?? false) !== (status.observedRecurseSubmodules ?? false)) return true;
  if (!sameValue(spec.sparseCheckout ?? [], status.observedSparseCheckout ?? [])) return true;
  if (!sameValue(spec.include ?? [], status.observedInclude ?? [])) return true;
  const identities = (artifacts: typeof includes) => artifacts.map(({ revision, digest }) => [revision, digest]);
  return !sameValue(identities(includes), identities(status.includedArtifacts ?? []));
}
