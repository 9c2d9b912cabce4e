import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KubeObject } from '../../src/api/kube.ts';
import type { Pod, Workload } from '../../src/api/workloads.ts';
import { type Killing, killing } from './stage/killing.ts';
import { NAMESPACE, openStateStage, release, type StateStage } from './stage/state-app.ts';
import { explain, STAGE } from './stage.ts';

/** `kill -9` after each line of the journal, and between what a step does and the line that says so. */

interface ReportJson {
  id: string;
  verified: boolean;
}

const KINDS = ['StatefulSet', 'Deployment'].map((kind) => ({ apiVersion: 'apps/v1', kind }));
const DB = { apiVersion: 'apps/v1', kind: 'StatefulSet', namespace: NAMESPACE, name: 'db' };
const API = { apiVersion: 'apps/v1', kind: 'Deployment', namespace: NAMESPACE, name: 'api' };

describe('a rollback that ends a run, deletes a pod and restarts a workload, killed again and again', () => {
  let stage: StateStage;
  let deadly: Killing;
  /** Every pod of the namespace that there ever was, by its uid. */
  const seen = new Map<string, Pod>();
  const over = new AbortController();
  let watching: Promise<void>;

  beforeAll(async () => {
    stage = await openStateStage();
    deadly = killing(stage);
    watching = watchPods();
  }, 240_000);
  afterAll(async () => {
    over.abort();
    await watching;
    await stage?.leave();
  });

  async function watchPods(): Promise<void> {
    for await (const { object } of stage.cluster.watch<Pod>({ apiVersion: 'v1', kind: 'Pod' }, { namespace: NAMESPACE }, over.signal))
      seen.set(object.metadata.uid as string, object);
  }

  /**
   * Image tags of all the pods of this name, one after another. kwok deletes the pods of its nodes by name alone
   * (pod_controller.go: no precondition on the uid, which a kubelet sets), and so may hit the next one of that name before it runs.
   */
  const podsEver = (name: string) =>
    [...seen.values()]
      .filter(
        ({ metadata, status }) =>
          metadata.name === name && !(STAGE === 'cluster' && metadata.deletionTimestamp && status?.phase === 'Pending'),
      )
      .map(({ spec }) => spec.containers[0]?.image.replace(/.*:/, ''));

  /** Names of workloads with something of Ebb in their status. */
  async function marked(): Promise<string[]> {
    const lists = await Promise.all(KINDS.map((kind) => stage.cluster.list<KubeObject>(kind, { namespace: NAMESPACE })));
    return lists
      .flat()
      .filter(
        ({ status, metadata }) =>
          (status as Workload['status'])?.conditions?.some(({ type }) => type === 'Stalled') ||
          metadata.managedFields?.some(({ manager, subresource }) => manager === 'ebb' && subresource === 'status'),
      )
      .map(({ metadata }) => metadata.name);
  }

  /** Well before the bad settings arrive: of pods that started just then nobody can tell which ones they read. */
  const startedAWhileAgo = async () => {
    const started = (await stage.pods('web')).map(({ status }) =>
      Date.parse(status?.containerStatuses?.[0]?.state?.running?.startedAt ?? ''),
    );
    return Date.now() - Math.max(...started) > 4_000;
  };

  async function badRelease(): Promise<string> {
    await stage.until('web started a while ago', startedAWhileAgo);
    const bad = await stage.developer.push('state: database 1.2.0, shorter timeout', {
      ...release.database('1.2.0'),
      ...release.settings('1'),
    });
    await stage.attempted(bad);
    await stage.until('db-1 runs the bad version', async () =>
      (await stage.pods('db')).some(({ metadata, spec }) => metadata.name === 'db-1' && spec.containers[0]?.image.endsWith(':1.2.0')),
    );
    await stage.startAnew('api');
    return bad;
  }

  const databaseIsGood = async () => {
    const set = await stage.cluster.get<Workload>(DB);
    return set?.spec.template.spec.containers[0]?.image.endsWith(':1.0.0') === true;
  };
  const restarts = async () => (await stage.cluster.get<Workload>(API))?.metadata.generation as number;

  /** Goes on to the end; says what there was of pods and generations before the rollback. */
  async function expectEndsWell(id: string, before: { bad: string; db0: string[]; db1: unknown[]; generation: number; web: unknown }) {
    const resumed = explain(await stage.ebb('resume-rollback', id, '--yes', '-o', 'json'));
    expect(resumed.code).toBe(0);
    expect(resumed.json<ReportJson>()).toMatchObject({ id, verified: true });
    expect(await marked(), 'marked').toEqual([]);
    expect((await stage.pods('db')).filter(({ metadata }) => metadata.name === 'db-0').map(({ metadata }) => metadata.uid)).toEqual(
      before.db0,
    );
    expect(podsEver('db-1'), 'each deleted once').toEqual([...before.db1, '1.2.0', '1.0.0']);
    expect(await restarts(), 'restarted once').toBe(before.generation + 1);
    expect(await stage.uids('web'), 'never had the bad settings').toEqual(before.web);
    await stage.developer.git('fetch', '--quiet', 'origin');
    expect(await stage.developer.git('rev-list', '--count', `${before.bad}..origin/main`)).toBe('1');
  }

  async function standing() {
    await stage.until('the watch has begun', async () => seen.size > 0);
    const db0 = (await stage.pods('db')).filter(({ metadata }) => metadata.name === 'db-0').map(({ metadata }) => metadata.uid as string);
    return { db0, db1: podsEver('db-1'), generation: await restarts(), web: await stage.uids('web') };
  }

  it('after each line of its journal, does nothing twice and leaves nothing marked', async () => {
    const before = await standing();
    const bad = await badRelease();
    const steps = ['abandon', 'replace-broken-pods', 'restart'];
    const points = steps.flatMap((kind) => [`started ${kind}`, ...(kind === 'abandon' ? ['marking'] : []), `done ${kind}`]);
    const id = await deadly.killedAt(points, 'rollback', 'state', '--steady', '100ms');
    await expectEndsWell(id, { bad, ...before });
    const entries = await deadly.journal(id);
    expect(JSON.stringify(entries).split('deleted pod db-1').length - 1, 'said that it deleted it').toBeLessThanOrEqual(1);
    const kinds = new Set(entries.flatMap((entry) => (entry.entry === 'done' ? [entry.kind] : [])));
    expect([...kinds]).toEqual(expect.arrayContaining(steps));
  });

  it('between what a step does and the line that says so, does it no second time', async () => {
    const before = await standing();
    const bad = await badRelease();
    const brokenPod = (await stage.pods('db')).find(({ metadata }) => metadata.name === 'db-1')?.metadata.uid;
    const isMarked = async () => (await marked()).length > 0;
    await deadly.killedWhen(isMarked, 'rollback', 'state', '--steady', '100ms', '--yes');
    const { rollbacks } = (await stage.ebb('resume-rollback', '-o', 'json')).json<{ rollbacks: { id: string }[] }>();
    const id = rollbacks[0]?.id as string;
    const isDeleted = async () => (await databaseIsGood()) && !(await stage.uids('db')).includes(brokenPod);
    await deadly.killedWhen(isDeleted, 'resume-rollback', id, '--yes');
    const isRestarted = async () => (await restarts()) > before.generation;
    await deadly.killedWhen(isRestarted, 'resume-rollback', id, '--yes');
    await expectEndsWell(id, { bad, ...before });
  });
});
