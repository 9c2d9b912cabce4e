import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Target } from '../../api/target.ts';
import type { CommitWithPaths, Sha } from '../commit.ts';
import { deriveHistory, type HistoryInput, lastGoodIndex } from './derive.ts';
import type { Evidence } from './evidence.ts';
import type { DeploymentRecord, Outcome } from './record.ts';

const TARGET: Target = { kind: 'Kustomization', namespace: 'flux-system', name: 'sample-app' };
const ANN = { name: 'Ann', email: 'ann@example.com' };

/** A sha that begins with a name: `sha('a')` is `a000…`. */
function sha(name: string): Sha {
  return Buffer.from(name).toString('hex').padEnd(40, '0');
}

/** The n-th minute of the story. */
function minute(n: number): string {
  return new Date(Date.UTC(2026, 0, 1, 12, n)).toISOString();
}

interface Story {
  name: string;
  body?: string;
}

/** Commits told oldest first, one a minute; given newest first. */
function commits(...story: (string | Story)[]): CommitWithPaths[] {
  return story
    .map((item, index): CommitWithPaths => {
      const { name, body = '' } = typeof item === 'string' ? { name: item } : item;
      const made = minute(index);
      return {
        sha: sha(name),
        parents: [],
        author: ANN,
        committer: ANN,
        authoredAt: made,
        committedAt: made,
        subject: name,
        body,
        changes: [],
      };
    })
    .reverse();
}

const reverting = (name: string, ...reverted: string[]): Story => ({
  name,
  body: reverted.map((other) => `This reverts commit ${sha(other)}.`).join('\n'),
});

function byEbb(story: Story, trailers: Record<string, string> = {}): Story {
  const all = { 'Ebb-Rollback': 'rb-0123456789ab', 'Ebb-Target': 'kustomization/flux-system/sample-app', ...trailers };
  const block = Object.entries(all).map(([key, value]) => `${key}: ${value}`);
  return { name: story.name, body: `${story.body ?? ''}\n\n${block.join('\n')}`.trim() };
}

const said = (name: string, outcome: Evidence['outcome'], more: Partial<Evidence> = {}): Evidence => ({
  commit: sha(name),
  outcome,
  source: `said ${outcome}`,
  ...more,
});

function history(input: Omit<HistoryInput, 'target' | 'running'> & { running?: string }): DeploymentRecord[] {
  const { running, ...rest } = input;
  return deriveHistory({ target: TARGET, ...rest, running: running === undefined ? undefined : sha(running) });
}

const outcomes = (records: readonly DeploymentRecord[]) => Object.fromEntries(records.map((record) => [record.subject, record.outcome]));
const lastGood = (records: readonly DeploymentRecord[]) => records.find((record) => record.lastGood)?.subject;

describe('a failing release', () => {
  it('is running and failed; the one before it, which Flux saw succeed, is where to go back to', () => {
    const records = history({
      commits: commits('good', 'bad'),
      // lastAppliedRevision stays behind while the bad release fails.
      evidence: [said('bad', 'failed'), said('good', 'succeeded', { source: 'status.lastAppliedRevision' })],
      running: 'bad',
    });
    expect(outcomes(records)).toEqual({ bad: 'failed', good: 'succeeded' });
    expect(records.map((record) => [record.subject, record.running, record.lastGood, record.from])).toEqual([
      ['bad', true, false, sha('good')],
      ['good', false, true, undefined],
    ]);
  });

  it('does not lead back to another failure, however near', () => {
    const records = history({
      commits: commits('good', 'bad', 'worse', 'worst'),
      evidence: [said('worst', 'failed'), said('worse', 'failed'), said('bad', 'failed'), said('good', 'succeeded')],
      running: 'worst',
    });
    expect(lastGood(records)).toBe('good');
  });

  it('that is still being checked is left for the last good one as well', () => {
    const records = history({
      commits: commits('good', 'new'),
      evidence: [said('new', 'progressing'), said('good', 'succeeded')],
      running: 'new',
    });
    expect([outcomes(records).new, lastGood(records)]).toEqual(['progressing', 'good']);
  });

  it('that Flux only begins to fetch is left for what still runs', () => {
    const records = history({
      commits: commits('older', 'good', 'new'),
      evidence: [said('new', 'progressing'), said('good', 'succeeded'), said('older', 'succeeded')],
      running: 'good',
    });
    expect(lastGood(records)).toBe('good');
  });

  it('with commits on top that Flux has not tried: they are pending, and never the way back', () => {
    const records = history({
      commits: commits('good', 'bad', 'docs', 'fix'),
      evidence: [said('bad', 'failed'), said('good', 'succeeded')],
      running: 'bad',
    });
    expect(outcomes(records)).toEqual({ fix: 'pending', docs: 'pending', bad: 'failed', good: 'succeeded' });
    expect(lastGood(records)).toBe('good');
  });
});

describe('where Flux remembers nothing', () => {
  it('older deployments are unknown, and the newest of them is where to go back to', () => {
    const records = history({ commits: commits('a', 'b', 'c'), evidence: [], running: 'c' });
    expect(outcomes(records)).toEqual({ c: 'unknown', b: 'unknown', a: 'unknown' });
    expect(lastGood(records)).toBe('b');
  });

  it('an older one that succeeded goes before a newer one of which nobody knows', () => {
    const records = history({ commits: commits('a', 'b', 'c'), evidence: [said('a', 'succeeded')], running: 'c' });
    expect(lastGood(records)).toBe('a');
  });

  it('and never tried anything, everything is pending and there is no way back', () => {
    const records = history({ commits: commits('a', 'b'), evidence: [] });
    expect(outcomes(records)).toEqual({ b: 'pending', a: 'pending' });
    expect(lastGood(records)).toBeUndefined();
  });

  it('what is older than anything it tried is unknown, even where what runs is not known', () => {
    const records = history({ commits: commits('a', 'b', 'c'), evidence: [said('b', 'failed')] });
    expect(outcomes(records)).toEqual({ c: 'pending', b: 'failed', a: 'unknown' });
    expect(lastGood(records)).toBe('a');
  });

  it('and there was one deployment alone, there is no way back', () => {
    expect(lastGood(history({ commits: commits('a'), evidence: [said('a', 'failed')], running: 'a' }))).toBeUndefined();
    expect(history({ commits: [], evidence: [] })).toEqual([]);
  });
});

describe('a release that was reverted', () => {
  it('is told as reverted by hand or rolled back by Ebb, with the commit that did it', () => {
    const records = history({
      commits: commits('a', 'bad', reverting('back', 'bad'), 'worse', byEbb(reverting('back again', 'worse'))),
      evidence: [said('back again', 'succeeded')],
      running: 'back again',
    });
    expect(outcomes(records)).toMatchObject({ bad: 'reverted', worse: 'rolled-back' });
    expect(records.find((record) => record.subject === 'worse')).toMatchObject({
      evidence: `commit ${sha('back again').slice(0, 8)}`,
      revertedBy: sha('back again'),
    });
    expect(records[0]).toMatchObject({ reverts: [sha('worse')], rollback: 'rb-0123456789ab' });
  });

  it('leaves its revert as a deployment like any other: the next bad one goes back to it', () => {
    const records = history({
      commits: commits('a', 'bad', reverting('back', 'bad'), 'worse'),
      // Flux overwrote the revision of a's snapshot with that of the revert, which renders the same.
      evidence: [said('worse', 'failed'), said('back', 'succeeded')],
      running: 'worse',
    });
    expect(lastGood(records)).toBe('back');
  });

  it('and still runs, because the revert is only in Git, keeps what Flux says about it', () => {
    const records = history({
      commits: commits('a', 'bad', reverting('back', 'bad')),
      evidence: [said('bad', 'failed'), said('a', 'succeeded')],
      running: 'bad',
    });
    expect(outcomes(records)).toEqual({ back: 'pending', bad: 'failed', a: 'succeeded' });
    expect(records[1]).toMatchObject({ revertedBy: sha('back') });
  });

  it('is found from an abbreviated sha, as git writes it with revert.reference', () => {
    const records = history({
      commits: commits('a', 'bad', { name: 'back', body: `This reverts commit ${sha('bad').slice(0, 9)} (bad, 2026-01-01).` }),
      evidence: [],
      running: 'back',
    });
    expect(records[1]).toMatchObject({ outcome: 'reverted', revertedBy: sha('back') });
    expect(records[0]?.reverts).toEqual([sha('bad')]);
  });

  it('together with others in one commit: all are taken back', () => {
    const records = history({
      commits: commits('a', 'bad', 'worse', byEbb(reverting('back', 'worse', 'bad'))),
      evidence: [said('back', 'succeeded')],
      running: 'back',
    });
    expect(outcomes(records)).toMatchObject({ bad: 'rolled-back', worse: 'rolled-back' });
  });

  it('by a commit that restored files: everything from the bad one down to the good one', () => {
    const restore = byEbb({ name: 'restored' }, { 'Ebb-From': sha('worse'), 'Ebb-To': sha('a') });
    const records = history({ commits: commits('a', 'bad', 'worse', restore), evidence: [], running: 'restored' });
    expect(outcomes(records)).toMatchObject({ worse: 'rolled-back', bad: 'rolled-back', a: 'unknown' });
    expect(records[0]?.reverts).toEqual([sha('worse'), sha('bad')]);
  });

  it('for another target that shares the repository, it is not taken back here', () => {
    const restore = byEbb(
      { name: 'restored' },
      { 'Ebb-Target': 'kustomization/flux-system/other', 'Ebb-From': sha('b'), 'Ebb-To': sha('a') },
    );
    const records = history({ commits: commits('a', 'b', restore), evidence: [said('b', 'succeeded')], running: 'restored' });
    expect(outcomes(records).b).toBe('succeeded');
  });
});

describe('a revert that came by a merge', () => {
  const { sha: revert, body } = commits('a', byEbb(reverting('back', 'bad')))[0] as CommitWithPaths;
  const story = commits('a', 'bad', 'merge').map((commit) =>
    commit.subject === 'merge' ? { ...commit, merged: [{ sha: revert, body }] } : commit,
  );
  const records = history({ commits: story, evidence: [said('merge', 'succeeded'), said('bad', 'succeeded')], running: 'merge' });

  it('takes back as if it had been pushed', () => {
    expect(outcomes(records)).toEqual({ merge: 'succeeded', bad: 'rolled-back', a: 'unknown' });
    expect(records[0]).toMatchObject({ reverts: [sha('bad')], rollback: 'rb-0123456789ab' });
    expect(records[1]?.revertedBy).toBe(sha('merge'));
  });

  it('leaves the release that it took back no place to go back to', () => {
    expect(lastGood(records)).toBe('a');
  });
});

describe('a revert that was reverted (the release is tried again)', () => {
  // Five snapshots, one for each digest and status: those of `a` and `bad` carry the revisions of `back` and `again`.
  const story = commits('a', 'bad', byEbb(reverting('back', 'bad')), reverting('again', 'back'));

  it('goes back to the revert, whose manifests Flux saw succeed, and never to the release that failed before', () => {
    const records = history({ commits: story, evidence: [said('again', 'failed'), said('back', 'succeeded')], running: 'again' });
    expect(outcomes(records)).toEqual({ again: 'failed', back: 'succeeded', bad: 'rolled-back', a: 'unknown' });
    expect(lastGood(records)).toBe('back');
  });

  it('goes back to it even where Flux remembers nothing', () => {
    const records = history({ commits: story, evidence: [], running: 'again' });
    expect([outcomes(records).bad, lastGood(records)]).toEqual(['rolled-back', 'back']);
  });

  it('is no longer taken back: reverting it once more is something to do', () => {
    const records = history({ commits: story, evidence: [], running: 'again' });
    const of = (name: string) => records.find((record) => record.subject === name)?.revertedBy;
    expect([of('bad'), of('back')]).toEqual([undefined, sha('again')]);
  });

  it('and reverted a third time is taken back again, by the first revert', () => {
    const records = history({
      commits: [...commits('a', 'bad', reverting('back', 'bad'), reverting('again', 'back'), reverting('back for good', 'again'))],
      evidence: [said('back for good', 'succeeded')],
      running: 'back for good',
    });
    expect(outcomes(records)).toMatchObject({ again: 'reverted', bad: 'reverted', back: 'unknown' });
    expect(records.map((record) => record.revertedBy)).toEqual([undefined, sha('back for good'), undefined, sha('back'), undefined]);
  });
});

describe('a pinned target', () => {
  it('goes back to the release that it is pinned to, not to one before it', () => {
    const evidence = [said('good', 'succeeded'), said('bad', 'failed'), said('older', 'succeeded')];
    const records = history({ commits: commits('older', 'good', 'bad'), evidence, running: 'good' });
    expect(lastGood(records)).toBe('good');
  });

  it('does so where Flux forgot the bad one', () => {
    const evidence = [said('good', 'succeeded'), said('older', 'succeeded')];
    const story = commits('older', 'good', 'bad');
    expect(lastGood(history({ commits: story, evidence, running: 'good', pinned: true }))).toBe('good');
  });

  it('goes further back where the release that it is pinned to fails as well', () => {
    const evidence = [said('bad', 'failed'), said('older', 'succeeded')];
    const records = history({ commits: commits('older', 'bad', 'worse'), evidence, running: 'bad', pinned: true });
    expect(lastGood(records)).toBe('older');
  });
});

describe('times', () => {
  it('are those that Flux saw', () => {
    const [record] = history({
      commits: commits('a'),
      evidence: [said('a', 'succeeded', { first: minute(1), last: minute(9) })],
      running: 'a',
    });
    expect(record).toMatchObject({ started: minute(1), finished: minute(9) });
  });

  it('of an older deployment with the same manifests are not taken for those of the revert', () => {
    const records = history({
      commits: commits('a', 'bad', reverting('back', 'bad')),
      evidence: [said('back', 'succeeded', { first: minute(0), last: minute(3) })],
      running: 'back',
    });
    expect(records[0]).toMatchObject({ subject: 'back', finished: minute(3) });
    expect(records[0]).not.toHaveProperty('started');
  });
});

it('the surest evidence decides: a condition before a snapshot before an event', () => {
  const records = history({
    commits: commits('a'),
    evidence: [said('a', 'failed', { source: 'condition Ready HealthCheckFailed' }), said('a', 'succeeded')],
    running: 'a',
  });
  expect(records[0]).toMatchObject({ outcome: 'failed', evidence: 'condition Ready HealthCheckFailed' });
});

describe('whatever the branch and Flux hold', () => {
  const story = fc
    .array(fc.record({ reverts: fc.array(fc.nat(), { maxLength: 2 }), ebb: fc.boolean() }), { minLength: 1, maxLength: 8 })
    .map((items) =>
      commits(
        ...items.map(({ reverts, ebb }, index): Story => {
          const older = index === 0 ? [] : reverts.map((n) => `c${n % index}`);
          return ebb ? byEbb(reverting(`c${index}`, ...older)) : reverting(`c${index}`, ...older);
        }),
      ),
    );
  const input = story.chain((list) => {
    const one = fc.constantFrom(...list.map((commit) => commit.sha));
    const evidence = fc.record({
      commit: one,
      outcome: fc.constantFrom<Evidence['outcome']>('succeeded', 'failed', 'progressing'),
      source: fc.constant('s'),
    });
    return fc.record({
      target: fc.constant(TARGET),
      commits: fc.constant(list),
      evidence: fc.array(evidence, { maxLength: 6 }),
      running: fc.option(one, { nil: undefined }),
      pinned: fc.boolean(),
    });
  });

  it('the last good one is never one that failed, that somebody called bad, or that was never tried', () => {
    fc.assert(
      fc.property(input, (given) => {
        const good = deriveHistory(given).filter((record) => record.lastGood);
        expect(good.length).toBeLessThanOrEqual(1);
        for (const record of good) expect(['succeeded', 'unknown']).toContain(record.outcome);
      }),
    );
  });

  it('an outcome of Flux is never made up', () => {
    fc.assert(
      fc.property(input, (given) => {
        for (const record of deriveHistory(given)) {
          const flux: Outcome[] = ['succeeded', 'failed', 'progressing'];
          if (flux.includes(record.outcome))
            expect(given.evidence).toContainEqual({ commit: record.commit, outcome: record.outcome, source: record.evidence });
        }
      }),
    );
  });

  it('a commit is taken back by a newer one alone, and never by one that is itself taken back', () => {
    fc.assert(
      fc.property(input, (given) => {
        const records = deriveHistory(given);
        for (const [index, record] of records.entries()) {
          if (record.revertedBy === undefined) continue;
          const by = records.findIndex((other) => other.commit === record.revertedBy);
          expect(by).toBeGreaterThanOrEqual(0);
          expect(by).toBeLessThan(index);
          expect(records[by]?.revertedBy).toBeUndefined();
        }
      }),
    );
  });
});

it('lastGoodIndex looks only at what is older', () => {
  const records = history({ commits: commits('a', 'b', 'c'), evidence: [said('c', 'succeeded'), said('a', 'succeeded')], running: 'c' });
  expect([lastGoodIndex(records, -1), lastGoodIndex(records, 0), lastGoodIndex(records, 2)]).toEqual([0, 2, -1]);
});
