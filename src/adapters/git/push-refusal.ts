/** The end of a push as `git push --porcelain` and the remote's own lines tell it. */
export type PushReport =
  | { kind: 'accepted' }
  /** The branch is not where it was expected, or changed in that moment. */
  | { kind: 'stale' }
  | { kind: 'refused'; reason: 'protected' | 'hook' | 'permission' | 'unknown'; message: string }
  /** No word about the reference: the connection or something before it failed. */
  | { kind: 'no-answer' };

/**
 * Rules that a branch is protected by, in the words of GitHub (GH006, GH013), GitLab, Gitea and Forgejo, Bitbucket, Azure DevOps (TF402455) and
 * Gerrit.
 */
const PROTECTED =
  /GH006|GH013|protected branch|repository rule violations|branch \S+ is protected|not allowed to (?:force )?push (?:code )?to (?:a )?protected|push to protected|modified through (?:a )?pull request|through a pull request|TF402455|prohibited by Gerrit|protected ref/i;
/** Rules on what is pushed: another branch would not help. */
const CONTENT =
  /push protection|cannot contain secrets|commit (?:message|author)|signed-off|verified signature|must (?:be signed|have verified)|file size|GH001|secret/i;
const PERMISSION =
  /permission denied|Permission to \S+ denied|not allowed to (?:push|upload)|write access|marked as read.only|deploy key|insufficient permission|not authorized|returned error: 403|TF401027|can't push|read.only/i;
const HOOK = /hook declined|pre-receive|update hook|hook failed/i;
/** Races: receive-pack.c, refs/files-backend.c, and git's own rejections before anything is sent. */
const STALE =
  /stale info|fetch first|non-fast-forward|needs force|cannot lock ref|failed to (?:lock|update ref)|incorrect old value|reference already exists|is at \S+ but expected|remote ref updated/i;

/** Reads what a push of one reference came to. `stdout` is porcelain, `stderr` has the remote's lines. */
export function readPushReport(stdout: string, stderr: string): PushReport {
  const status = stdout.split('\n').find((line) => /^[ +*=!-]\t/.test(line));
  const remote = remoteWords(stderr);
  if (status === undefined) {
    const words = remote || stderr;
    // GitHub and GitLab refuse a user without write access before the push begins, by HTTP 403 or over SSH.
    return PERMISSION.test(stderr) && !/Permission denied \(/.test(stderr)
      ? { kind: 'refused', reason: 'permission', message: tidy(words) }
      : { kind: 'no-answer' };
  }
  if (!status.startsWith('!')) return { kind: 'accepted' };
  const summary = status.split('\t')[2] ?? '';
  const why = /\((.*)\)\s*$/.exec(summary)?.[1] ?? summary;
  if (STALE.test(why)) return { kind: 'stale' };
  if (/remote failure|no response|expecting report|atomic/i.test(summary)) return { kind: 'no-answer' };
  return { kind: 'refused', reason: reasonOf(`${why}\n${remote}`), message: remote === '' ? why : `${remote}\n(${why})` };
}

function reasonOf(words: string): 'protected' | 'hook' | 'permission' | 'unknown' {
  if (/GITHUB PUSH PROTECTION|cannot contain secrets|GH001/i.test(words)) return 'hook';
  if (PROTECTED.test(words)) return 'protected';
  if (CONTENT.test(words)) return 'hook';
  if (PERMISSION.test(words)) return 'permission';
  return HOOK.test(words) ? 'hook' : 'unknown';
}

/** The remote's lines without the prefix, and without the banner lines of empty text that GitLab draws. */
function remoteWords(stderr: string): string {
  const lines = stderr.split('\n').filter((line) => line.startsWith('remote:'));
  return tidy(lines.map((line) => line.replace(/^remote: ?/, '')).join('\n'));
}

function tidy(text: string): string {
  return text
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => line.trim() !== '' && !/^=+$/.test(line.trim()) && !/^(?:Resolving deltas|Compressing|Counting|Total )/.test(line))
    .join('\n')
    .trim();
}
