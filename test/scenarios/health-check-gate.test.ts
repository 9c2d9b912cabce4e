import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseDuration } from '../../src/api/duration.ts';
import { READY, RECONCILING, REQUESTED_AT } from '../../src/api/flux.ts';
import type { KubeObject, ManagedFieldsEntry } from '../../src/api/kube.ts';
import { explain, openStage, type Stage } from './stage.ts';

/** `timeout` where the gate is off: the shortest that Flux heeds. In milliseconds. */
const TIMEOUT = 30_000;
/** How much later something may happen than announced: Flux looks every 5 s, and the machine may be busy. In milliseconds. */
const TOLERANCE = 12_000;

interface PlanJson {
  plan: { hazards: { name: string; evidence: string }[] };
}

/** What both describe blocks do with a stage. */
class Story {
  readonly stage: Stage;

  constructor(stage: Stage) {
    this.stage = stage;
  }

  /** Releases the version that never gets ready, and waits until Flux waits for it. @returns the commit. */
  async releaseBad(): Promise<string> {
    const bad = await this.stage.developer.release('1.2.0');
    await this.stage.fetchNow();
    await this.stage.untilAttempted(bad);
    await this.untilChecking('sample-app');
    return bad;
  }

  /** Waits until a run has come to its health checks, which is where it stays. */
  untilChecking(name: string): Promise<void> {
    return this.stage.until(`Flux waits for ${name} to get healthy`, async () => {
      const { status } = await this.stage.kustomization(name);
      const running = status?.conditions?.find((condition) => condition.type === RECONCILING);
      return running?.reason === 'Progressing' && /health check/i.test(running.message ?? '');
    });
  }

  /** Takes the newest commit back as one does it by hand, and has the source fetched. @returns the commit of the revert. */
  async revertByHand(): Promise<string> {
    const { git } = this.stage.developer;
    await git('pull', '--quiet', '--rebase', 'origin', 'main');
    await git('revert', '--no-edit', 'HEAD');
    await git('push', '--quiet', 'origin', 'HEAD:main');
    const revert = await git('rev-parse', 'HEAD');
    await this.stage.fetchNow();
    await this.stage.until(
      'the source has it',
      async () => (await this.stage.source())?.status?.artifact?.revision.endsWith(revert) === true,
    );
    return revert;
  }

  async attempted(name: string, commit: string): Promise<boolean> {
    return (await this.stage.kustomization(name)).status?.lastAttemptedRevision?.endsWith(commit) === true;
  }

  untilTaken(name: string, commit: string): Promise<void> {
    return this.stage.until(`Flux takes up ${commit.slice(0, 8)}`, () => this.attempted(name, commit));
  }

  /** How long the run goes on at most, as `ebb` announces it, in milliseconds. */
  async announced(): Promise<number | undefined> {
    const plan = explain(await this.stage.ebb('rollback', 'sample-app', '--dry-run', '--wait-out-timeout', '-o', 'json')).json<PlanJson>()
      .plan;
    const evidence = plan.hazards.find((hazard) => hazard.name === 'RunUnderWay')?.evidence;
    return parseDuration(/for at most (\S+) more/.exec(evidence ?? '')?.[1] ?? '');
  }

  runs(version: string, namespace?: string, app = 'sample-saas-app'): Promise<void> {
    return this.stage.until(
      `${version} runs`,
      async () => (await this.stage.images(namespace)).join() === `ghcr.io/ebb-dev/${app}:${version}`,
    );
  }

  /** Waits until a Kustomization is well, and asks for another run where one failed: by itself Flux would wait for `retryInterval`. */
  async untilWellAgain(name: string): Promise<void> {
    await this.stage.until(`${name} is well again`, async () => {
      const { status } = await this.stage.kustomization(name);
      const ready = status?.conditions?.find((condition) => condition.type === READY);
      if (ready?.status === 'True' && status?.lastAppliedRevision === status?.lastAttemptedRevision) return true;
      if (ready?.reason === 'HealthCheckFailed')
        await this.stage.kubectl(
          'annotate',
          '-n',
          'flux-system',
          `kustomization/${name}`,
          '--overwrite',
          `${REQUESTED_AT}=${new Date().toISOString()}`,
        );
      return false;
    });
  }

  /** Writes the condition on which health checks fail at once into a workload's status, or takes it out. */
  async mark(resource: string, namespace: string, on: boolean): Promise<void> {
    const condition = {
      type: 'Stalled',
      status: 'True',
      reason: 'RolledBack',
      message: 'by a test',
      lastTransitionTime: new Date().toISOString(),
    };
    const patch = { status: { conditions: [on ? condition : { $patch: 'delete', type: 'Stalled' }] } };
    const args = ['--subresource=status', '--type=strategic', '--field-manager=ebb', '-p', JSON.stringify(patch)];
    await this.stage.kubectl('patch', '-n', namespace, resource, ...args);
  }

  /** Marks a workload until the run that waits for it has ended, and takes the mark out. @returns milliseconds until Flux took the commit up. */
  async endRun(name: string, commit: string, resource: string, namespace: string): Promise<number> {
    const began = Date.now();
    await this.stage.until('the run ends', async () => {
      if (await this.attempted(name, commit)) return true;
      await this.mark(resource, namespace, true);
      return false;
    });
    const took = Date.now() - began;
    await this.mark(resource, namespace, false);
    return took;
  }
}

describe('with the feature gate CancelHealthCheckOnNewRevision', () => {
  let stage: Stage;
  let story: Story;
  beforeAll(async () => {
    stage = await openStage({ timeout: '5m', featureGates: { cancelHealthCheckOnNewRevision: true } });
    story = new Story(stage);
  });
  afterAll(() => stage?.leave());

  it('a revert of a release that never gets ready is applied at once', async () => {
    await story.releaseBad();
    const rollback = explain(await stage.ebb('rollback', 'sample-app', '--steady', '1s', '--yes', '-o', 'json'));
    expect(rollback.code).toBe(0);
    const report = rollback.json<{ verified: boolean; steps: { kind: string; tookMs: number }[] }>();
    expect(report.verified).toBe(true);
    expect(report.steps.find((step) => step.kind === 'reconcile')?.tookMs).toBeLessThan(TOLERANCE);
    await story.runs('1.0.0');
  });

  it('Flux tells what became of the run: HealthCheckCanceled', async () => {
    const events = await stage.cluster.list(
      { apiVersion: 'v1', kind: 'Event' },
      { namespace: 'flux-system', fieldSelector: 'involvedObject.name=sample-app' },
    );
    expect(events.map((event) => event.reason)).toContain('HealthCheckCanceled');
    expect(events.map((event) => event.reason)).not.toContain('HealthCheckFailed');
  });
});

describe('without the gate, as Flux comes', () => {
  let stage: Stage;
  let story: Story;
  beforeAll(async () => {
    stage = await openStage({ timeout: '30s' });
    story = new Story(stage);
  });
  afterAll(() => stage?.leave());

  it('a revert waits for the rest of the timeout, and ebb says beforehand how long that is', async () => {
    await story.releaseBad();
    const before = Date.now();
    const announced = await story.announced();
    const after = Date.now();
    if (announced === undefined) throw new Error('nothing was announced');
    expect(announced).toBeLessThanOrEqual(TIMEOUT);
    const revert = await story.revertByHand();
    await story.untilTaken('sample-app', revert);
    expect(Date.now()).toBeGreaterThan(before + announced - 3_000);
    expect(Date.now()).toBeLessThan(after + announced + TOLERANCE);
    await stage.untilWell();
    await story.runs('1.0.0');
    expect(explain(await stage.ebb('verify', 'sample-app', '--steady', '1s')).code).toBe(0);
  });

  it('the run of a Deployment ends at the next look, where its status says Stalled', async () => {
    const bad = await story.releaseBad();
    const revert = await story.revertByHand();
    expect(await story.endRun('sample-app', revert, 'deployment/sample-saas-app', 'sample-saas-app')).toBeLessThan(TOLERANCE);
    await story.untilWellAgain('sample-app');
    await story.runs('1.0.0');
    const { status } = await stage.kustomization();
    expect(status?.lastAppliedRevision).toContain(revert);
    const failed = await stage.cluster.list<KubeObject & { message: string; reason: string }>(
      { apiVersion: 'v1', kind: 'Event' },
      { namespace: 'flux-system', fieldSelector: 'involvedObject.name=sample-app' },
    );
    expect(failed.filter((event) => event.reason === 'HealthCheckFailed').map((event) => event.message)).toContainEqual(
      expect.stringContaining("failed early due to stalled resources: [Deployment/sample-saas-app/sample-saas-app status: 'Failed']"),
    );
    expect(bad).not.toBe(revert);
  });

  it('which leaves spec, generation and ownership as they are', async () => {
    const [deployment] = await stage.cluster.list<KubeObject & { status: { conditions: { type: string }[] } }>(
      { apiVersion: 'apps/v1', kind: 'Deployment' },
      { namespace: 'sample-saas-app' },
    );
    expect(deployment?.status.conditions.map((condition) => condition.type)).not.toContain('Stalled');
    const ofSpec = ({ subresource }: ManagedFieldsEntry) => subresource === undefined;
    const managers = deployment?.metadata.managedFields?.filter(ofSpec).map((entry) => entry.manager) ?? [];
    expect(managers).toContain('kustomize-controller');
    expect(managers).not.toContain('ebb');
  });

  it('the run of a StatefulSet ends the same way', async () => {
    await stage.developer.push('db: a StatefulSet', await databaseFiles(stage));
    await stage.fetchNow();
    await stage.until('db is there', () =>
      stage.kustomization('db').then(
        () => true,
        () => false,
      ),
    );
    await stage.untilWell('db');
    await stage.developer.git('pull', '--quiet', '--rebase', 'origin', 'main');
    const path = 'apps/db/stateful-set.yaml';
    const text = await stage.developer.read(path);
    const bad = await stage.developer.push('db: release 1.2.0', { [path]: text.replace('billing-worker:1.0.0', 'billing-worker:1.2.0') });
    await stage.fetchNow();
    await stage.until('Flux attempts it', () => story.attempted('db', bad));
    await story.untilChecking('db');
    await story.runs('1.2.0', 'db', 'billing-worker');
    const revert = await story.revertByHand();
    expect(await story.endRun('db', revert, 'statefulset/db', 'db')).toBeLessThan(TOLERANCE);
    await stage.until('the good version is in the spec', async () => (await specImage(stage)).endsWith(':1.0.0'));
  });

  it('but its pod of the bad version stays: verify names it and what to type, and then all is well', async () => {
    expect(await stage.images('db')).toEqual(['ghcr.io/ebb-dev/billing-worker:1.2.0']);
    const verify = explain(await stage.ebb('verify', 'db', '--steady', '1s', '--timeout', '3s'));
    expect(verify.code).not.toBe(0);
    expect(verify.stdout).toContain('a StatefulSet may never replace it: kubectl delete pod db-0 -n db');
    await stage.kubectl('delete', 'pod', 'db-0', '-n', 'db', '--wait=false');
    await story.runs('1.0.0', 'db', 'billing-worker');
    await story.untilWellAgain('db');
    expect(explain(await stage.ebb('verify', 'db', '--steady', '1s', '--timeout', '40s')).code).toBe(0);
  });
});

async function specImage(stage: Stage): Promise<string> {
  return stage.kubectl('get', '-n', 'db', 'statefulset/db', '-o=jsonpath={.spec.template.spec.containers[0].image}');
}

/** A StatefulSet of one pod, and the Kustomization that deploys it. */
async function databaseFiles(stage: Stage): Promise<Record<string, string>> {
  const cluster = 'clusters/dev/kustomization.yaml';
  return {
    [cluster]: `${await stage.developer.read(cluster)}  - db.yaml\n`,
    'clusters/dev/db.yaml': (await stage.developer.read('clusters/dev/billing-worker.yaml'))
      .replace('name: billing-worker', 'name: db')
      .replace(/timeout: \S+/, 'timeout: 30s')
      .replace(/path: \S+/, 'path: ./apps/db'),
    'apps/db/namespace.yaml': 'apiVersion: v1\nkind: Namespace\nmetadata:\n  name: db\n',
    'apps/db/stateful-set.yaml': `apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: db
  namespace: db
spec:
  replicas: 1
  serviceName: db
  selector:
    matchLabels:
      app: db
  template:
    metadata:
      labels:
        app: db
    spec:
      terminationGracePeriodSeconds: 1
      containers:
        - name: db
          image: ghcr.io/ebb-dev/billing-worker:1.0.0
          ports:
            - name: http
              containerPort: 8080
          readinessProbe:
            httpGet:
              path: /readyz
              port: http
            periodSeconds: 1
`,
  };
}
