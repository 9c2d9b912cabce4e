/** Nodes of `yaml`, changed and written anew: for what cannot be done to the text by itself. */
import { Document, isMap, isSeq, type Node, Pair, stringify, type YAMLMap, type YAMLSeq } from 'yaml';
import { valueAt } from './apply-edits.ts';
import { type Donor, entryAt, isLinked, nodeAt, type Source } from './source-entry.ts';
import type { Edit, NodePath } from './three-way.ts';
import { keyText } from './yaml-document.ts';

const LAYOUT = { lineWidth: 0, flowCollectionPadding: true } as const;

/** A copy of `node` with every edit made; paths of `ours` are relative to it. */
export function editNode(node: Node, edits: readonly Edit[], donor: Donor): Node {
  const copy = node.clone() as Node;
  const own = edits.find((edit) => edit.op === 'set' && edit.ours.length === 0);
  if (own?.op === 'set') return donated(donor, own.theirs);
  if (isMap(copy)) copy.items = editedItems(copy, edits, donor) as YAMLMap['items'];
  else if (isSeq(copy)) copy.items = editedItems(copy, edits, donor);
  return copy;
}

function editedItems(node: YAMLMap | YAMLSeq, edits: readonly Edit[], donor: Donor): unknown[] {
  const added = (after: string | number | undefined): unknown[] =>
    edits.flatMap((edit) =>
      edit.op === 'add' && edit.ours.length === 0 && edit.after === after ? [newItem(node, donor, edit.theirs)] : [],
    );
  const kept = node.items.flatMap((item, index) => {
    const key = isMap(node) ? keyText((item as Pair).key) : index;
    const here = edits.filter((edit) => edit.ours[0] === key);
    const gone = here.some((edit) => edit.op === 'remove' && edit.ours.length === 1);
    const inner = here.map((edit) => ({ ...edit, ours: edit.ours.slice(1) }));
    return [...(gone ? [] : [editedItem(item, inner, donor)]), ...added(key)];
  });
  return [...added(undefined), ...kept];
}

function editedItem(item: unknown, edits: readonly Edit[], donor: Donor): unknown {
  if (edits.length === 0) return item;
  if (!(item instanceof Pair)) return editNode(item as Node, edits, donor);
  const value = item.value as Node | null;
  const own = edits.find((edit) => edit.op === 'set' && edit.ours.length === 0);
  if (own?.op === 'set') return new Pair(item.key, donated(donor, own.theirs));
  return new Pair(item.key, value && editNode(value, edits, donor));
}

function newItem(node: YAMLMap | YAMLSeq, donor: Donor, path: NodePath): unknown {
  const value = donated(donor, path);
  return isMap(node) ? new Pair(new Document(path.at(-1)).contents, value) : value;
}

/** The value at a path of the donor as a node of its own, with its comments and style where they mean something here. */
function donated(donor: Donor, path: NodePath): Node {
  const node = nodeAt(donor.root, path);
  if (node && !isLinked(node)) return node.clone() as Node;
  return new Document(valueAt(donor.data, path)).contents as Node;
}

/** The node as text of its own, without the comments around it and without a line break at the end. */
export function renderNode(node: Node, style: { padded: boolean } = { padded: true }): string {
  const document = new Document();
  node.commentBefore = null;
  node.comment = null;
  document.contents = node as never;
  return document.toString({ ...LAYOUT, flowCollectionPadding: style.padded }).trimEnd();
}

/** What stands behind `key:` or `-` for a value, its further lines indented as if the key or dash were in column 0. */
export function renderValue(container: YAMLMap | YAMLSeq, value: unknown): string {
  const text = isMap(container) ? stringify({ k: value }, LAYOUT).slice(2) : stringify([value], LAYOUT).slice(1);
  return text.replace(/\n$/, '');
}

/** A whole entry, as if in column 0. */
export function renderEntry(container: YAMLMap | YAMLSeq, key: string | number, value: unknown): string {
  return stringify(isMap(container) ? { [key]: value } : [value], LAYOUT).replace(/\n$/, '');
}

/** How the document indents: read off its first nested block, two where there is none. */
export function renderDocument(source: Source, edits: readonly Edit[], donor: Donor): string {
  const root = editNode(source.root, edits, donor);
  const document = new Document();
  root.commentBefore = null;
  document.contents = root as never;
  return document.toString({ ...LAYOUT, ...layoutOf(source) });
}

function layoutOf(source: Source): { indent: number; indentSeq: boolean } {
  const root = source.root;
  const columns = isMap(root) ? root.items.map((pair) => firstColumn(source, [keyText(pair.key)], pair.value)) : [];
  const nested = columns.find((column) => column !== undefined && column > 0);
  return { indent: nested ?? 2, indentSeq: !hasFlatList(source, root, []) };
}

function firstColumn(source: Source, path: NodePath, value: unknown): number | undefined {
  if (!isMap(value) || value.flow || value.items.length === 0) return undefined;
  return entryAt(source, [...path, keyText(value.items[0]?.key)])?.column;
}

/** Is there a list whose dashes stand below the first letter of its key? */
function hasFlatList(source: Source, node: unknown, path: NodePath): boolean {
  if (!isMap(node)) return false;
  return node.items.some((pair) => {
    const inner = [...path, keyText(pair.key)];
    if (!isSeq(pair.value)) return hasFlatList(source, pair.value, inner);
    const item = entryAt(source, [...inner, 0]);
    return item !== undefined && item.column === entryAt(source, inner)?.column;
  });
}
