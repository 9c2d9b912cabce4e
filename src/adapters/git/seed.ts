import { rm } from 'node:fs/promises';
import { findClone } from './clone.ts';
import { runGit } from './git-process.ts';
import { sameRepository } from './remote-url.ts';

export interface SeedRequest {
  /** The user's clone. */
  clone: string;
  url: string;
  branch: string;
  /** The mirror to make; nothing is there yet. */
  directory: string;
}

/**
 * Makes a mirror from the objects of a clone on this machine, by hard links where the file system has them, so that the first fetch
 * brings only what is new. Resolves to false, with nothing left behind, where the clone cannot serve: it is of another repository,
 * is shallow or partial, has never fetched the branch, or git cannot copy it.
 */
export async function seedFromClone(request: SeedRequest): Promise<boolean> {
  const head = await remoteTrackingHead(request);
  if (head === undefined) return false;
  const { directory } = request;
  const copied =
    (await succeeds(['clone', '--bare', '--local', '--quiet', '--no-tags', '--template=', '--', request.clone, directory])) &&
    // What `git clone` writes down is the clone as a remote: nothing may ever be pushed there.
    (await succeeds(['config', '--remove-section', 'remote.origin'], directory)) &&
    (await dropReferences(directory)) &&
    (await succeeds(['update-ref', `refs/heads/${request.branch}`, head], directory));
  if (!copied) await rm(directory, { recursive: true, force: true });
  return copied;
}

async function remoteTrackingHead({ clone, url, branch }: SeedRequest): Promise<string | undefined> {
  const found = await findClone(clone);
  const remote = found?.remotes.find((candidate) => sameRepository(candidate.url, url));
  if (!found || !remote || found.shallow || (await isPartial(found.root))) return undefined;
  const { code, stdout } = await runGit({
    args: ['rev-parse', '--verify', '--quiet', '--end-of-options', `refs/remotes/${remote.name}/${branch}^{commit}`],
    cwd: found.root,
  });
  return code === 0 ? stdout.toString('latin1').trim().split('\n').at(-1) : undefined;
}

async function isPartial(root: string): Promise<boolean> {
  const { code } = await runGit({ args: ['config', '--get-regexp', '^remote\\..*\\.promisor$|^extensions\\.partialclone$'], cwd: root });
  return code === 0;
}

/** The user's own branches and tags are not the remote's. */
async function dropReferences(directory: string): Promise<boolean> {
  const { stdout } = await runGit({ args: ['for-each-ref', '--format=delete %(refname)'], gitDir: directory });
  const { code } = await runGit({ args: ['update-ref', '--stdin'], gitDir: directory, input: stdout });
  return code === 0;
}

async function succeeds(args: string[], gitDir?: string): Promise<boolean> {
  const { code } = await runGit({ args, ...(gitDir === undefined ? {} : { gitDir }) });
  return code === 0;
}
