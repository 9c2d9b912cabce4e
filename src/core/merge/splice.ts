/**
 * Edits done to the text itself: what is not edited stays byte for byte. Throws `Unspliceable` where that cannot be done
 * (the caller then writes the document anew), and may be wrong in corners of YAML: the caller reads the result back.
 */
import { isAlias, isMap, isScalar, isSeq, type Node } from 'yaml';
import { sameData } from '../diff/field-diff.ts';
import { valueAt } from './apply-edits.ts';
import { editNode, renderEntry, renderNode, renderValue } from './render-node.ts';
import {
  blockEnd,
  commentStart,
  type Entry,
  entryAt,
  entryOf,
  isBlock,
  isLinked,
  nodeAt,
  type Source,
  type SpliceSides,
  startsLine,
} from './source-entry.ts';
import { isForeign, setCommentAbove, setCommentBehind, spaced } from './surroundings.ts';
import { dedented, endsBlank, indented, isBlankLine, lineEnd, lineStart, nextLine, reindented } from './text-lines.ts';
import { type Splice, Unspliceable } from './text-splice.ts';
import type { Edit, NodePath } from './three-way.ts';

/** The replacements in the text of `ours` that make the edits. Line breaks are `\n` on all sides. */
export function spliceEdits(sides: SpliceSides, edits: readonly Edit[]): Splice[] {
  const rewritten = rewrites(sides, edits);
  const inside = (edit: Edit) => rewritten.some((path) => startsWith(edit.ours, path));
  return [
    ...rewritten.map((path) => rewrite(sides, path, edits)),
    ...edits.filter((edit) => !inside(edit)).flatMap((edit) => spliceEdit(sides, edit, edits)),
  ];
}

function startsWith(path: NodePath, prefix: NodePath): boolean {
  return prefix.every((step, index) => path[index] === step);
}

function containerPath(edit: Edit): NodePath {
  return edit.op === 'add' ? edit.ours : edit.ours.slice(0, -1);
}

/** Collections that must be written anew: those in flow style that gain or lose entries, and those that get empty or were. */
function rewrites(sides: SpliceSides, edits: readonly Edit[]): NodePath[] {
  const paths: NodePath[] = [];
  for (const edit of edits) {
    const path = containerPath(edit);
    const container = nodeAt(sides.ours.root, path);
    if (!(isMap(container) || isSeq(container)) || paths.some((other) => sameData(other, path))) continue;
    if (needsRewrite(sides, edit, edits)) paths.push(path);
  }
  return paths.filter((path) => !paths.some((other) => other.length < path.length && startsWith(path, other)));
}

function needsRewrite(sides: SpliceSides, edit: Edit, edits: readonly Edit[]): boolean {
  const path = containerPath(edit);
  const container = nodeAt(sides.ours.root, path);
  if (!isBlock(container)) return edit.op !== 'set' || !isPlainSwap(sides, edit);
  const own = edits.filter((other) => sameData(containerPath(other), path));
  const removed = own.filter((other) => other.op === 'remove').length;
  return removed === container.items.length && own.length === removed;
}

/** In a flow collection: can the value be replaced by the other's text as it is? */
function isPlainSwap(sides: SpliceSides, edit: Edit & { op: 'set' }): boolean {
  const [mine, other] = [nodeAt(sides.ours.root, edit.ours), nodeAt(sides.theirs.root, edit.theirs)];
  if (!isOneLine(sides.ours, mine) || !isOneLine(sides.theirs, other)) return false;
  return mine?.range?.[0] !== mine?.range?.[1] && !/[,[\]{}]|^$/.test(textOf(sides.theirs, other));
}

function textOf(source: Source, node: Node | undefined): string {
  return node?.range ? source.text.slice(node.range[0], node.range[1]) : '';
}

/** A scalar on one line, without an anchor. */
function isOneLine(source: Source, node: Node | undefined): node is Node {
  if (!isScalar(node) || node.type === 'BLOCK_LITERAL' || node.type === 'BLOCK_FOLDED') return false;
  return !textOf(source, node).includes('\n');
}

function rewrite(sides: SpliceSides, path: NodePath, edits: readonly Edit[]): Splice {
  const node = nodeAt(sides.ours.root, path) as Node;
  const inner = edits.filter((edit) => startsWith(edit.ours, path)).map((edit) => ({ ...edit, ours: edit.ours.slice(path.length) }));
  const before = textOf(sides.ours, node);
  if (before.includes('#')) throw new Unspliceable('comments in a collection that is written anew');
  const next = editNode(node, inner, sides.theirs);
  const entry = path.length === 0 ? undefined : entryAt(sides.ours, path);
  if (!entry) {
    if (isBlock(node) || !node.range) throw new Unspliceable('no entry to write anew');
    return { start: node.range[0], end: node.range[1], text: renderNode(next, { padded: !/^[[{]\S/.test(before) }) };
  }
  const wasEmpty = (isMap(node) || isSeq(node)) && node.items.length === 0;
  if (wasEmpty && isBlock(entry.container) && (isMap(next) || isSeq(next))) {
    next.flow = false;
    const text = renderNode(next, { padded: true });
    const column = isMap(entry.container) && isMap(next) ? entry.column + 2 : entry.column + listIndent(sides, entry);
    return { start: entry.valueStart, end: entry.valueEnd, text: `\n${indented(text, column)}` };
  }
  const text = renderNode(next, { padded: !/^[[{]\S/.test(before) });
  return { start: entry.valueStart, end: entry.valueEnd, text: ` ${reindented(text, entry.column)}` };
}

/** Dashes below the key, as the other side writes its first list, else two further in. */
function listIndent(sides: SpliceSides, entry: Entry): number {
  if (!isMap(entry.container)) return 2;
  return /^( *)[\w-]+:\n\1- /m.test(sides.ours.text) ? 0 : 2;
}

function spliceEdit(sides: SpliceSides, edit: Edit, edits: readonly Edit[]): Splice[] {
  if (edit.op === 'add') return [addEntry(sides, edit)];
  const entry = entryAt(sides.ours, edit.ours);
  if (edit.op === 'set') return [...setValue(sides, edit, entry), ...setCommentAbove(sides, edit, entry)];
  if (!entry) return passesAlias(sides.ours, edit.ours);
  return [
    removeEntry(
      sides,
      entry,
      edits.filter((other) => other.op === 'remove' && sameData(containerPath(other), containerPath(edit))),
    ),
  ];
}

/** Below an alias nothing is edited: the node that it repeats is. Anything else that has no entry cannot be spliced. */
function passesAlias(source: Source, path: NodePath): Splice[] {
  if (nodeAt(source.root, path) !== undefined) throw new Unspliceable('no entry');
  return [];
}

function setValue(sides: SpliceSides, edit: Edit & { op: 'set' }, entry: Entry | undefined): Splice[] {
  const mine = nodeAt(sides.ours.root, edit.ours);
  const other = nodeAt(sides.theirs.root, edit.theirs);
  if (isOneLine(sides.ours, mine) && isOneLine(sides.theirs, other) && mine.range) {
    const text = textOf(sides.theirs, other);
    if (mine.range[0] < mine.range[1] && text !== '') {
      return [{ start: mine.range[0], end: mine.range[1], text }, ...setCommentBehind(sides, edit)];
    }
  }
  if (isAlias(mine) && isAlias(other) && mine.source === other.source) return [];
  if (!entry) return passesAlias(sides.ours, edit.ours);
  if (!isBlock(entry.container)) throw new Unspliceable('a value in flow style');
  const text = valueText(sides, edit.theirs, entry);
  const end = text.includes('\n') ? lineEnd(sides.ours.text, entry.valueEnd) : entry.valueEnd;
  return [{ start: entry.valueStart, end, text: reindented(text, entry.column) }];
}

/** The other side's text behind its colon or dash, as if that stood in column 0. */
function valueText(sides: SpliceSides, path: NodePath, entry: Entry): string {
  const other = path.length === 0 ? undefined : entryAt(sides.theirs, path);
  if (!other || !isBlock(other.container) || isLinked(other.value)) return renderValue(entry.container, valueAt(sides.theirs.data, path));
  const text = sides.theirs.text.slice(other.valueStart, other.valueEnd);
  return dedented(text, other.column + extraIndent(sides, entry, other));
}

/** How much deeper below its key the other side writes its block scalar than this one does; 0 for any other value. */
function extraIndent(sides: SpliceSides, mine: Entry, other: Entry): number {
  const depth = (source: Source, entry: Entry): number | undefined => {
    const text = source.text.slice(entry.valueStart, entry.valueEnd);
    const first = /^ *[|>][-+]?\s*?\n( *)\S/.exec(text)?.[1];
    return first === undefined || !isScalar(entry.value) ? undefined : first.length - entry.column;
  };
  const [own, foreign] = [depth(sides.ours, mine), depth(sides.theirs, other)];
  return own === undefined || foreign === undefined ? 0 : Math.max(0, foreign - own);
}

function addEntry(sides: SpliceSides, edit: Edit & { op: 'add' }): Splice {
  const container = nodeAt(sides.ours.root, edit.ours);
  if (!isBlock(container)) throw new Unspliceable('nowhere to add');
  const neighbour = edit.after === undefined ? entryOf(sides.ours, container, 0) : entryAt(sides.ours, [...edit.ours, edit.after]);
  if (!neighbour) throw new Unspliceable('no neighbour to add to');
  const text = entryText(sides, edit.theirs, neighbour);
  const lines = indented(text, neighbour.column);
  if (edit.after !== undefined) {
    return spaced(sides, blockEnd(sides.ours, neighbour), { path: edit.theirs, text: `${lines}\n` });
  }
  if (!startsLine(sides.ours, neighbour)) {
    return { start: neighbour.start, end: neighbour.start, text: `${lines.trimStart()}\n${' '.repeat(neighbour.column)}` };
  }
  const at = edit.ours.length === 0 ? lineStart(sides.ours.text, neighbour.start) : commentStart(sides.ours, neighbour);
  return { start: at, end: at, text: `${lines}\n` };
}

/** The lines of the other side's entry, with the comment above that came with it, as if in column 0. */
function entryText(sides: SpliceSides, path: NodePath, neighbour: Entry): string {
  const other = entryAt(sides.theirs, path);
  if (!other || !isBlock(other.container) || isLinked(other.value)) {
    return renderEntry(neighbour.container, path.at(-1) as string | number, valueAt(sides.theirs.data, path));
  }
  const { text } = sides.theirs;
  const end = blockEnd(sides.theirs, other);
  const own = dedented(text.slice(other.start, end), other.column).replace(/\n$/, '');
  if (!startsLine(sides.theirs, other)) return own;
  const start = commentStart(sides.theirs, other);
  const comment = text.slice(start, lineStart(text, other.start));
  return `${isForeign(comment, sides.base.text) ? dedented(`\n${comment}`, other.column).slice(1) : ''}${own}`;
}

function removeEntry(sides: SpliceSides, entry: Entry, removals: readonly Edit[]): Splice {
  const { ours } = sides;
  const end = blockEnd(ours, entry);
  if (!startsLine(ours, entry)) return removeFirst(ours, entry, removals);
  const above = commentStart(ours, entry);
  const line = lineStart(ours.text, entry.start);
  const start = isForeign(ours.text.slice(above, line), sides.theirs.text) ? above : line;
  return { start, end: endsBlank(ours.text, start) && isBlankLine(ours.text, end) ? nextLine(ours.text, end) : end, text: '' };
}

/** The entry behind a dash goes, and the next one that stays moves up to the dash. */
function removeFirst(ours: Source, entry: Entry, removals: readonly Edit[]): Splice {
  const gone = new Set(removals.map((edit) => entryAt(ours, edit.ours)?.index));
  for (let index = entry.index + 1; index < entry.container.items.length; index++) {
    const next = gone.has(index) ? undefined : entryOf(ours, entry.container, index);
    if (!next) continue;
    const above = commentStart(ours, next);
    const end = above < lineStart(ours.text, next.start) ? above + next.column : next.start;
    return { start: entry.start, end, text: '' };
  }
  throw new Unspliceable('nothing stays behind the dash');
}
