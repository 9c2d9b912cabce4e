import type { FileTree, Sha, TreeEntry, TreeId } from '../../core/commit.ts';
import { isDirectory, isRegularFile, type ObjectDatabase, type TreeItem } from './object-database.ts';

/** How the objects are reached: a damaged mirror is replaced underneath, so they are asked for anew with each read. */
export type WithObjects = <T>(work: (objects: ObjectDatabase) => Promise<T>) => Promise<T>;

/** The files of a commit or tree. A path that leaves the repository (`..`, a leading `/`) names nothing. */
export function fileTree(at: Sha | TreeId, withObjects: WithObjects): FileTree {
  const find = async (objects: ObjectDatabase, path: string) => objects.find(await objects.treeOf(at), path.replace(/\/+$/, ''));
  return {
    read: (path) =>
      withObjects(async (objects) => {
        const item = await find(objects, path);
        return item && isRegularFile(item) ? objects.blob(item.id) : undefined;
      }),
    list: (path) =>
      withObjects(async (objects) => {
        const item = await find(objects, path);
        if (!item || !isDirectory(item)) return undefined;
        return [...(await objects.tree(item.id))].map(([name, entry]): TreeEntry => ({ name, type: entryType(entry) }));
      }),
    link: (path) =>
      withObjects(async (objects) => {
        const item = await find(objects, path);
        return item?.mode === '120000' ? (await objects.blob(item.id)).toString('utf8') : undefined;
      }),
  };
}

function entryType(item: TreeItem): TreeEntry['type'] {
  if (isDirectory(item)) return 'directory';
  if (item.mode === '120000') return 'symlink';
  return item.mode === '160000' ? 'submodule' : 'file';
}
