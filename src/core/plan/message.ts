/** Commit messages of rollbacks: git's own words, then Ebb's trailers. */
import { Trailer } from '../../api/annotations.ts';
import { formatTarget, type Target } from '../../api/target.ts';
import type { Commit, Sha } from '../commit.ts';

export interface MessageInput {
  strategy: 'revert' | 'restore';
  /** The commits that are taken back, newest first; empty for `restore`. */
  reverts: Pick<Commit, 'sha' | 'subject' | 'parents'>[];
  mainline?: number;
  target: Target;
  to: Pick<Commit, 'sha' | 'subject'>;
  from: Sha;
  id: string;
  trigger: string;
  reason?: string;
  accept: string[];
}

/** The whole message, with a final newline. */
export function commitMessage(input: MessageInput): string {
  return `${[subject(input), body(input), trailers(input)].join('\n\n')}\n`;
}

function subject(input: MessageInput): string {
  const [only] = input.reverts;
  if (input.strategy === 'restore') return `Restore ${input.target.name} to ${input.to.sha.slice(0, 8)} "${oneLine(input.to.subject)}"`;
  if (input.reverts.length === 1 && only) return revertSubject(oneLine(only.subject));
  return `Revert ${input.reverts.length} commits of ${input.target.name}, back to "${oneLine(input.to.subject)}"`;
}

/** As `git revert` writes it since 2.43 (sequencer.c): a revert of a revert brings a change back. */
function revertSubject(subject: string): string {
  const reverted = /^Revert "((?!Revert ").*)$/.exec(subject)?.[1];
  return reverted === undefined ? `Revert "${subject}"` : `Reapply "${reverted}`;
}

function body(input: MessageInput): string {
  if (input.strategy === 'restore')
    return `Every file that ${formatTarget(input.target)} is rendered from is as it was in commit ${input.to.sha}.`;
  return input.reverts.map((commit) => sentence(commit, input.mainline)).join('\n');
}

/** As `git revert` writes it (sequencer.c): merges name the parent that they go back to. */
function sentence(commit: MessageInput['reverts'][number], mainline: number | undefined): string {
  if (commit.parents.length < 2) return `This reverts commit ${commit.sha}.`;
  return `This reverts commit ${commit.sha}, reversing\nchanges made to ${commit.parents[(mainline ?? 1) - 1]}.`;
}

function trailers(input: MessageInput): string {
  const lines = [
    `${Trailer.Rollback}: ${input.id}`,
    `${Trailer.Target}: ${formatTarget(input.target)}`,
    `${Trailer.From}: ${input.from}`,
    `${Trailer.To}: ${input.to.sha}`,
    `${Trailer.Trigger}: ${input.trigger}`,
  ];
  const reason = oneLine(input.reason ?? '');
  if (reason) lines.push(`${Trailer.Reason}: ${reason}`);
  for (const name of input.accept) lines.push(`${Trailer.Accept}: ${oneLine(name)}`);
  return lines.join('\n');
}

/**
 * No text from a commit, a flag or an alert may begin a line of its own and so forge a trailer. What cannot be seen, or
 * turns the direction of what can, is left out too.
 */
function oneLine(text: string): string {
  return text
    .replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')
    .replace(/[\u202a-\u202e\u2066-\u2069\ufeff]/g, '')
    .trim();
}
