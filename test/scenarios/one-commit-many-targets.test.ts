import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findCondition } from '../../src/api/conditions.ts';
import type { KubeEvent, Workload } from '../../src/api/workloads.ts';
import type { OtherOutcome } from '../../src/core/bring-along/outcome.ts';
import type { JournalEntry } from '../../src/core/journal.ts';
import { explain, openStage, type Stage } from './stage.ts';

interface PlanJson {
  plan: { steps: { kind: string }[]; affected: { target: { name: string }; held?: { kind: string; by?: string } }[] };
}

interface ReportJson {
  id: string;
  outcome: string;
  verified: boolean;
  others?: OtherOutcome[];
  steps: { kind: string; message: string }[];
}

const EBB = fileURLToPath(new URL('../../dist/ebb.js', import.meta.url));
const TEAMS = Array.from({ length: 6 }, (_, index) => `team-${index + 1}`);
/** Reads a namespace that nobody made: no rollback brings it back. */
const BROKEN = 'team-5';
const SUSPENDED = 'team-4';
const PINNED = 'team-6';
/** Those that wait for the bad version to get ready. */
const STUCK = ['team-1', 'team-2', 'team-3'];
const ALONG = ['team-2', 'team-3'];
const IMAGE = 'ghcr.io/ebb-dev/sample-saas-app';

describe('one commit that makes six targets bad, under health checks that may take ten minutes', () => {
  let stage: Stage;
  /** Everybody has its first version there. */
  let good: string;
  beforeAll(async () => {
    stage = await openStage({ timeout: '10m' });
    const list = await stage.developer.read('clusters/dev/kustomization.yaml');
    good = await stage.developer.push('six teams', {
      'clusters/dev/kustomization.yaml': `${list}  - teams.yaml\n`,
      'clusters/dev/teams.yaml': TEAMS.map(kustomization).join('---\n'),
      ...release('1.0.0'),
      [`teams/${BROKEN}/settings.yaml`]: settings('elsewhere', 'nowhere', 'none'),
    });
    await stage.fetchNow();
    for (const team of TEAMS.filter((name) => name !== BROKEN)) {
      await stage.until(`${team} is there`, async () => (await stage.kustomization(team).catch(() => undefined)) !== undefined);
      await stage.untilWell(team);
    }
    expect((await stage.ebb('suspend', SUSPENDED, '--reason', 'moving house', '--author', 'Bo <bo@example.com>', '--yes')).code).toBe(0);
    expect((await stage.ebb('pin', PINNED, '--to', good, '--no-wait', '--yes')).code).toBe(0);
    await stage.until(`${PINNED} is pinned`, async () => (await stage.kustomization(PINNED)).spec.sourceRef.name === `${PINNED}-pin`);
  });
  afterAll(() => stage?.leave());

  const deployment = async (team: string) =>
    (await stage.cluster.get<Workload>({ apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'default', name: team })) as Workload;
  const imageOf = async (team: string) => (await deployment(team)).spec.template.spec.containers[0]?.image;
  const conditionsOf = async (team: string) => ((await deployment(team)).status?.conditions ?? []).map(({ type }) => type).sort();
  const attempted = async (team: string) => (await stage.kustomization(team)).status?.lastAttemptedRevision ?? '';
  const waits = async (team: string, commit: string) => {
    const { conditions } = (await stage.kustomization(team)).status ?? {};
    return (
      /health checks for revision/.test(findCondition(conditions, 'Reconciling')?.message ?? '') && (await attempted(team)).endsWith(commit)
    );
  };
  const badRelease = async (): Promise<string> => {
    const bad = await stage.developer.push('all teams: 1.2.0', release('1.2.0'));
    await stage.fetchNow();
    for (const team of STUCK) await stage.until(`Flux waits for ${team}`, () => waits(team, bad));
    return bad;
  };
  const statesOf = (others: readonly OtherOutcome[] = []) => Object.fromEntries(others.map(({ target, state }) => [target.name, state]));
  const eventsOf = (team: string) =>
    stage.cluster.list<KubeEvent>(
      { apiVersion: 'v1', kind: 'Event' },
      { namespace: 'flux-system', fieldSelector: `involvedObject.name=${team}` },
    );
  /** No mark, no ownership. */
  const expectNothingLeft = async (teams: readonly string[]) => {
    for (const team of teams) {
      expect(await conditionsOf(team)).toEqual(['Available', 'Progressing']);
      expect((await deployment(team)).metadata.managedFields?.map(({ manager }) => manager)).not.toContain('ebb');
    }
  };

  it('the plan says who comes along, and who is left alone', async () => {
    await badRelease();
    const plan = explain(await stage.ebb('rollback', 'team-1', '--dry-run', '-o', 'json')).json<PlanJson>().plan;
    expect(plan.affected.map(({ target, held }) => [target.name, held?.kind])).toEqual([
      ['team-2', undefined],
      ['team-3', undefined],
      [SUSPENDED, 'suspend'],
      [BROKEN, undefined],
      [PINNED, 'pin'],
    ]);
    expect(plan.steps.map(({ kind }) => kind)).toEqual(['commit', 'fetch-source', 'bring-along', 'abandon', 'reconcile', 'verify']);
    const words = explain(await stage.ebb('rollback', 'team-1', '--dry-run'));
    expect(words.stdout).toContain('Also changes, and is brought back as well');
    expect(words.stdout).toContain('! kustomization/flux-system/team-4 (suspended by Bo <bo@example.com>: left alone)');
    expect(words.stdout).toContain('meanwhile bring back the 3 others that the commit brings back (2 held ones are left alone)');
    const only = explain(await stage.ebb('rollback', 'team-1', '--dry-run', '--only'));
    expect(only.stdout).toContain('Also changes, and is left to Flux (--only)');
    expect(only.stdout).not.toContain('meanwhile bring back');
  });

  it('the rollback of one brings all back that it can, long before their timeouts, and says what is wrong with the rest', async () => {
    const before = await attempted(SUSPENDED);
    const rollback = explain(await stage.ebb('rollback', 'team-1', '--steady', '1s', '--yes', '-o', 'json'));
    // The target decides: another's own trouble does not make its rollback fail.
    expect(rollback.code).toBe(0);
    const { verified, others, steps } = rollback.json<ReportJson>();
    expect(verified).toBe(true);
    expect(statesOf(others)).toEqual({ 'team-2': 'well', 'team-3': 'well', [SUSPENDED]: 'held', [BROKEN]: 'failed', [PINNED]: 'held' });
    expect(steps.find(({ kind }) => kind === 'bring-along')?.message).toBe(
      '2 of 3 others well, 2 held ones are left alone; ended 2 runs of Flux that waited for the bad version',
    );
    expect(others?.find(({ target }) => target.name === BROKEN)?.message).toMatch(/ReconciliationFailed: .*nowhere/s);
    for (const team of STUCK) expect(await imageOf(team)).toBe(`${IMAGE}:1.0.0`);
    expect(await attempted(SUSPENDED)).toBe(before);
    expect((await stage.kustomization(PINNED)).spec.sourceRef.name).toBe(`${PINNED}-pin`);
    await expectNothingLeft(STUCK);
  });

  it('tells on each of them what became of it', async () => {
    const told = await eventsOf('team-2');
    expect(told.find(({ reason }) => reason === 'BroughtBack')?.message).toMatch(
      /^brought back by the rollback of kustomization\/flux-system\/team-1 to \w{8} \(rb-\w{12}\); Flux's run of the bad version was ended/,
    );
    expect((await eventsOf(BROKEN)).find(({ reason }) => reason === 'NotBroughtBack')?.message).toContain('nowhere');
    expect((await eventsOf(SUSPENDED)).map(({ reason }) => reason)).not.toContain('NotBroughtBack');
  });

  describe('a rollback that is killed', () => {
    const folder = () => join(stage.home, 'state', 'rollbacks');
    /** The entries since the rollback was planned last, as `ENTRY KIND`. */
    const journal = async (id: string): Promise<string[]> => {
      const text = await readFile(join(folder(), `${id}.jsonl`), 'utf8');
      const entries = text
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line) as JournalEntry);
      const since = entries.slice(entries.findLastIndex(({ entry }) => entry === 'planned'));
      return since.map((entry) => {
        if (entry.entry !== 'marking') return `${entry.entry} ${'kind' in entry ? entry.kind : ''}`.trim();
        const started = since.find((other) => other.entry === 'started' && other.step === entry.step);
        return `marking ${started && 'kind' in started ? started.kind : ''}`;
      });
    };
    /** Runs `ebb …` as a process of its own until this is in the journal, and kills it. */
    async function killedAfter(point: string, id: string, ...args: string[]): Promise<void> {
      const child = spawn(process.execPath, [EBB, ...args, '--yes'], { cwd: stage.developer.folder, env: stage.env, stdio: 'ignore' });
      const ended = new Promise((resolve) => child.once('exit', resolve));
      try {
        while (child.exitCode === null && child.signalCode === null) {
          if ((await journal(id)).includes(point)) return;
          await pause(2);
        }
        throw new Error(`ebb ${args.join(' ')} ended with ${child.exitCode} before "${point}"`);
      } finally {
        child.kill('SIGKILL');
        await ended;
      }
    }

    it('with --only leaves the others to Flux; the same once more brings them back, and killed after each entry leaves nothing on them', async () => {
      const bad = await badRelease();
      const only = explain(await stage.ebb('rollback', 'team-1', '--only', '--steady', '1s', '--yes', '-o', 'json'));
      expect(only.code).toBe(0);
      const { id, others } = only.json<ReportJson>();
      expect(others).toBeUndefined();
      for (const team of ALONG) expect(await waits(team, bad)).toBe(true);

      let args = ['rollback', 'team-1', '--steady', '1s'];
      for (const point of ['started bring-along', 'marking bring-along', 'done bring-along']) {
        // Some are over before a kill arrives.
        if ((await journal(id)).includes(point)) continue;
        await killedAfter(point, id, ...args);
        args = ['resume-rollback', id];
      }
      const resumed = explain(await stage.ebb('resume-rollback', id, '--yes'));
      expect(resumed.code).toBe(0);
      expect(resumed.stdout).toContain('others   2 of 3 others well, 2 held ones are left alone');
      expect(resumed.stdout).toMatch(/✗ kustomization\/flux-system\/team-5 +ReconciliationFailed: .*nowhere/);
      expect(resumed.stdout).toContain('■ kustomization/flux-system/team-4  suspended by Bo <bo@example.com>: left alone');
      for (const team of STUCK) expect(await imageOf(team)).toBe(`${IMAGE}:1.0.0`);
      await expectNothingLeft(STUCK);
    });
  });
});

function kustomization(team: string): string {
  return `apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata:
  name: ${team}
  namespace: flux-system
spec:
  interval: 10m
  retryInterval: 10m
  timeout: 10m
  path: ./teams/${team}
  prune: true
  wait: true
  sourceRef:
    kind: GitRepository
    name: flux-system
`;
}

function release(version: string): Record<string, string> {
  return Object.fromEntries(
    TEAMS.map((team) => [`teams/${team}/app.yaml`, STUCK.includes(team) ? app(team, version) : settings(team, 'default', version)]),
  );
}

function app(team: string, version: string): string {
  return `apiVersion: apps/v1
kind: Deployment
metadata:
  name: ${team}
  namespace: default
spec:
  replicas: 1
  selector:
    matchLabels: { app: ${team} }
  template:
    metadata:
      labels: { app: ${team} }
    spec:
      terminationGracePeriodSeconds: 1
      containers:
        - name: app
          image: ${IMAGE}:${version}
          readinessProbe: { httpGet: { path: /readyz, port: 8080 }, periodSeconds: 1 }
`;
}

function settings(name: string, namespace: string, version: string): string {
  return `apiVersion: v1
kind: ConfigMap
metadata:
  name: ${name}
  namespace: ${namespace}
data:
  version: ${version}
`;
}
