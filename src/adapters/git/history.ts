import type { CommitWithPaths, PathChange, Sha } from '../../core/commit.ts';
import type { CommitQuery } from '../../ports.ts';
import { NulTokens, RENAME_LIMIT, readChange } from './changes.ts';
import { splitMessage, timestamp } from './commit-object.ts';
import { isObjectId, noSuchCommit, type ObjectDatabase } from './object-database.ts';
import { encodePath } from './path-bytes.ts';

const FORMAT = ['%H', '%P', '%an', '%ae', '%at', '%cn', '%ce', '%ct', '%B'].join('%x00');

/** Above so many paths, a walk of its own for each costs more than reading all commits that may match. */
const MOST_SEPARATE_WALKS = 12;
/** So many commits are faster read and sorted out than found by further walks. */
const FEW_COMMITS = 1_000;
/** A walk around several paths first looks at so many commits for each that is wanted, then at so many times more. */
const FIRST_WINDOW = 4;
const WIDER = 8;

/**
 * The commits on the first-parent line of `query.from` (or all that it contains), newest first, each with all the paths that it changed.
 * @throws Failure NoSuchCommit.
 */
export async function queryCommits(objects: ObjectDatabase, query: CommitQuery): Promise<CommitWithPaths[]> {
  for (const sha of [query.from, ...(query.exclude ?? [])]) {
    if (!isObjectId(sha) || !(await objects.has(sha))) throw noSuchCommit(sha);
  }
  if (query.limit !== undefined && query.limit <= 0) return [];
  const paths = withoutNested(query.paths ?? []);
  if (paths.length > 1 && query.parents !== 'every' && query.saying === undefined) return commitsOfSeveral(objects, query, paths);
  const { stdout } = await objects.run(['log', ...selection(query), ...OUTPUT, '--stdin'], {
    input: revisions(query, paths),
  });
  return parseLog(stdout);
}

const OUTPUT = [
  '-z',
  '--raw',
  '-r',
  '-M',
  RENAME_LIMIT,
  '--root',
  '--full-diff',
  '--no-abbrev',
  '--diff-merges=first-parent',
  '--no-notes',
  `--format=tformat:${FORMAT}`,
];

/**
 * Git uses the changed-path filters of its commit graph for one path at a time (until 2.51: bloom.c, revision.c). So the directory around
 * all paths is walked first, only as far back as is likely to be enough; where that finds many commits, each path gets a walk of its own.
 * What is left is read and tested.
 */
async function commitsOfSeveral(objects: ObjectDatabase, query: CommitQuery, paths: string[]): Promise<CommitWithPaths[]> {
  const around = commonDirectory(paths);
  const limit = query.limit ?? Number.POSITIVE_INFINITY;
  for (let window = around === '' ? Number.POSITIVE_INFINITY : limit * FIRST_WINDOW; ; window *= WIDER) {
    const line = await walk(objects, query, { paths: around === '' ? [] : [around], atMost: window });
    const candidates = line.length <= FEW_COMMITS ? line : await touchingAny(objects, query, { line, paths });
    const commits = await readTouching(objects, { candidates, paths, limit });
    if (commits.length >= limit || line.length < window) return commits;
  }
}

/** Reads commits until as many as `limit` touch one of the paths. */
async function readTouching(
  objects: ObjectDatabase,
  { candidates, paths, limit }: { candidates: Sha[]; paths: string[]; limit: number },
): Promise<CommitWithPaths[]> {
  const commits: CommitWithPaths[] = [];
  for (let at = 0; at < candidates.length && commits.length < limit; at += FEW_COMMITS) {
    const input = `${candidates.slice(at, at + FEW_COMMITS).join('\n')}\n`;
    const { stdout } = await objects.run(['log', '--no-walk=unsorted', ...OUTPUT, '--stdin'], { input });
    commits.push(...parseLog(stdout).filter((commit) => commit.changes.some((change) => touches(change, paths))));
  }
  return commits.slice(0, limit);
}

/** Of the commits on `line`, in its order, those that one of the walks finds. */
async function touchingAny(objects: ObjectDatabase, query: CommitQuery, { line, paths }: { line: Sha[]; paths: string[] }): Promise<Sha[]> {
  if (paths.length > MOST_SEPARATE_WALKS) return walk(objects, query, { paths });
  const found = new Set((await Promise.all(paths.map((path) => walk(objects, query, { paths: [path] })))).flat());
  return line.filter((sha) => found.has(sha));
}

async function walk(objects: ObjectDatabase, query: CommitQuery, { paths, atMost }: { paths: string[]; atMost?: number }): Promise<Sha[]> {
  const count = atMost === undefined || !Number.isFinite(atMost) ? [] : [`--max-count=${atMost}`];
  const { stdout } = await objects.run(['rev-list', '--first-parent', ...count, '--stdin'], { input: revisions(query, paths) });
  return stdout.toString('latin1').split('\n').filter(Boolean);
}

function touches(change: PathChange, paths: string[]): boolean {
  const isIn = (file: string) => paths.some((path) => file === path || file.startsWith(`${path}/`));
  return isIn(change.path) || (change.from !== undefined && isIn(change.from));
}

function commonDirectory(paths: string[]): string {
  const [first = [], ...others] = paths.map((path) => path.split('/').slice(0, -1));
  const different = first.findIndex((name, index) => others.some((other) => other[index] !== name));
  return (different < 0 ? first : first.slice(0, different)).join('/');
}

function selection({ parents, saying, limit }: CommitQuery): string[] {
  return [
    ...(parents === 'every' ? [] : ['--first-parent']),
    ...(saying === undefined ? [] : ['--extended-regexp', `--grep=${saying}`]),
    ...(limit === undefined ? [] : [`--max-count=${Math.floor(limit)}`]),
  ];
}

/** Revisions and paths go in by stdin: any number of them, and never as an option. */
function revisions(query: CommitQuery, paths: string[]): Buffer {
  const revs = [query.from, ...(query.exclude ?? []).map((sha) => `^${sha}`)].map((line) => Buffer.from(`${line}\n`));
  const limits = paths.flatMap((path) => [encodePath(path), Buffer.from('\n')]);
  return Buffer.concat([...revs, ...(paths.length > 0 ? [Buffer.from('--\n')] : []), ...limits]);
}

/**
 * Paths without those inside another one. A line of stdin holds one path, so one with a line break in its name is
 * searched for by its directory.
 */
function withoutNested(paths: string[]): string[] {
  const plain = paths.map((path) => {
    const names = path.replace(/^\.?\/+|\/+$/g, '').split('/');
    const broken = names.findIndex((name) => name.includes('\n'));
    return (broken < 0 ? names : names.slice(0, broken)).join('/');
  });
  if (plain.some((path) => path === '' || path === '.')) return [];
  const all = new Set(plain);
  return [...all].filter((path) => !parents(path).some((parent) => all.has(parent)));
}

function parents(path: string): string[] {
  const names = path.split('/');
  return names.slice(1).map((_, index) => names.slice(0, index + 1).join('/'));
}

function parseLog(stdout: Buffer): CommitWithPaths[] {
  const tokens = new NulTokens(stdout);
  const commits: CommitWithPaths[] = [];
  while (!tokens.done) commits.push(readCommit(tokens));
  return commits;
}

function readCommit(tokens: NulTokens): CommitWithPaths {
  const [sha, parentList, authorName, authorEmail, authored, name, email, committed, message] = Array.from({ length: 9 }, () =>
    tokens.text(),
  );
  const commit = {
    sha: sha ?? '',
    parents: (parentList ?? '').split(' ').filter(Boolean),
    author: { name: authorName ?? '', email: authorEmail ?? '' },
    authoredAt: timestamp(authored ?? '0'),
    committer: { name: name ?? '', email: email ?? '' },
    committedAt: timestamp(committed ?? '0'),
    ...splitMessage(message ?? ''),
  };
  const changes: PathChange[] = [];
  while (tokens.peek() === COLON) changes.push(readChange(tokens));
  return { ...commit, changes };
}

const COLON = 0x3a;
