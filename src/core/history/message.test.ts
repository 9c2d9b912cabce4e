import { describe, expect, it } from 'vitest';
import { isOfRollback, landedCommit, revertedIn, trailer } from './message.ts';

const A = 'a'.repeat(40);
const B = 'b'.repeat(40);

describe('trailer', () => {
  it('reads the last paragraph', () => {
    expect(trailer('This reverts commit x.\n\nEbb-Rollback: rb-1\nEbb-To: abc\n', 'Ebb-To')).toBe('abc');
  });

  it('reads it beneath what a forge appended, with other line ends', () => {
    expect(trailer('why\r\n\r\nEbb-To: abc\r\n\r\nCo-authored-by: Bo <bo@example.com>\r\n', 'Ebb-To')).toBe('abc');
  });

  it('takes a cherry-pick line and a folded line for part of the block', () => {
    expect(trailer(`why\n\nEbb-To: abc\n  and more\n(cherry picked from commit ${A})`, 'Ebb-To')).toBe('abc');
  });

  it('does not take a sentence that quotes one', () => {
    expect(trailer('The last time it was\nEbb-Rollback: rb-1\nwhich did not help.', 'Ebb-Rollback')).toBeUndefined();
    expect(trailer('see Ebb-Rollback: rb-1', 'Ebb-Rollback')).toBeUndefined();
  });

  it('has no value where there is none', () => {
    expect([trailer('', 'Ebb-To'), trailer('Ebb-To:', 'Ebb-To'), trailer('Ebb-Tofu: x', 'Ebb-To')]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });

  it('the last one wins', () => {
    expect(trailer('Ebb-To: first\n\nEbb-To: second', 'Ebb-To')).toBe('second');
  });
});

it('a commit is of the rollback whose id it carries', () => {
  expect([isOfRollback('Ebb-Rollback: rb-1', 'rb-1'), isOfRollback('Ebb-Rollback: rb-12', 'rb-1')]).toEqual([true, false]);
});

describe('revertedIn', () => {
  it("reads git's own words: one, several, merges", () => {
    expect(revertedIn(`This reverts commit ${A}, reversing\nchanges made to ${B}.`)).toEqual([A]);
    expect(revertedIn(`This reverts commit ${A}.\nThis reverts commit ${B}.`)).toEqual([A, B]);
  });

  it('and nothing else', () => {
    expect(revertedIn(`Do not write "This reverts commit ${A}" by hand`)).toEqual([]);
    expect(revertedIn('This reverts commit of last week')).toEqual([]);
  });
});

describe('landedCommit', () => {
  const rollback = { sha: A, body: 'Ebb-Rollback: rb-1' };
  const other = { sha: B, body: 'something else' };

  it('finds the commit of a rollback', () => {
    expect(landedCommit([other, rollback], 'rb-1')).toBe(A);
    expect(landedCommit([other, rollback], 'rb-2')).toBeUndefined();
  });

  it('does not count one that was reverted since: the rollback has to be made again', () => {
    expect(landedCommit([{ sha: B, body: `This reverts commit ${A}.` }, rollback], 'rb-1')).toBeUndefined();
  });

  it('counts it where that revert was itself reverted', () => {
    const undo = { sha: B, body: `This reverts commit ${A}.` };
    expect(landedCommit([{ sha: 'c'.repeat(40), body: `This reverts commit ${B}.` }, undo, rollback], 'rb-1')).toBe(A);
  });
});
