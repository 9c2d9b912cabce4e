import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Workload } from '../../src/api/workloads.ts';
import { NAMESPACE, openStateStage, release, type StateStage } from './stage/state-app.ts';
import { explain } from './stage.ts';

/** What a commit that takes a bad one back does not bring back by itself, on any Flux. */

interface PlanJson {
  plan: { steps: { kind: string }[] };
}

interface ReportJson {
  verified: boolean;
  steps: { kind: string; found: boolean; message: string }[];
  verdict: { notes?: string[] };
}

describe('what a revert alone does not bring back', () => {
  let stage: StateStage;
  beforeAll(async () => {
    stage = await openStateStage();
  }, 240_000);
  afterAll(() => stage?.leave());

  const deployment = (name: string) =>
    stage.cluster.get<Workload>({ apiVersion: 'apps/v1', kind: 'Deployment', namespace: NAMESPACE, name });

  it('a StatefulSet whose new pod never got ready: exactly that pod is deleted, after saying so', async () => {
    const before = new Map((await stage.pods('db')).map(({ metadata }) => [metadata.name, metadata.uid]));
    await stage.attempted(await stage.developer.push('state: database 1.2.0', release.database('1.2.0')));
    await stage.until('db-1 runs the bad version and is not ready', async () =>
      (await stage.pods('db')).some(
        ({ metadata, spec, status }) =>
          metadata.name === 'db-1' &&
          spec.containers[0]?.image.endsWith(':1.2.0') === true &&
          status?.phase === 'Running' &&
          status.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'False') === true,
      ),
    );
    const plan = explain(await stage.ebb('rollback', 'state', '--dry-run'));
    expect(plan.stdout).toContain(
      'delete pods of the bad version that never got ready, one at a time: StatefulSet/state/db would wait for them for ever',
    );
    const rollback = explain(await stage.ebb('rollback', 'state', '--yes', '-o', 'json'));
    expect(rollback.code).toBe(0);
    const { verified, steps } = rollback.json<ReportJson>();
    expect(verified).toBe(true);
    expect(steps.find(({ kind }) => kind === 'replace-broken-pods')).toMatchObject({ found: false, message: 'deleted pod db-1' });
    const after = await stage.pods('db');
    expect(after.map(({ spec }) => spec.containers[0]?.image)).toEqual(Array(2).fill('ghcr.io/ebb-dev/sample-saas-app:1.0.0'));
    expect(after.find(({ metadata }) => metadata.name === 'db-0')?.metadata.uid).toBe(before.get('db-0'));
  });

  it('pods that read a ConfigMap by its plain name: those that read the bad one are restarted, once; those that never did are not', async () => {
    const web = { uids: await stage.uids('web'), generation: (await deployment('web'))?.metadata.generation };
    await stage.attempted(await stage.developer.push('state: shorter timeout', release.settings('1')));
    await stage.untilWell('state');

    const older = explain(await stage.ebb('verify', 'state', '-o', 'json'));
    expect(older.code, 'the pods run, and well').toBe(0);
    expect(older.json<{ notes: string[] }>().notes.join('\n')).toMatch(
      /^Deployment\/state\/api: 2 of 2 pods run with configuration older than ConfigMap\/state\/settings's change at \S+Z, which a pod reads only when it starts \(environment\)$/m,
    );
    expect((await stage.ebb('status', 'state')).stdout).toContain('OldConfiguration');

    await stage.startAnew('api');
    const bad = await stage.uids('api');
    const plan = explain(await stage.ebb('rollback', 'state', '--dry-run', '-o', 'json')).json<PlanJson>().plan;
    expect(plan.steps.map(({ kind }) => kind)).toContain('restart');
    expect(explain(await stage.ebb('rollback', 'state', '--dry-run', '--no-restart')).stdout).not.toContain('restart Deployment');
    const rollback = explain(await stage.ebb('rollback', 'state', '--yes', '-o', 'json'));
    expect(rollback.code).toBe(0);
    expect(rollback.json<ReportJson>().steps.find(({ kind }) => kind === 'restart')).toMatchObject({
      found: false,
      message: 'restarted Deployment/state/api; left Deployment/state/web as it is: its 2 pods run with the good configuration',
    });
    expect(rollback.stdout).toContain('no pod runs with the configuration that was taken back');
    const good = await stage.uids('api');
    expect(good.filter((uid) => bad.includes(uid))).toEqual([]);
    expect({ uids: await stage.uids('web'), generation: (await deployment('web'))?.metadata.generation }).toEqual(web);

    const { generation } = (await deployment('api'))?.metadata ?? {};
    await stage.attempted(await stage.developer.push('state: a comment', release.settings('5000', '# answers in time\n')));
    await stage.untilWell('state');
    expect((await deployment('api'))?.metadata.generation).toBe(generation);
    expect(await stage.uids('api')).toEqual(good);
  });
});
