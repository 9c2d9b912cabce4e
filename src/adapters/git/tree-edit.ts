import type { FileEdit, Sha, TreeId } from '../../core/commit.ts';
import { Failure } from '../../core/failure.ts';
import { EMPTY_TREE, isDirectory, type ObjectDatabase, type TreeItem } from './object-database.ts';

/** What a tree is to hold at some paths: an entry, or `null` for nothing. Both sides of a slash may be replaced by the other kind. */
export type TreeChanges = Map<string, TreeItem | null>;

interface EditNode {
  own?: TreeItem | null;
  below: Map<string, EditNode>;
}

/** The tree `base` with `changes`; directories that become empty vanish. Writes only the directories that change. */
export async function changeTree(objects: ObjectDatabase, base: TreeId, changes: TreeChanges): Promise<TreeId> {
  const root: EditNode = { below: new Map() };
  for (const [path, item] of changes) plant(root, checkedPath(path), item);
  const changed = await apply(objects, { mode: '40000', id: base }, root);
  return changed?.id ?? EMPTY_TREE;
}

/**
 * The tree of `onto` with files written and deleted. A file that is there keeps its mode (executable, symlink); a new one is a
 * regular file.
 */
export async function editFiles(objects: ObjectDatabase, onto: Sha | TreeId, edits: FileEdit[]): Promise<TreeId> {
  const base = await objects.treeOf(onto);
  const changes: TreeChanges = new Map();
  for (const edit of edits) {
    const path = checkedPath(edit.path).join('/');
    if (edit.content === null) {
      changes.set(path, null);
      continue;
    }
    const before = await objects.find(base, path);
    const mode = before !== undefined && !isDirectory(before) && before.mode !== '160000' ? before.mode : '100644';
    changes.set(path, { mode, id: await objects.writeBlob(edit.content) });
  }
  return changeTree(objects, base, changes);
}

/** The tree of `onto` where exactly `paths` (files or directories) are as in `source`, modes included; absent there: deleted. */
export async function restorePaths(objects: ObjectDatabase, onto: Sha | TreeId, source: Sha | TreeId, paths: string[]): Promise<TreeId> {
  const from = await objects.treeOf(source);
  const changes: TreeChanges = new Map();
  for (const path of paths) changes.set(checkedPath(path).join('/'), (await objects.find(from, checkedPath(path).join('/'))) ?? null);
  return changeTree(objects, await objects.treeOf(onto), changes);
}

function plant(root: EditNode, names: string[], item: TreeItem | null): void {
  let node = root;
  for (const name of names) {
    let next = node.below.get(name);
    if (!next) {
      next = { below: new Map() };
      node.below.set(name, next);
    }
    node = next;
  }
  node.own = item;
}

async function apply(objects: ObjectDatabase, before: TreeItem | undefined, node: EditNode): Promise<TreeItem | undefined> {
  const start = node.own === undefined ? before : (node.own ?? undefined);
  const below = relevant(start, node);
  if (below.size === 0) return start;
  if (node.own && !isDirectory(node.own)) throw new Failure('UsageError', 'A path cannot become a file and a directory at once.');
  const items = new Map(start && isDirectory(start) ? await objects.tree(start.id) : []);
  let changed = !(start && isDirectory(start));
  for (const [name, child] of below) {
    const old = items.get(name);
    const item = await apply(objects, old, child);
    if (item?.id === old?.id && item?.mode === old?.mode) continue;
    changed = true;
    if (item) items.set(name, item);
    else items.delete(name);
  }
  if (!changed) return start;
  return items.size === 0 ? undefined : { mode: '40000', id: await objects.writeTree(items) };
}

/**
 * Deletions below something that is no directory have nothing to delete, and must not replace a file by an empty directory; the
 * writes below it do replace it.
 */
function relevant(start: TreeItem | undefined, node: EditNode): Map<string, EditNode> {
  return start && isDirectory(start) ? node.below : withWrites(node);
}

function withWrites(node: EditNode): Map<string, EditNode> {
  return new Map([...node.below].filter(([, child]) => writes(child)));
}

function writes(node: EditNode): boolean {
  return (node.own !== undefined && node.own !== null) || [...node.below.values()].some(writes);
}

/** The names of a path. Git refuses the same ones in its index (read-cache.c, verify_path). */
function checkedPath(path: string): string[] {
  const names = path.split('/');
  const bad = names.some((name) => name === '' || name === '.' || name === '..' || name.toLowerCase() === '.git' || name.includes('\0'));
  if (bad) throw new Failure('UsageError', `${JSON.stringify(path)} is not a path of a file in a repository.`);
  return names;
}
