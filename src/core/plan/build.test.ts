import { describe, expect, it } from 'vitest';
import type { Target } from '../../api/target.ts';
import type { Commit } from '../commit.ts';
import type { ObjectChange } from '../diff/object-diff.ts';
import type { Hazard } from '../hazards/hazard.ts';
import { trailer } from '../history/message.ts';
import type { SourceState, TargetState } from '../world.ts';
import { buildPlan, type PlanInput, type Proposal, summarise } from './build.ts';
import type { Plan, Refusal, Request, Step, Strategy } from './plan.ts';

const TARGET: Target = { kind: 'Kustomization', namespace: 'flux-system', name: 'sample-app' };
const ANN = { name: 'Ann', email: 'ann@example.com' };
const [GOOD, BAD, HEAD, TREE] = ['a', 'b', 'e', '7'].map((digit) => digit.repeat(40)) as [string, string, string, string];
const UNTIL = '2026-01-02T00:00:00.000Z';

function commit(sha: string, subject: string): Commit {
  const made = '2026-01-01T00:00:00Z';
  return { sha, parents: ['0'.repeat(40)], author: ANN, authoredAt: made, committer: ANN, committedAt: made, subject, body: '' };
}

interface Situation {
  request?: Partial<Request>;
  target?: Partial<TargetState>;
  source?: Partial<SourceState>;
  proposal?: Partial<Proposal>;
}

function input(strategy: Strategy, situation: Situation): PlanInput {
  return {
    request: { target: TARGET, strategy, actor: ANN, trigger: 'manual', accept: [], ...situation.request },
    target: {
      target: TARGET,
      suspended: false,
      conditions: [],
      snapshots: [],
      inventory: [],
      waits: true,
      dependsOn: [],
      httpChecks: ['api/healthz'],
      ...situation.target,
    },
    source: {
      name: { kind: 'GitRepository', namespace: 'flux-system', name: 'fleet' },
      url: 'https://example.com/fleet',
      branch: 'main',
      suspended: false,
      conditions: [],
      ...situation.source,
    },
    proposal: {
      id: 'rb-0123456789ab',
      from: commit(BAD, 'Release 2'),
      to: commit(GOOD, 'Release 1'),
      reverts: strategy === 'revert' || strategy === 'suspend' ? [commit(BAD, 'Release 2')] : [],
      base: HEAD,
      branch: 'main',
      ...(strategy === 'pin' ? {} : { tree: TREE }),
      files: [],
      merged: 'git',
      changes: [],
      sets: [],
      restarts: [],
      affected: [],
      hazards: [],
      notes: [],
      symptoms: [],
      renderer: 'none',
      ...situation.proposal,
    },
    steadyMs: 5_000,
    pinUntil: UNTIL,
  };
}

function build(strategy: Strategy, situation: Situation = {}): Plan {
  const plan = buildPlan(input(strategy, situation));
  if ('kind' in plan) throw new Error(`refused: ${plan.message}`);
  return plan;
}

function refuse(strategy: Strategy, situation: Situation): Refusal {
  const refusal = buildPlan(input(strategy, situation));
  if (!('kind' in refusal)) throw new Error(`not refused: ${kinds(refusal)}`);
  return refusal;
}

const kinds = (plan: Plan) => plan.steps.map((step) => step.kind).join(', ');
const step = <K extends Step['kind']>(plan: Plan, kind: K) => plan.steps.find((item) => item.kind === kind) as Extract<Step, { kind: K }>;

const OWN_PIN: Partial<TargetState> = { hold: { kind: 'pin', commit: GOOD, by: 'Bo' } };
const SHARED_PIN: Partial<SourceState> = { pinnedCommit: GOOD, hold: { kind: 'pin', commit: GOOD, by: 'Bo' } };
const SUSPENDED: Partial<TargetState> = { suspended: true, hold: { kind: 'suspend', by: 'Bo' } };
const DONE_IN_GIT: Partial<Proposal> = { tree: undefined, merged: 'none' };

describe('the steps of a plan', () => {
  it.each<[string, Strategy, Situation, string]>([
    ['revert', 'revert', {}, 'commit, fetch-source, abandon, reconcile, verify'],
    ['restore', 'restore', {}, 'commit, fetch-source, abandon, reconcile, verify'],
    ['suspend', 'suspend', {}, 'suspend, commit, fetch-source, resume, abandon, reconcile, verify'],
    ['pin', 'pin', {}, 'pin, abandon, reconcile, verify'],

    [
      'revert of a suspended target: goes on once the source has the good version',
      'revert',
      { target: SUSPENDED },
      'commit, fetch-source, resume, abandon, reconcile, verify',
    ],
    ['restore of a suspended target', 'restore', { target: SUSPENDED }, 'commit, fetch-source, resume, abandon, reconcile, verify'],
    [
      'suspend of a suspended target: it already is',
      'suspend',
      { target: SUSPENDED },
      'commit, fetch-source, resume, abandon, reconcile, verify',
    ],
    ['pin of a suspended target', 'pin', { target: SUSPENDED }, 'pin, resume, abandon, reconcile, verify'],

    [
      'revert of a pinned target: its own source has the revert before it moves back',
      'revert',
      { target: OWN_PIN },
      'commit, fetch-source, unpin, abandon, reconcile, verify',
    ],
    [
      'suspend of a pinned target',
      'suspend',
      { target: OWN_PIN },
      'suspend, commit, fetch-source, unpin, resume, abandon, reconcile, verify',
    ],
    ['pin of a pinned target: moves the pin', 'pin', { target: OWN_PIN }, 'pin, abandon, reconcile, verify'],
    [
      'revert of a target that is pinned and suspended',
      'revert',
      { target: { ...OWN_PIN, suspended: true } },
      'commit, fetch-source, unpin, resume, abandon, reconcile, verify',
    ],

    [
      'revert where the shared source is pinned: it fetches nothing before it is unpinned',
      'revert',
      { source: SHARED_PIN },
      'commit, unpin, fetch-source, abandon, reconcile, verify',
    ],
    [
      'suspend where the shared source is pinned',
      'suspend',
      { source: SHARED_PIN },
      'suspend, commit, unpin, fetch-source, resume, abandon, reconcile, verify',
    ],
    [
      'revert where target and source are pinned',
      'revert',
      { target: OWN_PIN, source: SHARED_PIN },
      'commit, unpin, unpin, fetch-source, abandon, reconcile, verify',
    ],
    [
      'pin of the shared source under a target with a pin of its own',
      'pin',
      { target: OWN_PIN, request: { pinScope: 'source' } },
      'pin, unpin, abandon, reconcile, verify',
    ],
    ['pin where the shared source is pinned', 'pin', { source: SHARED_PIN }, 'pin, abandon, reconcile, verify'],

    ['revert to a branch of its own: Flux sees nothing of it', 'revert', { request: { pushBranch: 'fix' } }, 'commit'],
    ['restore to a branch of its own', 'restore', { request: { pushBranch: 'fix' } }, 'commit'],
    [
      'suspend and a branch of its own: stays suspended until it is merged',
      'suspend',
      { request: { pushBranch: 'fix' } },
      'suspend, commit',
    ],
    [
      'a branch of its own while pinned: the pin stays until it is merged',
      'revert',
      { target: OWN_PIN, request: { pushBranch: 'fix' } },
      'commit',
    ],
    ['pin has no use for a branch', 'pin', { request: { pushBranch: 'fix' } }, 'pin, abandon, reconcile, verify'],

    ['revert that is in Git already', 'revert', { proposal: DONE_IN_GIT }, 'fetch-source, abandon, reconcile, verify'],
    [
      'revert that is in Git already, of a pinned target',
      'revert',
      { proposal: DONE_IN_GIT, target: OWN_PIN },
      'fetch-source, unpin, abandon, reconcile, verify',
    ],
    [
      'revert that is in Git already, of a suspended target',
      'revert',
      { proposal: DONE_IN_GIT, target: SUSPENDED },
      'fetch-source, resume, abandon, reconcile, verify',
    ],
    [
      'suspend where Git is right already',
      'suspend',
      { proposal: DONE_IN_GIT },
      'suspend, fetch-source, resume, abandon, reconcile, verify',
    ],
  ])('%s', (_, strategy, situation, wanted) => {
    expect(kinds(build(strategy, situation))).toBe(wanted);
  });

  const situations: Situation[] = [OWN_PIN, SUSPENDED, { ...OWN_PIN, suspended: true }, {}].flatMap((target) =>
    [SHARED_PIN, {}].flatMap((source) => [DONE_IN_GIT, {}].map((proposal) => ({ target, source, proposal }))),
  );

  it.each(['revert', 'restore', 'suspend', 'pin'] as const)(
    '%s, wherever it starts, ends with a target that is free and verified',
    (strategy) => {
      for (const situation of situations) {
        const plan = build(strategy, situation);
        const order = plan.steps.map((item) => item.kind);
        const precedes = (first: Step['kind'], second: Step['kind']) =>
          !order.includes(first) || !order.includes(second) || order.lastIndexOf(first) < order.indexOf(second);
        expect(order.at(-1)).toBe('verify');
        expect(precedes('suspend', 'commit') && precedes('commit', 'fetch-source') && precedes('commit', 'unpin')).toBe(true);
        expect(precedes('fetch-source', 'resume') && precedes('unpin', 'resume') && precedes('resume', 'reconcile')).toBe(true);
        if (situation.target?.suspended || strategy === 'suspend') expect(order).toContain('resume');
        if (strategy !== 'pin' && (situation.target?.hold?.commit || situation.source?.pinnedCommit)) expect(order).toContain('unpin');
      }
    },
  );
});

describe('what the steps wait for', () => {
  it('is the commit of this rollback, which nobody knows yet', () => {
    const plan = build('revert');
    expect(step(plan, 'fetch-source').commit).toBeNull();
    expect(step(plan, 'reconcile').revision).toEqual({ kind: 'contains', commit: null });
    expect(step(plan, 'verify').revision).toEqual({ kind: 'contains', commit: null });
  });

  it('is the commit that another run of this rollback pushed', () => {
    const plan = build('revert', { proposal: { ...DONE_IN_GIT, landed: BAD } });
    expect(step(plan, 'fetch-source').commit).toBe(BAD);
    expect(step(plan, 'verify').revision).toEqual({ kind: 'contains', commit: BAD });
  });

  it('is the head of the branch where Git already is as wanted', () => {
    expect(step(build('revert', { proposal: DONE_IN_GIT }), 'reconcile').revision).toEqual({ kind: 'contains', commit: HEAD });
  });

  it('is, for a pin, exactly the good commit: the bad one contains it too', () => {
    const plan = build('pin');
    expect(step(plan, 'reconcile').revision).toEqual({ kind: 'exactly', commit: GOOD });
    expect(step(plan, 'verify')).toMatchObject({
      revision: { kind: 'exactly', commit: GOOD },
      httpChecks: ['api/healthz'],
      steadyMs: 5_000,
    });
  });
});

describe('the commit of a plan', () => {
  it('is made on the head that was looked at, by whoever asked', () => {
    expect(step(build('revert'), 'commit')).toMatchObject({ branch: 'main', reads: 'main', base: HEAD, tree: TREE, author: ANN });
    expect(step(build('revert', { request: { pushBranch: 'fix' } }), 'commit')).toMatchObject({ branch: 'fix', reads: 'main' });
  });

  it('says why, and which hazards were accepted; not those that were not there', () => {
    const hazards: Hazard[] = [
      { name: 'PrunesData', severity: 'block', evidence: 'e', advice: 'a' },
      { name: 'MovingTag', severity: 'ask', evidence: 'e', advice: 'a' },
    ];
    const { message } = step(
      build('revert', {
        proposal: { hazards },
        request: { accept: ['PrunesData', 'TargetWasBad', 'MovingTag', 'PrunesData'], reason: 'it crashes' },
      }),
      'commit',
    );
    expect([trailer(message, 'Ebb-Reason'), trailer(message, 'Ebb-Trigger')]).toEqual(['it crashes', 'manual']);
    expect(message.match(/^Ebb-Accept: .*$/gm)).toEqual(['Ebb-Accept: PrunesData']);
  });
});

describe('a hold of a plan', () => {
  it('says who, why and until when', () => {
    expect(step(build('pin', { request: { reason: 'review is slow' } }), 'pin')).toEqual({
      kind: 'pin',
      target: TARGET,
      commit: GOOD,
      scope: 'target',
      source: { kind: 'GitRepository', namespace: 'flux-system', name: 'fleet' },
      reason: 'review is slow',
      by: 'Ann <ann@example.com>',
      until: UNTIL,
    });
    expect(step(build('pin', { request: { pinScope: 'source' } }), 'pin').scope).toBe('source');
  });

  it('has a reason where none was given, and a name where there is no address', () => {
    const bare = { request: { actor: { name: 'ann', email: '' } } };
    expect(step(build('pin', bare), 'pin')).toMatchObject({ reason: 'rollback from bbbbbbbb', by: 'ann' });
    expect(step(build('suspend', bare), 'suspend')).toMatchObject({ reason: 'rollback from bbbbbbbb', by: 'ann' });
  });
});

describe('a refusal', () => {
  const hazards: Hazard[] = [
    { name: 'PrunesData', severity: 'block', evidence: 'one would be deleted', advice: 'keep it' },
    { name: 'PrunesData', severity: 'block', evidence: 'two would be deleted', advice: 'keep it' },
    { name: 'TargetWasBad', severity: 'block', evidence: 'it failed', advice: 'choose another' },
    { name: 'MovingTag', severity: 'ask', evidence: 'latest', advice: 'look' },
  ];

  it('names every blocking hazard that was not accepted, and how to accept it', () => {
    expect(refuse('revert', { proposal: { hazards } })).toEqual({
      kind: 'refused',
      reason: 'HazardBlocks',
      message: 'one would be deleted; two would be deleted; it failed',
      hazards: hazards.slice(0, 3),
      next: ['keep it', 'choose another', 'to go on all the same: --accept PrunesData --accept TargetWasBad'],
    });
  });

  it('is left for a plan once all of them are accepted by name; one does not stand for another', () => {
    expect(refuse('revert', { proposal: { hazards }, request: { accept: ['PrunesData'] } }).hazards?.map(({ name }) => name)).toEqual([
      'TargetWasBad',
    ]);
    expect(build('revert', { proposal: { hazards }, request: { accept: ['PrunesData', 'TargetWasBad'] } }).hazards).toHaveLength(4);
  });

  it('meets a source that somebody else made stand still: a commit would not reach the cluster', () => {
    const refusal = refuse('revert', { source: { pinnedCommit: BAD } });
    expect(refusal).toMatchObject({
      reason: 'Pinned',
      message: expect.stringContaining('GitRepository/flux-system/fleet stands still at bbbbbbbb'),
    });
    expect(refusal.next.join('\n')).toContain('--strategy pin');
    expect(kinds(build('pin', { source: { pinnedCommit: BAD } }))).toBe('pin, abandon, reconcile, verify');
    expect(kinds(build('revert', { source: { pinnedCommit: BAD }, request: { pushBranch: 'fix' } }))).toBe('commit');
  });

  it('meets a branch of its own with nothing to put on it', () => {
    expect(refuse('revert', { proposal: DONE_IN_GIT, request: { pushBranch: 'fix' } })).toMatchObject({
      reason: 'AlreadyThere',
      message: 'main already is as wanted: there is nothing to push to fix',
    });
  });
});

describe('the notes of a plan', () => {
  it('say what would not be expected', () => {
    expect(build('revert', { proposal: { notes: ['one'] } }).notes).toEqual(['one']);
    expect(build('revert', { source: { suspended: true } }).notes.join()).toContain('GitRepository/flux-system/fleet is suspended');
    expect(build('pin', { source: { suspended: true } }).notes).toEqual([]);
    expect(build('suspend', { request: { pushBranch: 'fix' } }).notes.join()).toContain(
      'stays suspended; once the branch is merged: ebb resume',
    );
  });
});

describe('a plan in one line', () => {
  it.each<[Strategy, Situation, string]>([
    ['revert', {}, 'revert 1 commit: kustomization/flux-system/sample-app goes from bbbbbbbb back to aaaaaaaa'],
    [
      'revert',
      { proposal: { reverts: [commit(BAD, 'x'), commit(HEAD, 'y')] } },
      'revert 2 commits: kustomization/flux-system/sample-app goes from bbbbbbbb back to aaaaaaaa',
    ],
    [
      'revert',
      { request: { pushBranch: 'fix' } },
      'revert 1 commit: kustomization/flux-system/sample-app goes from bbbbbbbb back to aaaaaaaa, on branch fix',
    ],
    ['suspend', {}, 'revert 1 commit while suspended: kustomization/flux-system/sample-app goes from bbbbbbbb back to aaaaaaaa'],
    ['restore', {}, 'restore the files of kustomization/flux-system/sample-app to aaaaaaaa'],
    ['pin', {}, 'pin kustomization/flux-system/sample-app to aaaaaaaa'],
    [
      'revert',
      { proposal: DONE_IN_GIT },
      'have kustomization/flux-system/sample-app follow main back to aaaaaaaa: Git already is as wanted',
    ],
  ])('%s', (strategy, situation, wanted) => {
    expect(summarise(build(strategy, situation))).toBe(wanted);
  });
});

it('a plan survives being written down and read again', () => {
  const plan = build('revert', { request: { reason: 'x' } });
  expect(JSON.parse(JSON.stringify(plan))).toEqual(plan);
});

describe('others that the commit brings back', () => {
  const other = (name: string): Target => ({ kind: 'Kustomization', namespace: 'flux-system', name });
  const change = (kind: string, name: string, what: 'added' | 'removed' | 'changed'): ObjectChange => ({
    ref: { apiVersion: 'apps/v1', kind, namespace: 'a', name },
    change: what,
    fields: [],
    images: [],
  });
  const affected: Proposal['affected'] = [
    {
      target: other('one'),
      changes: [change('Deployment', 'web', 'changed'), change('ConfigMap', 'settings', 'changed'), change('Deployment', 'old', 'removed')],
    },
    { target: other('two'), changes: [], unknown: 'does not render' },
    { target: other('three'), changes: [], held: { kind: 'suspend', by: 'Bo' } },
  ];

  it('begin once the source has the commit, before the target itself: they stand in the same queue of Flux', () => {
    expect(kinds(build('revert', { proposal: { affected } }))).toBe('commit, fetch-source, bring-along, abandon, reconcile, verify');
    expect(kinds(build('pin', { request: { pinScope: 'source' }, proposal: { affected } }))).toBe(
      'pin, bring-along, abandon, reconcile, verify',
    );
  });

  it('are named with what changes there and can be well or not, and with who holds them', () => {
    expect(step(build('revert', { proposal: { affected } }), 'bring-along')).toEqual({
      kind: 'bring-along',
      revision: { kind: 'contains', commit: null },
      others: [
        { target: other('one'), changed: [{ apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'a', name: 'web' }] },
        { target: other('two'), changed: [] },
        { target: other('three'), changed: [], held: { kind: 'suspend', by: 'Bo' } },
      ],
    });
  });

  it('are left to Flux with --only, and where the commit goes to a branch of its own; their runs with --wait-out-timeout', () => {
    expect(kinds(build('revert', { request: { only: true }, proposal: { affected } }))).toBe(
      'commit, fetch-source, abandon, reconcile, verify',
    );
    expect(kinds(build('revert', { request: { pushBranch: 'b' }, proposal: { affected } }))).toBe('commit');
    const waiting = build('revert', { request: { waitOutTimeout: true }, proposal: { affected } });
    expect(step(waiting, 'bring-along').waitOutTimeout).toBe(true);
  });
});
