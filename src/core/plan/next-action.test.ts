import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ObjectRef } from '../../api/kube.ts';
import type { Target } from '../../api/target.ts';
import type { Sha } from '../commit.ts';
import { foldJournal, type JournalEntry } from '../journal.ts';
import { nextAction } from './next-action.ts';
import type { Plan, Step } from './plan.ts';

const TARGET: Target = { kind: 'Kustomization', namespace: 'flux-system', name: 'sample-app' };
const ANN = { name: 'Ann', email: 'ann@example.com' };
const SOURCE = { kind: 'GitRepository', namespace: 'flux-system', name: 'flux-system' };
const BASE = 'b'.repeat(40);
const PUSHED = 'c'.repeat(40);

const suspend: Step = { kind: 'suspend', target: TARGET, reason: 'r', by: 'Ann' };
const commit: Step = { kind: 'commit', branch: 'main', base: BASE, tree: 't', message: 'm', author: ANN, reads: 'main' };
const fetch: Step = { kind: 'fetch-source', source: SOURCE, commit: null };
const unpin: Step = { kind: 'unpin', target: TARGET };
const resume: Step = { kind: 'resume', target: TARGET };
const reconcile: Step = { kind: 'reconcile', target: TARGET, revision: { kind: 'contains', commit: null } };

function plan(...steps: Step[]): Plan {
  return {
    id: 'rb-0123456789ab',
    request: { target: TARGET, strategy: 'revert', actor: ANN, trigger: 'manual', accept: [] },
    target: TARGET,
    strategy: 'revert',
    trigger: 'manual',
    from: 'f'.repeat(40),
    to: 'a'.repeat(40),
    reverts: [],
    branch: 'main',
    base: BASE,
    files: [],
    changes: [],
    affected: [],
    merged: 'git',
    hazards: [],
    notes: [],
    steps,
    renderer: 'none',
  };
}

const at = (second: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString();
const planned = (steps: Step[], second = 0): JournalEntry => ({ entry: 'planned', at: at(second), plan: plan(...steps) });
const replanned = (...steps: Step[]): JournalEntry => ({ entry: 'replanned', at: at(1), why: 'main moved', plan: plan(...steps) });
const started = (step: number, { kind }: Step): JournalEntry => ({ entry: 'started', at: at(1), step, kind });
const done = (step: number, { kind }: Step, tookMs = 10): JournalEntry => ({
  entry: 'done',
  at: at(2),
  step,
  kind,
  found: false,
  message: 'm',
  tookMs,
  ...(kind === 'commit' ? { commit: PUSHED } : {}),
});
const failed = (step: number, { kind }: Step): JournalEntry => ({
  entry: 'failed',
  at: at(2),
  step,
  kind,
  reason: 'R',
  message: 'no',
  next: [],
});
const interrupted = (step: number, { kind }: Step): JournalEntry => ({ entry: 'interrupted', at: at(2), step, kind });
const finished = (outcome: 'succeeded' | 'failed' | 'timed-out', second = 3): JournalEntry => ({
  entry: 'finished',
  at: at(second),
  outcome,
  message: 'm',
});

/** What comes next, in a word. */
function next(...entries: JournalEntry[]): string {
  const action = nextAction(entries);
  if (!action) return 'nothing to go on with';
  return action.do === 'stop' ? 'stop' : `${action.index} ${action.step.kind}`;
}

describe('what comes next', () => {
  const steps = [commit, fetch, reconcile];

  it('is nothing without a plan', () => {
    expect(next()).toBe('nothing to go on with');
    expect(next(done(0, commit), finished('succeeded'))).toBe('nothing to go on with');
  });

  it('is the first step, then the one after what was done', () => {
    expect(next(planned(steps))).toBe('0 commit');
    expect(next(planned(steps), started(0, commit))).toBe('0 commit');
    expect(next(planned(steps), started(0, commit), done(0, commit))).toBe('1 fetch-source');
    expect(next(planned(steps), done(0, commit), done(1, fetch), done(2, reconcile))).toBe('stop');
  });

  it('is the same step again after it failed or was interrupted', () => {
    expect(next(planned(steps), done(0, commit), started(1, fetch), failed(1, fetch), finished('failed'))).toBe('1 fetch-source');
    expect(next(planned(steps), done(0, commit), started(1, fetch), interrupted(1, fetch))).toBe('1 fetch-source');
  });

  it('is to stop for a plan without steps', () => {
    expect(next(planned([]))).toBe('stop');
  });

  it('is the first step of a plan made anew', () => {
    expect(next(planned(steps), done(0, commit), done(1, fetch), done(2, reconcile), finished('succeeded'), planned(steps))).toBe(
      '0 commit',
    );
  });
});

describe('a step that runs beside the others', () => {
  const along: Step = { kind: 'bring-along', revision: { kind: 'contains', commit: null }, others: [] };
  const steps = [commit, along, reconcile];
  const MARKED: ObjectRef[] = ['a', 'b'].map((name) => ({ apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'n', name }));
  const marking = (step: number, ...objects: ObjectRef[]): JournalEntry => ({ entry: 'marking', at: at(1), step, objects });

  it('is not begun a second time while it is under way, and is waited for by nothing', () => {
    const entries = [planned(steps), done(0, commit), started(1, along)];
    expect(nextAction(entries, 1)).toMatchObject({ do: 'run', index: 2 });
    expect(nextAction([...entries, done(2, reconcile)], 1)).toMatchObject({ do: 'stop' });
  });

  it('that a kill interrupted is the next one, though later ones are done', () => {
    expect(next(planned(steps), done(0, commit), started(1, along), done(2, reconcile))).toBe('1 bring-along');
  });

  it('keeps what it marked until it is done itself, whatever else is', () => {
    const entries = [planned(steps), started(1, along), marking(1, MARKED[0] as ObjectRef), marking(2, MARKED[1] as ObjectRef)];
    expect(foldJournal([...entries, done(2, reconcile)])?.marked).toEqual([{ step: 1, ref: MARKED[0] }]);
    expect(foldJournal([...entries, done(2, reconcile), done(1, along)])?.marked).toEqual([]);
  });

  it('does not hide by its end that another one failed', () => {
    expect(foldJournal([planned(steps), failed(2, reconcile), done(1, along)])?.lastFailure?.step).toBe(2);
  });
});

describe('a plan that is replaced because the branch moved', () => {
  it('keeps what was done before the commit, and pushes the new commit', () => {
    const entries = [planned([suspend, commit, fetch]), done(0, suspend), started(1, commit), replanned(suspend, commit, fetch)];
    expect(next(...entries)).toBe('1 commit');
  });

  it('does not keep a step that is another one now', () => {
    const other: Step = { ...suspend, reason: 'another' };
    expect(next(planned([suspend, commit]), done(0, suspend), replanned(other, commit))).toBe('0 suspend');
    expect(next(planned([suspend, commit]), done(0, suspend), replanned(fetch, commit))).toBe('0 fetch-source');
  });

  it('pushes again although a commit was pushed under the plan before', () => {
    expect(next(planned([commit, fetch]), done(0, commit), replanned(commit, fetch))).toBe('0 commit');
  });

  it('forgets how long the steps took that it does not keep', () => {
    const state = foldJournal([planned([suspend, commit]), done(0, suspend, 5), done(1, commit, 7), replanned(suspend, commit)]);
    expect([...(state?.took ?? [])]).toEqual([[0, 5]]);
  });

  it('does not count a step of the other plan as its own, where the line that replaced it was lost', () => {
    const withoutReplan = [planned([suspend, commit, fetch]), done(0, commit)];
    expect(next(...withoutReplan)).toBe('0 suspend');
    expect(foldJournal(withoutReplan)?.commit, 'the commit was pushed all the same').toBe(PUSHED);
  });

  it('counts how often, until the rollback is taken up again', () => {
    const moved = [planned([commit]), replanned(commit), replanned(commit)];
    expect(foldJournal(moved)?.replans).toBe(2);
    expect(foldJournal([...moved, finished('failed'), started(0, commit)])?.replans).toBe(0);
  });
});

describe('where a rollback stands', () => {
  it('is told with its commit, its last failure and its end', () => {
    const entries = [
      planned([commit, fetch]),
      started(0, commit),
      done(0, commit),
      started(1, fetch),
      failed(1, fetch),
      finished('failed'),
    ];
    const state = foldJournal(entries);
    expect(state).toMatchObject({ commit: PUSHED, startedAt: at(0), lastFailure: { reason: 'R' }, finished: { outcome: 'failed' } });
    expect([...(state?.done ?? [])]).toEqual([0]);
  });

  it('has no failure and no end once it goes on', () => {
    const entries = [planned([commit, fetch]), failed(0, commit), finished('failed'), started(0, commit)];
    expect(foldJournal(entries)?.finished).toBeUndefined();
    expect(foldJournal([...entries, done(0, commit)])?.lastFailure).toBeUndefined();
  });

  it('adds up what a step took over its attempts', () => {
    expect(foldJournal([planned([commit]), done(0, commit, 5), done(0, commit, 7)])?.took.get(0)).toBe(12);
  });

  it('begins with its newest plan: a rollback run again started then, not last week', () => {
    const state = foldJournal([planned([commit], 0), done(0, commit), finished('succeeded'), planned([commit], 50)]);
    expect(state).toMatchObject({ startedAt: at(50), replans: 0 });
    expect(state?.finished).toBeUndefined();
    expect(state?.commit).toBeUndefined();
    expect(state?.done.size).toBe(0);
  });

  it('does not count a step that the plan does not have', () => {
    const state = foldJournal([planned([commit]), done(7, fetch), done(0, fetch)]);
    expect(state?.done.size).toBe(0);
  });
});

describe('whatever happens between any two lines', () => {
  const step = fc.constantFrom<Step>(suspend, commit, fetch, unpin, resume, reconcile);
  const steps = fc.array(step, { minLength: 1, maxLength: 7 });
  /** What the world does to each attempt of a step, in turn; afterwards all goes well. */
  const luck = fc.array(fc.constantFrom('done', 'done', 'failed', 'interrupted', 'killed'), { maxLength: 12 });

  /** Runs as the engine does: asks what is next, writes `started`, acts, writes how it went. @returns the steps that took effect. */
  function run(journal: JournalEntry[], outcomes: string[], acted: number[]): void {
    for (let attempt = 0; attempt < 100; attempt++) {
      const action = nextAction(journal);
      if (action?.do !== 'run') return;
      journal.push(started(action.index, action.step));
      const outcome = outcomes.shift() ?? 'done';
      if (outcome === 'failed') journal.push(failed(action.index, action.step), finished('failed'));
      if (outcome === 'interrupted') journal.push(interrupted(action.index, action.step));
      if (outcome !== 'done') continue;
      acted.push(action.index);
      journal.push(done(action.index, action.step));
    }
    throw new Error('it never ends');
  }

  it('each step takes effect once, in order, whatever fails, is interrupted or is killed on the way', () => {
    fc.assert(
      fc.property(steps, luck, (list, outcomes) => {
        const journal = [planned(list)];
        const acted: number[] = [];
        run(journal, [...outcomes], acted);
        expect(acted).toEqual(list.map((_, index) => index));
        expect(next(...journal)).toBe('stop');
      }),
    );
  });

  it('after a crash that loses the end of the journal, exactly the steps not written down are run', () => {
    fc.assert(
      fc.property(steps, luck, fc.nat(), (list, outcomes, cut) => {
        const whole = [planned(list)];
        run(whole, [...outcomes], []);
        const left = whole.slice(0, 1 + (cut % whole.length));
        const writtenDown = left.flatMap((entry) => (entry.entry === 'done' ? [entry.step] : []));
        const acted: number[] = [];
        run(left, [], acted);
        expect([...writtenDown, ...acted]).toEqual(list.map((_, index) => index));
      }),
    );
  });

  it('whichever lines are lost, no step counts as done of which no line says so', () => {
    fc.assert(
      fc.property(steps, steps, luck, fc.array(fc.boolean(), { minLength: 60, maxLength: 60 }), (first, second, outcomes, kept) => {
        const journal = [planned(first)];
        run(journal, [...outcomes], []);
        journal.push(replanned(...second));
        run(journal, [...outcomes], []);
        const left = journal.filter((entry, index) => entry.entry === 'planned' || kept[index % kept.length]);
        const state = foldJournal(left);
        const lines = left.flatMap((entry) => (entry.entry === 'done' ? [`${entry.step} ${entry.kind}`] : []));
        for (const index of state?.done ?? []) expect(lines).toContain(`${index} ${state?.plan.steps[index]?.kind}`);
      }),
    );
  });

  it('without its first line, there is nothing to go on with rather than a guess', () => {
    fc.assert(
      fc.property(steps, luck, (list, outcomes) => {
        const journal = [planned(list)];
        run(journal, [...outcomes], []);
        expect(nextAction(journal.slice(1))).toBeUndefined();
      }),
    );
  });
});

it('a journal is read, never changed', () => {
  const entries = Object.freeze([planned([commit]), done(0, commit)].map((entry) => Object.freeze(entry)));
  expect(foldJournal(entries)).toEqual(foldJournal(entries));
});

it('the commit of the newest push is the one that counts', () => {
  const again: Sha = 'd'.repeat(40);
  const second = { ...done(0, commit), commit: again } as JournalEntry;
  expect(foldJournal([planned([commit]), done(0, commit), replanned(commit), second])?.commit).toBe(again);
});
