import { formatRef, type KubeObject, type ObjectRef, objectKey, refOf } from '../../api/kube.ts';
import { diffFields, type FieldChange } from './field-diff.ts';
import { pairGenerated } from './generated-names.ts';
import { type ImageChange, imageChanges, isImagePath } from './pod-images.ts';
import { isSecret, maskSecret } from './secret-mask.ts';

export type { FieldChange } from './field-diff.ts';
export { type ImageChange, imagesOf } from './pod-images.ts';

/** One object that differs between two renderings. */
export interface ObjectChange {
  /** The object as it is named after the change. */
  ref: ObjectRef;
  change: 'added' | 'removed' | 'changed';
  /** Of a changed object alone: images first, then by path. Values of Secrets are markers. */
  fields: FieldChange[];
  images: ImageChange[];
}

/**
 * What turns the objects `before` into those `after`. Objects are the same where group, kind, namespace and name are;
 * and where only the content hash behind a generated name differs (then `metadata.name` is among the fields).
 * Sorted: objects whose images change first, then by namespace, kind and name.
 */
export function diffObjects(before: readonly KubeObject[], after: readonly KubeObject[]): ObjectChange[] {
  const old = new Map(before.map((object) => [objectKey(refOf(object)), object]));
  const now = new Map(after.map((object) => [objectKey(refOf(object)), object]));
  const removed = [...old].filter(([key]) => !now.has(key)).map(([, object]) => object);
  const added = [...now].filter(([key]) => !old.has(key)).map(([, object]) => object);
  const renamed = pairGenerated(removed, added);
  const paired = new Set(renamed.flatMap((pair) => [pair.before, pair.after]));

  const same = [...old].flatMap(([key, object]) => {
    const other = now.get(key);
    return other ? [{ before: object, after: other }] : [];
  });
  return [
    ...[...same, ...renamed].flatMap(changed),
    ...removed.filter((object) => !paired.has(object)).map((object) => whole('removed', object)),
    ...added.filter((object) => !paired.has(object)).map((object) => whole('added', object)),
  ].sort(inOrder);
}

function whole(change: 'added' | 'removed', object: KubeObject): ObjectChange {
  const images = change === 'added' ? imageChanges(undefined, object) : imageChanges(object, undefined);
  return { ref: refOf(object), change, fields: [], images };
}

function changed({ before, after }: { before: KubeObject; after: KubeObject }): ObjectChange[] {
  const fields = diffFields(before, after);
  if (fields.length === 0) return [];
  const shown = isSecret(before) || isSecret(after) ? maskSecret(fields, [before, after]) : fields;
  return [{ ref: refOf(after), change: 'changed', fields: shown.sort(imagesFirst), images: imageChanges(before, after) }];
}

function imagesFirst(a: FieldChange, b: FieldChange): number {
  return Number(isImagePath(b.path)) - Number(isImagePath(a.path)) || compare(a.path, b.path);
}

function inOrder(a: ObjectChange, b: ObjectChange): number {
  const byImages = Number(b.images.length > 0) - Number(a.images.length > 0);
  return byImages || compare(a.ref.namespace ?? '', b.ref.namespace ?? '') || compare(formatRef(a.ref), formatRef(b.ref));
}

/** By code unit, so that the order is the same on every machine. */
function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
