import { describe, expect, it } from 'vitest';
import { readPushReport } from './push-refusal.ts';

const refused = (why: string) => `To https://host/x\n!\tabc:refs/heads/main\t[remote rejected] (${why})\nDone\n`;
const remote = (text: string) =>
  text
    .split('\n')
    .map((line) => `remote: ${line}`)
    .join('\n');

describe('the answer to a push', () => {
  it('is success for a new, fast-forwarded or unchanged reference', () => {
    for (const status of [
      ' \ta:refs/heads/main\ta..b',
      '*\ta:refs/heads/x\t[new branch]',
      '=\ta:refs/heads/main\t[up to date]',
      '+\ta:refs/heads/main\ta...b (forced update)',
    ]) {
      expect(readPushReport(`To x\n${status}\nDone\n`, '')).toEqual({ kind: 'accepted' });
    }
  });

  it.each([
    '!\ta:refs/heads/main\t[rejected] (stale info)',
    '!\ta:refs/heads/main\t[rejected] (fetch first)',
    '!\ta:refs/heads/main\t[rejected] (non-fast-forward)',
    "!\ta:refs/heads/main\t[remote rejected] (cannot lock ref 'refs/heads/main': is at abc but expected def)",
    '!\ta:refs/heads/main\t[remote rejected] (failed to update ref)',
    '!\ta:refs/heads/main\t[remote rejected] (incorrect old value provided)',
  ])('is a lost race: %s', (status) => {
    expect(readPushReport(`To x\n${status}\n`, '')).toEqual({ kind: 'stale' });
  });

  it.each([
    [
      'protected',
      'protected branch hook declined',
      'error: GH006: Protected branch update failed for refs/heads/main.\nerror: Changes must be made through a pull request.',
    ],
    [
      'protected',
      'push declined due to repository rule violations',
      'error: GH013: Repository rule violations found for refs/heads/main.\n\n- Changes must be made through a pull request.',
    ],
    ['protected', 'pre-receive hook declined', 'GitLab: You are not allowed to push code to protected branches on this project.'],
    ['protected', 'pre-receive hook declined', 'Gitea: Not allowed to push to protected branch main'],
    ['protected', 'pre-receive hook declined', 'Forgejo: branch main is protected from force push'],
    ['protected', 'pre-receive hook declined', 'Branch refs/heads/main can only be modified through pull requests.'],
    ['protected', 'TF402455: Pushes to this branch are not permitted; you must use a pull request to update this branch.', ''],
    ['protected', 'prohibited by Gerrit: not permitted: update', ''],
    [
      'hook',
      'push declined due to repository rule violations',
      'error: GH013: Repository rule violations found for refs/heads/main.\n- GITHUB PUSH PROTECTION\n- Push cannot contain secrets',
    ],
    ['hook', 'pre-receive hook declined', 'GitLab: Commit message does not follow the pattern'],
    ['hook', 'pre-receive hook declined', 'ticket number missing'],
    ['hook', 'hook declined', ''],
    ['permission', 'pre-receive hook declined', 'Gitea: User permission denied for writing.'],
    ['permission', 'TF401027: You need the Git GenericContribute permission', ''],
    ['unknown', 'branch is currently checked out', ''],
  ])('is %s: %s / %s', (reason, why, words) => {
    const report = readPushReport(refused(why), remote(words));
    expect(report).toMatchObject({ kind: 'refused', reason });
    const first = words.split('\n')[0] ?? '';
    expect(report).toHaveProperty('message', expect.stringContaining(first === '' ? why : first));
  });

  it.each([
    [
      'remote: Permission to a/b.git denied to ada.\nfatal: unable to access https://github.com/a/b/: The requested URL returned error: 403\n',
      'Permission to a/b.git denied to ada.',
    ],
    [
      'remote: ERROR: The key you are authenticating with has been marked as read only.\nfatal: Could not read from remote repository.\n',
      'marked as read only',
    ],
    [
      'remote: \nremote: ========\nremote: \nremote: GitLab: You are not allowed to push code to this project.\nremote: \nfatal: Could not read\n',
      'GitLab: You are not allowed to push',
    ],
  ])('is a missing permission without a word about the reference: %s', (stderr, words) => {
    const report = readPushReport('', stderr);
    expect(report).toMatchObject({ kind: 'refused', reason: 'permission' });
    expect(report).toHaveProperty('message', expect.stringContaining(words));
    expect(report).toHaveProperty('message', expect.not.stringContaining('remote:'));
  });

  it('is none when the connection ends, or a key is not accepted', () => {
    expect(readPushReport('', 'fatal: the remote end hung up unexpectedly\n')).toEqual({ kind: 'no-answer' });
    expect(readPushReport('', 'git@host: Permission denied (publickey).\n')).toEqual({ kind: 'no-answer' });
    expect(readPushReport('!\ta:refs/heads/main\t[remote failure] (remote failed to report status)\n', '')).toEqual({ kind: 'no-answer' });
  });
});
