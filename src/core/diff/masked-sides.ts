/** Both sides of a change whole, for where more than the fields that differ is shown. */
import type { KubeObject } from '../../api/kube.ts';
import { applyFields } from './apply-changes.ts';
import { diffFields } from './field-diff.ts';
import { hideSecretValue, isSecret, maskSecret } from './secret-mask.ts';

interface Sides {
  before: KubeObject | undefined;
  after: KubeObject | undefined;
}

/** The same two objects; of Secrets every value is a marker, which tells whether it differs. */
export function maskedSides(before: KubeObject | undefined, after: KubeObject | undefined): Sides {
  if (![before, after].some((side) => side && isSecret(side))) return { before, after };
  const hidden = { before: before && hide(before), after: after && hide(after) };
  if (!before || !after) return hidden;
  const changes = maskSecret(diffFields(before, after), [before, after]);
  return { before: hidden.before, after: applyFields(hidden.before, changes) as KubeObject };
}

function hide(object: KubeObject): KubeObject {
  const { annotations, ...metadata } = object.metadata;
  const whole = { ...object, metadata: { ...metadata, ...(annotations ? { annotations: hiddenAnnotations(annotations) } : {}) } };
  return hideSecretValue([], whole) as KubeObject;
}

/** Some tools keep the whole object in one: of a Secret's, only the names are shown. */
function hiddenAnnotations(annotations: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.keys(annotations).map((name) => [name, '(hidden)']));
}
