/** What the message of a commit says: its trailers, and which commits it takes back. */
import { Trailer } from '../../api/annotations.ts';
import { formatTarget, parseTarget, type Target } from '../../api/target.ts';
import type { Commit, CommitWithPaths, Sha } from '../commit.ts';

/** A trailer, the folded rest of one, or the line of `git cherry-pick -x`: what git takes for a block of trailers (trailer.c). */
const TRAILER_LINE = /^(?:[A-Za-z0-9-]+ *:.*|\s+\S.*|\(cherry picked from commit [0-9a-f]+\))$/;

/**
 * The value of a trailer; undefined where the message has none. Only paragraphs made of nothing but trailers count, so
 * that a sentence which quotes one is none; the last one wins. Not only the last paragraph, as git has it: forges append
 * one of their own (`Co-authored-by`) when they merge.
 */
export function trailer(body: string, key: string): string | undefined {
  const line = new RegExp(`^${key} *: *(\\S.*)$`);
  return trailerLines(body)
    .map((text) => line.exec(text)?.[1]?.trim())
    .findLast((value) => value !== undefined);
}

function trailerLines(body: string): string[] {
  return body
    .replaceAll('\r\n', '\n')
    .split(/\n{2,}/)
    .map((paragraph) => paragraph.split('\n').filter((line) => line.trim() !== ''))
    .filter((lines) => lines.length > 0 && lines.every((line) => TRAILER_LINE.test(line)))
    .flat();
}

/** Lines of messages that take something back, as a POSIX extended expression for `git log --grep`. */
export const TAKES_BACK = '^(This reverts commit |Ebb-Rollback *:)';

/** What a commit says: a merge speaks with the messages of the reverts that it brought in as well. */
export function messageOf({ body, merged }: Pick<CommitWithPaths, 'body' | 'merged'>): string {
  return [body, ...(merged ?? []).map((commit) => commit.body)].join('\n\n');
}

/** Was this commit made by the rollback of this id? */
export function isOfRollback(body: string, id: string): boolean {
  return trailer(body, Trailer.Rollback) === id;
}

/**
 * The commit of a rollback in what a branch has; undefined where there is none, or where a later commit took it back, so
 * that the rollback has to be made again.
 * @param commits newest first.
 */
export function landedCommit(commits: readonly Pick<Commit, 'sha' | 'body'>[], id: string): Sha | undefined {
  const undone = new Set<Sha>();
  for (const { sha, body } of commits) {
    if (undone.has(sha)) continue;
    if (isOfRollback(body, id)) return sha;
    for (const reverted of revertedIn(body)) undone.add(reverted);
  }
  return undefined;
}

/** Commits that a message says it reverts, in git's own words (sequencer.c), whole or abbreviated (`revert.reference`). */
export function revertedIn(body: string): Sha[] {
  return [...body.matchAll(/^This reverts commit ([0-9a-f]{7,40})\b/gm)].map((match) => match[1] as Sha);
}

/** Of a commit by Ebb that restores files: the first and the last deployment between which it goes back, where it is of this target. */
export function restoredIn(body: string, target: Target): { from: Sha; to: Sha } | undefined {
  const of = parseTarget(trailer(body, Trailer.Target) ?? '', target.namespace);
  const [from, to] = [trailer(body, Trailer.From), trailer(body, Trailer.To)];
  if (!of || formatTarget(of) !== formatTarget(target) || revertedIn(body).length > 0) return undefined;
  return from && to ? { from, to } : undefined;
}
