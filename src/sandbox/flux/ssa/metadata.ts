/** Labels and annotations by which objects steer how Flux treats them. Source: fluxcd/pkg ssa/utils/meta.go. */
import { OWNER_NAME_LABEL, OWNER_NAMESPACE_LABEL, RECONCILE_ANNOTATION } from '../../../api/flux.ts';
import type { KubeObject } from '../../../api/kube.ts';

const SSA = 'kustomize.toolkit.fluxcd.io/ssa';

/** A key and the value, in whatever case, that it must have as a label or an annotation. */
type Marks = Readonly<Record<string, string>>;

export const NOT_RECONCILED: Marks = { [RECONCILE_ANNOTATION]: 'disabled', [SSA]: 'Ignore' };
export const ONLY_IF_ABSENT: Marks = { [SSA]: 'IfNotPresent' };
export const MERGED: Marks = { [SSA]: 'Merge' };
export const FORCED: Marks = { 'kustomize.toolkit.fluxcd.io/force': 'enabled' };
export const NOT_PRUNED: Marks = { 'kustomize.toolkit.fluxcd.io/prune': 'disabled', ...NOT_RECONCILED };

/** True where at least one of the marks is on the object. */
export function isMarked(object: KubeObject | undefined, marks: Marks): boolean {
  const { labels = {}, annotations = {} } = object?.metadata ?? {};
  return Object.entries(marks).some(([key, value]) => {
    const wanted = value.toLowerCase();
    return labels[key]?.toLowerCase() === wanted || annotations[key]?.toLowerCase() === wanted;
  });
}

/** The object with labels and annotations added; those given win. */
export function withMetadata<T extends KubeObject>(
  object: T,
  added: { labels?: Record<string, string>; annotations?: Record<string, string> },
): T {
  const labels = { ...object.metadata.labels, ...added.labels };
  const annotations = { ...object.metadata.annotations, ...added.annotations };
  const metadata = { ...object.metadata };
  if (Object.keys(labels).length > 0) metadata.labels = labels;
  if (Object.keys(annotations).length > 0) metadata.annotations = annotations;
  return { ...object, metadata };
}

/** The labels by which an object belongs to a Kustomization. */
export function ownerLabels(owner: { namespace: string; name: string }): Record<string, string> {
  return { [OWNER_NAME_LABEL]: owner.name, [OWNER_NAMESPACE_LABEL]: owner.namespace };
}

export function isOwnedBy(object: KubeObject, owner: { namespace: string; name: string }): boolean {
  const labels = object.metadata.labels ?? {};
  return Object.entries(ownerLabels(owner)).every(([key, value]) => labels[key] === value);
}
