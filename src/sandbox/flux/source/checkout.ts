/**
 * Finds the commit that `spec.ref` names. Precedence: commit, name, tag, semver, branch (`master` by default).
 * Source: fluxcd/pkg git/gogit (client.go clone, clone.go).
 */
import type { GitRepositoryRef } from '../../../api/flux.ts';
import { GitError } from '../../git/git-program.ts';
import { describeGitFailure } from './git-failure.ts';
import type { ObjectStore, Remote, StoredCommit } from './object-store.ts';
import { compareVersions, parseRange, parseVersion, type Version } from './semver.ts';

export interface CheckedOut {
  sha: string;
  /** Full name of the ref that was followed; absent for a commit alone. */
  reference?: string;
  /** First line of the message, at most 50 characters; absent where the commit was known before and nothing was fetched. */
  subject?: string;
}

export interface CheckoutRequest {
  store: ObjectStore;
  remote: Remote;
  ref: GitRepositoryRef;
  /** Refs of the source lie below it; ends with a slash. */
  prefix: string;
  /** Revision of the artifact that is stored already: where the remote still has it, nothing is fetched. */
  observed?: string;
}

/** Thrown for what the reference names but the repository does not have. */
export class CheckoutError extends Error {
  override readonly name = 'CheckoutError';
}

const DEFAULT_BRANCH = 'master';

/** Resolves to undefined where the repository is empty. @throws CheckoutError */
export async function checkout(request: CheckoutRequest): Promise<CheckedOut | undefined> {
  const { ref } = request;
  if (ref.commit) return checkoutCommit(request, ref.commit);
  if (ref.name) return checkoutName(request, ref.name);
  if (ref.tag) return checkoutRef(request, `refs/tags/${ref.tag}`);
  if (ref.semver) return checkoutSemver(request, ref.semver);
  return checkoutRef(request, `refs/heads/${ref.branch || DEFAULT_BRANCH}`);
}

/** How Flux writes the revision. Source: fluxcd/pkg git/git.go (String, AbsoluteReference), commitReference of source-controller. */
export function revisionOf(ref: GitRepositoryRef, commit: Pick<CheckedOut, 'sha' | 'reference'>): string {
  const digest = `sha1:${commit.sha}`;
  if (commit.reference === undefined) return digest;
  if (ref.name) return `${commit.reference}@${digest}`;
  const short = /^[^/]*\/[^/]*\/(.+)$/.exec(commit.reference)?.[1];
  return short === undefined ? digest : `${short}@${digest}`;
}

/** A pin fetches everything each time: Flux has no short cut for it. */
async function checkoutCommit(request: CheckoutRequest, commit: string): Promise<CheckedOut | undefined> {
  const { store, ref, prefix } = request;
  const branch = ref.branch ? `refs/heads/${ref.branch}` : undefined;
  const refspec = branch ? `${branch}:${prefix}pin/head` : `refs/heads/*:${prefix}pin/*`;
  if (!(await fetchInto(request, refspec, branch))) return undefined;
  const found = /^[0-9a-f]{40}$/i.test(commit) ? await store.commit(commit.toLowerCase()) : undefined;
  if (!found || !(await store.isReachable(found.sha, `${prefix}pin/`))) {
    throw new CheckoutError(`unable to resolve commit object for '${commit}': object not found`);
  }
  const reference = ref.name || branch;
  return { sha: found.sha, subject: shortened(found.subject), ...(reference === undefined ? {} : { reference }) };
}

async function checkoutName(request: CheckoutRequest, name: string): Promise<CheckedOut | undefined> {
  if (name.startsWith('/') || name.endsWith('/')) {
    throw new CheckoutError(`ref ${name} is invalid; Git refs cannot begin or end with a slash '/'`);
  }
  const sha = peeled(await listRemote(request), name);
  if (!sha) throw new CheckoutError(`unable to resolve ref '${name}' to a specific commit`);
  if (isObserved(request, { sha, reference: name })) return { sha, reference: name };
  return checkoutRef({ ...request, observed: undefined }, name);
}

async function checkoutRef(request: CheckoutRequest, reference: string): Promise<CheckedOut | undefined> {
  const { store, prefix } = request;
  if (request.observed !== undefined) {
    const sha = peeled(await listRemote(request), reference);
    if (sha && isObserved(request, { sha, reference })) return { sha, reference };
  }
  const source = reference.replace(/\^\{\}$/, '');
  if (!(await fetchInto(request, `${source}:${prefix}head`, source))) return undefined;
  const head = await store.commit(`${prefix}head`);
  if (!head) throw new CheckoutError(`unable to resolve HEAD of '${reference}': it is not a commit`);
  return { sha: head.sha, reference, subject: shortened(head.subject) };
}

async function checkoutSemver(request: CheckoutRequest, text: string): Promise<CheckedOut | undefined> {
  const { store, prefix } = request;
  const matches = parseRange(text);
  if (!matches) throw new CheckoutError(`semver parse error: improper constraint: ${text}`);
  if (!(await fetchInto(request, `refs/tags/*:${prefix}tags/*`))) return undefined;
  const versions = (await store.namesBelow(`${prefix}tags/`)).flatMap((tag) => parseVersion(tag) ?? []).filter(matches);
  const newest = await newestOf(store, `${prefix}tags/`, versions);
  if (!newest) throw new CheckoutError(`no match found for semver: ${text}`);
  const { sha, subject } = newest.commit;
  return { sha, reference: `refs/tags/${newest.version.original}`, subject: shortened(subject) };
}

/** Of equal versions (build metadata does not count) the one with the youngest commit. */
async function newestOf(
  store: ObjectStore,
  prefix: string,
  versions: Version[],
): Promise<{ version: Version; commit: StoredCommit } | undefined> {
  const highest = versions.reduce<Version | undefined>((best, next) => (best && compareVersions(best, next) >= 0 ? best : next), undefined);
  if (!highest) return undefined;
  let newest: { version: Version; commit: StoredCommit } | undefined;
  for (const version of versions.filter((other) => compareVersions(other, highest) === 0)) {
    const commit = await store.commit(`${prefix}${version.original}`);
    if (commit && (!newest || commit.time > newest.commit.time)) newest = { version, commit };
  }
  return newest;
}

async function listRemote({ store, remote }: CheckoutRequest): Promise<Map<string, string>> {
  try {
    return await store.remoteRefs(remote);
  } catch (error) {
    if (!(error instanceof GitError)) throw error;
    throw new CheckoutError(`unable to list remote for '${remote.url}': ${describeGitFailure(error, remote.url)}`);
  }
}

/** False where the repository has no refs at all. */
async function fetchInto(request: CheckoutRequest, refspec: string, wanted?: string): Promise<boolean> {
  const { store, remote } = request;
  if (/[*?[\\^:~ ]/.test(wanted ?? '')) throw new CheckoutError(missingRef(remote.url, wanted as string));
  try {
    await store.fetch(remote, [refspec]);
  } catch (error) {
    if (!(error instanceof GitError)) throw error;
    const missing = /couldn't find remote ref|invalid refspec/i.test(error.stderr);
    if (missing && (await listRemote(request)).size === 0) return false;
    if (missing && wanted !== undefined) throw new CheckoutError(missingRef(remote.url, wanted));
    throw new CheckoutError(`unable to clone '${remote.url}': ${describeGitFailure(error, remote.url)}`);
  }
  return true;
}

function missingRef(url: string, ref: string): string {
  return `unable to clone '${url}': couldn't find remote ref "${ref}"`;
}

/** The commit of a ref: for an annotated tag that which it points to. */
function peeled(refs: Map<string, string>, reference: string): string | undefined {
  return refs.get(`${reference}^{}`) ?? refs.get(reference);
}

function isObserved({ ref, observed }: CheckoutRequest, commit: { sha: string; reference: string }): boolean {
  return observed !== undefined && observed === revisionOf(ref, commit);
}

function shortened(subject: string): string {
  const characters = [...subject];
  return characters.length > 50 ? `${characters.slice(0, 50).join('')}...` : subject;
}
