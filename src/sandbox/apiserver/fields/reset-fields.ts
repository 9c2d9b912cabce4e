/** Which fields an endpoint does not write, and so gives nobody ownership of. */
import { type FieldPath, fieldElement } from './fieldpath.ts';
import { EMPTY, type FieldSet, setOf } from './fieldset.ts';
import type { Schema } from './structure.ts';

const path = (...names: string[]): FieldPath => names.map(fieldElement);

const STATUS = setOf(path('status'));
/** Source: apiextensions-apiserver pkg/registry/customresource/status_strategy.go */
const ALL_BUT_STATUS_OF_CUSTOM = setOf(path('metadata'), path('spec'));
/** Source: kubernetes pkg/registry, statusStrategy.GetResetFields of the workload kinds. */
const ALL_BUT_STATUS = setOf(path('spec'), path('metadata', 'labels'));

/** The fields that a write to the object (no subresource) or to one of its subresources leaves alone. */
export function resetFields(schema: Schema, subresource: string | undefined): FieldSet {
  if (subresource === 'status') return schema.origin === 'custom' ? ALL_BUT_STATUS_OF_CUSTOM : ALL_BUT_STATUS;
  return subresource === undefined && schema.statusSubresource ? STATUS : EMPTY;
}
