import { existsSync } from 'node:fs';
import type { GitConfig } from './environment.ts';
import { runGit } from './git-process.ts';

export { sameRepository } from './remote-url.ts';

/** The clone that somebody stands in. */
export interface FoundClone {
  /** The work tree's top directory. */
  root: string;
  remotes: { name: string; url: string }[];
  /** Absent on a detached HEAD. */
  branch?: string;
  /** Tracked files differ from HEAD, or there are conflicts. Files that git does not know do not count. */
  dirty: boolean;
  shallow: boolean;
}

/**
 * The clone around `cwd`; undefined outside of one and in bare repositories.
 * @throws Failure GitMissing.
 */
export async function findClone(cwd: string): Promise<FoundClone | undefined> {
  if (!existsSync(cwd)) return undefined;
  const top = await runGit({ args: ['rev-parse', '--show-toplevel', '--is-shallow-repository'], cwd });
  if (top.code !== 0) return undefined;
  const [root = '', shallow] = top.stdout.toString('utf8').trimEnd().split('\n');
  if (root === '') return undefined;
  const [remotes, branch, status] = await Promise.all([
    runGit({ args: ['config', '-z', '--get-regexp', '^remote\\..*\\.url$'], cwd: root }),
    runGit({ args: ['symbolic-ref', '--quiet', '--short', 'HEAD'], cwd: root }),
    runGit({ args: ['status', '--porcelain', '-z', '--untracked-files=no', '--ignore-submodules=untracked'], cwd: root }),
  ]);
  const name = branch.code === 0 ? branch.stdout.toString('utf8').trim() : undefined;
  return {
    root,
    remotes: readRemotes(remotes.stdout),
    ...(name === undefined ? {} : { branch: name }),
    dirty: status.stdout.length > 0,
    shallow: shallow === 'true',
  };
}

/** What the configuration seen from a clone says about reaching remotes and about who one is; keys in lower case as git gives them. */
export async function cloneConfig(root: string): Promise<GitConfig> {
  if (!existsSync(root)) return [];
  const { code, stdout } = await runGit({ args: ['config', '--list', '-z', '--includes'], cwd: root });
  if (code !== 0) return [];
  return readEntries(stdout).filter(([key]) =>
    /^(?:credential|http|url|user|author|committer|gpg)\.|^core\.(?:sshcommand|gitproxy)$|^ssh\.variant$/.test(key),
  );
}

function readRemotes(stdout: Buffer): { name: string; url: string }[] {
  return readEntries(stdout).map(([key, url]) => ({ name: key.slice('remote.'.length, -'.url'.length), url }));
}

/** `git config -z`: key, line feed, value, NUL; a key alone means true. */
function readEntries(stdout: Buffer): [string, string][] {
  const records = stdout.toString('utf8').split('\0').filter(Boolean);
  return records.map((record) => {
    const newline = record.indexOf('\n');
    return newline < 0 ? [record, 'true'] : [record.slice(0, newline), record.slice(newline + 1)];
  });
}
