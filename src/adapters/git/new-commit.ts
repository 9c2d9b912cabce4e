import type { Person, Sha } from '../../core/commit.ts';
import { Failure } from '../../core/failure.ts';
import type { NewCommit } from '../../ports.ts';
import { localFailure, troubleIn } from './diagnosis.ts';
import { type GitResult, runGit } from './git-process.ts';
import { isObjectId, noSuchCommit, type ObjectDatabase } from './object-database.ts';
import { isSigningTrouble, SIGNING_LIMIT_MS, type Signing, signingConfig, signingFailure, wordsOfGnupg } from './signing.ts';

export interface CommitContext {
  committer: Person;
  now: Date;
  signing?: Signing;
  signal?: AbortSignal;
}

/**
 * Writes a commit; its message is used byte for byte.
 * @throws Failure SigningFailed with the signer's words; UsageError for a person without a name; NoSuchCommit for a parent that is not there.
 */
export async function writeCommit(objects: ObjectDatabase, commit: NewCommit, context: CommitContext): Promise<Sha> {
  for (const person of [commit.author, context.committer]) checkPerson(person);
  for (const id of [commit.tree, ...commit.parents]) if (!isObjectId(id)) throw noSuchCommit(id);
  if (commit.message.includes('\0')) throw new Failure('UsageError', 'A commit message cannot hold a NUL character.');
  const { signing } = context;
  const args = ['commit-tree', ...(signing ? ['-S'] : []), ...commit.parents.flatMap((parent) => ['-p', parent]), commit.tree];
  const result = await runGit({
    args,
    gitDir: objects.directory,
    input: commit.message,
    env: people(commit.author, context),
    ...(signing ? { config: signingConfig(signing), quietLimitMs: SIGNING_LIMIT_MS, terminal: true } : {}),
    ...(context.signal ? { signal: context.signal } : {}),
  });
  if (result.code === 0) return result.stdout.toString('latin1').trim();
  if (signing && (result.timedOut || isSigningTrouble(result.stderr))) throw await explainSigning(signing, result, context.committer);
  if (/not a valid object|bad object/i.test(result.stderr)) throw noSuchCommit(commit.parents[0] ?? commit.tree);
  throw localFailure(troubleIn(result.stderr), 'commit-tree', result.stderr, objects.directory);
}

async function explainSigning(signing: Signing, result: GitResult, committer: Person): Promise<Failure> {
  if (result.timedOut) return signingFailure(signing, `no answer within ${SIGNING_LIMIT_MS / 1000} s\n${result.stderr}`);
  if (signing.format === 'ssh' || /^gpg:/m.test(result.stderr)) return signingFailure(signing, result.stderr);
  const words = await wordsOfGnupg(signing.key ?? `${committer.name} <${committer.email}>`);
  return signingFailure(signing, `${result.stderr}${words}`);
}

function people(author: Person, context: CommitContext): Record<string, string> {
  const date = `@${Math.floor(context.now.getTime() / 1000)} +0000`;
  return {
    GIT_AUTHOR_NAME: author.name,
    GIT_AUTHOR_EMAIL: author.email,
    GIT_AUTHOR_DATE: date,
    GIT_COMMITTER_NAME: context.committer.name,
    GIT_COMMITTER_EMAIL: context.committer.email,
    GIT_COMMITTER_DATE: date,
  };
}

/** Git drops `<`, `>`, line breaks and the like from names, and refuses one of which nothing is left (ident.c). */
function checkPerson(person: Person): void {
  if (/[^\s.,:;<>"\\'\p{Cc}]/u.test(person.name) && !person.email.includes('\0')) return;
  throw new Failure('UsageError', 'A commit needs the name and email of a person.', {
    seen: `name ${JSON.stringify(person.name)}, email ${JSON.stringify(person.email)}`,
    next: ['git config --global user.name "Your Name"', 'git config --global user.email you@example.com'],
  });
}
