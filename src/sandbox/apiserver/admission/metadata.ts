/** Rules of metadata that all kinds share. Source: k8s.io/apimachinery pkg/api/validation/objectmeta.go. */
import type { KubeObject, OwnerReference } from '../../../api/kube.ts';
import { type Cause, forbidden, invalid } from '../fields/causes.ts';
import { metadataCauses, type NameRule, nameCauses } from '../fields/names.ts';
import { sameJson } from '../json.ts';
import type { Resource } from '../kinds/resource.ts';

const ANNOTATIONS_LIMIT = 256 * 1024;
const STANDARD_FINALIZERS = new Set(['kubernetes', 'orphan', 'foregroundDeletion']);

export function validateMetadata(resource: Resource, object: KubeObject): Cause[] {
  const { name, annotations, finalizers, ownerReferences } = object.metadata;
  return [
    ...objectNameCauses(resource, name),
    ...metadataCauses(object.metadata, 'metadata'),
    ...annotationSize(annotations ?? {}),
    ...(finalizers ?? []).flatMap(finalizerCauses),
    ...(ownerReferences ?? []).flatMap(ownerCauses),
  ];
}

function objectNameCauses(resource: Resource, name: string): Cause[] {
  if (!name) return [{ reason: 'FieldValueRequired', message: 'Required value: name or generateName is required', field: 'metadata.name' }];
  if (resource.storageKey === 'namespaces' && name.includes('.')) return [invalid('metadata.name', name, 'must not contain dots')];
  return nameCauses(name, 'metadata.name', nameRule(resource));
}

function nameRule(resource: Resource): NameRule {
  if (resource.group === 'rbac.authorization.k8s.io') return 'path-segment';
  return ['namespaces', 'services'].includes(resource.storageKey) ? 'label' : 'subdomain';
}

function annotationSize(annotations: Record<string, string>): Cause[] {
  const size = Object.entries(annotations).reduce(
    (sum, [key, value]) => sum + Buffer.byteLength(key) + Buffer.byteLength(String(value)),
    0,
  );
  if (size <= ANNOTATIONS_LIMIT) return [];
  return [
    { reason: 'FieldValueTooLong', message: `Too long: may not be more than ${ANNOTATIONS_LIMIT} bytes`, field: 'metadata.annotations' },
  ];
}

/** `example.com/name`, or one of the standard ones; a bare dotted name (`finalizers.fluxcd.io`) passes, too. */
function finalizerCauses(finalizer: string, index: number): Cause[] {
  if (STANDARD_FINALIZERS.has(finalizer) || /^[a-z0-9][-a-z0-9.]*\/[A-Za-z0-9]/.test(finalizer) || finalizer.includes('.')) return [];
  const detail = 'name is neither a standard finalizer name nor is it fully qualified';
  return [invalid(`metadata.finalizers[${index}]`, finalizer, detail)];
}

function ownerCauses(owner: OwnerReference): Cause[] {
  const field = 'metadata.ownerReferences';
  const causes: Cause[] = [];
  if (!owner.apiVersion) causes.push(invalid(`${field}.apiVersion`, '', 'version must not be empty'));
  if (!owner.kind) causes.push(invalid(`${field}.kind`, '', 'must not be empty'));
  if (!owner.name) causes.push(invalid(`${field}.name`, '', 'must not be empty'));
  if (!owner.uid) causes.push(invalid(`${field}.uid`, '', 'must not be empty'));
  return causes;
}

/** What of metadata may not change once it is set. */
export function validateMetadataUpdate(before: KubeObject, after: KubeObject): Cause[] {
  const causes: Cause[] = [];
  if (after.metadata.uid !== before.metadata.uid) causes.push(invalid('metadata.uid', after.metadata.uid, 'field is immutable'));
  const added = (after.metadata.finalizers ?? []).filter((finalizer) => !before.metadata.finalizers?.includes(finalizer));
  if (before.metadata.deletionTimestamp && added.length > 0) {
    const list = `[]string{${added.map((finalizer) => JSON.stringify(finalizer)).join(', ')}}`;
    const detail = `no new finalizers can be added if the object is being deleted, found new finalizers ${list}`;
    causes.push(forbidden('metadata.finalizers', detail));
  }
  return causes;
}

/** Did anything change that a user could see? Times of managed fields do not count, as in the real server. */
export function sameContent(before: KubeObject, after: KubeObject): boolean {
  return sameJson(timeless(before), timeless(after));
}

function timeless(object: KubeObject): unknown {
  const managedFields = object.metadata.managedFields?.map(({ time: _time, ...entry }) => entry);
  return { ...object, metadata: { ...object.metadata, resourceVersion: undefined, managedFields } };
}
