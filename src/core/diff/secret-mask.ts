/** Keeps the values of Secrets out of everything that is shown, logged or stored. */
import { groupOf, type KubeObject } from '../../api/kube.ts';
import type { FieldChange } from './field-diff.ts';
import { parsePath, type Step } from './field-path.ts';
import { isMap } from './merge-keys.ts';

/** Stands for a value of a Secret. */
const HIDDEN = '(hidden)';
/** Stands for the new value of a Secret that differs from the old one. */
const HIDDEN_CHANGED = '(hidden, changed)';

/** Annotations in which tools keep the whole object as they last applied it: kubectl, Rancher, Banzai Cloud, kapp. */
const APPLIED_COPIES = new Set([
  'kubectl.kubernetes.io/last-applied-configuration',
  'objectset.rio.cattle.io/applied',
  'banzaicloud.com/last-applied',
  'kapp.k14s.io/original',
]);
const VALUE_FIELDS = ['data', 'stringData'];
const SECRET_FIELDS = [...VALUE_FIELDS, 'secretGenerator'];
/** A value shorter than this turns up in other texts by chance. */
const TELLING_LENGTH = 4;

/** Is this a core Secret, the kind whose values are never shown? */
export function isSecret(object: { apiVersion: string; kind: string }): boolean {
  return object.kind === 'Secret' && groupOf(object.apiVersion) === '';
}

/** The changes of a Secret with every value, and every annotation that repeats one, replaced by a marker. */
export function maskSecret(changes: readonly FieldChange[], sides: readonly KubeObject[]): FieldChange[] {
  const secrets = sides.flatMap(secretTexts);
  return changes.map((change) => {
    if (!isHidden(change, secrets)) return change;
    const both = change.from !== undefined && change.to !== undefined;
    return { ...change, from: maskValue(change.from, HIDDEN), to: maskValue(change.to, both ? HIDDEN_CHANGED : HIDDEN) };
  });
}

function isHidden(change: FieldChange, secrets: readonly string[]): boolean {
  const [first, second, third] = parsePath(change.path.replace(/\(order\)$/, '')).map(fieldOf);
  if (first !== undefined && VALUE_FIELDS.includes(first)) return true;
  if (first === 'metadata' && second === 'annotations' && third !== undefined && APPLIED_COPIES.has(third)) return true;
  const texts = `${JSON.stringify(change.from) ?? ''}\n${JSON.stringify(change.to) ?? ''}`;
  if ([...APPLIED_COPIES].some((name) => texts.includes(JSON.stringify(name)))) return true;
  return secrets.some((secret) => texts.includes(secret));
}

function fieldOf(step: Step): string | undefined {
  return 'field' in step ? step.field : undefined;
}

/** Every leaf replaced, so that the names of the keys stay readable. */
function maskValue(value: unknown, marker: string): unknown {
  if (value === undefined) return undefined;
  if (Array.isArray(value)) return value.map((item) => maskValue(item, marker));
  if (!isMap(value)) return marker;
  return Object.fromEntries(Object.entries(value).map(([field, inner]) => [field, maskValue(inner, marker)]));
}

/** The values of a Secret as they may turn up elsewhere in it: in base64, decoded, and quoted as JSON. */
function secretTexts(object: KubeObject): string[] {
  const values = VALUE_FIELDS.flatMap((field) => (isMap(object[field]) ? Object.values(object[field]) : []));
  return values
    .filter((value): value is string => typeof value === 'string')
    .flatMap((value) => [value, decodeBase64(value)])
    .filter((value) => value.length >= TELLING_LENGTH)
    .map((value) => JSON.stringify(value).slice(1, -1));
}

function decodeBase64(value: string): string {
  try {
    return new TextDecoder().decode(Uint8Array.from(atob(value), (char) => char.charCodeAt(0)));
  } catch {
    return '';
  }
}

/** A value of a Secret's document, or of a kustomization's `secretGenerator`, at a path: markers for what is secret. */
export function hideSecretValue(steps: readonly Step[], value: unknown): unknown {
  const [first] = steps.map(fieldOf);
  if (first !== undefined) return SECRET_FIELDS.includes(first) ? maskValue(value, HIDDEN) : value;
  if (!isMap(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([field, inner]) => [field, SECRET_FIELDS.includes(field) ? maskValue(inner, HIDDEN) : inner]),
  );
}
