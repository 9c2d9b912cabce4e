/** The control plane itself: what runs, who may do what, and that it stays to itself. */
import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ControlPlane, startControlPlane } from '../control-plane.ts';
import { runs } from './boot/gone.ts';
import { kubectlOf } from './boot/kubectl.ts';
import { listenersOf } from './boot/listeners.ts';

const READER = { token: 'reader-token', user: 'rea"der', groups: ['readers', 'qa'] };
let plane: ControlPlane;
let other: ControlPlane;

beforeAll(async () => {
  [plane, other] = await Promise.all([startControlPlane({ tokens: [READER] }), startControlPlane()]);
});

afterAll(async () => {
  await Promise.all([plane?.stop(), other?.stop()]);
});

describe('a control plane', () => {
  it('is Kubernetes 1.36 with a node that takes pods', async () => {
    const version = JSON.parse(await kubectlOf(plane)('get', '--raw', '/version')) as object;
    expect(version).toMatchObject({ emulationMajor: '1', emulationMinor: '36' });
    expect(await kubectlOf(plane)('get', 'nodes', '-o', 'jsonpath={.items[*].status.conditions[?(@.type=="Ready")].status}')).toBe('True');
  });

  it('runs every program, and each listens on 127.0.0.1 alone', async () => {
    const listeners = await Promise.all(plane.processes.map(async ({ name, pid }) => ({ name, on: await listenersOf(pid) })));
    expect(listeners.map(({ name }) => name).sort()).toEqual(
      [
        'etcd',
        'helm-controller',
        'kube-apiserver',
        'kube-controller-manager',
        'kube-scheduler',
        'kustomize-controller',
        'kwok',
        'notification-controller',
        'source-controller',
      ].sort(),
    );
    for (const { name, on } of listeners) {
      expect(on, name).not.toEqual([]);
      expect([...new Set(on.map(({ address }) => address))], name).toEqual(['127.0.0.1']);
    }
  });

  it('serves the kinds of Flux', async () => {
    const kinds = await kubectlOf(plane)('api-resources', '-o', 'name');
    expect(kinds.split('\n')).toEqual(
      expect.arrayContaining([
        'gitrepositories.source.toolkit.fluxcd.io',
        'kustomizations.kustomize.toolkit.fluxcd.io',
        'helmreleases.helm.toolkit.fluxcd.io',
        'alerts.notification.toolkit.fluxcd.io',
      ]),
    );
  });

  it('knows the user and groups of a token and judges them by RBAC', async () => {
    const kubeconfig = await plane.kubeconfigFor(READER.token);
    expect((await stat(kubeconfig)).mode & 0o777).toBe(0o600);
    const asReader = kubectlOf({ ...plane, kubeconfig });
    const who = JSON.parse(await asReader('auth', 'whoami', '-o', 'json')) as {
      status: { userInfo: { username: string; groups: string[] } };
    };
    expect(who.status.userInfo.username).toBe('rea"der');
    expect(who.status.userInfo.groups).toEqual(['readers', 'qa', 'system:authenticated']);
    await expect(asReader('get', 'pods')).rejects.toThrow(/Forbidden/);
    await kubectlOf(plane)('create', 'clusterrolebinding', 'readers', '--clusterrole=view', '--group=readers');
    await expect.poll(() => asReader('get', 'pods').catch(String), { timeout: 20_000 }).toBe('');
    await expect(asReader('get', 'pods', '--token=nobody')).rejects.toThrow(/logged in|Unauthorized/);
  });

  it('gives a new namespace its account, and collects what is left of a deleted owner', async () => {
    const kubectl = kubectlOf(plane);
    await kubectl('create', 'namespace', 'shop');
    await expect
      .poll(() => kubectl('get', 'serviceaccount', '-n', 'shop', '-o', 'name'), { timeout: 30_000 })
      .toBe('serviceaccount/default\n');
    await kubectl('create', 'deployment', 'web', '-n', 'shop', '--image=nginx');
    await expect
      .poll(() => kubectl('get', 'pods', '-n', 'shop', '-o', 'jsonpath={.items[*].status.phase}'), { timeout: 60_000 })
      .toBe('Running');
    await kubectl('delete', 'deployment', 'web', '-n', 'shop');
    await expect.poll(() => kubectl('get', 'replicasets,pods', '-n', 'shop', '-o', 'name'), { timeout: 60_000 }).toBe('');
    await kubectl('delete', 'namespace', 'shop', '--timeout=60s');
  });

  it('has a neighbour that knows nothing of it, and that stays when it is stopped', async () => {
    await kubectlOf(plane)('create', 'configmap', 'mine');
    await expect(kubectlOf(other)('get', 'configmap', 'mine')).rejects.toThrow(/NotFound/);
    const pids = plane.processes.map(({ pid }) => pid);
    await plane.stop();
    expect(await Promise.all(pids.map(runs))).toEqual(pids.map(() => false));
    expect(existsSync(plane.folder)).toBe(false);
    expect(await kubectlOf(other)('get', 'namespace', 'flux-system', '-o', 'name')).toBe('namespace/flux-system\n');
  });
});
