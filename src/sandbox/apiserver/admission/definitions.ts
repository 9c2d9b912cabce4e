/** CustomResourceDefinitions. Source: k8s.io/apiextensions-apiserver pkg/apis/apiextensions (defaults, validation, status controllers). */

import { withCondition } from '../../../api/conditions.ts';
import type { Condition, KubeObject } from '../../../api/kube.ts';
import { type Cause, forbidden as forbiddenField, invalid as invalidValue, required } from '../fields/causes.ts';
import { asObject, asObjects, asString, asStrings, at, isObject, type Json } from '../json.ts';

const FIRST_CONDITIONS: readonly Condition[] = [
  { type: 'NamesAccepted', status: 'True', reason: 'NoConflicts', message: 'no conflicts found' },
  { type: 'Established', status: 'True', reason: 'InitialNamesAccepted', message: 'the initial names have been accepted' },
];

/**
 * Writes the status, which in a real server two controllers do a moment later: here a definition
 * is established as soon as it is stored.
 */
export function prepareDefinition(definition: KubeObject, now: string): void {
  const spec = asObject(definition.spec);
  spec.conversion ??= { strategy: 'None' };
  definition.spec = spec;
  definition.status = statusOf(spec, asObject(definition.status), now);
}

function statusOf(spec: Json, before: Json, now: string): Json {
  const storage = asObjects(spec.versions).find((version) => version.storage === true);
  const known = asObjects(before.conditions) as unknown as Condition[];
  const conditions = FIRST_CONDITIONS.reduce((list, condition) => withCondition(list, condition, now), known);
  const storedVersions = [...new Set([...asStrings(before.storedVersions), ...(storage ? [asString(storage.name)] : [])])];
  return { ...before, acceptedNames: structuredClone(asObject(spec.names)), conditions, storedVersions };
}

export function validateDefinition(definition: KubeObject): Cause[] {
  const spec = asObject(definition.spec);
  const names = asObject(spec.names);
  const versions = asObjects(spec.versions);
  const causes: Cause[] = [];
  const { name } = definition.metadata;
  if (name !== `${asString(names.plural)}.${asString(spec.group)}`) {
    causes.push(invalidValue('metadata.name', name, 'must be spec.names.plural+"."+spec.group'));
  }
  if (!spec.group) causes.push(required('spec.group'));
  if (!spec.scope) causes.push(required('spec.scope'));
  causes.push(...versions.flatMap(validateVersion));
  if (versions.filter((version) => version.storage === true).length !== 1) {
    causes.push(invalidValue('spec.versions', spec.versions, 'must have exactly one version marked as storage version'));
  }
  for (const field of ['plural', 'singular', 'kind', 'listKind']) if (!names[field]) causes.push(required(`spec.names.${field}`));
  return causes;
}

function validateVersion(version: Json, index: number): Cause[] {
  const field = `spec.versions[${index}].schema.openAPIV3Schema`;
  const schema = at(version, 'schema', 'openAPIV3Schema');
  if (!isObject(schema)) return [required(field)];
  if (schema.type !== 'object')
    return [schema.type ? invalidValue(`${field}.type`, schema.type, 'must be object at the root') : rootTypeMissing(`${field}.type`)];
  return unsupportedKeywords(schema, field);
}

function rootTypeMissing(field: string): Cause {
  return { reason: 'FieldValueRequired', message: 'Required value: must not be empty at the root', field };
}

/** A structural schema has no references. */
function unsupportedKeywords(schema: Json, field: string): Cause[] {
  const own = schema.$ref ? [forbiddenField(`${field}.$ref`, '$ref is not supported')] : [];
  const children = Object.entries(asObject(schema.properties)).flatMap(([name, child]) =>
    isObject(child) ? unsupportedKeywords(child, `${field}.properties[${name}]`) : [],
  );
  return [...own, ...children];
}
