/** Field selectors. Source: k8s.io/apimachinery pkg/fields/selector.go and the kinds' own lists of selectable fields. */
import type { KubeObject } from '../../../api/kube.ts';
import { at } from '../json.ts';
import type { Resource } from '../kinds/resource.ts';
import { badRequest } from '../refusals.ts';

export interface FieldRequirement {
  field: string;
  equal: boolean;
  value: string;
}

/**
 * Parses `metadata.name=a,status.phase!=Running`.
 * @throws ApiStatusError 400 where malformed or where the kind has no such selectable field.
 */
export function parseFieldSelector(text: string, resource: Resource): FieldRequirement[] {
  if (text.trim() === '') return [];
  const requirements = text.split(/(?<!\\),/).map((part) => parseTerm(text, part));
  for (const { field } of requirements) requireSelectable(field, resource);
  return requirements;
}

function parseTerm(text: string, part: string): FieldRequirement {
  const term = /^\s*([^=!\s]+)\s*(==|!=|=)\s*(.*?)\s*$/.exec(part);
  if (!term) throw badRequest(`invalid selector: '${text}'; can't understand '${part}'`);
  return { field: term[1] as string, equal: term[2] !== '!=', value: (term[3] as string).replace(/\\([\\,=])/g, '$1') };
}

function requireSelectable(field: string, resource: Resource): void {
  if (field === 'metadata.name' || (field === 'metadata.namespace' && resource.namespaced)) return;
  if (resource.selectableFields.includes(field)) return;
  const own = resource.origin === 'builtin' && resource.selectableFields.length === 0;
  if (own) throw badRequest(`"${field}" is not a known field selector: only "metadata.name", "metadata.namespace"`);
  throw badRequest(`field label not supported: ${field}`);
}

/** Does the object, in the version in which it is asked for, have these values? An absent field counts as empty. */
export function matchesFields(object: KubeObject, requirements: readonly FieldRequirement[]): boolean {
  return requirements.every(({ field, equal, value }) => (fieldText(object, field) === value) === equal);
}

function fieldText(object: KubeObject, field: string): string {
  const value = field === 'source' ? (at(object, 'source', 'component') ?? object.reportingComponent) : at(object, ...field.split('.'));
  if (field === 'spec.unschedulable' || field === 'spec.hostNetwork') return String(value ?? false);
  return value === undefined || value === null ? '' : String(value);
}
