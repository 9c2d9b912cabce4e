/** Pods, where no program runs: what their images and annotations make of them. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type ControlPlane, startControlPlane } from '../control-plane.ts';
import { READY_AFTER } from '../nodes/behaviour.ts';
import { kubectlOf } from './boot/kubectl.ts';

const APP = 'ghcr.io/ebb-dev/sample-saas-app';
const PATIENT = { timeout: 60_000, interval: 100 };

interface Pod {
  metadata: { name: string; deletionTimestamp?: string };
  status: {
    phase: string;
    podIP?: string;
    conditions: { type: string; status: string; reason?: string; message?: string; lastTransitionTime: string }[];
    containerStatuses: {
      name: string;
      ready: boolean;
      started: boolean;
      restartCount: number;
      state: { waiting?: { reason: string; message: string }; running?: object };
      lastState: { terminated?: { exitCode: number } };
    }[];
  };
}

let plane: ControlPlane;
let kubectl: (...args: string[]) => Promise<string>;

beforeAll(async () => {
  plane = await startControlPlane();
  kubectl = kubectlOf(plane);
});

afterAll(() => plane?.stop());

async function podOf(app: string): Promise<Pod | undefined> {
  const list = JSON.parse(await kubectl('get', 'pods', '-l', `app=${app}`, '-o', 'json')) as { items: Pod[] };
  return list.items[0];
}

/** `READY RESTARTS REASON`, as kubectl's table has them. */
async function seen(app: string): Promise<string> {
  const pod = await podOf(app);
  const [container] = pod?.status.containerStatuses ?? [];
  return container
    ? `${container.ready ? '1/1' : '0/1'} ${container.restartCount} ${container.state.waiting?.reason ?? pod?.status.phase}`
    : '';
}

function condition(pod: Pod | undefined, type: string) {
  return pod?.status.conditions.find((one) => one.type === type);
}

async function warnings(app: string): Promise<{ reason: string; count: number }[]> {
  const { metadata } = (await podOf(app)) as Pod;
  const fields = `involvedObject.name=${metadata.name},type=Warning`;
  const { items } = JSON.parse(await kubectl('get', 'events', '--field-selector', fields, '-o', 'json')) as {
    items: { reason: string; count: number }[];
  };
  return items.map(({ reason, count }) => ({ reason, count }));
}

it('are ready at once, with an address that their Service knows', async () => {
  await kubectl('create', 'deployment', 'good', `--image=${APP}:1.0.1`, '--port=8080');
  await kubectl('expose', 'deployment', 'good');
  await expect.poll(() => seen('good'), PATIENT).toBe('1/1 0 Running');
  const pod = await podOf('good');
  expect(condition(pod, 'Ready')?.status).toBe('True');
  const addresses = () =>
    kubectl('get', 'endpointslices', '-l', 'kubernetes.io/service-name=good', '-o', 'jsonpath={.items[*].endpoints[*].addresses[*]}');
  await expect.poll(addresses, PATIENT).toBe(pod?.status.podIP);
  await kubectl('delete', 'pod', pod?.metadata.name ?? '', '--timeout=30s');
  await expect
    .poll(async () => [await seen('good'), (await podOf('good'))?.metadata.name !== pod?.metadata.name], PATIENT)
    .toEqual(['1/1 0 Running', true]);
});

it('crash, are started again at once, and then less and less often', async () => {
  await kubectl('create', 'deployment', 'crash', `--image=${APP}:1.1.0`);
  await expect.poll(() => seen('crash'), PATIENT).toBe('0/1 1 CrashLoopBackOff');
  const [container] = (await podOf('crash'))?.status.containerStatuses ?? [];
  expect(container?.lastState.terminated?.exitCode).toBe(1);
  expect(container?.state.waiting?.message).toMatch(
    /^back-off 10s restarting failed container=sample-saas-app pod=crash-\S+_default\(\S+\)$/,
  );
  await expect.poll(() => seen('crash'), PATIENT).toBe('0/1 2 CrashLoopBackOff');
  expect((await podOf('crash'))?.status.containerStatuses[0]?.state.waiting?.message).toContain('back-off 20s');
  expect(await warnings('crash')).toContainEqual({ reason: 'BackOff', count: 2 });
});

it('run and never get ready', async () => {
  await kubectl('create', 'deployment', 'unready', `--image=${APP}:1.2.0`);
  await expect.poll(() => seen('unready'), PATIENT).toBe('0/1 0 Running');
  expect(condition(await podOf('unready'), 'Ready')).toMatchObject({
    status: 'False',
    reason: 'ContainersNotReady',
    message: 'containers with unready status: [sample-saas-app]',
  });
  await expect.poll(() => warnings('unready'), PATIENT).toEqual([{ reason: 'Unhealthy', count: 3 }]);
});

it('wait for an image that nobody published', async () => {
  await kubectl('create', 'deployment', 'unknown', `--image=${APP}:9.9.9`);
  await expect.poll(() => seen('unknown'), PATIENT).toBe('0/1 0 ImagePullBackOff');
  const pod = await podOf('unknown');
  expect(pod?.status.phase).toBe('Pending');
  expect(pod?.status.containerStatuses[0]?.state.waiting?.message).toContain(`"${APP}:9.9.9"`);
  await kubectl('set', 'image', 'deployment/unknown', 'sample-saas-app=ghcr.io/elsewhere/app:9.9.9');
  await expect.poll(() => seen('unknown'), PATIENT).toBe('1/1 0 Running');
});

it('get ready as late as their annotation says', async () => {
  const template = { metadata: { annotations: { [READY_AFTER]: '3s' } } };
  await kubectl('create', 'deployment', 'slow', '--image=nginx', '--replicas=0');
  await kubectl('patch', 'deployment', 'slow', '-p', JSON.stringify({ spec: { replicas: 1, template } }));
  await expect.poll(() => seen('slow'), PATIENT).toBe('0/1 0 Running');
  const before = condition(await podOf('slow'), 'Ready')?.lastTransitionTime ?? '';
  await expect.poll(() => seen('slow'), PATIENT).toBe('1/1 0 Running');
  const after = condition(await podOf('slow'), 'Ready')?.lastTransitionTime ?? '';
  expect(Date.parse(after) - Date.parse(before)).toBeGreaterThanOrEqual(2_000);
  expect(condition(await podOf('slow'), 'Ready')?.reason).toBeUndefined();
});

it('of a Job come to their end, a good one or a bad one', async () => {
  await kubectl('create', 'job', 'good', '--image=busybox');
  await kubectl('create', 'job', 'bad', `--image=${APP}:1.1.0`);
  const condition = (name: string) => kubectl('get', 'job', name, '-o', 'jsonpath={.status.conditions[*].type}');
  await expect.poll(() => condition('good'), PATIENT).toContain('Complete');
  const ended = () =>
    kubectl('get', 'pods', '-l', 'job-name=bad', '-o', 'jsonpath={.items[0].status.containerStatuses[0].state.terminated.exitCode}');
  await expect.poll(ended, PATIENT).toBe('1');
});
