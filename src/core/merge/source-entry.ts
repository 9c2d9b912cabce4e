/** Entries of block maps and lists, as lines of the text that they were read from. */
import { type CST, isAlias, isMap, isScalar, isSeq, type Node, type Pair, type YAMLMap, type YAMLSeq } from 'yaml';
import { lineStart, nextLine } from './text-lines.ts';
import type { NodePath } from './three-way.ts';
import { keyText } from './yaml-document.ts';

/** A text and the document in it. */
export interface Source {
  text: string;
  root: Node;
}

/** The other side: where values are taken from. */
export interface Donor extends Source {
  data: unknown;
}

/** Three texts of one document: `base` only tells which comments came, went and changed with the values. */
export interface SpliceSides {
  ours: Source;
  theirs: Donor;
  base: Source;
}

/** A key with its value, or an item of a list. */
export interface Entry {
  container: YAMLMap | YAMLSeq;
  index: number;
  value: Node | null;
  /** Where its key or its dash stands, and its column. */
  start: number;
  column: number;
  /** Behind its colon or dash. */
  valueStart: number;
  /** Behind its value, without the line break. */
  valueEnd: number;
}

/** The map or list, or any other node, at a path; undefined where the way leads through an alias or nowhere. */
export function nodeAt(root: Node | null, path: NodePath): Node | undefined {
  let node: Node | null | undefined = root;
  for (const step of path) {
    if (isMap(node)) node = pairOf(node, step)?.value as Node | null | undefined;
    else if (isSeq(node)) node = node.items[step as number] as Node | undefined;
    else return undefined;
  }
  return node ?? undefined;
}

function pairOf(map: YAMLMap, key: string | number): Pair | undefined {
  return map.items.find((pair) => keyText(pair.key) === key);
}

/** The entry at a path; undefined where it cannot be told apart in the text (an alias on the way, a key in a flow set). */
export function entryAt(source: Source, path: NodePath): Entry | undefined {
  const container = nodeAt(source.root, path.slice(0, -1));
  const step = path.at(-1);
  if (step === undefined || !(isMap(container) || isSeq(container))) return undefined;
  const index = isMap(container) ? container.items.findIndex((pair) => keyText(pair.key) === step) : (step as number);
  return entryOf(source, container, index);
}

/** The entry of a map or list by its index. */
export function entryOf(source: Source, container: YAMLMap | YAMLSeq, index: number): Entry | undefined {
  const item = container.items[index];
  const token = isMap(container) ? container.items[index]?.srcToken : listItems(container)[index];
  if (item === undefined || !token) return undefined;
  const value = (isMap(container) ? (item as Pair).value : item) as Node | null;
  const start = startOf(token);
  const valueStart = indicatorEnd(token);
  if (start === undefined || valueStart === undefined) return undefined;
  const end = Math.max(valueStart, value?.range?.[1] ?? 0);
  const column = start - lineStart(source.text, start);
  return { container, index, value, start, column, valueStart, valueEnd: trimEnd(source.text, valueStart, end) };
}

function listItems(list: YAMLSeq): CST.CollectionItem[] {
  const token = list.srcToken as CST.BlockSequence | CST.FlowCollection | undefined;
  if (token?.type !== 'block-seq') return [];
  return token.items.filter((item) => item.start.some((part) => part.type === 'seq-item-ind'));
}

function startOf(token: CST.CollectionItem): number | undefined {
  const own = token.start.find((part) => !['space', 'newline', 'comment', 'comma'].includes(part.type));
  return own?.offset ?? token.key?.offset;
}

function indicatorEnd(token: CST.CollectionItem): number | undefined {
  const indicator = [...token.start, ...(token.sep ?? [])].find((part) => part.type === 'seq-item-ind' || part.type === 'map-value-ind');
  return indicator && indicator.offset + 1;
}

function trimEnd(text: string, from: number, end: number): number {
  let at = end;
  while (at > from && '\r\n'.includes(text[at - 1] as string)) at--;
  return at;
}

/** Is the collection written in block style, an entry a line? */
export function isBlock(node: Node | undefined): node is YAMLMap | YAMLSeq {
  if (!(isMap(node) || isSeq(node))) return false;
  return node.srcToken?.type === 'block-map' || node.srcToken?.type === 'block-seq';
}

/** Does the node, or one below it, have an anchor or an alias? Then its text means nothing elsewhere. */
export function isLinked(node: unknown): boolean {
  if (isAlias(node)) return true;
  if (isMap(node)) return node.anchor !== undefined || node.items.some((pair) => isLinked(pair.key) || isLinked(pair.value));
  if (isSeq(node)) return node.anchor !== undefined || node.items.some(isLinked);
  return isScalar(node) && node.anchor !== undefined;
}

/** Does the entry start its line, rather than stand behind a dash? */
export function startsLine(source: Source, entry: Entry): boolean {
  return source.text.slice(entry.start - entry.column, entry.start).trim() === '';
}

/** Behind the entry's last line, comments that belong to it included. */
export function blockEnd(source: Source, entry: Entry): number {
  const end = Math.max(entry.valueEnd, entry.value?.range?.[1] ?? 0);
  return end > entry.valueEnd ? end : nextLine(source.text, end);
}

/** Where the comment lines begin that stand directly above the entry, at its column; the start of its line without any. */
export function commentStart(source: Source, entry: Entry): number {
  const before = entry.index > 0 ? entryOf(source, entry.container, entry.index - 1) : undefined;
  const bound = before ? blockEnd(source, before) : 0;
  let start = lineStart(source.text, entry.start);
  while (start > bound) {
    const above = lineStart(source.text, start - 1);
    const line = source.text.slice(above, start);
    if (above < bound || !line.trim().startsWith('#') || line.indexOf('#') !== entry.column) break;
    start = above;
  }
  return start;
}
