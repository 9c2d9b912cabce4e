import { existsSync, readFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import type { KubeObject } from '../../../api/kube.ts';
import type { Container, Pod, PodSpec } from '../../../api/workloads.ts';
import { CONFIG_MAP, POD, SECRET } from '../kinds.ts';
import { isPodReady } from '../pods.ts';
import { type Bed, fetchText, startBed } from '../testing/bed.ts';
import { container } from '../testing/manifests.ts';

let bed: Bed;
afterEach(() => bed.stop());

function pod(image: string, extra: Partial<Container> = {}, spec: Partial<PodSpec> = {}): KubeObject {
  return { ...POD, metadata: { name: 'web', labels: { app: 'web' } }, spec: { containers: [container(image, extra)], ...spec } };
}

const web = () => bed.find<Pod>(POD, 'web');
const status = () => web()?.status?.containerStatuses?.[0];
const waiting = () => status()?.state?.waiting;
const told = () => bed.events('web').map(({ reason, message }) => `${reason}: ${message}`);
const ready = () => bed.until('the pod is ready', () => isPodReady(web() as Pod) && web());
const ask = async (path: string) => (await fetchText(web()?.status?.podIP ?? '', 8080, path))?.body;

async function log(request = {}): Promise<string> {
  let text = '';
  for await (const chunk of bed.workloads.logs.read({ namespace: 'default', name: 'web' }, request, new AbortController().signal))
    text += chunk;
  return text;
}

describe('a pod', () => {
  it('is a real process on an address of its own', async () => {
    bed = startBed();
    bed.apply(pod('server:v1'));
    const { status: observed } = await ready();
    expect(observed?.podIP).toMatch(/^127\.90\./);
    expect(await ask('/version')).toBe('v1');
    expect(observed?.phase).toBe('Running');
    expect(Object.fromEntries((observed?.conditions ?? []).map(({ type, status: state }) => [type, state]))).toEqual({
      PodReadyToStartContainers: 'True',
      Initialized: 'True',
      Ready: 'True',
      ContainersReady: 'True',
      PodScheduled: 'True',
    });
    expect(told()).toEqual(
      expect.arrayContaining([
        'Scheduled: Successfully assigned default/web to sandbox',
        'Pulling: Pulling image "server:v1"',
        'Created: Container created',
        'Started: Container started',
      ]),
    );
  });

  it('is restarted with growing delays where it crashes', async () => {
    bed = startBed();
    bed.apply(pod('server:v1-crash'));
    await bed.until('the back-off', () => waiting()?.reason === 'CrashLoopBackOff' && (status()?.restartCount ?? 0) >= 1);
    const uid = web()?.metadata.uid;
    expect(waiting()?.message).toMatch(new RegExp(`^back-off (10|20)s restarting failed container=app pod=web_default\\(${uid}\\)$`));
    expect(status()?.lastState?.terminated).toMatchObject({ exitCode: 3, reason: 'Error' });
    expect(web()?.status?.phase).toBe('Running');
    await bed.until('a longer delay', () => waiting()?.message?.startsWith('back-off 40s'));
    expect(status()?.restartCount).toBe(3);
    const backOff = bed.events('web').find(({ reason }) => reason === 'BackOff');
    expect(backOff).toMatchObject({ type: 'Warning', message: `Back-off restarting failed container app in pod web_default(${uid})` });
    expect(backOff?.count).toBeGreaterThan(2);
    expect(await log({ previous: true })).toBe('v1 starting in web\nv1 cannot go on\n');
  });

  it('gets no image where its pull secret is gone, and is placed only with its claim', async () => {
    bed = startBed();
    const volumes = [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }];
    bed.apply(pod('server:v1', {}, { imagePullSecrets: [{ name: 'registry' }], volumes }));
    await bed.until('it is not placed', () =>
      told().includes('FailedScheduling: 0/1 nodes are available: persistentvolumeclaim "data" not found. not found'),
    );
    bed.apply({
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name: 'data' },
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
    });
    await bed.until('the pull fails', () => waiting()?.reason === 'ErrImagePull');
    expect(waiting()?.message).toMatch(/failed to authorize: .* 401 Unauthorized$/);
    expect(told()).toContain(
      'FailedToRetrieveImagePullSecret: Unable to retrieve some image pull secrets (registry); attempting to pull the image may not succeed.',
    );
    bed.apply({ ...SECRET, metadata: { name: 'registry' } });
    await ready();
  });

  it('waits for an image that the registry does not have', async () => {
    bed = startBed();
    bed.apply(pod('missing:v1'));
    await bed.until('the first failure', () => waiting()?.reason === 'ErrImagePull');
    const error = waiting()?.message;
    expect(error).toContain('failed to resolve reference "missing:v1"');
    await bed.until('the back-off', () => waiting()?.reason === 'ImagePullBackOff');
    expect(waiting()?.message).toBe(`Back-off pulling image "missing:v1": ErrImagePull: ${error}`);
    expect(told()).toEqual(expect.arrayContaining(['Failed: Error: ErrImagePull', 'BackOff: Back-off pulling image "missing:v1"']));
    expect(web()?.status?.phase).toBe('Pending');
    expect(() => bed.workloads.logs.read({ namespace: 'default', name: 'web' }, {}, new AbortController().signal)).toThrow(
      'container "app" in pod "web" is waiting to start: trying and failing to pull image',
    );
  });

  it('waits for configuration that is missing, and starts when it is there', async () => {
    bed = startBed();
    bed.apply(pod('server:v1', { env: [{ name: 'GREETING', valueFrom: { configMapKeyRef: { name: 'settings', key: 'greeting' } } }] }));
    await bed.until('the error', () => waiting()?.reason === 'CreateContainerConfigError');
    expect(waiting()?.message).toBe('configmap "settings" not found');
    expect(told()).toContain('Failed: Error: configmap "settings" not found');
    bed.apply({ ...CONFIG_MAP, metadata: { name: 'settings' }, data: { other: '1' } });
    await bed.until('the other error', () => waiting()?.message === "couldn't find key greeting in ConfigMap default/settings");
    bed.apply({ ...CONFIG_MAP, metadata: { name: 'settings' }, data: { greeting: 'hello' } });
    await ready();
    expect(JSON.parse((await ask('/env')) ?? '{}')).toMatchObject({ GREETING: 'hello' });
  });

  it('gets its environment from everywhere that it may come from', async () => {
    bed = startBed();
    bed.apply({ ...CONFIG_MAP, metadata: { name: 'settings' }, data: { COLOUR: 'blue', SIZE: 'small' } });
    bed.apply({ ...SECRET, metadata: { name: 'keys' }, data: { token: Buffer.from('s3cret').toString('base64') } });
    const env = [
      { name: 'SIZE', value: 'large' },
      { name: 'TOKEN', valueFrom: { secretKeyRef: { name: 'keys', key: 'token' } } },
      { name: 'IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } },
      { name: 'LABEL', valueFrom: { fieldRef: { fieldPath: "metadata.labels['app']" } } },
      { name: 'BOTH', value: '$(COLOUR)-$(SIZE)-$(NONE)-$$(SIZE)' },
      { name: 'ABSENT', valueFrom: { configMapKeyRef: { name: 'nowhere', key: 'x', optional: true } } },
    ];
    bed.apply(pod('server:v1', { env, envFrom: [{ configMapRef: { name: 'settings' } }] }));
    await ready();
    const seen = JSON.parse((await ask('/env')) ?? '{}');
    expect(seen).toMatchObject({ COLOUR: 'blue', SIZE: 'large', TOKEN: 's3cret', LABEL: 'web', VERSION: 'v1', HOSTNAME: 'web' });
    expect(seen.IP).toBe(web()?.status?.podIP);
    expect(seen.BOTH).toBe('blue-large-$(NONE)-$(SIZE)');
    expect(seen).not.toHaveProperty('ABSENT');
  });

  it('does not start before its volumes are there', async () => {
    bed = startBed();
    const mount = { volumeMounts: [{ name: 'config', mountPath: '/etc/app' }] };
    bed.apply(pod('server:v1', mount, { volumes: [{ name: 'config', configMap: { name: 'files' } }] }));
    await bed.until('the event', () =>
      told().includes('FailedMount: MountVolume.SetUp failed for volume "config" : configmap "files" not found'),
    );
    expect(waiting()?.reason).toBe('ContainerCreating');
    bed.apply({ ...CONFIG_MAP, metadata: { name: 'files' }, data: { 'app.conf': 'on' } });
    await ready();
    const root = JSON.parse((await ask('/env')) ?? '{}').EBB_ROOTFS as string;
    expect(existsSync(`${root}/etc/app/app.conf`)).toBe(true);
  });

  it('is restarted by a failing liveness probe', async () => {
    bed = startBed();
    const livenessProbe = { httpGet: { path: '/healthz', port: 8080 }, initialDelaySeconds: 20, periodSeconds: 2, failureThreshold: 2 };
    bed.apply(pod('server:v1', { livenessProbe }));
    await ready();
    const before = await ask('/pid');
    expect(status()?.restartCount).toBe(0);
    await ask('/break');
    await bed.until('a restart', () => status()?.restartCount === 1 && status()?.ready);
    expect(await ask('/pid')).not.toBe(before);
    expect(told()).toEqual(
      expect.arrayContaining([
        'Unhealthy: Liveness probe failed: HTTP probe failed with statuscode: 500',
        'Killing: Container app failed liveness probe, will be restarted',
      ]),
    );
    expect(status()?.lastState?.terminated).toMatchObject({ exitCode: 0, reason: 'Completed' });
  });

  it('is restarted by a startup probe that fails for good, and is not asked for readiness before', async () => {
    bed = startBed();
    const startupProbe = { httpGet: { path: '/nothing', port: 8080 }, periodSeconds: 20, failureThreshold: 4 };
    bed.apply(pod('server:v1', { startupProbe }));
    await bed.until('a restart', () => status()?.restartCount === 1);
    expect(told()).toEqual(
      expect.arrayContaining([
        'Unhealthy: Startup probe failed: HTTP probe failed with statuscode: 404',
        'Killing: Container app failed startup probe, will be restarted',
      ]),
    );
    expect(told().some((line) => line.includes('Readiness'))).toBe(false);
    expect(status()).toMatchObject({ started: false, ready: false });
  });

  it('answers probes by plain processes, too', async () => {
    bed = startBed();
    const exec = (code: number) => ({
      exec: { command: [process.execPath, '-e', `console.log("code ${code}"); process.exit(${code})`] },
      periodSeconds: 5,
      timeoutSeconds: 10,
    });
    bed.apply(pod('server:v1', { readinessProbe: exec(0), livenessProbe: { ...exec(1), failureThreshold: 1_000 } }));
    await ready();
    await bed.until('the other fails', () => told().includes('Unhealthy: Liveness probe failed: code 1'));
  });

  it('stays unready where its readiness probe fails, and says why', async () => {
    bed = startBed();
    bed.apply(pod('server:v1-never-ready'));
    await bed.until('the probe fails', () => told().includes('Unhealthy: Readiness probe failed: HTTP probe failed with statuscode: 503'));
    expect(status()).toMatchObject({ ready: false, started: true, restartCount: 0 });
    const condition = web()?.status?.conditions?.find(({ type }) => type === 'Ready');
    expect(condition).toMatchObject({ status: 'False', reason: 'ContainersNotReady', message: 'containers with unready status: [app]' });
  });

  it('is given time to end, and then is gone', async () => {
    bed = startBed();
    bed.apply(pod('server:v1'));
    await ready();
    const pid = Number(await ask('/pid'));
    const lines: string[] = [];
    const following = (async () => {
      const request = { follow: true };
      for await (const chunk of bed.workloads.logs.read({ namespace: 'default', name: 'web' }, request, new AbortController().signal))
        lines.push(chunk);
    })();
    bed.api.delete({ ...POD, namespace: 'default', name: 'web' });
    expect(web()?.metadata.deletionTimestamp).toBeDefined();
    await bed.until('the object is gone', () => web() === undefined);
    await following;
    expect(lines.join('')).toContain('bye');
    expect(told()).toContain('Killing: Stopping container app');
    expect(() => process.kill(pid, 0)).toThrow();
  });

  it('is killed where it does not end within the grace period', async () => {
    bed = startBed();
    bed.apply(pod('server:v1-ignores-sigterm', {}, { terminationGracePeriodSeconds: 10 }));
    await ready();
    const pid = Number(await ask('/pid'));
    const ends: (number | undefined)[] = [];
    const stop = bed.api.watch<Pod>(POD, ({ object }) => ends.push(object.status?.containerStatuses?.[0]?.state?.terminated?.exitCode));
    const began = bed.clock.now().getTime();
    bed.api.delete({ ...POD, namespace: 'default', name: 'web' });
    await bed.until('the object is gone', () => web() === undefined);
    stop();
    expect(bed.clock.now().getTime() - began).toBeGreaterThanOrEqual(9_000);
    expect(ends).toContain(137);
    expect(() => process.kill(pid, 0)).toThrow();
  });

  it('runs its init containers one after another before the others', async () => {
    bed = startBed();
    const initContainers = ['one', 'two'].map((name) => container('other:v1-done', { name, readinessProbe: undefined, ports: [] }));
    bed.apply(pod('server:v1', {}, { initContainers }));
    await ready();
    const ends = web()?.status?.initContainerStatuses?.map(({ name, ready: over, state }) => [name, over, state?.terminated?.reason]);
    expect(ends).toEqual([
      ['one', true, 'Completed'],
      ['two', true, 'Completed'],
    ]);
  });

  it('keeps a sidecar running beside the others and ends it after them', async () => {
    bed = startBed();
    const sidecar = container('other:v1', {
      name: 'side',
      restartPolicy: 'Always',
      readinessProbe: undefined,
      ports: [],
      env: [{ name: 'PORT', value: '9090' }],
    });
    bed.apply(pod('server:v1', {}, { initContainers: [sidecar] }));
    await ready();
    expect(web()?.status?.initContainerStatuses?.[0]).toMatchObject({ ready: true, started: true });
    expect(web()?.status?.initContainerStatuses?.[0]?.state?.running).toBeDefined();
    bed.api.delete({ ...POD, namespace: 'default', name: 'web' });
    await bed.until('gone', () => web() === undefined);
    const killed = told().filter((line) => line.startsWith('Killing'));
    expect(killed).toEqual(['Killing: Stopping container app', 'Killing: Stopping container side']);
  });

  it('ends as Succeeded where its program is done and nothing is to be restarted', async () => {
    bed = startBed();
    bed.apply(pod('server:v1-done', { readinessProbe: undefined }, { restartPolicy: 'OnFailure' }));
    await bed.until('it succeeded', () => web()?.status?.phase === 'Succeeded');
    expect(status()?.state?.terminated).toMatchObject({ exitCode: 0, reason: 'Completed' });
    expect(web()?.status?.conditions?.find(({ type }) => type === 'Ready')).toMatchObject({ status: 'False', reason: 'PodCompleted' });
    expect(await log()).toBe('v1 starting in web\n');
  });

  it('sees changes of a mounted ConfigMap, but not of its environment', async () => {
    bed = startBed({ speed: 100 });
    const settings = (colour: string) => bed.apply({ ...CONFIG_MAP, metadata: { name: 'settings' }, data: { colour } });
    settings('red');
    const source = { env: [{ name: 'COLOUR', valueFrom: { configMapKeyRef: { name: 'settings', key: 'colour' } } }] };
    bed.apply(
      pod(
        'server:v1',
        { ...source, volumeMounts: [{ name: 'config', mountPath: '/etc/app' }] },
        { volumes: [{ name: 'config', configMap: { name: 'settings' } }] },
      ),
    );
    await ready();
    const root = JSON.parse((await ask('/env')) ?? '{}').EBB_ROOTFS as string;
    settings('green');
    await bed.until('the file changes', () => readFileSync(`${root}/etc/app/colour`, 'utf8') === 'green');
    expect(JSON.parse((await ask('/env')) ?? '{}').COLOUR).toBe('red');
  });

  it('fails for good where an init container fails and nothing is to be restarted', async () => {
    bed = startBed();
    const initContainers = [container('server:v1-crash', { name: 'setup', readinessProbe: undefined })];
    bed.apply(pod('server:v1', {}, { initContainers, restartPolicy: 'Never' }));
    await bed.until('it failed', () => web()?.status?.phase === 'Failed');
    expect(status()?.state?.waiting?.reason).toBe('PodInitializing');
    expect(web()?.status?.conditions?.find(({ type }) => type === 'Initialized')).toMatchObject({
      reason: 'ContainersNotInitialized',
      message: 'containers with incomplete status: [setup]',
    });
  });

  it('shows the last lines of its log, with times where asked', async () => {
    bed = startBed();
    bed.apply(pod('server:v1'));
    await ready();
    expect(await log()).toBe('v1 starting in web\nv1 listening on 8080\n');
    expect(await log({ tailLines: 1 })).toBe('v1 listening on 8080\n');
    expect(await log({ tailLines: 1, timestamps: true })).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z v1 listening on 8080\n$/);
    const read = (request: object) => () =>
      bed.workloads.logs.read({ namespace: 'default', name: 'web' }, request, new AbortController().signal);
    expect(read({ previous: true })).toThrow('previous terminated container "app" in pod "web" not found');
    expect(read({ container: 'nope' })).toThrow('container nope is not valid for pod web');
  });

  it('shares one address with ports of its own where there are no others', async () => {
    bed = startBed({ sharedAddress: true });
    bed.apply(pod('server:v1'));
    const { status: observed } = await ready();
    expect(observed?.podIP).toBe('127.0.0.1');
    const route = bed.workloads.routes.pod('default', 'web', 8080);
    expect(route?.port).not.toBe(8080);
    expect((await fetchText(route?.host ?? '', route?.port ?? 0, '/version'))?.body).toBe('v1');
  });
});
