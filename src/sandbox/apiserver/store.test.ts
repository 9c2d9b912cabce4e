import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../../api/kube.ts';
import type { Pod } from '../../api/workloads.ts';
import { ManualClock } from '../clock.ts';
import { ApiStatusError, type ClusterEvent } from '../cluster.ts';
import { createStore } from './store.ts';

const CONFIG_MAP = { apiVersion: 'v1', kind: 'ConfigMap' };
const POD = { apiVersion: 'v1', kind: 'Pod' };
const WIDGET = { apiVersion: 'example.com/v1', kind: 'Widget' };

function newStore(historySize?: number) {
  const clock = new ManualClock('2026-01-01T00:00:00Z');
  return { clock, store: createStore(historySize === undefined ? { clock } : { clock, historySize }) };
}

function configMap(name: string, data: Record<string, string> = {}, labels?: Record<string, string>): KubeObject {
  return { ...CONFIG_MAP, metadata: { name, namespace: 'default', ...(labels ? { labels } : {}) }, data };
}

function pod(name: string, spec: Record<string, unknown> = {}): Pod {
  return { ...POD, metadata: { name, namespace: 'default' }, spec: { containers: [{ name: 'c', image: 'app:1' }], ...spec } };
}

function deployment(name: string): KubeObject {
  const template = { metadata: { labels: { app: name } }, spec: { containers: [{ name: 'c', image: 'app:1' }] } };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace: 'default' },
    spec: { replicas: 2, selector: { matchLabels: { app: name } }, template },
  };
}

const DEFINITION: KubeObject = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'widgets.example.com' },
  spec: {
    group: 'example.com',
    scope: 'Namespaced',
    names: { kind: 'Widget', plural: 'widgets' },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        subresources: { status: {} },
        schema: {
          openAPIV3Schema: {
            type: 'object',
            properties: {
              spec: {
                type: 'object',
                required: ['size'],
                properties: { size: { type: 'integer', minimum: 1 }, color: { type: 'string', default: 'red' } },
              },
              status: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
            },
          },
        },
      },
      {
        name: 'v1beta1',
        served: true,
        storage: false,
        schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
      },
    ],
  },
};

function refusal(run: () => unknown): ApiStatusError {
  try {
    run();
  } catch (error) {
    if (error instanceof ApiStatusError) return error;
    throw error;
  }
  throw new Error('was not refused');
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('a new store', () => {
  it('has the namespaces of a new cluster, each with its default service account', async () => {
    const { store } = newStore();
    await settled();
    expect(store.list({ apiVersion: 'v1', kind: 'Namespace' }).map(({ metadata }) => metadata.name)).toEqual([
      'default',
      'kube-public',
      'kube-system',
    ]);
    expect(store.get({ apiVersion: 'v1', kind: 'ServiceAccount', namespace: 'kube-system', name: 'default' })).toBeDefined();
  });

  it('says of a kind whether it is namespaced, and nothing of an unknown one', () => {
    const { store } = newStore();
    expect(store.describe(POD)).toEqual({ namespaced: true, plural: 'pods' });
    expect(store.describe({ apiVersion: 'v1', kind: 'Node' })).toEqual({ namespaced: false, plural: 'nodes' });
    expect(store.describe(WIDGET)).toBeUndefined();
  });
});

describe('creating', () => {
  it('gives uid, creation time of the clock, resourceVersion and the manager of every field', () => {
    const { store } = newStore();
    const created = store.create(configMap('a', { key: 'value' }), { manager: 'me' });
    expect(created.metadata).toMatchObject({ name: 'a', namespace: 'default', creationTimestamp: '2026-01-01T00:00:00Z' });
    expect(created.metadata.uid).toMatch(/^[0-9a-f-]{36}$/);
    expect(Number(created.metadata.resourceVersion)).toBeGreaterThan(0);
    expect(created.metadata.managedFields).toMatchObject([{ manager: 'me', operation: 'Update', fieldsV1: { 'f:data': { 'f:key': {} } } }]);
  });

  it('makes names from generateName', () => {
    const { store } = newStore();
    const created = store.create(
      { ...configMap(''), metadata: { name: '', generateName: 'run-', namespace: 'default' } },
      { manager: 'me' },
    );
    expect(created.metadata.name).toMatch(/^run-[a-z0-9]{5}$/);
  });

  it('refuses a second object of the name, a missing namespace and a bad name as the API does', () => {
    const { store } = newStore();
    store.create(configMap('a'), { manager: 'me' });
    expect(refusal(() => store.create(configMap('a'), { manager: 'me' })).status).toMatchObject({
      code: 409,
      reason: 'AlreadyExists',
      message: 'configmaps "a" already exists',
    });
    const elsewhere = { ...configMap('a'), metadata: { name: 'a', namespace: 'nowhere' } };
    expect(refusal(() => store.create(elsewhere, { manager: 'me' })).message).toBe('namespaces "nowhere" not found');
    const invalid = refusal(() => store.create(configMap('Bad_Name'), { manager: 'me' }));
    expect(invalid.status).toMatchObject({ code: 422, reason: 'Invalid', details: { causes: [{ field: 'metadata.name' }] } });
  });

  it('writes nothing on a dry run', () => {
    const { store } = newStore();
    expect(store.create(configMap('a'), { manager: 'me', dryRun: true }).metadata.uid).toBeDefined();
    expect(store.get({ ...CONFIG_MAP, namespace: 'default', name: 'a' })).toBeUndefined();
  });

  it('turns stringData of a Secret into data', () => {
    const { store } = newStore();
    const secret = store.create(
      { apiVersion: 'v1', kind: 'Secret', metadata: { name: 's', namespace: 'default' }, stringData: { user: 'ann' } },
      { manager: 'me' },
    );
    expect(secret).toMatchObject({ type: 'Opaque', data: { user: Buffer.from('ann').toString('base64') } });
    expect(secret.stringData).toBeUndefined();
  });

  it('never repeats the value of a Secret that it cannot read', () => {
    const { store } = newStore();
    const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 's', namespace: 'default' }, data: { user: 'not base64!' } };
    const error = refusal(() => store.create(secret, { manager: 'me' }));
    expect(error.message).toBe('Secret in version "v1" cannot be handled as a Secret: illegal base64 data in data.user');
  });

  it('gives each Service a loopback address of its own and keeps it through updates that name none', () => {
    const { store } = newStore();
    const service = (name: string): KubeObject => ({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name, namespace: 'default' },
      spec: { ports: [{ port: 80 }] },
    });
    const first = store.create(service('a'), { manager: 'me' });
    const second = store.create(service('b'), { manager: 'me' });
    const addressOf = (object: KubeObject): unknown => (object.spec as { clusterIP: unknown }).clusterIP;
    expect(addressOf(first)).toMatch(/^127\.80\.\d+\.\d+$/);
    expect(addressOf(second)).not.toBe(addressOf(first));
    expect(addressOf(store.update(service('a'), { manager: 'me' }))).toBe(addressOf(first));
    const taken = { ...service('c'), spec: { clusterIP: addressOf(first), ports: [{ port: 80 }] } };
    expect(refusal(() => store.create(taken, { manager: 'me' })).message).toContain('provided IP is already allocated');
  });
});

describe('updating', () => {
  it('bumps the generation for the spec alone, and keeps spec and status apart', () => {
    const { store } = newStore();
    const created = store.create({ ...deployment('api'), status: { replicas: 9 } }, { manager: 'me' });
    expect(created).toMatchObject({ metadata: { generation: 1 }, status: {} });
    const ref = { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'default', name: 'api' };
    expect(store.patch(ref, { metadata: { labels: { a: 'c' } } }, { manager: 'me', type: 'merge' }).metadata.generation).toBe(1);
    expect(store.patch(ref, { spec: { replicas: 3 } }, { manager: 'me', type: 'merge' }).metadata.generation).toBe(2);
    const status = store.patch(
      ref,
      { spec: { replicas: 7 }, status: { replicas: 3 } },
      { manager: 'me', type: 'merge', subresource: 'status' },
    );
    expect(status).toMatchObject({ metadata: { generation: 2 }, spec: { replicas: 3 }, status: { replicas: 3 } });
    const main = store.patch(ref, { spec: { replicas: 4 }, status: { replicas: 8 } }, { manager: 'me', type: 'merge' });
    expect(main).toMatchObject({ metadata: { generation: 3 }, spec: { replicas: 4 }, status: { replicas: 3 } });
  });

  it('refuses a stale resourceVersion with the wording of the API', () => {
    const { store } = newStore();
    const created = store.create(configMap('a'), { manager: 'me' });
    store.update({ ...created, data: { a: '1' } }, { manager: 'me' });
    expect(refusal(() => store.update({ ...created, data: { a: '2' } }, { manager: 'me' })).message).toBe(
      'Operation cannot be fulfilled on configmaps "a": the object has been modified; please apply your changes to the latest version and try again',
    );
  });

  it('writes nothing where nothing changes', () => {
    const { store } = newStore();
    const created = store.create(configMap('a', { x: '1' }), { manager: 'me' });
    const again = store.update({ ...created }, { manager: 'me' });
    expect(again.metadata.resourceVersion).toBe(created.metadata.resourceVersion);
  });

  it('refuses to change what is immutable', () => {
    const { store } = newStore();
    store.create(deployment('api'), { manager: 'me' });
    const ref = { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'default', name: 'api' };
    const patch = { spec: { selector: { matchLabels: { app: 'x' } }, template: { metadata: { labels: { app: 'x' } } } } };
    expect(refusal(() => store.patch(ref, patch, { manager: 'me', type: 'merge' })).message).toContain('spec.selector: Invalid value');
  });

  it('scales through the scale subresource', () => {
    const { store } = newStore();
    store.create(deployment('api'), { manager: 'me' });
    const ref = { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'default', name: 'api' };
    const scaled = store.patch(ref, { spec: { replicas: 5 } }, { manager: 'autoscaler', type: 'merge', subresource: 'scale' });
    expect(scaled).toMatchObject({ kind: 'Deployment', spec: { replicas: 5 }, metadata: { generation: 2 } });
    expect(scaled.metadata.managedFields).toContainEqual(expect.objectContaining({ manager: 'autoscaler', subresource: 'scale' }));
  });
});

describe('server-side apply', () => {
  it('reports fields of other managers and takes them by force', () => {
    const { store } = newStore();
    store.apply(configMap('a', { x: '1' }), { manager: 'one' });
    const conflict = refusal(() => store.apply(configMap('a', { x: '2' }), { manager: 'two' }));
    expect(conflict.status).toMatchObject({
      code: 409,
      reason: 'Conflict',
      details: { causes: [{ reason: 'FieldManagerConflict', field: '.data.x' }] },
    });
    expect(conflict.message).toBe('Apply failed with 1 conflict: conflict with "one": .data.x');
    expect(store.apply(configMap('a', { x: '2' }), { manager: 'two', force: true })).toMatchObject({ data: { x: '2' } });
  });

  it('removes what its manager no longer applies', () => {
    const { store } = newStore();
    store.apply(configMap('a', { x: '1', y: '2' }), { manager: 'one' });
    expect(store.apply(configMap('a', { y: '2' }), { manager: 'one' }).data).toEqual({ y: '2' });
  });
});

describe('deleting', () => {
  it('keeps an object with finalizers until the last one is gone', () => {
    const { store } = newStore();
    const ref = { ...CONFIG_MAP, namespace: 'default', name: 'a' };
    store.create({ ...configMap('a'), metadata: { name: 'a', namespace: 'default', finalizers: ['example.com/wait'] } }, { manager: 'me' });
    store.delete(ref);
    expect(store.get(ref)?.metadata.deletionTimestamp).toBe('2026-01-01T00:00:00Z');
    expect(
      refusal(() =>
        store.patch(ref, { metadata: { finalizers: ['example.com/wait', 'example.com/new'] } }, { manager: 'me', type: 'merge' }),
      ).message,
    ).toContain('no new finalizers can be added');
    store.patch(ref, { metadata: { finalizers: null } }, { manager: 'me', type: 'merge' });
    expect(store.get(ref)).toBeUndefined();
  });

  it('sets the finalizers of the propagation policies', () => {
    const { store } = newStore();
    store.create(deployment('a'), { manager: 'me' });
    store.create(deployment('b'), { manager: 'me' });
    const ref = (name: string) => ({ apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'default', name });
    store.delete(ref('a'), { propagationPolicy: 'Foreground' });
    store.delete(ref('b'), { propagationPolicy: 'Orphan' });
    expect(store.get(ref('a'))?.metadata.finalizers).toEqual(['foregroundDeletion']);
    expect(store.get(ref('b'))?.metadata.finalizers).toEqual(['orphan']);
  });

  it('lets a Pod on a node end gracefully, and removes it when the kubelet says so', () => {
    const { store } = newStore();
    const ref = { ...POD, namespace: 'default', name: 'p' };
    store.create(pod('p', { nodeName: 'node', terminationGracePeriodSeconds: 20 }), { manager: 'me' });
    store.delete(ref);
    expect(store.get(ref)?.metadata).toMatchObject({ deletionTimestamp: '2026-01-01T00:00:20Z', deletionGracePeriodSeconds: 20 });
    store.delete(ref, { gracePeriodSeconds: 0 });
    expect(store.get(ref)).toBeUndefined();
  });

  it('removes a Pod on no node at once', () => {
    const { store } = newStore();
    store.create(pod('p'), { manager: 'me' });
    store.delete({ ...POD, namespace: 'default', name: 'p' });
    expect(store.list(POD)).toEqual([]);
  });

  it('refuses where a precondition does not hold', () => {
    const { store } = newStore();
    store.create(configMap('a'), { manager: 'me' });
    const error = refusal(() => store.delete({ ...CONFIG_MAP, namespace: 'default', name: 'a' }, { preconditions: { uid: 'other' } }));
    expect(error.status).toMatchObject({ code: 409, reason: 'Conflict' });
  });

  it('empties a namespace before it goes, and refuses new content meanwhile', async () => {
    const { store } = newStore();
    const namespace = { apiVersion: 'v1', kind: 'Namespace' };
    store.create({ ...namespace, metadata: { name: 'shop' } }, { manager: 'me' });
    const kept = { ...CONFIG_MAP, namespace: 'shop', name: 'kept' };
    store.create({ ...CONFIG_MAP, metadata: { name: 'kept', namespace: 'shop', finalizers: ['example.com/wait'] } }, { manager: 'me' });
    store.create({ ...CONFIG_MAP, metadata: { name: 'plain', namespace: 'shop' } }, { manager: 'me' });
    store.delete({ ...namespace, name: 'shop' });
    await settled();
    expect(store.get({ ...namespace, name: 'shop' })).toMatchObject({ status: { phase: 'Terminating' } });
    expect(store.list(CONFIG_MAP, { namespace: 'shop' }).map(({ metadata }) => metadata.name)).toEqual(['kept']);
    const refused = refusal(() => store.create({ ...CONFIG_MAP, metadata: { name: 'new', namespace: 'shop' } }, { manager: 'me' }));
    expect(refused.message).toBe(
      'configmaps "new" is forbidden: unable to create new content in namespace shop because it is being terminated',
    );
    store.patch(kept, { metadata: { finalizers: null } }, { manager: 'me', type: 'merge' });
    await settled();
    expect(store.get({ ...namespace, name: 'shop' })).toBeUndefined();
  });
});

describe('custom kinds', () => {
  it('appear with their definition, in every served version, and go with it', async () => {
    const { store } = newStore();
    const definition = store.create(DEFINITION, { manager: 'me' });
    expect(definition.status).toMatchObject({
      conditions: [
        { type: 'NamesAccepted', status: 'True' },
        { type: 'Established', status: 'True' },
      ],
      storedVersions: ['v1'],
    });
    const widget = store.create({ ...WIDGET, metadata: { name: 'w', namespace: 'default' }, spec: { size: 2 } }, { manager: 'me' });
    expect(widget.spec).toEqual({ size: 2, color: 'red' });
    expect(store.get({ apiVersion: 'example.com/v1beta1', kind: 'Widget', namespace: 'default', name: 'w' })).toMatchObject({
      apiVersion: 'example.com/v1beta1',
      spec: { size: 2 },
    });
    store.delete({ apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', name: 'widgets.example.com' });
    await settled();
    expect(store.describe(WIDGET)).toBeUndefined();
  });

  it('are validated by their schema', () => {
    const { store } = newStore();
    store.create(DEFINITION, { manager: 'me' });
    const error = refusal(() =>
      store.create({ ...WIDGET, metadata: { name: 'w', namespace: 'default' }, spec: { size: 0 } }, { manager: 'me' }),
    );
    expect(error.message).toBe(
      'Widget.example.com "w" is invalid: spec.size: Invalid value: 0: spec.size in body should be greater than or equal to 1',
    );
  });
});

describe('Events', () => {
  it('are the same objects in core/v1 and events.k8s.io/v1', () => {
    const { store } = newStore();
    const event = {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name: 'e', namespace: 'default' },
      involvedObject: { kind: 'Pod', name: 'p', namespace: 'default' },
      reason: 'Failed',
      message: 'it broke',
      type: 'Warning',
    };
    store.create(event, { manager: 'me' });
    expect(store.get({ apiVersion: 'events.k8s.io/v1', kind: 'Event', namespace: 'default', name: 'e' })).toMatchObject({
      apiVersion: 'events.k8s.io/v1',
      regarding: { kind: 'Pod', name: 'p' },
      note: 'it broke',
    });
    expect(store.list({ apiVersion: 'v1', kind: 'Event' }, { fieldSelector: 'involvedObject.name=p,type=Warning' })).toHaveLength(1);
    expect(store.list({ apiVersion: 'v1', kind: 'Event' }, { fieldSelector: 'involvedObject.name!=p' })).toHaveLength(0);
  });
});

describe('listing and watching', () => {
  it('selects by labels and fields', () => {
    const { store } = newStore();
    store.create(configMap('a', {}, { tier: 'web', app: 'x' }), { manager: 'me' });
    store.create(configMap('b', {}, { tier: 'db' }), { manager: 'me' });
    const names = (labelSelector: string): string[] => store.list(CONFIG_MAP, { labelSelector }).map(({ metadata }) => metadata.name);
    expect(names('tier=web')).toEqual(['a']);
    expect(names('tier in (web, db),!app')).toEqual(['b']);
    expect(names('tier notin (web)')).toEqual(['b']);
    expect(names('app!=x')).toEqual(['b']);
    expect(store.list(CONFIG_MAP, { fieldSelector: 'metadata.name=b' })).toHaveLength(1);
    expect(refusal(() => store.list(CONFIG_MAP, { fieldSelector: 'data=x' })).code).toBe(400);
  });

  it('tells listeners of every change in order, after the write itself', async () => {
    const { store } = newStore();
    const events: ClusterEvent[] = [];
    const stop = store.watch(CONFIG_MAP, (event) => events.push(event));
    store.create(configMap('a', { x: '0' }), { manager: 'me' });
    expect(events).toEqual([]);
    store.update(configMap('a', { x: '1' }), { manager: 'me' });
    store.delete({ ...CONFIG_MAP, namespace: 'default', name: 'a' });
    await settled();
    expect(events.map(({ type }) => type)).toEqual(['ADDED', 'MODIFIED', 'DELETED']);
    expect(events[1]).toMatchObject({ before: { data: { x: '0' } }, object: { data: { x: '1' } } });
    stop();
    store.create(configMap('b'), { manager: 'me' });
    await settled();
    expect(events).toHaveLength(3);
  });

  it('hands out frozen objects, so that a controller cannot change what is stored', () => {
    const { store } = newStore();
    const created = store.create(configMap('a', { x: '1' }), { manager: 'me' });
    expect(() => {
      (created.data as Record<string, string>).x = '2';
    }).toThrow(TypeError);
  });

  it('forgets old history', () => {
    const { store } = newStore(2);
    const first = Number(store.create(configMap('a'), { manager: 'me' }).metadata.resourceVersion);
    for (const name of ['b', 'c', 'd']) store.create(configMap(name), { manager: 'me' });
    expect(refusal(() => store.state.history.since('configmaps', first)).status).toMatchObject({ code: 410, reason: 'Expired' });
  });
});
