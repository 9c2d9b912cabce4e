import { groupOf, type KubeObject } from '../../api/kube.ts';

/**
 * The suffix that kustomize's generators put behind a name: ten digits of the content's hash, in an alphabet without
 * vowels. Source: kustomize api/internal/hasher/hasher.go (`encode` maps 0 1 3 a e to g h k m t).
 */
const SUFFIX = /^(.+)-[2456789bcdfghkmt]{10}$/;

/** A removed and an added object that are one, whose generated name changed with its content. */
export interface Renamed {
  before: KubeObject;
  after: KubeObject;
}

/** Pairs up objects of the same kind, namespace and stem where exactly one of it is on each side. */
export function pairGenerated(removed: readonly KubeObject[], added: readonly KubeObject[]): Renamed[] {
  const gone = byStem(removed);
  const come = byStem(added);
  return [...gone].flatMap(([stem, before]) => {
    const after = come.get(stem) ?? [];
    const [one, other] = [before[0], after[0]];
    return one && other && before.length === 1 && after.length === 1 ? [{ before: one, after: other }] : [];
  });
}

function byStem(objects: readonly KubeObject[]): Map<string, KubeObject[]> {
  const groups = new Map<string, KubeObject[]>();
  for (const object of objects) {
    const stem = SUFFIX.exec(object.metadata.name)?.[1];
    if (stem === undefined) continue;
    const key = `${groupOf(object.apiVersion)}|${object.kind}|${object.metadata.namespace ?? ''}|${stem}`;
    groups.set(key, [...(groups.get(key) ?? []), object]);
  }
  return groups;
}
