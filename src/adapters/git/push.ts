import type { PushOutcome, Sha } from '../../core/commit.ts';
import { readPushReport } from './push-refusal.ts';
import { REMOTE, type Remote, type RemoteAnswer } from './remote.ts';

export interface PushRequest {
  gitDir: string;
  sha: Sha;
  branch: string;
  expected: Sha | null;
  /** Does the branch's head at the remote contain `sha`? Fetches it. */
  contains(head: Sha, sha: Sha): Promise<boolean>;
}

const ATTEMPTS = 3;
/** Hooks of the remote run while nothing is heard; dead connections are found by curl and ssh themselves. */
const HOOKS_MAY_TAKE = 5;

/**
 * Pushes one commit to one branch, exactly once: whenever the answer is missing or says that the branch has moved, the remote is
 * read, since the push before may have landed.
 * @throws Failure GitUnreachable where the remote cannot be reached and nothing has landed; the others of `Remote.run`.
 */
export async function pushCommit(remote: Remote, request: PushRequest): Promise<PushOutcome> {
  for (let attempt = 1; ; attempt += 1) {
    const answer = await remote.once({
      gitDir: request.gitDir,
      args: pushArguments(request),
      branch: request.branch,
      patience: HOOKS_MAY_TAKE,
    });
    const report = readPushReport(answer.stdout.toString('utf8'), answer.stderr);
    if (report.kind === 'accepted') return { kind: 'pushed' };
    if (report.kind === 'refused') return { kind: 'refused', reason: report.reason, message: report.message };
    const outcome = await readBack(remote, request);
    if (outcome !== undefined) return outcome;
    // Nothing has landed and the branch is where it was: only a network error is worth another attempt.
    if (report.kind === 'no-answer' && (answer.trouble !== 'network' || attempt === ATTEMPTS))
      throw failure(remote, answer, request, attempt);
    if (attempt === ATTEMPTS) return { kind: 'moved', head: request.expected ?? undefined };
  }
}

/** The head of a branch at the remote, now; undefined where there is no such branch. */
export async function remoteHead(remote: Remote, gitDir: string, branch: string): Promise<Sha | undefined> {
  const { stdout } = await remote.run({ gitDir, args: ['ls-remote', '--', REMOTE, `refs/heads/${branch}`], branch });
  const line = stdout
    .toString('utf8')
    .split('\n')
    .find((text) => text.endsWith(`\trefs/heads/${branch}`));
  return line?.split('\t')[0];
}

async function readBack(remote: Remote, request: PushRequest): Promise<PushOutcome | undefined> {
  const head = await remoteHead(remote, request.gitDir, request.branch);
  if (head === request.sha) return { kind: 'pushed' };
  if (head === (request.expected ?? undefined)) return undefined;
  if (head !== undefined && (await request.contains(head, request.sha))) return { kind: 'pushed' };
  return { kind: 'moved', head };
}

function pushArguments({ sha, branch, expected }: PushRequest): string[] {
  return [
    'push',
    '--porcelain',
    '--no-verify',
    '--no-follow-tags',
    '--no-recurse-submodules',
    `--force-with-lease=refs/heads/${branch}:${expected ?? ''}`,
    REMOTE,
    `${sha}:refs/heads/${branch}`,
  ];
}

function failure(remote: Remote, answer: RemoteAnswer, request: PushRequest, attempts: number): Error {
  return remote.failure(answer, { gitDir: request.gitDir, args: [], branch: request.branch }, attempts);
}
