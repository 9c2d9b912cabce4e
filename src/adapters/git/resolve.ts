import type { Sha } from '../../core/commit.ts';
import { Failure } from '../../core/failure.ts';
import type { ObjectDatabase } from './object-database.ts';
import { isShortId, type RevisionName, readRevisionName } from './revision-name.ts';

export interface ResolveContext {
  objects: ObjectDatabase;
  branch: string;
  /** Asks the remote for a branch that the mirror lacks, or whose copy may be old; true where it is here now. */
  fetchBranch(name: string): Promise<boolean>;
  /** Asks the remote for a commit that the mirror lacks. */
  fetchCommit(sha: Sha): Promise<boolean>;
}

/**
 * The commit that a revision names, in git's order (git-revisions(7)): a full object id, a tag, a branch, a short object id.
 * @throws Failure NoSuchCommit where a short id fits more than one commit.
 */
export async function resolveRevision(text: string, context: ResolveContext): Promise<Sha | undefined> {
  const name = readRevisionName(text);
  if (name === undefined) return undefined;
  for (const base of await candidates(name, context)) {
    const found = await context.objects.lookUp(`${base}${name.steps}^{commit}`);
    if (typeof found !== 'string') return found.id;
  }
  const id = name.kind === 'ref' ? name.name : name.kind === 'object' ? name.hex : '';
  if (isShortId(id)) await refuseAmbiguous(text, id, context.objects);
  return undefined;
}

/** `abcd^{commit}` is missing both where nothing begins with `abcd` and where several commits do. */
async function refuseAmbiguous(text: string, hex: string, objects: ObjectDatabase): Promise<void> {
  if ((await objects.lookUp(hex.toLowerCase())) !== 'ambiguous') return;
  const { stdout } = await objects.run(['rev-parse', `--disambiguate=${hex.toLowerCase()}`]);
  const commits: string[] = [];
  for (const id of stdout.toString('latin1').split('\n').filter(Boolean)) {
    const object = await objects.lookUp(id);
    if (typeof object !== 'string' && object.type === 'commit')
      commits.push(`${id.slice(0, 12)} ${(await objects.commit(id)).commit.subject}`);
  }
  if (commits.length < 2) return;
  throw new Failure('NoSuchCommit', `${JSON.stringify(text)} is ambiguous: ${commits.length} commits begin with it.`, {
    seen: commits.slice(0, 10).join('\n'),
    next: ['Give more digits of the commit'],
  });
}

/** Expressions to try, one after the other; references with their full name, so that none is taken for another. */
async function candidates(name: RevisionName, context: ResolveContext): Promise<string[]> {
  if (name.kind === 'head') return [`refs/heads/${context.branch}`];
  if (name.kind === 'object') {
    if (name.hex.length >= 40 && !(await context.objects.has(name.hex))) await context.fetchCommit(name.hex);
    return [name.hex];
  }
  const full = name.name.replace(/^(?:refs\/)?(heads|tags)\//, 'refs/$1/').replace(/^(?:refs\/remotes\/)?origin\//, 'refs/heads/');
  const refs = full.startsWith('refs/') ? [full] : [`refs/tags/${full}`, `refs/heads/${full}`];
  const short = isShortId(name.name) ? [name.name.toLowerCase()] : [];
  // A short id that is here needs no question to the remote whether there is a branch of that name.
  if (short.length > 0 && !(await known(context.objects, refs)) && (await context.objects.lookUp(short[0] ?? '')) !== 'missing')
    return short;
  const branch = refs.at(-1)?.startsWith('refs/heads/') ? refs.at(-1)?.slice('refs/heads/'.length) : undefined;
  if (branch !== undefined && branch !== context.branch && !(await known(context.objects, refs.slice(0, -1))))
    await context.fetchBranch(branch);
  return [...refs, ...short];
}

async function known(objects: ObjectDatabase, refs: string[]): Promise<boolean> {
  for (const ref of refs) if (typeof (await objects.lookUp(ref)) !== 'string') return true;
  return false;
}
