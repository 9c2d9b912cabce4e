import { afterEach, describe, expect, it } from 'vitest';
import type { KubeObject } from '../../../../api/kube.ts';
import { ManualClock } from '../../../clock.ts';
import { createStore } from '../../store.ts';
import { type DenyingWebhook, startDenyingWebhook } from '../../testing/webhook.ts';

const manager = 'test';

function newStore() {
  return createStore({ clock: new ManualClock('2026-01-01T00:00:00Z') });
}

function pod(name: string, resources: Record<string, Record<string, string>> = {}): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'default' },
    spec: { containers: [{ name: 'app', image: 'app:1', resources }] },
  };
}

function quota(hard: Record<string, string>): KubeObject {
  return { apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name: 'few', namespace: 'default' }, spec: { hard } };
}

function claim(storage: string): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: 'data', namespace: 'default' },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage } } },
  };
}

function limitRange(limit: Record<string, unknown>): KubeObject {
  return { apiVersion: 'v1', kind: 'LimitRange', metadata: { name: 'small', namespace: 'default' }, spec: { limits: [limit] } };
}

describe('quotas', () => {
  it('count objects, and refuse the one too much', () => {
    const store = newStore();
    store.create(quota({ pods: '1', 'count/configmaps': '3' }), { manager });
    store.create(pod('one'), { manager });
    expect(() => store.create(pod('two'), { manager })).toThrow(
      'pods "two" is forbidden: exceeded quota: few, requested: pods=1, used: pods=1, limited: pods=1',
    );
    store.delete({ apiVersion: 'v1', kind: 'Pod', namespace: 'default', name: 'one' }, { gracePeriodSeconds: 0 });
    store.create(pod('two'), { manager });
  });

  it('add up what pods ask for, and have all of them ask', () => {
    const store = newStore();
    store.create(quota({ 'requests.memory': '128Mi', 'limits.cpu': '1' }), { manager });
    expect(() => store.create(pod('one', { requests: { memory: '64Mi' } }), { manager })).toThrow(
      'pods "one" is forbidden: failed quota: few: must specify limits.cpu for: app',
    );
    const asking = { requests: { memory: '100Mi' }, limits: { cpu: '500m' } };
    store.create(pod('one', asking), { manager });
    expect(() => store.create(pod('two', asking), { manager })).toThrow(
      'exceeded quota: few, requested: requests.memory=100Mi, used: requests.memory=100Mi, limited: requests.memory=128Mi',
    );
  });

  it('say in their status what is used', async () => {
    const store = newStore();
    store.create(quota({ pods: '3', 'requests.memory': '1Gi' }), { manager });
    store.create(pod('one', { requests: { memory: '64Mi' } }), { manager });
    await Promise.resolve();
    await Promise.resolve();
    const seen = store.get({ apiVersion: 'v1', kind: 'ResourceQuota', namespace: 'default', name: 'few' });
    expect(seen?.status).toEqual({ hard: { pods: '3', 'requests.memory': '1Gi' }, used: { pods: '1', 'requests.memory': '64Mi' } });
  });
});

describe('limit ranges', () => {
  it('refuse what is too large, in pods and claims', () => {
    const store = newStore();
    store.create(limitRange({ type: 'Container', max: { memory: '100Mi' } }), { manager });
    expect(() => store.create(pod('one', { limits: { memory: '128Mi' } }), { manager })).toThrow(
      'pods "one" is forbidden: maximum memory usage per Container is 100Mi, but limit is 128Mi',
    );
    store.create(
      { ...limitRange({ type: 'PersistentVolumeClaim', max: { storage: '1Gi' } }), metadata: { name: 'disks', namespace: 'default' } },
      { manager },
    );
    expect(() => store.create(claim('5Gi'), { manager })).toThrow(
      'persistentvolumeclaims "data" is forbidden: maximum storage usage per PersistentVolumeClaim is 1Gi, but request is 5Gi',
    );
  });

  it('give what is not asked for', () => {
    const store = newStore();
    store.create(limitRange({ type: 'Container', default: { memory: '100Mi' }, defaultRequest: { memory: '50Mi' } }), { manager });
    const made = store.create(pod('one'), { manager });
    expect(made.spec).toMatchObject({ containers: [{ resources: { limits: { memory: '100Mi' }, requests: { memory: '50Mi' } } }] });
  });
});

describe('webhooks', () => {
  let webhook: DenyingWebhook | undefined;
  afterEach(() => webhook?.stop());

  const registration = (clientConfig: object, more: object = {}): KubeObject => ({
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingWebhookConfiguration',
    metadata: { name: 'signed' },
    webhooks: [
      {
        name: 'signed.example.com',
        admissionReviewVersions: ['v1'],
        sideEffects: 'None',
        clientConfig,
        rules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] }],
        ...more,
      },
    ],
  });

  it('are asked, and what they say is handed on', async () => {
    webhook = await startDenyingWebhook('images must be signed');
    const store = newStore();
    store.create(registration(webhook.clientConfig), { manager });
    expect(() => store.create(pod('one'), { manager })).toThrow(
      'admission webhook "signed.example.com" denied the request: images must be signed',
    );
    store.create({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'other', namespace: 'default' } }, { manager });
  });

  it('that do not answer refuse, unless they say otherwise', async () => {
    webhook = await startDenyingWebhook('never');
    const { clientConfig } = webhook;
    await webhook.stop();
    const store = newStore();
    store.create(registration(clientConfig), { manager });
    expect(() => store.create(pod('one'), { manager })).toThrow(
      /^Internal error occurred: failed calling webhook "signed\.example\.com": failed to call webhook: Post "https:\/\/127\.0\.0\.1:\d+\/validate\?timeout=10s": dial tcp 127\.0\.0\.1:\d+: connect: connection refused$/,
    );
    store.apply(registration(clientConfig, { failurePolicy: 'Ignore' }), { manager, force: true });
    store.create(pod('one'), { manager });
  });

  it('look at the namespaces that they select', async () => {
    webhook = await startDenyingWebhook('no');
    const store = newStore();
    store.create(registration(webhook.clientConfig, { namespaceSelector: { matchLabels: { signed: 'yes' } } }), { manager });
    store.create(pod('one'), { manager });
  });
});
