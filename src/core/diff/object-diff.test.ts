import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../../api/kube.ts';
import { diffObjects, imagesOf } from './object-diff.ts';

function deployment(name: string, containers: unknown[], extra: Record<string, unknown> = {}): KubeObject {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace: 'shop' },
    spec: { replicas: 2, template: { spec: { containers, ...extra } } },
  };
}

function secret(data: Record<string, string>, annotations?: Record<string, string>): KubeObject {
  return { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'db', namespace: 'shop', ...(annotations && { annotations }) }, data };
}

function configMap(name: string, data: Record<string, string>): KubeObject {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'shop' }, data };
}

describe('diffObjects', () => {
  it('says nothing of equal objects', () => {
    const object = deployment('api', [{ name: 'app', image: 'api:1' }]);
    expect(diffObjects([object], [structuredClone(object)])).toEqual([]);
  });

  it('names the container whose image changes, before every other field', () => {
    const before = deployment('api', [{ name: 'app', image: 'api:1', args: ['-v'], env: [{ name: 'MODE', value: 'a' }] }]);
    const after = deployment('api', [{ name: 'app', image: 'api:2', args: ['-q'], env: [{ name: 'MODE', value: 'b' }] }]);
    expect(diffObjects([before], [after])).toEqual([
      {
        ref: { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'shop', name: 'api' },
        change: 'changed',
        fields: [
          { path: 'spec.template.spec.containers[app].image', from: 'api:1', to: 'api:2' },
          { path: 'spec.template.spec.containers[app].args[0]', from: '-v', to: '-q' },
          { path: 'spec.template.spec.containers[app].env[MODE].value', from: 'a', to: 'b' },
        ],
        images: [{ container: 'app', from: 'api:1', to: 'api:2' }],
      },
    ]);
  });

  it('matches containers by name, so that one put in front moves nothing', () => {
    const before = deployment('api', [{ name: 'app', image: 'api:1' }]);
    const after = deployment('api', [
      { name: 'proxy', image: 'proxy:7' },
      { name: 'app', image: 'api:1' },
    ]);
    const [change] = diffObjects([before], [after]);
    expect(change?.fields).toEqual([
      { path: 'spec.template.spec.containers[proxy]', from: undefined, to: { name: 'proxy', image: 'proxy:7' }, at: 0 },
    ]);
    expect(change?.images).toEqual([{ container: 'proxy', to: 'proxy:7' }]);
  });

  it('says a change of order as one', () => {
    const [change] = diffObjects(
      [deployment('api', [], { initContainers: [{ name: 'migrate' }, { name: 'warm' }] })],
      [deployment('api', [], { initContainers: [{ name: 'warm' }, { name: 'migrate' }] })],
    );
    expect(change?.fields).toEqual([
      { path: 'spec.template.spec.initContainers(order)', from: ['migrate', 'warm'], to: ['warm', 'migrate'] },
    ]);
  });

  it('tells ports by number and protocol, mounts by path, tolerations by key', () => {
    const ports = (targetPort: number) => [
      { port: 53, protocol: 'TCP', targetPort: 1053 },
      { port: 53, protocol: 'UDP', targetPort },
    ];
    const service = (targetPort: number): KubeObject => ({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'dns', namespace: 'shop' },
      spec: { ports: ports(targetPort) },
    });
    expect(diffObjects([service(1053)], [service(5353)])[0]?.fields).toEqual([
      { path: 'spec.ports[port=53,protocol=UDP].targetPort', from: 1053, to: 5353 },
    ]);
    const pod = (readOnly: boolean, effect: string) =>
      deployment('api', [{ name: 'app', volumeMounts: [{ name: 'v', mountPath: '/data', readOnly }] }], {
        tolerations: [{ key: 'spot', effect }],
      });
    expect(diffObjects([pod(true, 'NoSchedule')], [pod(false, 'NoExecute')])[0]?.fields.map((field) => field.path)).toEqual([
      'spec.template.spec.containers[app].volumeMounts[mountPath=/data].readOnly',
      'spec.template.spec.tolerations[key=spot].effect',
    ]);
  });

  it('goes by index where items cannot be told apart', () => {
    const twice = (value: string) =>
      deployment('api', [
        {
          name: 'app',
          env: [
            { name: 'A', value: '1' },
            { name: 'A', value },
          ],
        },
      ]);
    expect(diffObjects([twice('2')], [twice('3')])[0]?.fields[0]?.path).toBe('spec.template.spec.containers[app].env[1].value');
  });

  it('writes keys that hold dots in brackets', () => {
    const before = configMap('app', { 'app.yaml': 'a' });
    const after = configMap('app', { 'app.yaml': 'b' });
    expect(diffObjects([before], [after])[0]?.fields[0]?.path).toBe('data["app.yaml"]');
  });

  it('takes two versions of one kind for the same object', () => {
    const before = { ...deployment('api', []), apiVersion: 'apps/v1beta1' };
    const [change, ...others] = diffObjects([before], [deployment('api', [])]);
    expect(others).toEqual([]);
    expect(change?.fields).toEqual([{ path: 'apiVersion', from: 'apps/v1beta1', to: 'apps/v1' }]);
  });

  it('puts workloads whose image changes first, then sorts by namespace, kind and name', () => {
    const before = [configMap('a', { x: '1' }), deployment('api', [{ name: 'app', image: 'api:1' }]), configMap('gone', {})];
    const after = [configMap('new', {}), configMap('a', { x: '2' }), deployment('api', [{ name: 'app', image: 'api:2' }])];
    expect(diffObjects(before, after).map(({ change, ref }) => `${change} ${ref.name}`)).toEqual([
      'changed api',
      'changed a',
      'removed gone',
      'added new',
    ]);
  });

  it('gives the images of added and removed workloads', () => {
    const object = deployment('api', [{ name: 'app', image: 'api:1' }]);
    expect(diffObjects([], [object])[0]?.images).toEqual([{ container: 'app', to: 'api:1' }]);
    expect(diffObjects([object], [])[0]).toMatchObject({ change: 'removed', fields: [], images: [{ container: 'app', from: 'api:1' }] });
  });
});

describe('generated names', () => {
  it('are one changed object where only the content hash differs', () => {
    const changes = diffObjects([configMap('app-config-8h2k7ft5mc', { a: '1' })], [configMap('app-config-2bdk5g9t6m', { a: '2' })]);
    expect(changes).toEqual([
      {
        ref: { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'shop', name: 'app-config-2bdk5g9t6m' },
        change: 'changed',
        fields: [
          { path: 'data.a', from: '1', to: '2' },
          { path: 'metadata.name', from: 'app-config-8h2k7ft5mc', to: 'app-config-2bdk5g9t6m' },
        ],
        images: [],
      },
    ]);
  });

  it('stay apart where more than one could be meant, or where the ending is no hash', () => {
    const before = [configMap('app-config-8h2k7ft5mc', {}), configMap('app-config-9h2k7ft5mc', {})];
    const after = [configMap('app-config-2bdk5g9t6m', {})];
    expect(diffObjects(before, after).map((one) => one.change)).toEqual(['added', 'removed', 'removed']);
    expect(diffObjects([configMap('app-one', {})], [configMap('app-two', {})]).map((one) => one.change)).toEqual(['removed', 'added']);
  });
});

describe('values of Secrets', () => {
  const old = btoa('hunter2-old');
  const now = btoa('hunter2-new');

  it('are never in a change, only that they changed', () => {
    const changes = diffObjects([secret({ password: old, gone: old })], [secret({ password: now, come: now })]);
    expect(changes[0]?.fields).toEqual([
      { path: 'data.come', from: undefined, to: '(hidden)' },
      { path: 'data.gone', from: '(hidden)', to: undefined },
      { path: 'data.password', from: '(hidden)', to: '(hidden, changed)' },
    ]);
  });

  it('are hidden in annotations that repeat them, by kubectl or by anyone', () => {
    const copy = (value: string) => ({
      'kubectl.kubernetes.io/last-applied-configuration': JSON.stringify(secret({ password: value })),
      'example.com/note': `password is ${atob(value)}`,
      'example.com/owner': value === old ? 'anna' : 'ben',
    });
    const changes = diffObjects([secret({ password: old }, copy(old))], [secret({ password: now }, copy(now))]);
    const text = JSON.stringify(changes);
    for (const leak of [old, now, 'hunter2']) expect(text).not.toContain(leak);
    expect(changes[0]?.fields).toContainEqual({ path: 'metadata.annotations["example.com/owner"]', from: 'anna', to: 'ben' });
  });

  it('are hidden where the whole of data or of the annotations comes or goes', () => {
    const bare = { ...secret({}) } as KubeObject;
    delete bare.data;
    const full = secret({ password: old }, { 'kubectl.kubernetes.io/last-applied-configuration': JSON.stringify({ p: 'x' }) });
    const text = JSON.stringify([diffObjects([bare], [full]), diffObjects([full], [bare])]);
    expect(text).not.toContain(old);
    expect(text).not.toContain('\\"p\\"');
    expect(text).toContain('"password":"(hidden)"');
  });
});

describe('imagesOf', () => {
  it('reads every pod template once, init containers and CronJobs too', () => {
    const cron: KubeObject = {
      apiVersion: 'batch/v1',
      kind: 'CronJob',
      metadata: { name: 'report', namespace: 'shop' },
      spec: { jobTemplate: { spec: { template: { spec: { containers: [{ name: 'run', image: 'report:3' }] } } } } },
    };
    const pod: KubeObject = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'p' },
      spec: { containers: [{ name: 'run', image: 'api:1' }] },
    };
    const workload = deployment('api', [{ name: 'app', image: 'api:1' }], { initContainers: [{ name: 'migrate', image: 'migrate:9' }] });
    expect(imagesOf([cron, pod, workload, configMap('c', {})])).toEqual(['api:1', 'migrate:9', 'report:3']);
  });
});
