import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Target } from '../../api/target.ts';
import { revertedIn, trailer } from '../history/message.ts';
import { commitMessage, type MessageInput } from './message.ts';

const TARGET: Target = { kind: 'Kustomization', namespace: 'flux-system', name: 'sample-app' };
const BAD = 'b'.repeat(40);
const WORSE = 'c'.repeat(40);
const GOOD = 'a'.repeat(40);
const PARENT = 'd'.repeat(40);

const bad = { sha: BAD, subject: 'Release 2.0.0', parents: [GOOD] };
const merge = { sha: WORSE, subject: "Merge branch 'x'", parents: [GOOD, PARENT] };

function message(input: Partial<MessageInput> = {}): string {
  return commitMessage({
    strategy: 'revert',
    reverts: [bad],
    target: TARGET,
    to: { sha: GOOD, subject: 'Release 1.0.0' },
    from: BAD,
    id: 'rb-0123456789ab',
    trigger: 'manual',
    accept: [],
    ...input,
  });
}

const TRAILERS = [
  'Ebb-Rollback: rb-0123456789ab',
  'Ebb-Target: kustomization/flux-system/sample-app',
  `Ebb-From: ${BAD}`,
  `Ebb-To: ${GOOD}`,
  'Ebb-Trigger: manual',
];

describe('the message of a rollback', () => {
  it("of one commit is git's own, with what Ebb knows beneath", () => {
    expect(message({ reason: 'it crashes', accept: ['AffectsOthers'] })).toBe(
      `Revert "Release 2.0.0"

This reverts commit ${BAD}.

${TRAILERS.join('\n')}
Ebb-Reason: it crashes
Ebb-Accept: AffectsOthers
`,
    );
  });

  it('of several names each, newest first, and where it goes back to', () => {
    const text = message({ reverts: [{ ...bad, sha: WORSE }, bad] });
    expect(text.split('\n\n').slice(0, 2)).toEqual([
      'Revert 2 commits of sample-app, back to "Release 1.0.0"',
      `This reverts commit ${WORSE}.\nThis reverts commit ${BAD}.`,
    ]);
    expect(revertedIn(text)).toEqual([WORSE, BAD]);
  });

  it('of a merge names the side that it goes back to: the first, or the one that was asked for', () => {
    const sentence = (mainline?: number) => message({ reverts: [merge], ...(mainline ? { mainline } : {}) }).split('\n\n')[1];
    expect(sentence()).toBe(`This reverts commit ${WORSE}, reversing\nchanges made to ${GOOD}.`);
    expect(sentence(2)).toBe(`This reverts commit ${WORSE}, reversing\nchanges made to ${PARENT}.`);
  });

  it('that restores files says whose and from which commit, and reverts nothing', () => {
    const text = message({ strategy: 'restore', reverts: [] });
    expect(text).toContain('Restore sample-app to aaaaaaaa "Release 1.0.0"\n\n');
    expect(text).toContain(`as it was in commit ${GOOD}.`);
    expect(revertedIn(text)).toEqual([]);
  });

  it('has no line for a reason of blanks', () => {
    expect(message({ reason: ' \n\t' })).not.toContain('Ebb-Reason');
  });
});

/** Texts that would like to be a line of their own. */
const FORGERIES = [
  'x\n\nEbb-Rollback: rb-ffffffffffff',
  'x\r\nEbb-Rollback: rb-ffffffffffff\r\n',
  'x\rEbb-Rollback: rb-ffffffffffff',
  'x\u2028Ebb-Rollback: rb-ffffffffffff',
  'x\u2029Ebb-Rollback: rb-ffffffffffff',
  'x\u0085Ebb-Rollback: rb-ffffffffffff',
  'x\u000b\u000cEbb-Rollback: rb-ffffffffffff',
  'x\u0000Ebb-Rollback: rb-ffffffffffff',
  '--- \nEbb-Rollback: rb-ffffffffffff',
  'Ebb-Rollback: rb-ffffffffffff',
  '\n---\n',
  '--- a/file',
  'Signed-off-by: Mallory <m@example.com>',
  `This reverts commit ${PARENT}.`,
  `x\nThis reverts commit ${PARENT}.`,
];

describe('git itself', () => {
  let repository: string;

  beforeAll(() => {
    repository = mkdtempSync(join(tmpdir(), 'ebb-message-'));
    git(['init', '--quiet', '--bare', '.']);
  });

  afterAll(() => rmSync(repository, { recursive: true, force: true }));

  function git(args: string[], input = ''): string {
    const env = {
      PATH: process.env.PATH,
      HOME: repository,
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_AUTHOR_NAME: 'A',
      GIT_AUTHOR_EMAIL: 'a@example.com',
      GIT_COMMITTER_NAME: 'A',
      GIT_COMMITTER_EMAIL: 'a@example.com',
    };
    return execFileSync('git', args, { cwd: repository, input, encoding: 'utf8', env });
  }

  /** The trailers that `git interpret-trailers` and `git log` read; they must agree. */
  function trailersOf(text: string): string[] {
    const tree = git(['mktree']).trim();
    const commit = git(['commit-tree', tree, '-F', '-'], text).trim();
    const logged = git(['log', '-1', '--format=%(trailers)', commit]);
    const parsed = git(['interpret-trailers', '--parse'], text);
    expect(logged.trimEnd()).toBe(parsed.trimEnd());
    return parsed.trimEnd().split('\n');
  }

  it('reads exactly our trailers', () => {
    expect(trailersOf(message())).toEqual(TRAILERS);
    expect(trailersOf(message({ reverts: [merge, bad], reason: 'why', accept: ['A', 'B'] }))).toEqual([
      ...TRAILERS,
      'Ebb-Reason: why',
      'Ebb-Accept: A',
      'Ebb-Accept: B',
    ]);
    expect(trailersOf(message({ strategy: 'restore', reverts: [] }))).toEqual(TRAILERS);
  });

  it.each(FORGERIES)('reads no other trailer where a subject is %j', (subject) => {
    const reverted = { ...bad, subject };
    expect(trailersOf(message({ reverts: [reverted] }))).toEqual(TRAILERS);
    expect(trailersOf(message({ reverts: [reverted, reverted], to: { sha: GOOD, subject } }))).toEqual(TRAILERS);
    expect(trailersOf(message({ strategy: 'restore', reverts: [], to: { sha: GOOD, subject } }))).toEqual(TRAILERS);
  });

  it.each(FORGERIES)('reads no other trailer where a reason or an accepted hazard is %j', (text) => {
    const names = trailersOf(message({ reason: text, accept: [text] })).map((line) => line.split(':')[0]);
    const wanted = ['Ebb-Rollback', 'Ebb-Target', 'Ebb-From', 'Ebb-To', 'Ebb-Trigger', 'Ebb-Reason', 'Ebb-Accept'];
    expect(names).toEqual(wanted);
  });
});

it('no text makes Ebb read another id, or another commit as reverted, from what it wrote', () => {
  const text = fc.oneof(fc.constantFrom(...FORGERIES), fc.string({ unit: 'binary', maxLength: 40 }));
  fc.assert(
    fc.property(text, text, text, fc.constantFrom('revert' as const, 'restore' as const), (subject, reason, name, strategy) => {
      const reverts = strategy === 'revert' ? [{ ...bad, subject }] : [];
      const written = message({ strategy, reverts, to: { sha: GOOD, subject }, reason, accept: [name] });
      const body = written.slice(written.indexOf('\n') + 1);
      expect(trailer(body, 'Ebb-Rollback')).toBe('rb-0123456789ab');
      expect(trailer(body, 'Ebb-To')).toBe(GOOD);
      expect(revertedIn(body)).toEqual(reverts.map(({ sha }) => sha));
      expect(written.split('\n')).toHaveLength(written.split(/[\p{Cc}\p{Zl}\p{Zp}]/u).length);
    }),
  );
});
