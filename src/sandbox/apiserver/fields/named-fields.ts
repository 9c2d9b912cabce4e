/** Source: structured-merge-diff fieldpath/set.go, EnsureNamedFieldsAreMembers. */
import { fieldNameOf, isKey, type PathElement } from './fieldpath.ts';
import type { FieldSet } from './fieldset.ts';
import { childSchema, DEDUCED, declaredField } from './shape.ts';
import type { Schema } from './structure.ts';

/** The set with the fields of fixed structures on the way to its members: of `spec.replicas`, `spec` as well. */
export function withNamedFields(schema: Schema | undefined, set: FieldSet): FieldSet {
  const named = [...set.children.keys()].filter((element) => isDeclared(schema, element));
  return {
    members: new Set([...set.members, ...named]),
    children: new Map([...set.children].map(([element, below]) => [element, withNamedFields(schemaBelow(schema, element), below)])),
  };
}

function isDeclared(schema: Schema | undefined, element: PathElement): boolean {
  const name = fieldNameOf(element);
  return schema !== undefined && name !== undefined && declaredField(schema, name) !== undefined;
}

function schemaBelow(schema: Schema | undefined, element: PathElement): Schema | undefined {
  if (!schema) return undefined;
  const name = fieldNameOf(element);
  if (name !== undefined) return childSchema(schema, name);
  return isKey(element) ? (schema.items ?? DEDUCED) : undefined;
}
