import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../../api/kube.ts';
import type { Pod, Workload } from '../../api/workloads.ts';
import {
  AUTOSCALER,
  type Autoscaler,
  DAEMON_SET,
  DEPLOYMENT,
  DISRUPTION_BUDGET,
  type DisruptionBudget,
  JOB,
  type Job,
  NODE,
  POD,
  SERVICE,
  type Service,
  STATEFUL_SET,
} from './kinds.ts';
import { type Bed, fetchText, startBed } from './testing/bed.ts';
import { container, deployment, service, statefulSet } from './testing/manifests.ts';

async function withBed(run: (bed: Bed) => Promise<void>, options: Parameters<typeof startBed>[0] = {}): Promise<void> {
  const bed = startBed(options);
  try {
    await run(bed);
  } finally {
    await bed.stop();
  }
}

const isAlive = (pid: number) => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

async function pidOf(bed: Bed): Promise<number> {
  const pod = await bed.until('a ready pod', () => bed.pods().find((each: Pod) => each.status?.containerStatuses?.[0]?.ready));
  return Number((await fetchText(pod.status?.podIP ?? '', 8080, '/pid'))?.body);
}

describe('the end of the sandbox', () => {
  it('leaves no process, listener or file behind, even of programs that will not end', async () => {
    const bed = startBed();
    bed.apply(service('api', 21_000 + (process.pid % 10_000)));
    bed.apply(deployment({ image: 'server:v1-ignores-sigterm' }));
    const pid = await pidOf(bed);
    const { podIP = '' } = bed.pods()[0]?.status ?? {};
    await bed.stop();
    expect(isAlive(pid)).toBe(false);
    expect(existsSync(bed.workDir)).toBe(false);
    expect(await fetchText(podIP, 8080, '/version')).toBeUndefined();
    const { clusterIP = '', ports = [] } = bed.find<Service>(SERVICE, 'api')?.spec ?? {};
    expect(await fetchText(clusterIP, ports[0]?.port ?? 0, '/version')).toBeUndefined();
  });

  it('ends the pods even where the sandbox itself is killed', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'workloads-'));
    const [workDir, script] = [join(folder, 'work'), join(folder, 'doomed.mjs')];
    const entry = fileURLToPath(new URL('./testing/doomed.ts', import.meta.url));
    const banner = { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" };
    await build({ entryPoints: [entry], outfile: script, bundle: true, platform: 'node', format: 'esm', target: 'node20', banner });
    const program = fileURLToPath(new URL('./testing/server.mjs', import.meta.url));
    const sandbox = spawn(process.execPath, [script, workDir, program], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [line] = (await once(sandbox.stdout, 'data')) as [Buffer];
    const pid = Number(line.toString());
    expect(isAlive(pid)).toBe(true);
    sandbox.kill('SIGKILL');
    await once(sandbox, 'exit');
    const end = Date.now() + 10_000;
    while ((isAlive(pid) || existsSync(workDir)) && Date.now() < end) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(isAlive(pid)).toBe(false);
    expect(existsSync(workDir)).toBe(false);
    rmSync(folder, { recursive: true });
  });
});

describe('the node', () => {
  it('is one, and ready', () =>
    withBed(async (bed) => {
      const node = await bed.until('the node', () => bed.api.get<KubeObject>({ ...NODE, name: 'sandbox' }));
      await bed.until('ready', () => {
        const { conditions = [] } = (bed.api.get<KubeObject>(node && { ...NODE, name: 'sandbox' })?.status ?? {}) as {
          conditions?: { type: string; status: string }[];
        };
        return conditions.some(({ type, status }) => type === 'Ready' && status === 'True');
      });
    }));

  it('takes no pod that asks for more than it has, and says so', () =>
    withBed(async (bed) => {
      bed.apply({
        ...POD,
        metadata: { name: 'big' },
        spec: { containers: [container('server:v1', { resources: { requests: { cpu: '4000' } } })] },
      });
      await bed.until('the event', () => bed.events('big').find(({ reason }) => reason === 'FailedScheduling'));
      const pod = bed.find<Pod>(POD, 'big');
      expect(pod?.status?.phase).toBe('Pending');
      expect(pod?.status?.conditions?.find(({ type }) => type === 'PodScheduled')).toMatchObject({
        status: 'False',
        reason: 'Unschedulable',
      });
      expect(bed.events('big')[0]?.message).toContain('0/1 nodes are available: 1 Insufficient cpu.');
    }));
});

describe('a DaemonSet', () => {
  it('has one pod, which it replaces when the template changes', () =>
    withBed(async (bed) => {
      const manifest = (image: string) => {
        const { spec, ...rest } = deployment({ name: 'agent', image });
        const { replicas: _, ...daemon } = spec as { replicas: number };
        return { ...rest, ...DAEMON_SET, spec: daemon };
      };
      const observed = () => bed.find<Workload>(DAEMON_SET, 'agent');
      const done = (image: string) => () => {
        const { status, metadata } = observed() ?? {};
        const settled =
          status?.observedGeneration === metadata?.generation && status?.numberAvailable === 1 && status?.updatedNumberScheduled === 1;
        return settled && bed.pods()[0]?.spec.containers[0]?.image === image;
      };
      bed.apply(manifest('server:v1'));
      await bed.until('the first', done('server:v1'));
      bed.apply(manifest('server:v2'));
      await bed.until('the second', done('server:v2'));
      expect(observed()?.status).toMatchObject({
        desiredNumberScheduled: 1,
        currentNumberScheduled: 1,
        numberReady: 1,
        numberMisscheduled: 0,
      });
      expect(bed.pods()).toHaveLength(1);
    }));
});

describe('a Job', () => {
  const manifest = (image: string, spec: object = {}): KubeObject => ({
    ...JOB,
    metadata: { name: 'migrate' },
    spec: { template: { spec: { restartPolicy: 'Never', containers: [container(image, { readinessProbe: undefined })] } }, ...spec },
  });
  const condition = (bed: Bed, type: string) => bed.find<Job>(JOB, 'migrate')?.status?.conditions?.find((each) => each.type === type);

  it('is complete when enough pods have ended well', () =>
    withBed(async (bed) => {
      bed.apply(manifest('server:v1-done', { completions: 2 }));
      await bed.until('complete', () => condition(bed, 'Complete'));
      expect(bed.find<Job>(JOB, 'migrate')?.status).toMatchObject({ succeeded: 2 });
      expect(bed.find<Job>(JOB, 'migrate')?.status?.completionTime).toBeDefined();
      expect(bed.events('migrate').map(({ reason }) => reason)).toContain('Completed');
    }));

  it('has failed after as many failures as it allows', () =>
    withBed(async (bed) => {
      bed.apply(manifest('server:v1-crash', { backoffLimit: 1 }));
      await bed.until('failed', () => condition(bed, 'Failed'));
      expect(condition(bed, 'Failed')).toMatchObject({
        reason: 'BackoffLimitExceeded',
        message: 'Job has reached the specified backoff limit',
      });
      expect(bed.find<Job>(JOB, 'migrate')?.status).toMatchObject({ failed: 2 });
    }));
});

describe('an autoscaler without metrics', () => {
  it('keeps the scale within its bounds and says what it lacks', () =>
    withBed(async (bed) => {
      bed.apply(deployment({ image: 'server:v1', spec: { replicas: 1 } }));
      bed.apply({
        ...AUTOSCALER,
        metadata: { name: 'api' },
        spec: { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'api' }, minReplicas: 3, maxReplicas: 5 },
      });
      await bed.until('three', () => bed.find<Workload>(DEPLOYMENT, 'api')?.spec.replicas === 3);
      const active = await bed.until('the condition', () =>
        bed.find<Autoscaler>(AUTOSCALER, 'api')?.status?.conditions?.find(({ type }) => type === 'ScalingActive'),
      );
      expect(active).toMatchObject({ status: 'False', reason: 'FailedGetResourceMetric' });
      await bed.until('the count', () => bed.find<Autoscaler>(AUTOSCALER, 'api')?.status?.currentReplicas === 3);
      const managers = bed.find<Workload>(DEPLOYMENT, 'api')?.metadata.managedFields?.filter(({ subresource }) => subresource === 'scale');
      expect(managers?.map(({ manager }) => manager)).toEqual(['kube-controller-manager']);
      expect(bed.events('api').map(({ message }) => message)).toContain(
        'New size: 3; reason: Current number of replicas below Spec.MinReplicas',
      );
    }));
});

describe('a disruption budget', () => {
  it('counts what may be disrupted', () =>
    withBed(async (bed) => {
      bed.apply({
        ...DISRUPTION_BUDGET,
        metadata: { name: 'api' },
        spec: { minAvailable: '50%', selector: { matchLabels: { app: 'api' } } },
      });
      bed.apply(deployment({ image: 'server:v1', spec: { replicas: 3 } }));
      const status = () => bed.find<DisruptionBudget>(DISRUPTION_BUDGET, 'api')?.status;
      await bed.until('one', () => status()?.disruptionsAllowed === 1);
      expect(status()).toMatchObject({
        currentHealthy: 3,
        desiredHealthy: 2,
        expectedPods: 3,
      });
    }));
});

describe('a volume claim', () => {
  it('outlives the pod that wrote into it, and belongs to the member of a StatefulSet', () =>
    withBed(async (bed) => {
      const claim = { metadata: { name: 'data' }, spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } } };
      const write =
        "const f = process.env.EBB_ROOTFS + '/data/starts'; require('node:fs').appendFileSync(f, 'x'); process.stdout.write(require('node:fs').readFileSync(f, 'utf8'))";
      const readinessProbe = { exec: { command: [process.execPath, '-e', write] }, timeoutSeconds: 10, periodSeconds: 600 };
      const spec = { replicas: 1, volumeClaimTemplates: [claim] };
      bed.apply(
        statefulSet({ image: 'server:v1', spec, container: { readinessProbe, volumeMounts: [{ name: 'data', mountPath: '/data' }] } }),
      );
      const ready = () => bed.find<Workload>(STATEFUL_SET, 'db')?.status?.readyReplicas === 1;
      await bed.until('ready', ready);
      const first = bed.find<Pod>(POD, 'db-0')?.metadata.uid;
      bed.api.delete({ ...POD, namespace: 'default', name: 'db-0' });
      await bed.until('ready again', () => bed.find<Pod>(POD, 'db-0')?.metadata.uid !== first && ready());
      const claims = bed.api.list<KubeObject>({ apiVersion: 'v1', kind: 'PersistentVolumeClaim' }, { namespace: 'default' });
      expect(claims.map(({ metadata, status }) => [metadata.name, (status as { phase?: string }).phase])).toEqual([['data-db-0', 'Bound']]);
    }));
});
