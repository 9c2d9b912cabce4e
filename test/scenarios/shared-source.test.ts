import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KubeObject } from '../../src/api/kube.ts';
import { explain, openStage, type Stage } from './stage.ts';

const TEAMS = Array.from({ length: 7 }, (_, index) => `team-${index + 1}`);
/** With those that the example has: ten that read one GitRepository. */
const CONSUMERS = [...TEAMS, 'sample-app', 'billing-worker', 'flux-system'];

describe('ten Kustomizations read one GitRepository', () => {
  let stage: Stage;
  /** Everybody is well there. */
  let good: string;
  beforeAll(async () => {
    stage = await openStage();
    const list = await stage.developer.read('clusters/dev/kustomization.yaml');
    good = await stage.developer.push('give every team a budget', {
      'clusters/dev/kustomization.yaml': `${list}  - teams.yaml\n`,
      'clusters/dev/teams.yaml': TEAMS.map(kustomization).join('---\n'),
      ...Object.fromEntries(TEAMS.map((team) => [`teams/${team}/budget.yaml`, budget(team, 100)])),
    });
    await everybodyAt(good);
  });
  afterAll(() => stage?.leave());

  const everybodyAt = async (commit: string, names: readonly string[] = CONSUMERS) => {
    await stage.fetchNow();
    for (const name of names)
      await stage.until(
        `${name} is at ${commit.slice(0, 8)}`,
        async () => (await stage.kustomization(name).catch(() => undefined))?.status?.lastAppliedRevision?.endsWith(commit) === true,
      );
  };
  const budgets = async () => {
    const objects = await stage.cluster.list<KubeObject>(
      { apiVersion: 'v1', kind: 'ConfigMap' },
      { namespace: 'default', labelSelector: 'example.com/budget=yes' },
    );
    const amounts = objects.map((object) => [object.metadata.name, (object.data as { amount: string }).amount]);
    return Object.fromEntries(amounts) as Record<string, string>;
  };
  const everywhere = (amount: string, except: Record<string, string> = {}) => ({
    ...Object.fromEntries(TEAMS.map((team) => [team, amount])),
    ...except,
  });
  const head = async () => (await stage.developer.git('ls-remote', 'origin', 'refs/heads/main')).slice(0, 40);

  it('a rollback of one changes that one', async () => {
    const bad = await stage.developer.push('team-3: spend', { 'teams/team-3/budget.yaml': budget('team-3', 900) });
    await everybodyAt(bad);
    const rollback = explain(await stage.ebb('rollback', 'team-3', '--steady', '1s', '--yes'));
    expect(rollback.code).toBe(0);
    expect(rollback.stderr).not.toContain('Also changes');
    await everybodyAt(await head());
    expect(await budgets()).toEqual(everywhere('100'));
    const history = explain(await stage.ebb('history', 'team-4', '-o', 'json'));
    expect(history.json<{ deployments: { commit: string }[] }>().deployments.map((one) => one.commit)).toEqual([good]);
  });

  it('a commit that touched three is taken back for three, and the plan says which', async () => {
    const bad = await stage.developer.push('three teams spend', {
      ...Object.fromEntries(['team-4', 'team-5', 'team-6'].map((team) => [`teams/${team}/budget.yaml`, budget(team, 900)])),
    });
    await everybodyAt(bad);
    const plan = explain(await stage.ebb('rollback', 'team-4', '--dry-run', '-o', 'json'));
    const { affected, hazards } = plan.json<{ plan: { affected: { target: { name: string } }[]; hazards: { name: string }[] } }>().plan;
    expect(affected.map((other) => other.target.name)).toEqual(['team-5', 'team-6']);
    expect(hazards.map((hazard) => hazard.name)).toContain('AffectsOthers');
    const words = explain(await stage.ebb('rollback', 'team-4', '--dry-run'));
    expect(words.stdout).toContain('--strategy pin moves this target alone');
  });

  it('a restore of one takes back its own files, and leaves the other two as they are', async () => {
    const restore = explain(await stage.ebb('rollback', 'team-4', '--strategy', 'restore', '--steady', '1s', '--yes'));
    expect(restore.code).toBe(0);
    await everybodyAt(await head());
    expect(await budgets()).toEqual(everywhere('100', { 'team-5': '900', 'team-6': '900' }));
  });

  it('a pin of one moves that one, without a commit', async () => {
    const before = await head();
    const pin = explain(await stage.ebb('rollback', 'team-5', '--strategy', 'pin', '--to', good, '--steady', '1s', '--yes'));
    expect(pin.code).toBe(0);
    expect(await head()).toBe(before);
    expect(await budgets()).toEqual(everywhere('100', { 'team-6': '900' }));
    expect((await stage.kustomization('team-5')).spec.sourceRef.name).toBe('team-5-pin');
    for (const name of CONSUMERS.filter((other) => other !== 'team-5'))
      expect((await stage.kustomization(name)).spec.sourceRef.name).toBe('flux-system');
    expect(explain(await stage.ebb('unpin', 'team-5', '--yes')).code).toBe(0);
    expect(await budgets()).toEqual(everywhere('100', { 'team-5': '900', 'team-6': '900' }));
  });

  it('a pin of the source shows all ten, and moves all ten', async () => {
    const plan = explain(await stage.ebb('rollback', 'team-6', '--strategy', 'pin', '--scope', 'source', '--to', good, '--dry-run'));
    expect(plan.stdout).toContain('! kustomization/flux-system/team-5');
    const along = plan.stdout.split('\n').find((line) => line.includes('these move as well, and nothing changes for them:')) ?? '';
    const others = CONSUMERS.filter((name) => name !== 'team-5' && name !== 'team-6');
    expect(others.filter((name) => along.includes(`kustomization/flux-system/${name}`))).toEqual(others);
    const pin = explain(
      await stage.ebb('rollback', 'team-6', '--strategy', 'pin', '--scope', 'source', '--to', good, '--steady', '1s', '--yes'),
    );
    expect(pin.code).toBe(0);
    await everybodyAt(good);
    expect(await budgets()).toEqual(everywhere('100'));
    expect((await stage.ebb('suspended')).stdout).toContain('gitrepository/flux-system/flux-system');
  });

  it('a rollback lands the revert and lets all ten follow the branch again', async () => {
    const rollback = explain(await stage.ebb('rollback', 'team-6', '--steady', '1s', '--yes'));
    expect(rollback.code).toBe(0);
    expect((await stage.source())?.spec.ref).toEqual({ branch: 'main' });
    await everybodyAt(await head());
    expect(await budgets()).toEqual(everywhere('100'));
    expect((await stage.ebb('suspended')).stdout).not.toContain('gitrepository/flux-system/flux-system');
  });
});

function kustomization(team: string): string {
  return `apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata:
  name: ${team}
  namespace: flux-system
spec:
  interval: 5m
  timeout: 30s
  path: ./teams/${team}
  prune: true
  wait: true
  sourceRef:
    kind: GitRepository
    name: flux-system
`;
}

function budget(team: string, amount: number): string {
  return `apiVersion: v1
kind: ConfigMap
metadata:
  name: ${team}
  namespace: default
  labels:
    example.com/budget: "yes"
data:
  amount: "${amount}"
`;
}
