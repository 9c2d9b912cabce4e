/**
 * What git complains about, in the words of the library that Flux uses, so that messages of conditions read as in a real
 * cluster. Source: go-git plumbing/transport (common.go, http/common.go), Go net.
 */
import type { GitError } from '../../git/git-program.ts';

/** @param url without credentials */
export function describeGitFailure(error: GitError, url: string): string {
  const { stderr } = error;
  if (error.timedOut) return 'context deadline exceeded';
  const call = `Get "${url}/info/refs?service=git-upload-pack"`;
  if (/could not read Username|could not read Password|Authentication failed|returned error: 401/i.test(stderr)) {
    return 'authentication required';
  }
  if (/returned error: 403/.test(stderr)) return 'authorization failed';
  if (/repository .* not found|returned error: 404|does not appear to be a git repository/i.test(stderr)) {
    const answer = answerOf(stderr);
    return answer.length > 0 ? `repository not found: ${answer.join('\n')}\n` : 'repository not found';
  }
  const host = new URL(url).host;
  if (/Could not resolve host/i.test(stderr)) return `${call}: dial tcp: lookup ${new URL(url).hostname}: no such host`;
  if (/Failed to connect|Couldn't connect|Connection refused/i.test(stderr))
    return `${call}: dial tcp ${host}: connect: connection refused`;
  return lastComplaint(stderr) || `git ended with exit code ${error.exitCode}`;
}

/** What the server wrote into the body of its answer. */
function answerOf(stderr: string): string[] {
  return stderr.split('\n').flatMap((line) => /^remote: (.*\S)/.exec(line)?.[1] ?? []);
}

function lastComplaint(stderr: string): string {
  const lines = stderr.split('\n').filter((line) => /^(fatal|error|remote):/.test(line));
  return (lines.at(-1) ?? stderr.trim().split('\n').at(-1) ?? '').replace(/^(fatal|error): /, '');
}
