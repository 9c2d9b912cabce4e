import type { ConflictFile, FileEdit } from '../commit.ts';
import { sameData } from '../diff/field-diff.ts';
import { type FieldConflict, mergeYaml, type YamlSides } from './merge-documents.ts';

export { type FieldConflict, mergeYaml, type YamlSides } from './merge-documents.ts';

export type FilesMerge =
  /** The files to write on top of the tree in which they are as in `ours`; none for a file that is right already. */
  { kind: 'merged'; edits: FileEdit[] } | { kind: 'conflict'; conflicts: FieldConflict[] } | { kind: 'unmergeable'; why: string };

/**
 * Merges every file on which a revert conflicts as text. All or nothing: one file that cannot be merged stops them all,
 * and then every conflict of every file is told.
 */
export function mergeFiles(files: readonly ConflictFile[]): FilesMerge {
  const outcomes = files.map(mergeFile);
  const unmergeable = outcomes.flatMap((outcome) => (outcome.kind === 'unmergeable' ? [outcome.why] : []));
  if (unmergeable.length > 0) return { kind: 'unmergeable', why: unmergeable.join('; ') };
  const conflicts = outcomes.flatMap((outcome) => (outcome.kind === 'conflict' ? outcome.conflicts : []));
  if (conflicts.length > 0) return { kind: 'conflict', conflicts };
  return { kind: 'merged', edits: outcomes.flatMap((outcome) => (outcome.kind === 'merged' ? outcome.edits : [])) };
}

function mergeFile(file: ConflictFile): FilesMerge {
  const outcome = mergeContent(file);
  if (outcome.kind !== 'merged' || file.oursPath === undefined) return outcome;
  // The revert renames the file as well: what was merged goes to the new place, and the old one is left empty.
  const [edit] = outcome.edits;
  const content = edit ? edit.content : (file.ours ?? null);
  return {
    kind: 'merged',
    edits: [
      { path: file.path, content },
      { path: file.oursPath, content: null },
    ],
  };
}

function mergeContent(file: ConflictFile): FilesMerge {
  const { path, base, ours, theirs } = file;
  if (sameBytes(ours, theirs) || sameBytes(base, theirs)) return { kind: 'merged', edits: [] };
  if (sameBytes(ours, base)) return { kind: 'merged', edits: [{ path, content: theirs ?? null }] };
  if (!base || !ours || !theirs) return presenceConflict(file);
  const texts = { base: textOf(base), ours: textOf(ours), theirs: textOf(theirs) };
  if (texts.base === undefined || texts.ours === undefined || texts.theirs === undefined) return stop(path, 'a binary file');
  if (!/\.ya?ml$/i.test(path)) return stop(path, 'not a YAML file, and later commits changed the same lines');
  return mergeText(path, texts as YamlSides);
}

function stop(path: string, why: string): FilesMerge {
  return { kind: 'unmergeable', why: `${path}: ${why}` };
}

function mergeText(path: string, texts: YamlSides): FilesMerge {
  const merge = mergeYaml(texts);
  if (merge.kind === 'unmergeable') return stop(path, merge.why);
  if (merge.kind === 'conflict') return { kind: 'conflict', conflicts: merge.conflicts.map((conflict) => ({ file: path, ...conflict })) };
  return { kind: 'merged', edits: merge.text === texts.ours ? [] : [{ path, content: new TextEncoder().encode(merge.text) }] };
}

/** One side lacks the file, and no two agree. */
function presenceConflict({ path, base, ours, theirs }: ConflictFile): FilesMerge {
  return {
    kind: 'conflict',
    conflicts: [{ file: path, path: '', ...presence({ base, ours, theirs }), words: wordsOf({ base, ours, theirs }) }],
  };
}

function presence(sides: Omit<ConflictFile, 'path'>): { base: unknown; ours: unknown; theirs: unknown } {
  const of = (content: Uint8Array | undefined) => (content === undefined ? undefined : '(the file)');
  return { base: of(sides.base), ours: of(sides.ours), theirs: of(sides.theirs) };
}

function wordsOf({ base, ours, theirs }: Omit<ConflictFile, 'path'>): string {
  if (!base) return 'the reverted commit deleted the file; a later commit created another one in its place';
  if (!ours) return theirs ? 'the reverted commit changed the file; a later commit deleted it' : 'a later commit deleted the file';
  return 'the reverted commit created the file; a later commit changed it, and the revert would delete that too';
}

function sameBytes(a: Uint8Array | undefined, b: Uint8Array | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return sameData(a.length, b.length) && a.every((byte, index) => byte === b[index]);
}

/** undefined where the bytes are no text. */
function textOf(content: Uint8Array): string | undefined {
  if (content.includes(0)) return undefined;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(content);
  } catch {
    return undefined;
  }
}
