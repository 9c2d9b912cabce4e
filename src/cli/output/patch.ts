/** Object changes as a patch, as `diff -u` writes them: one file for each object. */
import { createTwoFilesPatch } from 'diff';
import { stringify } from 'yaml';
import { formatRef, type KubeObject, objectKey, refOf } from '../../api/kube.ts';
import { maskedSides } from '../../core/diff/masked-sides.ts';
import type { ObjectChange } from '../../core/diff/object-diff.ts';
import { printable } from '../terminal.ts';

export interface PatchInput {
  changes: readonly ObjectChange[];
  before: readonly KubeObject[];
  after: readonly KubeObject[];
}

/** Files are named `a/KIND/NAMESPACE/NAME.yaml`; values of Secrets are markers. Empty where nothing differs. */
export function patchOf({ changes, before, after }: PatchInput): string {
  const old = byKey(before);
  const now = byKey(after);
  return changes.map((change) => patchOfObject(old.get(keyBefore(change)), now.get(objectKey(change.ref)))).join('');
}

function patchOfObject(before: KubeObject | undefined, after: KubeObject | undefined): string {
  const sides = maskedSides(before, after);
  const name = (side: KubeObject | undefined, prefix: string) =>
    side ? `${prefix}/${printable(formatRef(refOf(side)))}.yaml` : '/dev/null';
  const text = (side: KubeObject | undefined) => (side ? printable(stringify(side, { lineWidth: 0 })) : '');
  return createTwoFilesPatch(name(before, 'a'), name(after, 'b'), text(sides.before), text(sides.after), '', '', {
    context: 3,
    headerOptions: { includeIndex: false, includeUnderline: false, includeFileHeaders: true },
  });
}

/** What was renamed (a content hash behind its name) had another key. */
function keyBefore({ ref, fields }: ObjectChange): string {
  const renamed = fields.find(({ path }) => path === 'metadata.name')?.from;
  return objectKey(typeof renamed === 'string' ? { ...ref, name: renamed } : ref);
}

function byKey(objects: readonly KubeObject[]): Map<string, KubeObject> {
  return new Map(objects.map((object) => [objectKey(refOf(object)), object]));
}
