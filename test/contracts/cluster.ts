/** What every `Cluster` must do, whichever API server stands behind it. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { GroupVersionKind, KubeObject } from '../../src/api/kube.ts';
import type { Cluster, WatchEvent } from '../../src/ports.ts';

export interface ClusterUnderTest {
  cluster: Cluster;
  stop(): Promise<void> | void;
}

const CONFIG_MAP: GroupVersionKind = { apiVersion: 'v1', kind: 'ConfigMap' };
const DEPLOYMENT: GroupVersionKind = { apiVersion: 'apps/v1', kind: 'Deployment' };
/** Milliseconds within which a change must be told to a watch. */
const PROMPT_MS = 5_000;

/**
 * Runs the contract against what `make` gives: a cluster on which one may create namespaces, ConfigMaps and Deployments.
 * It works in a namespace of its own and deletes it.
 */
export function describeClusterContract(name: string, make: () => Promise<ClusterUnderTest>): void {
  describe(`a cluster: ${name}`, () => {
    const namespace = `contract-${Math.random().toString(36).slice(2, 10)}`;
    let under: ClusterUnderTest;
    let cluster: Cluster;

    beforeAll(async () => {
      under = await make();
      cluster = under.cluster;
      await cluster.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
    });

    afterAll(async () => {
      await cluster?.delete({ apiVersion: 'v1', kind: 'Namespace', name: namespace });
      await under?.stop();
    });

    const refTo = (object: string, kind = CONFIG_MAP) => ({ ...kind, namespace, name: object });
    const configMap = (object: string, data: Record<string, string>, labels: Record<string, string> = {}): KubeObject => ({
      ...CONFIG_MAP,
      metadata: { name: object, namespace, labels },
      data,
    });
    const deployment = (object: string): KubeObject => ({
      ...DEPLOYMENT,
      metadata: { name: object, namespace },
      spec: {
        replicas: 0,
        selector: { matchLabels: { app: object } },
        template: { metadata: { labels: { app: object } }, spec: { containers: [{ name: 'app', image: 'registry.example/app:1' }] } },
      },
    });

    it('gives undefined for what is not there', async () => {
      expect(await cluster.get(refTo('absent'))).toBeUndefined();
      expect(await cluster.get({ ...CONFIG_MAP, namespace: `${namespace}-absent`, name: 'absent' })).toBeUndefined();
    });

    it('creates, reads and deletes', async () => {
      const created = await cluster.create(configMap('one', { a: '1' }));
      expect(created.metadata.uid).toBeTruthy();
      const read = await cluster.get(refTo('one'));
      expect(read).toMatchObject({ ...CONFIG_MAP, data: { a: '1' }, metadata: { uid: created.metadata.uid } });
      expect(await cluster.delete(refTo('one'))).toBe(true);
      expect(await cluster.get(refTo('one'))).toBeUndefined();
      expect(await cluster.delete(refTo('one'))).toBe(false);
    });

    it('refuses to create what exists', async () => {
      await cluster.create(configMap('twice', {}));
      await expect(cluster.create(configMap('twice', {}))).rejects.toMatchObject({ name: 'Failure', code: 'Conflict' });
    });

    it('says the field that is invalid', async () => {
      const refused = cluster.create(configMap('Not_A_Name', {}));
      await expect(refused).rejects.toMatchObject({ code: 'ClusterError', causes: [expect.stringContaining('metadata.name')] });
    });

    it('patches by merge and by JSON patch, as manager ebb', async () => {
      await cluster.create(configMap('patched', { a: '1', b: '1' }));
      await cluster.patch(refTo('patched'), { data: { a: '2', b: null } }, { type: 'merge' });
      const patched = await cluster.patch(refTo('patched'), [{ op: 'add', path: '/data/c', value: '3' }], { type: 'json' });
      expect(patched.data).toEqual({ a: '2', c: '3' });
      expect(new Set(patched.metadata.managedFields?.map((entry) => entry.manager))).toEqual(new Set(['ebb']));
    });

    it('applies: creates where there is nothing, owns what it applied, and takes back what it no longer applies', async () => {
      const apply = (data: Record<string, string>) => cluster.patch(refTo('applied'), configMap('applied', data), { type: 'apply' });
      await apply({ a: '1', b: '1' });
      const applied = await apply({ a: '2' });
      expect(applied.data).toEqual({ a: '2' });
      expect(applied.metadata.managedFields?.[0]).toMatchObject({ manager: 'ebb', operation: 'Apply' });
    });

    it('changes nothing in a dry run', async () => {
      await cluster.create(configMap('dry', { a: '1' }));
      const dry = await cluster.patch(refTo('dry'), { data: { a: '2' } }, { type: 'merge', dryRun: true });
      expect(dry.data).toEqual({ a: '2' });
      expect((await cluster.get(refTo('dry')))?.data).toEqual({ a: '1' });
    });

    it('writes the status apart from the rest', async () => {
      const created = await cluster.create(deployment('staled'));
      const condition = { type: 'Stalled', status: 'True', reason: 'RolledBack', message: 'x', lastTransitionTime: '2026-01-01T00:00:00Z' };
      const body = { spec: { replicas: 7 }, status: { conditions: [condition] } };
      const patched = await cluster.patch(refTo('staled', DEPLOYMENT), body, { type: 'merge', subresource: 'status' });
      expect(patched).toMatchObject({ spec: { replicas: 0 }, status: { conditions: [expect.objectContaining(condition)] } });
      expect(patched.metadata.generation).toBe(created.metadata.generation);
    });

    it('lists by namespace and label, each with its kind', async () => {
      await cluster.create(configMap('listed-a', {}, { team: `${namespace}-red` }));
      await cluster.create(configMap('listed-b', {}, { team: `${namespace}-blue` }));
      const red = await cluster.list(CONFIG_MAP, { namespace, labelSelector: `team=${namespace}-red` });
      expect(red.map((object) => [object.kind, object.apiVersion, object.metadata.name])).toEqual([['ConfigMap', 'v1', 'listed-a']]);
      const everywhere = await cluster.list(CONFIG_MAP, { labelSelector: `team in (${namespace}-red, ${namespace}-blue)` });
      expect(everywhere.map((object) => object.metadata.name).sort()).toEqual(['listed-a', 'listed-b']);
      const one = await cluster.list(CONFIG_MAP, { namespace, fieldSelector: 'metadata.name=listed-b' });
      expect(one).toHaveLength(1);
    });

    it('tells a watch what is there and each change at once, until it is aborted', async () => {
      await cluster.create(configMap('watched', { a: '1' }, { watch: 'me' }));
      const abort = new AbortController();
      const watch = cluster.watch(CONFIG_MAP, { namespace, labelSelector: 'watch=me' }, abort.signal)[Symbol.asyncIterator]();
      const next = () => promptly(watch.next());
      expect(brief(await next())).toEqual(['ADDED', 'watched', { a: '1' }]);
      await cluster.patch(refTo('watched'), { data: { a: '2' } }, { type: 'merge' });
      expect(brief(await next())).toEqual(['MODIFIED', 'watched', { a: '2' }]);
      await cluster.create(configMap('watched-too', { b: '\u2028' }, { watch: 'me' }));
      expect(brief(await next())).toEqual(['ADDED', 'watched-too', { b: '\u2028' }]);
      await cluster.delete(refTo('watched'));
      expect(brief(await next())).toEqual(['DELETED', 'watched', { a: '2' }]);
      const last = watch.next();
      abort.abort();
      expect(await promptly(last)).toEqual({ done: true, value: undefined });
    });

    it('knows which kinds are served', async () => {
      expect(await cluster.serves(DEPLOYMENT)).toBe(true);
      expect(await cluster.serves({ apiVersion: 'apps/v1', kind: 'Nonsense' })).toBe(false);
      expect(await cluster.serves({ apiVersion: 'nonsense.example/v1', kind: 'Nonsense' })).toBe(false);
      const nonsense = { apiVersion: 'nonsense.example/v1', kind: 'Nonsense' };
      await expect(cluster.list(nonsense)).rejects.toMatchObject({ code: 'KindNotServed' });
      await expect(cluster.get({ ...nonsense, namespace, name: 'x' })).rejects.toMatchObject({ code: 'KindNotServed' });
      await expect(cluster.get({ apiVersion: 'apps/v9', kind: 'Deployment', namespace, name: 'x' })).rejects.toMatchObject({
        code: 'KindNotServed',
        causes: [expect.stringContaining('apps/v1'), expect.anything(), expect.anything()],
      });
    });

    it('finds the resource of a kind by asking', async () => {
      const quota: KubeObject = {
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'ClusterRole',
        metadata: { name: namespace },
        rules: [],
      };
      await cluster.create(quota);
      expect(await cluster.get({ apiVersion: quota.apiVersion, kind: quota.kind, name: namespace })).toBeDefined();
      expect(await cluster.delete({ apiVersion: quota.apiVersion, kind: quota.kind, name: namespace })).toBe(true);
    });

    it('says so where there is no pod to read logs of', async () => {
      await expect(cluster.logs({ namespace, name: 'absent' })).rejects.toMatchObject({ name: 'Failure', code: 'ClusterError' });
    });
  });
}

function brief(result: IteratorResult<WatchEvent>): unknown[] {
  const { type, object } = result.value as WatchEvent;
  return [type, object.metadata.name, object.data];
}

async function promptly<T>(promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`nothing within ${PROMPT_MS} ms`)), PROMPT_MS);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
