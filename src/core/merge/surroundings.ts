/** Comments and blank lines around entries, which change, come and go with them. */
import { blockEnd, commentStart, type Entry, entryAt, isBlock, nodeAt, type Source, type SpliceSides, startsLine } from './source-entry.ts';
import { dedented, endsBlank, indented, isBlankLine, lineEnd, lineStart, nextLine } from './text-lines.ts';
import type { Splice } from './text-splice.ts';
import type { Edit, NodePath } from './three-way.ts';

/** A comment behind the value changes back with it where nobody touched it since. */
export function setCommentBehind({ ours, base, theirs }: SpliceSides, edit: Edit & { op: 'set' }): Splice[] {
  const mine = restOfLine(ours, edit.ours);
  const old = restOfLine(base, edit.base);
  const other = restOfLine(theirs, edit.theirs);
  if (mine === undefined || mine.text !== old?.text || other === undefined || mine.text === other.text) return [];
  return [{ start: mine.start, end: mine.start + mine.text.length, text: other.text }];
}

/** What stands behind a scalar on its line: a comment or nothing; undefined where it is anything else. */
function restOfLine(source: Source, path: NodePath): { start: number; text: string } | undefined {
  const start = nodeAt(source.root, path)?.range?.[1];
  if (start === undefined) return undefined;
  const text = source.text.slice(start, lineEnd(source.text, start));
  return /^\s*(\s#.*)?$/.test(text) ? { start, text } : undefined;
}

/** So does the comment above its entry. */
export function setCommentAbove({ ours, base, theirs }: SpliceSides, edit: Edit & { op: 'set' }, entry: Entry | undefined): Splice[] {
  const mine = commentAbove(ours, entry);
  const old = commentAbove(base, entryAt(base, edit.base));
  const other = commentAbove(theirs, entryAt(theirs, edit.theirs));
  if (!entry || mine === undefined || mine !== old || other === undefined || mine === other) return [];
  const start = commentStart(ours, entry);
  return [{ start, end: lineStart(ours.text, entry.start), text: indented(other, entry.column) }];
}

/** The comment lines above an entry that starts its line, as if in column 0. */
function commentAbove(source: Source, entry: Entry | undefined): string | undefined {
  if (!entry || !isBlock(entry.container) || !startsLine(source, entry)) return undefined;
  const lines = source.text.slice(commentStart(source, entry), lineStart(source.text, entry.start));
  return dedented(`\n${lines}`, entry.column).slice(1);
}

/** The lines put in at `offset`, with a blank line before and behind where the other side has one. */
export function spaced({ ours, theirs }: SpliceSides, offset: number, { path, text }: { path: NodePath; text: string }): Splice {
  const other = entryAt(theirs, path);
  if (!other || !isBlock(other.container) || !startsLine(theirs, other)) return { start: offset, end: offset, text };
  const apart = commentStart(theirs, other) > 0 && endsBlank(theirs.text, commentStart(theirs, other));
  const at = apart && isBlankLine(ours.text, offset) ? nextLine(ours.text, offset) : offset;
  const lead = apart && at === offset ? '\n' : '';
  const trail = isBlankLine(theirs.text, blockEnd(theirs, other)) && at < ours.text.length && !isBlankLine(ours.text, at) ? '\n' : '';
  return { start: at, end: at, text: `${lead}${text}${trail}` };
}

/** Is none of these comment lines in `text`? */
export function isForeign(comment: string, text: string): boolean {
  const known = new Set(text.split('\n').map((line) => line.trim()));
  return comment
    .split('\n')
    .filter((line) => line.trim() !== '')
    .every((line) => !known.has(line.trim()));
}
