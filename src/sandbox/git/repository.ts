/** Bare repositories on disk. */
import { appendFile, mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { gitText, runGit } from './git-program.ts';
import { installProtectionHook } from './protection.ts';

export interface FirstCommit {
  /** Directory whose files become the commit; its `.gitignore` counts, a `.git` in it is left out. */
  from: string;
  message: string;
  author: { name: string; email: string };
}

const DEFAULT_BRANCH = 'main';
const CONFIGURATION = `[http]
\treceivepack = true
[uploadpack]
\tallowReachableSHA1InWant = true
[gc]
\tauto = 0
`;

/** Makes an empty bare repository that can be pushed to. */
export async function createBareRepository(gitDir: string): Promise<void> {
  await mkdir(path.dirname(gitDir), { recursive: true });
  await runGit(['init', '--quiet', '--bare', `--initial-branch=${DEFAULT_BRANCH}`, '--', gitDir]);
  await appendFile(path.join(gitDir, 'config'), CONFIGURATION);
  await mkdir(path.join(gitDir, 'hooks'), { recursive: true });
  await installProtectionHook(gitDir);
}

/** Imports a directory as the first commit of the default branch; resolves to its SHA. */
export async function importDirectory(gitDir: string, commit: FirstCommit): Promise<string> {
  const index = path.join(gitDir, 'import-index');
  const env = {
    GIT_WORK_TREE: path.resolve(commit.from),
    GIT_INDEX_FILE: index,
    GIT_AUTHOR_NAME: commit.author.name,
    GIT_AUTHOR_EMAIL: commit.author.email,
    GIT_COMMITTER_NAME: commit.author.name,
    GIT_COMMITTER_EMAIL: commit.author.email,
  };
  try {
    await runGit(['-c', 'core.bare=false', 'add', '--all'], { gitDir, env });
    const tree = await gitText(['write-tree'], { gitDir, env });
    const sha = await gitText(['commit-tree', tree], { gitDir, env, stdin: `${commit.message}\n` });
    await runGit(['update-ref', `refs/heads/${DEFAULT_BRANCH}`, sha], { gitDir });
    return sha;
  } finally {
    await rm(index, { force: true });
  }
}
