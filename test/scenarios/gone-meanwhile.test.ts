import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KUSTOMIZATION, REQUESTED_AT } from '../../src/api/flux.ts';
import { LOOKS_UP, withLookups } from './stage/lookups.ts';
import { explain, openStage, type Stage } from './stage.ts';

/** What the good version needs and Git does not hold is gone when one comes back to it. */

const NAMESPACE = 'gone';
const APP = 'apps/gone';
const IMAGE = 'ghcr.io/ebb-dev/sample-saas-app';

interface DeploymentParts {
  version: string;
  /** Lines of the pod's spec. */
  spec?: string;
  /** Lines of its container. */
  container?: string;
  /** Lines of the Deployment's spec. */
  deployment?: string;
}

function deployment(name: string, { version, spec = '', container = '', deployment: own = '' }: DeploymentParts): string {
  return `apiVersion: apps/v1
kind: Deployment
metadata:
  name: ${name}
spec:
  replicas: 1
  selector:
    matchLabels: { app: ${name} }
${own}  template:
    metadata:
      labels: { app: ${name}, ${LOOKS_UP}: "true" }
    spec:
      terminationGracePeriodSeconds: 1
${spec}      containers:
        - name: app
          image: ${IMAGE}:${version}
          readinessProbe: { httpGet: { path: /readyz, port: 8080 }, periodSeconds: 1 }
${container}`;
}

function release(version: string): Record<string, string> {
  return {
    [`${APP}/api.yaml`]: deployment('api', {
      version,
      container: '          envFrom: [{ secretRef: { name: login } }, { configMapRef: { name: settings } }]\n',
    }),
    [`${APP}/edge.yaml`]: deployment('edge', {
      version,
      spec: '      volumes: [{ name: certificate, secret: { secretName: edge-tls } }]\n',
      container: '          volumeMounts: [{ name: certificate, mountPath: /tls }]\n',
    }),
    [`${APP}/worker.yaml`]: deployment('worker', {
      version,
      spec: '      imagePullSecrets: [{ name: registry }]\n',
      container: '          imagePullPolicy: Always\n',
    }),
    [`${APP}/robot.yaml`]: deployment('robot', { version, spec: '      serviceAccountName: builder\n' }),
    [`${APP}/disk.yaml`]: deployment('disk', {
      version,
      deployment: '  strategy: { type: Recreate }\n',
      spec: '      volumes: [{ name: data, persistentVolumeClaim: { claimName: data } }]\n',
    }),
  };
}

function kustomizationOf(name: string): string {
  return `apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata:
  name: ${name}
  namespace: flux-system
spec:
  interval: 5m
  timeout: 5m
  path: ./apps/${name}
  prune: true
  wait: true
  sourceRef:
    kind: GitRepository
    name: flux-system
`;
}

/** A claim, and a volume for it: no provisioner runs here. */
function claim(volume: string): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'List',
    items: [
      {
        apiVersion: 'v1',
        kind: 'PersistentVolume',
        metadata: { name: volume },
        spec: {
          capacity: { storage: '1Gi' },
          accessModes: ['ReadWriteOnce'],
          storageClassName: 'by-hand',
          hostPath: { path: `/data/${volume}` },
        },
      },
      {
        apiVersion: 'v1',
        kind: 'PersistentVolumeClaim',
        metadata: { name: 'data', namespace: NAMESPACE },
        spec: {
          accessModes: ['ReadWriteOnce'],
          storageClassName: 'by-hand',
          resources: { requests: { storage: '1Gi' } },
          volumeName: volume,
        },
      },
    ],
  });
}

describe('what the good version needs is gone meanwhile', () => {
  let stage: Stage;
  let endLookups: () => Promise<void> = async () => {};
  beforeAll(async () => {
    stage = await openStage({ timeout: '5m' });
    endLookups = await withLookups(stage.cluster);
    await stage.kubectl('create', 'namespace', NAMESPACE);
    await make('login', 'edge-tls', 'registry', 'builder');
    await apply(claim('disk-1'));
    const list = await stage.developer.read('clusters/dev/kustomization.yaml');
    await stage.developer.push('gone: first release', {
      ...release('1.0.0'),
      [`${APP}/kustomization.yaml`]: `namespace: ${NAMESPACE}\nresources: [settings.yaml, api.yaml, edge.yaml, worker.yaml, robot.yaml, disk.yaml]\n`,
      [`${APP}/settings.yaml`]: 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: settings }\ndata: { LOOK: plain }\n',
      'clusters/dev/gone.yaml': kustomizationOf('gone'),
      'clusters/dev/kustomization.yaml': `${list}  - gone.yaml\n`,
    });
    await stage.fetchNow();
    await stage.until('gone is there', async () => (await stage.kubectl('get', 'kustomizations', '-n', 'flux-system')).includes('gone'));
    await stage.untilWell('gone');
  }, 300_000);
  afterAll(async () => {
    await endLookups();
    await stage?.leave();
  });

  async function make(...names: string[]): Promise<void> {
    for (const name of names) {
      if (name === 'builder') await stage.kubectl('create', 'serviceaccount', name, '-n', NAMESPACE);
      else await stage.kubectl('create', 'secret', 'generic', name, '-n', NAMESPACE, '--from-literal=USER=shop');
    }
  }

  async function apply(json: string): Promise<void> {
    const { items } = JSON.parse(json) as { items: { apiVersion: string; kind: string; metadata: { name: string; namespace?: string } }[] };
    for (const object of items) await stage.cluster.patch({ ...object, ...object.metadata }, object, { type: 'apply', force: true });
  }

  it('each is named with who needs it, and with what mends it; then the rollback that waits for them is well', async () => {
    const bad = await stage.developer.push('gone: 1.0.1', release('1.0.1'));
    await stage.fetchNow();
    await stage.until(
      'the bad version is applied',
      async () => (await stage.kustomization('gone')).status?.lastAttemptedRevision?.endsWith(bad) === true,
    );
    await stage.untilWell('gone');
    await stage.kubectl('delete', 'secret', 'login', 'edge-tls', 'registry', '-n', NAMESPACE);
    await stage.kubectl('delete', 'serviceaccount', 'builder', '-n', NAMESPACE);
    // The pod that uses it keeps it for now.
    await stage.kubectl('delete', 'persistentvolumeclaim', 'data', '-n', NAMESPACE, '--wait=false');

    let shown = '';
    const tee = (text: string) => {
      shown += text;
    };
    const rollback = stage.ebbWith({ tee }, 'rollback', 'gone', '--commit', bad, '--yes', '--timeout', '5m');
    const named = [
      /Secret\/gone\/login does not exist, and Deployment\/gone\/api needs it \(containers\[app\]\.envFrom\)/,
      /Secret\/gone\/edge-tls does not exist, and Deployment\/gone\/edge needs it \(volumes\[certificate\]\)/,
      /Secret\/gone\/registry does not exist, and Deployment\/gone\/worker needs it \(imagePullSecrets\)/,
      /ServiceAccount\/gone\/builder does not exist, and Deployment\/gone\/robot needs it \(serviceAccountName\)/,
      /PersistentVolumeClaim\/gone\/data (does not exist|is being deleted), and Deployment\/gone\/disk needs it \(volumes\[data\]\)/,
    ];
    let status = '';
    await stage.until('status names all five', async () => {
      status = (await stage.ebb('status', 'gone')).stdout;
      return named.every((words) => words.test(status));
    });
    expect(status).toContain('Git does not bring it back: it is not in the inventory of kustomization/flux-system/gone');
    expect(status).toContain('kubectl create serviceaccount builder -n gone');
    expect(status).toContain('kubectl create secret docker-registry registry -n gone');
    expect(status).toContain('kubectl annotate deployment robot -n gone');
    const verify = explain(await stage.ebb('verify', 'gone', '--timeout', '2s'));
    expect(verify.code).toBe(4);
    for (const words of named) expect(verify.stdout).toMatch(words);
    await stage.until('the rollback says what it waits for', async () =>
      /Obstacle: .* does not exist, and Deployment\/gone\/\w+ needs it/.test(shown),
    );

    await make('login', 'edge-tls', 'registry', 'builder');
    // As it is said: rather than to wait until the kubelet tries again.
    await stage.kubectl('delete', 'pod', '-l', 'app in (api, edge, worker)', '-n', NAMESPACE, '--grace-period=1');
    await stage.kubectl('annotate', 'deployment', 'robot', '-n', NAMESPACE, 'looked-at=now', '--overwrite');
    await stage.until('the claim is gone', async () => (await stage.kubectl('get', 'pvc', '-n', NAMESPACE, '-o', 'name')).trim() === '');
    await apply(claim('disk-2'));
    expect(explain(await rollback).code).toBe(0);
    expect(await stage.images(NAMESPACE)).toEqual([`${IMAGE}:1.0.0`]);
  });

  it('what Git has comes back with the next run of Flux, and it is said that it does', async () => {
    await stage.kubectl('delete', 'configmap', 'settings', '-n', NAMESPACE);
    await stage.kubectl('delete', 'pod', '-l', 'app=api', '-n', NAMESPACE, '--grace-period=1');
    await stage.until('status names it', async () => {
      const { stdout } = await stage.ebb('status', 'gone');
      return (
        stdout.includes('ConfigMap/gone/settings does not exist, and Deployment/gone/api needs it (containers[app].envFrom)') &&
        stdout.includes('Git has it: it is in the inventory of kustomization/flux-system/gone') &&
        stdout.includes('flux reconcile kustomization gone -n flux-system')
      );
    });
    const again = { metadata: { annotations: { [REQUESTED_AT]: new Date().toISOString() } } };
    await stage.cluster.patch({ ...KUSTOMIZATION, namespace: 'flux-system', name: 'gone' }, again, { type: 'merge' });
    await stage.until('it is there again', async () => (await stage.kubectl('get', 'configmaps', '-n', NAMESPACE)).includes('settings'));
    await stage.kubectl('delete', 'pod', '-l', 'app=api', '-n', NAMESPACE, '--grace-period=1');
    expect(explain(await stage.ebb('verify', 'gone', '--steady', '1s')).code).toBe(0);
  });

  it('a version whose image the registry has no more: certain within seconds, whatever the time that is left', async () => {
    await stage.developer.push('gone: 0.9.0', { [`${APP}/api.yaml`]: deployment('api', { version: '0.9.0' }) });
    const newer = await stage.developer.push('gone: back', { [`${APP}/api.yaml`]: release('1.0.0')[`${APP}/api.yaml`] as string });
    await stage.fetchNow();
    await stage.until('it is well', async () => (await stage.kustomization('gone')).status?.lastAppliedRevision?.endsWith(newer) === true);
    const began = Date.now();
    const rollback = explain(await stage.ebb('rollback', 'gone', '--commit', newer, '--yes', '--timeout', '10m'));
    expect(rollback.code).toBe(1);
    expect(rollback.stdout).toContain(`the registry does not have ${IMAGE}:0.9.0, which Deployment/gone/api runs (containers[app].image)`);
    expect(Date.now() - began).toBeLessThan(240_000);
  });
});
