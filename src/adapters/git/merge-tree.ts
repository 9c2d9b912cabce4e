import type { TreeId } from '../../core/commit.ts';
import { NulTokens } from './changes.ts';
import type { ObjectDatabase, TreeItem } from './object-database.ts';
import { decodePath } from './path-bytes.ts';

export interface MergeSides {
  base: TreeId;
  ours: TreeId;
  theirs: TreeId;
}

export interface ConflictStages {
  base?: TreeItem;
  ours?: TreeItem;
  theirs?: TreeItem;
}

export type MergeConflict =
  | { kind: 'clean'; tree: TreeId }
  | {
      kind: 'conflict';
      /** With conflict markers and moved files in it. */
      tree: TreeId;
      files: Map<string, ConflictStages>;
      /** Every path that a conflict message names. */
      involved: Set<string>;
      /** The path that a file had before the merge moved it out of a directory's way (`a~<commit>`). */
      originalOf(path: string): string;
    };

/** Author and date of the commits that only carry a tree into `git merge-tree`: fixed, so that equal merges make equal objects. */
const NOBODY = {
  GIT_AUTHOR_NAME: 'merge',
  GIT_AUTHOR_EMAIL: 'merge@localhost',
  GIT_AUTHOR_DATE: '@0 +0000',
  GIT_COMMITTER_NAME: 'merge',
  GIT_COMMITTER_EMAIL: 'merge@localhost',
  GIT_COMMITTER_DATE: '@0 +0000',
};

/**
 * Merges two trees over a given base. `git merge-tree` takes commits and finds their base itself (`--merge-base` came with git 2.40, and
 * takes trees from 2.45); two commits whose only parent is the base leave it nothing to find.
 */
export async function mergeTrees(objects: ObjectDatabase, sides: MergeSides): Promise<MergeConflict> {
  if (sides.base === sides.theirs || sides.ours === sides.theirs) return { kind: 'clean', tree: sides.ours };
  if (sides.base === sides.ours) return { kind: 'clean', tree: sides.theirs };
  const base = await carry(objects, sides.base);
  const [ours, theirs] = await Promise.all([carry(objects, sides.ours, base), carry(objects, sides.theirs, base)]);
  const { code, stdout } = await objects.run(['merge-tree', '--write-tree', '-z', ours, theirs], { accept: [1] });
  const tokens = new NulTokens(stdout);
  const tree = tokens.text();
  return code === 0 ? { kind: 'clean', tree } : readConflict(tree, tokens);
}

async function carry(objects: ObjectDatabase, tree: TreeId, parent?: string): Promise<string> {
  const { stdout } = await objects.run(['commit-tree', tree, ...(parent === undefined ? [] : ['-p', parent])], {
    input: 'merge\n',
    env: NOBODY,
  });
  return stdout.toString('latin1').trim();
}

/** git-merge-tree(1), "OUTPUT": conflicted file info, an empty field, then messages: a count, so many paths, a type, a text. */
function readConflict(tree: TreeId, tokens: NulTokens): MergeConflict {
  const files = new Map<string, ConflictStages>();
  for (let field = tokens.bytes(); field.length > 0; field = tokens.bytes()) {
    const tab = field.indexOf('\t');
    const [mode = '', id = '', stage = ''] = field.toString('latin1', 0, tab).split(' ');
    const path = decodePath(field.subarray(tab + 1));
    const stages = files.get(path) ?? {};
    stages[stage === '1' ? 'base' : stage === '2' ? 'ours' : 'theirs'] = { mode, id };
    files.set(path, stages);
  }
  const involved = new Set<string>();
  while (!tokens.done) {
    const count = Number(tokens.text());
    if (!Number.isInteger(count)) break;
    const paths = Array.from({ length: count }, () => decodePath(tokens.bytes()));
    const type = tokens.text();
    tokens.bytes();
    if (type.startsWith('CONFLICT')) for (const path of paths) involved.add(path);
  }
  const originalOf = (path: string) => [...involved].find((other) => path.startsWith(`${other}~`)) ?? path;
  return { kind: 'conflict', tree, files, involved, originalOf };
}
